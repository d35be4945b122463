"""`%flask_trace` and `--trace`."""

import re
from pathlib import Path

import pytest
from notebook_shell import Notebook

from flask_magic.errors import MagicLineError, UnexpectedStatus, UnknownName
from flask_magic.magics.parsers import Parsers


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with a redirect and a form."""
    notebook.run("from flask import Flask, redirect, request\napp = Flask('shop')")
    notebook.run("%%flask_route /old\ndef old(): return redirect('/new')")
    notebook.run("%%flask_route /new -X GET POST\ndef new(): return dict(request.form)")
    return notebook


def test_every_option_is_tried() -> None:
    text = Path(__file__).read_text()
    for action in Parsers()["flask_trace"]._actions:
        options = [option for option in action.option_strings if not option.startswith("--no-")]
        assert not options or any(re.search(rf"(?<!\S){option}\b", text) for option in options), options


def test_it_shows_the_life_of_the_request_and_not_the_response(shop: Notebook) -> None:
    ran = shop.run("%flask_trace /new")
    assert len(ran.displays) == 1
    assert ran.text.startswith("GET /new → 200 OK")
    assert "new → dict" in ran.text
    assert "fm-trace" in ran.html


def test_with_http_it_comes_after_the_response(shop: Notebook) -> None:
    ran = shop.run("r = %http /new --trace")
    response, life = ran.displays
    assert "application/json" in response["text/plain"]
    assert "new → dict" in life["text/plain"]
    assert shop.ns["r"].trace.find("view")[0].name == "new"
    assert len(shop.run("r = %http /new").displays) == 1
    assert shop.ns["r"].trace is None


def test_a_redirect_that_is_followed_has_two_lives(shop: Notebook) -> None:
    ran = shop.run("%flask_trace /old --follow")
    assert re.findall(r"^GET .*", ran.text, re.MULTILINE) == ["GET /old → 302 FOUND", "GET /new → 200 OK"]


def test_a_form_a_client_and_an_app(shop: Notebook) -> None:
    shop.run("other = Flask('other')\nother.secret_key = 'k'")
    shop.run("@other.post('/seen')\ndef seen():\n    return dict(request.form)")
    ran = shop.run("%flask_trace POST /seen name=drill --form --as ada --app other --expect 200")
    assert ran.text.startswith("POST /seen → 200 OK")
    assert shop.bench.clients.names(shop.ns["other"]) == ["ada"]


def test_times_are_shown_when_they_are_asked_for(shop: Notebook) -> None:
    assert not re.search(r"\d ms", shop.run("%flask_trace /new").text)
    assert re.search(r"\d ms", shop.run("%flask_trace /new --time").text)


def test_secrets_are_masked_unless_revealed(shop: Notebook) -> None:
    assert "s3cr3tvalue" not in shop.run("%flask_trace /new token==s3cr3tvalue").text
    assert "s3cr3tvalue" in shop.run("%flask_trace /new token==s3cr3tvalue --reveal").text


def test_without_a_request_the_last_one_is_sent_again(shop: Notebook) -> None:
    shop.fails("%flask_trace", UnknownName, "No request was sent yet")
    shop.run("%http POST /new name=drill --form --as ada")
    ran = shop.run("%flask_trace")
    assert "Sent again: POST /new" in ran.text
    assert "POST /new → 200 OK" in ran.text
    assert shop.bench.history.chosen()[-1].client == "ada"


def test_what_fails_is_traced_and_then_raised(shop: Notebook) -> None:
    shop.run("%%flask_route /broken\ndef broken(): return 1 / 0")
    ran = shop.fails("%flask_trace /broken", ZeroDivisionError)
    assert "raises ZeroDivisionError" in ran.text
    ran = shop.fails("%flask_trace /nowhere --expect 200", UnexpectedStatus)
    assert "404 Not Found" in ran.text


def test_a_request_to_a_process_cannot_be_traced(shop: Notebook) -> None:
    shop.fails("%http / --to web --trace", MagicLineError, "cannot be traced")


def test_it_can_be_the_default(shop: Notebook) -> None:
    shop.run("%config FlaskMagic.trace = True")
    assert len(shop.run("%http /new").displays) == 2
    assert len(shop.run("%http /new --no-trace").displays) == 1


def test_an_app_that_is_left_to_flask_can_be_traced(notebook: Notebook) -> None:
    notebook.run("from flask import Flask\napp = Flask('plain')\n%flask_app app --plain")
    notebook.run("@app.get('/')\nasync def index(): return 'x'")
    assert "index → str" in notebook.run("%flask_trace /", loop=True).text
