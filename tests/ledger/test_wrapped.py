"""Middleware put around the app by several cells, which are run again."""

import pytest
from notebook_shell import Notebook

CLASS = """
class Stamp:
    def __init__(self, app, text):
        self.app, self.text = app, text
    def __call__(self, environ, start_response):
        environ["stamps"] = environ.get("stamps", "") + self.text
        return self.app(environ, start_response)
"""


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook whose app tells which middleware a request went through, the outermost first."""
    notebook.run("import flask\napp = flask.Flask(__name__)\n" + CLASS, "app")
    notebook.run("@app.get('/')\ndef home():\n    return flask.request.environ.get('stamps', '')", "home")
    return notebook


def wrap(text: str, end: str = "") -> str:
    """A cell that puts a middleware around the app."""
    return f"app.wsgi_app = Stamp(app.wsgi_app, '{text}'){end}"


def test_each_is_at_work_once_whichever_runs_again(shop: Notebook) -> None:
    for cell in "abc":
        shop.run(wrap(cell), cell)
    assert shop.get("/") == "200 cba"
    for cell in "abcacb":
        shop.run(wrap(cell), cell)
        assert shop.get("/") == "200 cba", cell


def test_an_edited_and_a_removed_one(shop: Notebook) -> None:
    for cell in "ab":
        shop.run(wrap(cell), cell)
    shop.run(wrap("A"), "a")
    assert shop.get("/") == "200 bA"
    shop.run("pass", "a")
    assert shop.get("/") == "200 b"
    shop.run("pass", "b")
    assert shop.client.get("/").text == ""


def test_a_failed_cell_leaves_the_chain(shop: Notebook) -> None:
    for cell in "ab":
        shop.run(wrap(cell), cell)
    shop.fails(wrap("A", "\n1/0"), ZeroDivisionError, cell_id="a")
    assert shop.get("/") == "200 ba"
    shop.fails(wrap("B", "\n1/0"), ZeroDivisionError, cell_id="b")
    assert shop.get("/") == "200 ba"
