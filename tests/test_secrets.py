"""Secrets that travel in requests and responses: nothing that a magic shows, or a notebook saves, holds one."""

import base64
import json
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_shell import Notebook

# What is looked for begins and ends with these, so that a part of it that is shown is found, too.
MARK = "s3cr3t"
TOKENS = st.text(string.ascii_letters + string.digits + "-_.~", min_size=8, max_size=40).map(
    lambda text: f"{MARK}{text}{MARK}"
)
PHRASES = st.text(string.printable.strip() + " ", min_size=1, max_size=40).map(lambda text: f"{MARK}{text}{MARK}")

APP = r'''
import flask, html, json, logging, sqlalchemy

app = flask.Flask("vault")
app.secret_key = "dev"
secret = phrase = ""

@app.route("/echo", methods=["GET", "POST"])
def echo():
    asked = flask.request
    app.logger.warning("asked for %s with %s and %r", asked.url, dict(asked.headers), dict(asked.form))
    return {"url": asked.url, "headers": dict(asked.headers), "args": asked.args, "form": asked.form,
            "cookies": {"session_id": asked.cookies.get("sid")}, "json": asked.get_json(silent=True)}

@app.get("/echo.txt")
def echo_text():
    return flask.Response(f"{flask.request.url}\n{flask.request.headers}", mimetype="text/plain")

@app.get("/json")
def as_json():
    return {"api_key": phrase, "user": {"accessToken": phrase, "password": phrase}, "tokens": [secret],
            "database": f"postgresql://shop:{secret}@db/tools", "next": f"/reset?token={secret}&page=2"}

@app.get("/broken.json")
def broken_json():
    return flask.Response(json.dumps({"password": phrase})[:-1] + ", ", mimetype="application/json")

@app.get("/html")
def as_html():
    value = html.escape(phrase)
    return f"""<!doctype html><meta name="csrf-token" content="{value}"><h1>Log in</h1><form>
        <input type="hidden" name="csrf_token" value="{value}"><input value='{value}' name="_csrf">
        <input name=password type=password value={secret}><input type="password" name="pin" value="{value}"></form>
        <a href="/reset?token={secret}&amp;page=2">Reset</a><div data-api-key="{value}">
        <pre>{html.escape(json.dumps({"token": phrase}))} {html.escape(repr({"token": secret}))}</pre>
        <script>const settings = {json.dumps({"csrfToken": secret})}; let jwt = "{secret}"</script>"""

@app.get("/text")
def as_text():
    said = f"password={secret}\ntoken: {secret}\nAuthorization: Bearer {secret}\nCookie: a={secret}; b={secret}\n"
    return flask.Response(said + f"redis://:{secret}@cache/0 {({'secret_key': phrase})!r}", mimetype="text/plain")

@app.get("/form")
def as_form():
    return flask.Response(f"user=ada&password={secret}&remember=1", mimetype="application/x-www-form-urlencoded")

@app.get("/csv")
def as_csv():
    return flask.Response(f"name,link\ndrill,/tools?api_key={secret}\n", mimetype="text/csv")

@app.get("/headers")
def headers():
    made = flask.Response("made")
    made.headers["X-Auth-Token"] = made.headers["X-API-Key"] = made.headers["Authorization"] = phrase
    made.headers["Link"] = f"</tools?token={secret}>; rel=next"
    made.set_cookie("sid", secret, httponly=True)
    flask.session["user"] = "ada"
    return made

@app.get("/redirect")
def redirect():
    return flask.redirect(f"/echo?access_token={secret}")

@app.get("/stream")
def stream():
    text = f"token={secret}\n" + json.dumps({"password": phrase}) + "\n"
    return flask.Response((text[at : at + 5] for at in range(0, len(text), 5)), mimetype="text/plain")

@app.get("/log")
def log():
    app.logger.error("no connection to mysql://shop:%s@db", secret)
    logging.getLogger("shop").warning("%r", {"Authorization": f"Basic {secret}", "api_key": phrase})
    return "logged"

@app.get("/database")
def database():
    flask.session["token"] = secret
    flask.flash(f"your token: {secret}")
    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("select :password, :api_key"), {"password": secret, "api_key": phrase})
    return "done"

@app.get("/error")
def fail():
    error = ValueError(f"no connection to postgresql://shop:{secret}@db/tools")
    error.add_note(f"sent with Authorization: Bearer {secret}")
    raise error

@app.cli.command("leak")
@flask.cli.with_appcontext
def leak():
    print(f"postgresql://shop:{secret}@db/tools")
    raise ValueError(f"api_key={secret}")
'''

