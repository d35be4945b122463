"""`%config FlaskMagic`: the reader's defaults."""

import pytest
from notebook_shell import Notebook

from flask_magic.magics.settings import FlaskMagic


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with a redirect, and a view that says who asks and what came."""
    notebook.run("from flask import Flask, redirect, request, session\napp = Flask('shop')\napp.secret_key = 'k'")
    notebook.run("%%flask_route /old\ndef old(): return redirect('/new')")
    notebook.run(
        "%%flask_route /new -X GET POST\ndef new():\n    session['seen'] = 1\n"
        "    return {'form': request.form, 'token': 'abc'}"
    )
    return notebook


def test_every_setting_is_listed(shop: Notebook) -> None:
    listed = shop.run("%config FlaskMagic").stdout
    for name in FlaskMagic.class_trait_names(config=True):
        assert f"FlaskMagic.{name}=" in listed


def test_a_setting_is_a_default_and_the_line_has_the_last_word(shop: Notebook) -> None:
    assert shop.run("%http /old").result.status_code == 302
    shop.run("%config FlaskMagic.follow = True")
    assert shop.run("%http /old").result.status_code == 200
    assert shop.run("%http /old --no-follow").result.status_code == 302
    shop.run("%config FlaskMagic.form = True")
    assert shop.run("%http /new name=drill").result.json["form"] == {"name": "drill"}
    assert shop.run("%http --no-form /new name=drill").result.json["form"] == {}
    shop.run("%config FlaskMagic.reveal = True")
    assert "abc" in shop.run("%http /new").text
    assert "abc" not in shop.run("%http /new --no-reveal").text
    assert "the session says" in shop.run("%flask_clients").text
    assert "the session says" not in shop.run("%flask_clients --no-reveal").text
    shop.run("%config FlaskMagic.time = True")
    assert " ms" in shop.run("%http /new").text
    assert " ms" not in shop.run("%http /new --no-time").text


def test_the_client_of_the_settings_gives_way_to_those_of_the_line(shop: Notebook) -> None:
    shop.run("%config FlaskMagic.client = 'ada'")
    assert shop.run("%http /new").result.client == "ada"
    assert [one.client for one in shop.run("%http /new --as bob --as eve").result] == ["bob", "eve"]


def test_the_app_of_the_settings(shop: Notebook) -> None:
    shop.run("other = Flask('other')")
    shop.run("%config FlaskMagic.app = 'other'")
    assert shop.run("%http /new").result.status_code == 404
    assert shop.run("%http /new --app app").result.status_code == 200
    shop.run("%flask_process web {python} -m http.server -b 127.0.0.1 {port}")
    assert shop.run("%http --to web / --body").result.status_code == 200, "a default does not stand in the way of --to"


def test_a_wrong_value_is_refused_and_the_old_one_stays(shop: Notebook, caplog: pytest.LogCaptureFixture) -> None:
    shop.run("%config FlaskMagic.follow = 'maybe'")
    shop.run("%config FlaskMagic.history = 0")
    wrong, low = caplog.messages
    assert "expected a boolean, not the str 'maybe'" in wrong
    assert "should not be less than 1" in low
    assert shop.shell._flask_magic.settings.defaults()["follow"] is False
    assert shop.shell._flask_magic.settings.history == 100


def test_settings_end_with_the_extension(shop: Notebook) -> None:
    shop.run("%config FlaskMagic.follow = True")
    shop.run("%config FlaskMagic.history = 0")
    shop.run("%unload_ext flask_magic")
    assert not [one for one in shop.shell.configurables if isinstance(one, FlaskMagic)]
    assert "FlaskMagic" not in shop.shell.config
    shop.run("%load_ext flask_magic")
    assert shop.run("%http /old").result.status_code == 302


def test_what_the_profile_says_stays(notebook: Notebook) -> None:
    notebook.run("%unload_ext flask_magic")
    notebook.shell.config.FlaskMagic.client = "ada"
    notebook.run("%load_ext flask_magic")
    notebook.run("%config FlaskMagic.client = 'bob'")
    assert notebook.run("%http /").result.client == "bob"
    notebook.run("%unload_ext flask_magic\n%load_ext flask_magic")
    assert notebook.run("%http /").result.client == "ada"
