"""`%flask_serve`: a real browser on the live app."""

import http.client
from collections.abc import Iterator
from contextlib import closing

import pytest
from notebook_shell import Notebook
from playwright.sync_api import Browser, Page, expect

from flask_magic.errors import MagicLineError, ServerFailed

HOME = "%%flask_route /\ndef home():\n    return '<title>Library</title><h1>{}</h1><a href=/tools>tools</a>'"
LOGIN = (
    "from flask import request, session\napp.secret_key = 'for this test'\n"
    "@app.route('/login', methods=['GET', 'POST'])\ndef login():\n"
    "    if request.method == 'POST':\n        session['who'] = request.form['who']\n"
    "    return f\"<p>{session.get('who', 'nobody')}</p><form method=post><input name=who><button>In</button></form>\""
)


def port(notebook: Notebook) -> int:
    number: int = notebook.bench.server.port
    return number


def address(notebook: Notebook) -> str:
    return f"http://127.0.0.1:{port(notebook)}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


def test_a_browser_sees_the_app_and_its_edits(notebook: Notebook, page: Page) -> None:
    notebook.run(HOME.format("Drills"), "home")
    notebook.run("%flask_serve", "serve")
    page.goto(address(notebook))
    expect(page.locator("h1")).to_have_text("Drills")
    notebook.run(HOME.format("Saws"), "home")
    notebook.run("%%flask_route /tools\ndef tools():\n    return '<h1>All tools</h1>'", "tools")
    page.reload()
    expect(page.locator("h1")).to_have_text("Saws")
    page.get_by_role("link", name="tools").click()
    expect(page.locator("h1")).to_have_text("All tools")


def test_sessions_and_forms_work(notebook: Notebook, page: Page) -> None:
    notebook.run("from flask import Flask\napp = Flask(__name__)", "app")
    notebook.run(LOGIN, "login")
    notebook.run("%flask_serve", "serve")
    page.goto(f"{address(notebook)}/login")
    expect(page.locator("p")).to_have_text("nobody")
    page.locator("input").fill("ada")
    page.get_by_role("button").click()
    expect(page.locator("p")).to_have_text("ada")
    page.reload()
    expect(page.locator("p")).to_have_text("ada")


def test_an_app_made_anew_is_served(notebook: Notebook, page: Page) -> None:
    for name in ("old", "new"):
        notebook.run(f"from flask import Flask\napp = Flask(__name__)\napp.get('/')(lambda: '<h1>{name}</h1>')", "app")
        notebook.run("%flask_serve" if name == "old" else "1", "serve")
        page.goto(address(notebook))
        expect(page.locator("h1")).to_have_text(name)


def test_the_second_run_keeps_the_port_and_stop_frees_it(notebook: Notebook) -> None:
    notebook.run(HOME.format("Drills"), "home")
    notebook.run("%flask_serve", "serve")
    first = port(notebook)
    notebook.run("%flask_serve", "serve")
    assert port(notebook) == first
    assert notebook.run("%flask_serve --stop").text == "The live server is stopped."
    assert notebook.run("%flask_serve --stop").text == "No live server runs."
    with pytest.raises(ConnectionRefusedError), closing(http.client.HTTPConnection("127.0.0.1", first)) as connection:
        connection.request("GET", "/")
    notebook.run(f"%flask_serve --port {first}", "serve")
    assert port(notebook) == first


def test_no_port_is_shown_unless_it_is_asked_for(notebook: Notebook) -> None:
    notebook.run(HOME.format("Drills"), "home")
    shown = notebook.run("%flask_serve", "serve")
    number = str(port(notebook))
    assert number not in shown.text
    assert shown.text.startswith("app is served live, until")
    assert shown.html.count(number) == 2, "in the link and in the frame"
    assert f"http://127.0.0.1:{number}/" in notebook.run("%flask_serve --reveal", "serve").text


def test_the_log(notebook: Notebook, page: Page) -> None:
    assert notebook.run("%flask_serve --log").text == "log of the live server\n(nothing so far)"
    # Where the root logger has a handler, as in a test, Flask does not add its own.
    notebook.run("import flask\napp = flask.Flask('t')\napp.logger.addHandler(flask.logging.default_handler)", "app")
    notebook.run("%%flask_route /lend\ndef lend():\n    app.logger.warning('lent')\n    return 'ok'", "lend")
    notebook.run("%flask_serve", "serve")
    page.goto(f"{address(notebook)}/lend")
    text = notebook.run("%flask_serve --log").text
    assert "GET /lend 200" in text
    assert "[{time}] WARNING in" in text


def test_mistakes(notebook: Notebook) -> None:
    notebook.run(HOME.format("Drills"), "home")
    notebook.fails("%flask_serve --port 99999", ServerFailed, "Leave --port out")
    notebook.fails("%flask_serve --prot 80", MagicLineError, "Did you mean '--port'")
