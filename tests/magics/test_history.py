"""`%flask_clients`, `%flask_history`, `%flask_replay`, several `--as`."""

import re
from pathlib import Path

import pytest
from notebook_shell import Notebook

from flask_magic.errors import MagicLineError, ResponsesChanged, UnexpectedStatus, UnknownName
from flask_magic.magics.parsers import Parsers

APP = """from flask import Flask, redirect, request, session
app = Flask("shop")
app.secret_key = "only for this test"
price = 12
loans = []

@app.post("/login")
def login():
    session["user"] = request.json["name"]
    return redirect("/basket")

@app.get("/basket")
def basket():
    return {"user": session.get("user"), "tools": [{"name": "drill", "price": price}]}

@app.post("/loans")
def lend():
    loans.append(1)
    return {}, 201
"""


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with an app that has sessions."""
    notebook.run(APP, "app")
    return notebook


def test_every_option_is_tried() -> None:
    text = Path(__file__).read_text()
    for name in ("flask_clients", "flask_history", "flask_replay"):
        for action in Parsers()[name]._actions:
            options = action.option_strings
            assert not options or any(re.search(rf"%{name} [^\"\n]*{option}\b", text) for option in options), options


# -- %flask_history


def test_a_history_of_what_was_sent(shop: Notebook) -> None:
    assert shop.run("%flask_history").text == "No request was sent yet."
    shop.run("%http POST /login name=ada password=s3cr3t --as ada --follow -q\nr = %http /basket -q")
    shop.run("%%flask_route /tools --try '/tools --as bob'\ndef tools(): return 'x'")
    shop.attempt("%%flask_route /bad --try /bad\ndef bad(): 1/0")
    assert shop.run("%flask_history").text.splitlines() == [
        "No.  Request                                                 Answer                     Sent by",
        "  1  POST /login name=ada password=•••   as ada   following  200 OK",
        "  2  GET /basket                                             200 OK",
        "  3  GET /tools   as bob                                     200 OK                     "
        "%%flask_route /tools --try '/to…",
        "  4  GET /bad                                                500 INTERNAL SERVER ERROR  "
        "%%flask_route /bad --try /bad",
    ]
    assert "s3cr3t" in shop.run("%flask_history --reveal").text


def test_a_history_names_the_app_where_there_are_several(shop: Notebook) -> None:
    shop.run("other = Flask('other')")
    shop.run("%http /basket --app app -q\n%http / --app other -q")
    lines = shop.run("%flask_history").text.splitlines()
    assert [re.findall(r"app (\w+)", line) for line in lines[1:]] == [["app"], ["other"]]


def test_a_history_that_is_forgotten_begins_at_1(shop: Notebook) -> None:
    shop.run("%http /basket -q")
    cell = "%flask_history --reset\n%http /basket -q\n%flask_history"
    shown = shop.run(cell).text
    assert shown.splitlines() == [
        "The history is empty; the next request is number 1.",
        "No.  Request      Answer",
        "  1  GET /basket  200 OK",
    ]
    assert shop.run(cell).text == shown


def test_a_history_keeps_what_the_configuration_says(shop: Notebook) -> None:
    shop.run("%config FlaskMagic.history = 2")
    shop.run("%http /basket -q\n%http /basket -q\n%http /basket -q")
    assert [entry.number for entry in shop.bench.history] == [2, 3]
    shop.fails("%flask_replay 1", UnknownName, "keeps the last 2")


# -- %flask_replay


def test_a_replay_says_that_nothing_changed(shop: Notebook) -> None:
    shop.run("%http /basket -q\n%http /nowhere -q")
    assert shop.run("%flask_replay --diff --expect-same").text.splitlines() == [
        "1  GET /basket   same",
        "2  GET /nowhere  same",
        "2 requests sent again: nothing changed.",
    ]
    assert len(shop.bench.history) == 2, "a replay is no part of the history"


def test_a_replay_shows_what_changed(shop: Notebook) -> None:
    shop.run("%http /basket -q\n%http POST /loans -q\n%http /nowhere -q")
    shop.run("price = 13")
    assert shop.run("%flask_replay").text.splitlines() == [
        "1  GET /basket   changed: body",
        "2  POST /loans   same",
        "3  GET /nowhere  same",
        "3 requests sent again: 1 changed, 2 the same.",
        "Among them 1 POST: what they add, change or delete in the app was done once more.",
    ]
    assert shop.ns["loans"] == [1, 1]
    shop.run("%%flask_route /nowhere\ndef nowhere(): return 'here', {'X-Way': 'north'}")
    shown = shop.run("%flask_replay 1 3 --diff").text.splitlines()
    assert shown[:2] == ["1  GET /basket   changed: body", "   tools[0].price: 12 → 13"]
    assert shown[2:5] == [
        "3  GET /nowhere  changed: status, X-Way, body",
        "   status: 404 NOT FOUND → 200 OK",
        "   + X-Way: north",
    ]
    assert "     +here" in shown


def test_a_replay_goes_to_the_app_that_the_name_means_now(shop: Notebook) -> None:
    shop.run("%http /basket -q")
    shop.run(APP.replace("price = 12", "price = 14"), "app")
    assert "tools[0].price: 12 → 14" in shop.run("%flask_replay --diff").text
    shop.run("%flask_app --reset")
    assert "status: 200 OK → 404 NOT FOUND" in shop.run("%flask_replay --diff").text
    shop.run("%http / --app app -q\ndel app")
    ran = shop.fails("%flask_replay 2 --expect-same", ResponsesChanged, "Request 2 is not answered as before")
    assert "no answer: The notebook has no variable called 'app'." in ran.text
    assert "1 request sent again: 1 without an answer." in ran.text


def test_a_replay_is_sent_by_its_client_with_the_cookies_of_now(shop: Notebook) -> None:
    shop.run("%http POST /login name=ada --as ada -q\n%http /basket --as ada -q")
    assert "nothing changed" in shop.run("%flask_replay").text
    shop.run("%flask_clients --reset")
    assert 'user: "ada" → null' in shop.run("%flask_replay 2 --diff").text
    assert "nothing changed" in shop.run("%flask_replay").text, "the login is replayed, too"


def test_a_replay_of_an_app_that_fails_shows_it_and_raises_nothing(shop: Notebook) -> None:
    shop.run("%http /basket -q")
    shop.run("del price")
    shown = shop.run("%flask_replay --diff").text
    assert "status: 200 OK → 500 INTERNAL SERVER ERROR" in shown
    assert "+ error: NameError: name 'price' is not defined" in shown
    shop.run("app.testing = True")
    assert "status: 200 OK → no response" in shop.run("%flask_replay --diff").text


def test_a_replay_that_has_to_be_the_same_raises_where_it_is_not(shop: Notebook) -> None:
    shop.run("%http /basket -q\n%http /none -q\n%http /basket -q")
    shop.run("price = 13")
    ran = shop.fails("%flask_replay --expect-same", ResponsesChanged, "Requests 1, 3 are not answered as before")
    assert "1  GET /basket  changed: body" in ran.text
    shop.fails("%flask_replay 3 --expect-same", ResponsesChanged, "%flask_replay 3 --diff")
    shop.run("%flask_replay 2 --expect-same")


@pytest.mark.parametrize(
    ("numbers", "chosen"),
    [("2", "2"), ("2-4", "234"), ("4 2", "24"), ("1-2 2-3 5", "1235"), ("3-3", "3")],
)
def test_a_replay_of_some(shop: Notebook, numbers: str, chosen: str) -> None:
    for _ in range(5):
        shop.run("%http /basket -q")
    lines = shop.run(f"%flask_replay {numbers}").text.splitlines()
    assert [line[0] for line in lines[:-1]] == list(chosen)


@pytest.mark.parametrize("numbers", ["x", "2-", "3-2", "-1-2", "1.5", "٣x"])
def test_what_is_no_number_is_refused(shop: Notebook, numbers: str) -> None:
    shop.fails(f"%flask_replay {numbers}", MagicLineError)


def test_a_number_that_was_not_sent_is_told(shop: Notebook) -> None:
    shop.fails("%flask_replay", UnknownName, "No request was sent yet")
    shop.run("%http / -q")
    shop.fails("%flask_replay 1-999999999", UnknownName, "no request 2 in the history")


def test_a_replay_compares_secrets_where_they_are_revealed(shop: Notebook) -> None:
    shop.run("token = 'abc'\n@app.get('/token')\ndef get_token(): return {'token': token}")
    shop.run("%http /token -q\ntoken = 's3cr3t'")
    assert "nothing changed" in shop.run("%flask_replay").text
    shown = shop.run("%flask_replay --diff --reveal").text
    assert 'token: "abc" → "s3cr3t"' in shown


def test_a_process_is_asked_again(notebook: Notebook) -> None:
    notebook.run("%flask_project shop")
    source = (
        "%%flask_file app.py\nfrom flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef home(): return 'old'"
    )
    start = "%flask_process web gunicorn --no-control-socket -b 127.0.0.1:{port} app:app"
    notebook.run(source)
    notebook.run(start)
    notebook.run("%http --to web / -q --as ada")
    assert notebook.run("%flask_replay").text.startswith("1  GET /   as ada   to web  same\n")
    notebook.run(source.replace("old", "new"))
    notebook.run(start)
    assert "     -old\n     +new" in notebook.run("%flask_replay --diff").text
    notebook.run("%flask_process web --stop")
    assert "no answer: web is stopped." in notebook.run("%flask_replay").text
    assert "app" not in notebook.ns
    assert notebook.run("%flask_clients ada").text.splitlines()[1].split() == ["ada", "web", "1", "none"]
    assert "app" not in notebook.ns, "a client of a process needs no app"
    command = "curl 'http://127.0.0.1:{port}/' -b 'seat=•••'"
    notebook.run(start)
    notebook.bench.processes.get("web").clients.clear()
    notebook.run("%http --to web / -q")
    notebook.bench.processes.get("web").clients["default"].set_cookie("seat", "7")
    assert notebook.run("%http --to web / --curl").text.endswith(command)


# -- %flask_clients


def test_clients_and_their_cookies(shop: Notebook) -> None:
    assert shop.run("%flask_clients").text == "No client has sent anything yet."
    shop.run("%http POST /login name=ada --as ada -q\n%http /basket -q\n%http /basket --as ada -q")
    shop.run("@app.get('/lang')\ndef lang():\n    r = redirect('/')\n    r.set_cookie('lang', 'de', 60, samesite='Lax')"
             "\n    r.set_cookie('gone', '', 0)\n    return r")  # fmt: skip
    shop.run("%http /lang --as ada -q")
    assert shop.run("%flask_clients").text.splitlines() == [
        "Client   Sends to  Requests  Cookies",
        "ada      app       3         session=•••; Path=/; HttpOnly",
        "                             lang=•••; Expires=•••; Max-Age=60; Path=/; SameSite=Lax",
        "default  app       1         none",
    ]


def test_a_session_is_decoded_where_it_is_revealed(shop: Notebook) -> None:
    shop.run("%http POST /login name=ada --as ada -q")
    hidden = shop.run("%flask_clients ada")
    assert "eyJ" not in hidden.text + hidden.html
    shown = shop.run("%flask_clients ada --reveal").text
    assert re.search(r"session=eyJ\S+; Path=/; HttpOnly", shown)
    assert 'the session says {"user": "ada"}' in shown
    assert "signed, not secret" in shown


def test_a_client_is_made_where_it_is_named(shop: Notebook) -> None:
    assert shop.run("%flask_clients eve").text.splitlines()[1].split() == ["eve", "app", "0", "none"]
    shop.run("other = Flask('other')")
    assert shop.run("%flask_clients eve --app other").text.splitlines()[1].split() == ["eve", "other", "0", "none"]
    assert [line.split()[1] for line in shop.run("%flask_clients eve").text.splitlines()[1:]] == ["app", "other"]


def test_cookies_are_forgotten(shop: Notebook) -> None:
    shop.run("%http POST /login name=ada --as ada -q\n%http POST /login name=bob --as bob -q")
    assert shop.run("%flask_clients ada --reset").text == "Without cookies now: ada."
    assert shop.run("r = %http /basket --as ada --as bob -q\n[one.json['user'] for one in r]").result == [None, "bob"]
    shop.run("%http POST /login name=ada --as ada -q")
    assert shop.run("%flask_clients --reset").text == "Without cookies now: ada, bob."
    assert shop.run("r = %http /basket --as ada --as bob -q\n[one.json['user'] for one in r]").result == [None, None]


# -- two users side by side


def test_two_users_side_by_side(shop: Notebook) -> None:
    shop.run("%http POST /login name=ada --as ada -q\n%http POST /login name=bob --as bob -q")
    ran = shop.run("r = %http /basket --as ada --as bob --body")
    assert len(ran.displays) == 1
    assert [line for line in ran.text.splitlines() if line.startswith("GET")] == [
        "GET /basket   as ada",
        "GET /basket   as bob",
    ]
    assert ran.html.count('<section class="fm fm-exchange">') == 2
    assert [one.json["user"] for one in shop.ns["r"]] == ["ada", "bob"]
    assert len(shop.run("%http /basket --as ada --as bob").displays) == 1
    assert len(shop.run("r").displays) == 2


def test_what_one_of_two_users_raises_is_raised_when_both_are_shown(shop: Notebook) -> None:
    ran, error = shop.attempt("%http /basket --as ada --as bob --expect 404")
    assert isinstance(error, UnexpectedStatus)
    assert ran.text.count("200 OK") == 2


def test_one_curl_command_where_only_masked_cookies_differ(shop: Notebook) -> None:
    shop.run("%http POST /login name=ada --as ada -q\n%http POST /login name=bob --as bob -q")
    assert shop.run("%http /basket --as ada --as bob --curl").text.count("curl ") == 1
    assert shop.run("%http /basket --as ada --as bob --curl --reveal").text.count("curl ") == 2