PATHS = ["json", "broken.json", "html", "text", "form", "csv", "headers", "redirect", "stream", "log", "error"]
REQUESTS = [
    "%http /echo?token={{secret}}",
    "%http /echo access_token=={{secret}} page==2",
    "%http /echo 'Authorization:Bearer {{secret}}' 'X-API-Key:{{secret}}'",
    "%http /echo 'Authorization:Basic {{basic}}'",
    "%http /echo.txt 'Authorization:Basic {{basic}}' 'Cookie:a={{secret}}; sid={{secret}}' X-CSRFToken:{{secret}}",
    "%http /echo 'Cookie:sid={{secret}}'",
    "%http POST /echo user=ada password={{secret}}",
    "%http --form POST /echo user=ada csrf_token={{secret}}",
    "%http --follow /redirect",
    *(f"%http /{path}" for path in PATHS),
]
OTHERS = [
    "%http /echo?token={{secret}} --expect 404",
    "%http POST /echo token:={{secret}}",
    "r = %http /echo?token={{secret}} -q\nr",
    "%flask_routes --match /echo?token={{secret}}",
    "%flask_routes --match http://ada:{{secret}}@localhost/echo",
    "%%flask_route /more --try '/echo?token={{secret}}'\ndef more(): ...",
    "%%flask_check vault\nassert client.get('/json').json == {}\nassert client.get('/text').text == ''\n"
    "assert client.get('/nowhere').json['x'], f'token={secret}'\nclient.get('/error').json['x']",
    "%http POST /echo?token={{secret}} password={{secret}} 'Authorization:Bearer {{secret}}' --curl",
    "%http /echo Cookie:sid={{secret}} X-API-Key:{{secret}} --curl",
    "%http --form POST http://ada:{{secret}}@localhost/echo api_key={{secret}} token=={{secret}} --curl",
    "%http /headers --as ada --as bob",
    *(
        f"%flask_trace {path}"
        for path in ("/echo?token={{secret}}", "/html", "/headers", "/redirect", "/log", "/error")
    ),
    "%http /database --trace",
    "%http /echo?token={{secret}} 'Authorization:Bearer {{secret}}' -q\n%flask_history",
    "%http /headers --as ada -q\n%flask_clients",
    "%flask_history --reset\n%http /json -q\n%http /headers -q\n%http /html?token={{secret}} -q\n"
    "secret, phrase = secret[::-1] + secret, phrase[::-1]\n%flask_replay --diff",
    "%flask_cli leak",
    "%flask_cli leak --password {{secret}}",
]


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A notebook with an app that gives away all it knows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("vault"))
        notebook = Notebook()
        notebook.run(APP)
        yield notebook
        notebook.close()


def saved(notebook: Notebook, cell: str) -> str:
    """All of a cell that a notebook's file would hold: displays, streams, the result, and an error's parts."""
    ran, error = notebook.attempt(cell)
    parts: list[Any] = [*ran.displays, ran.stdout, ran.stderr, repr(ran.result)]
    if error is not None:
        rendered = getattr(error, "_render_traceback_", None)
        parts += [type(error).__name__, str(error), *(rendered() if rendered is not None else [])]
    # Not as JSON: its escapes would hide a part of what is looked for.
    return "\n".join(str(value) for part in parts for value in (part.values() if isinstance(part, dict) else [part]))


def put(notebook: Notebook, secret: str, phrase: str) -> list[str]:
    """Give the app its secrets; the forms in which they must not be seen."""
    basic = base64.b64encode(f"ada:{secret}".encode()).decode()
    notebook.ns.update(secret=secret, phrase=phrase, basic=basic)
    return [MARK, basic, basic.rstrip("=")]


@pytest.mark.parametrize("cell", REQUESTS + OTHERS)
@settings(max_examples=15, deadline=None)
@given(secret=TOKENS, phrase=PHRASES)
def test_no_output_holds_a_secret(vault: Notebook, cell: str, secret: str, phrase: str) -> None:
    hidden = put(vault, secret, phrase)
    shown = saved(vault, cell)
    assert shown
    assert [one for one in hidden if one in shown] == [], shown


@pytest.mark.parametrize("cell", REQUESTS)
def test_reveal_shows_what_is_asked_for(vault: Notebook, cell: str) -> None:
    hidden = put(vault, f"{MARK}-abc", f"{MARK} phrase")
    ran, error = vault.attempt(f"{cell} --reveal")
    shown = re.sub(r"\nchunk \d+: ", "", f"{ran.text}{error or ''}")
    assert any(one in shown for one in hidden)
    assert "•••" not in ran.text + ran.html


def test_a_session_is_shown_without_its_payload(vault: Notebook) -> None:
    put(vault, f"{MARK}-abc", "")
    result = vault.run("%http /headers").result
    cookie = next(value for value in result.headers.getlist("Set-Cookie") if value.startswith("session="))
    payload = cookie.removeprefix("session=").partition(";")[0]
    assert len(payload) > 20
    for cell in ("%http /headers", "%http /echo", "%http /echo.txt"):
        shown = saved(vault, cell)
        assert payload not in shown
        assert payload.lstrip(".").partition(".")[0] not in shown


def test_a_process_keeps_its_secrets(vault: Notebook) -> None:
    put(vault, f"{MARK}-abc", "")
    say = "print('started with postgresql://shop:{{secret}}@db', flush=True); import time; time.sleep(60)"
    start = f'%flask_process --env TOKEN={{{{secret}}}} web python -c "{say}"'
    for cell in (start, "%flask_process web --log", "%flask_process web --stop", "%flask_process"):
        assert MARK not in saved(vault, cell)
    failed = "%flask_process web python -c \"exit('password={{secret}}')\""
    shown = saved(vault, failed)
    assert "password=•••" in shown
    assert MARK not in shown


def test_what_is_no_secret_is_shown_whole(vault: Notebook) -> None:
    data = {"token_count": 3, "tokens": 7, "label": "Password", "passwordless": "yes", "secretary": "Ada", "key": "k-1"}
    vault.ns["data"] = data
    vault.run("@app.get('/data')\ndef data_view(): return data")
    vault.run("@app.get('/page')\ndef page(): return '<label>Password: <input name=user value=ada></label>'")
    ran = vault.run("%http /data page==2 author==ada")
    assert json.loads(ran.result.text) == data
    shown = ran.text
    assert "•••" not in shown
    assert "•••" not in vault.run("%http /page").text
