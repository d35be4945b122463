"""Cookies that one request names itself."""

import flask
import pytest
from notebook_shell import Notebook

from flask_magic.clients import Clients
from flask_magic.exchange import send
from flask_magic.request_line import read_request


@pytest.fixture
def app() -> flask.Flask:
    """An app that says which cookies came, and sets one."""
    app = flask.Flask("demo")

    @app.get("/")
    def cookies() -> dict[str, str]:
        return dict(flask.request.cookies)

    @app.get("/set")
    def setting() -> flask.Response:
        response = flask.jsonify(dict(flask.request.cookies))
        response.set_cookie("theme", "light", httponly=True, samesite="Lax")
        return response

    return app


def test_a_cookie_header_is_sent_with_this_request_only(app: flask.Flask) -> None:
    client = app.test_client()
    named = send(app, client, read_request(["/", "Cookie:theme=dark; lang=en"]))
    assert named.json == {"theme": "dark", "lang": "en"}
    assert send(app, client, read_request(["/"])).json == {}


def test_it_stands_before_a_cookie_that_the_client_has_and_that_one_comes_back(app: flask.Flask) -> None:
    client = app.test_client()
    send(app, client, read_request(["/set"]))
    assert send(app, client, read_request(["/", "Cookie:theme=dark"])).json == {"theme": "dark"}
    assert send(app, client, read_request(["/"])).json == {"theme": "light"}
    kept = client.get_cookie("theme")
    assert kept is not None
    assert (kept.http_only, kept.same_site) == (True, "Lax")


def test_what_the_response_sets_stays(app: flask.Flask) -> None:
    client = app.test_client()
    assert send(app, client, read_request(["/set", "Cookie:theme=dark"])).json == {"theme": "dark"}
    assert send(app, client, read_request(["/"])).json == {"theme": "light"}


def test_it_goes_to_the_host_of_the_request(app: flask.Flask) -> None:
    client = Clients().get(app)
    asked = ["http://tools.test:8080/", "Cookie:theme=dark"]
    assert send(app, client, read_request(asked)).json == {"theme": "dark"}
    assert send(app, client, read_request(["http://tools.test/"])).json == {}


def test_a_view_may_send_with_the_client_that_asked_it(app: flask.Flask) -> None:
    client = app.test_client()

    @app.get("/nested")
    def nested() -> dict[str, str]:
        inner = send(app, client, read_request(["/", "Cookie:theme=dark"])).json
        return {"inner": inner["theme"], "outer": flask.request.cookies["lang"]}

    assert send(app, client, read_request(["/nested", "Cookie:lang=en"])).json == {"inner": "dark", "outer": "en"}
    assert send(app, client, read_request(["/"])).json == {}


def test_its_value_is_masked(notebook: Notebook) -> None:
    notebook.run("%%flask_route /\ndef index(): return 'x'")
    assert "abc123" not in notebook.run("%http / Cookie:session=abc123 --curl").text
