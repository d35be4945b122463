"""No context stays pushed between cells."""

import flask
import pytest
from notebook_shell import Notebook

from flask_magic.pushed import PushedContexts


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with an app that notes what it tears down."""
    notebook.run("import flask\ntorn = []\napp = flask.Flask('shop')")
    notebook.run("@app.teardown_appcontext\ndef close(error): torn.append('app')")
    return notebook


@pytest.mark.parametrize("loop", [False, True])
def test_an_application_context_is_popped_and_told_of(shop: Notebook, loop: bool) -> None:
    ran = shop.run("app.app_context().push()\nflask.current_app.name", loop=loop)
    assert ran.result == "shop"
    assert "The cell left the application context of shop pushed." in ran.text
    assert not flask.has_app_context()
    assert shop.ns["torn"] == ["app"]
    assert "pushed" not in shop.run("flask.has_app_context()").text


def test_request_contexts_are_popped_the_last_one_first(shop: Notebook) -> None:
    ran = shop.run("for path in '/a', '/b':\n    app.test_request_context(path).push()\nflask.request.path")
    assert ran.result == "/b"
    assert "the request context of shop and the request context of shop" in ran.text
    assert not flask.has_request_context()
    assert not flask.has_app_context()


def test_a_cell_that_fails_leaves_none_either(shop: Notebook) -> None:
    shop.fails("app.app_context().push()\n1 / 0", ZeroDivisionError)
    assert not flask.has_app_context()


def test_with_says_nothing(shop: Notebook) -> None:
    assert "pushed" not in shop.run("with app.test_request_context('/'):\n    flask.request.path").text


def test_a_context_from_before_the_cell_stays(shop: Notebook) -> None:
    with shop.ns["app"].app_context():
        ran = shop.run("flask.g.x = 1\napp.test_request_context('/').push()")
        assert "request context of shop" in ran.text
        assert flask.g.x == 1


def test_an_app_that_is_left_to_flask_is_left_with_its_contexts(shop: Notebook) -> None:
    shop.run("%flask_app app --plain")
    assert "popped" not in shop.run("context = app.app_context()\ncontext.push()").text
    assert flask.has_app_context()
    shop.run("context.pop()")


def test_nothing_newer_is_nothing_to_pop() -> None:
    assert PushedContexts().pop_newer() == []
