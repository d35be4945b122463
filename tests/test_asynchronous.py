"""`async def` views while an event loop runs, as it does in every cell of a kernel."""

import asyncio
import contextvars
import threading

import flask
import pytest
from notebook_shell import Notebook

from flask_magic import asynchronous

SHOP = """
import asyncio, flask
app = flask.Flask(__name__)
app.secret_key = 'x'
@app.get('/visit/<name>')
async def visit(name):
    await asyncio.sleep(0)
    flask.session['names'] = [*flask.session.get('names', []), name]
    flask.g.name = name
    return {'path': flask.request.path, 'names': flask.session['names'], 'g': flask.g.name}
@app.after_request
async def told(response):
    response.headers['X-Name'] = flask.g.name
    return response
"""


@pytest.mark.parametrize("loop", [True, False], ids=["in a loop", "without"])
def test_contexts_and_cookies_hold(notebook: Notebook, loop: bool) -> None:
    notebook.run(SHOP, "shop", loop=loop)
    one = notebook.run("a = %http -q /visit/ada --as ada\na.json, a.headers['X-Name']", loop=loop).result
    two = notebook.run("%http -q /visit/bob --as bob", loop=loop).result
    again = notebook.run("%http -q /visit/eve --as ada", loop=loop).result
    assert one == ({"path": "/visit/ada", "names": ["ada"], "g": "ada"}, "ada")
    assert (two.json["names"], again.json["names"]) == (["bob"], ["ada", "eve"])


def test_a_cell_that_awaits_may_send_too(notebook: Notebook) -> None:
    notebook.run(SHOP, loop=True)
    source = "await asyncio.sleep(0)\nr = app.test_client().get('/visit/ada')\nr.json['names']"
    assert notebook.run(source, loop=True).result == ["ada"]


def test_an_exception_of_an_async_view_is_the_cells(notebook: Notebook) -> None:
    notebook.run("%%flask_route /bad\nasync def bad(): return 1/0", loop=True)
    notebook.fails("%http /bad", ZeroDivisionError, loop=True)


def test_a_plain_app_s_async_views_answer_too_and_nothing_stays(notebook: Notebook) -> None:
    notebook.run(SHOP + "\nget_ipython().run_line_magic('flask_app', '--plain')", loop=True)
    assert notebook.run("%http -q /visit/ada", loop=True).result.status_code == 200


def test_no_thread_is_left(notebook: Notebook) -> None:
    notebook.run(SHOP, loop=True)
    notebook.run("%http -q /visit/ada", loop=True)
    assert not [thread for thread in threading.enumerate() if "flask_magic" in thread.name]


def test_context_variables_that_a_coroutine_sets_are_kept() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="")

    async def inner() -> str:
        variable.set("set inside")
        return "done"

    async def outer() -> tuple[str, str]:
        return asynchronous.run_coroutine(inner()), variable.get()

    assert asyncio.run(outer()) == ("done", "set inside")


def test_installing_and_uninstalling() -> None:
    app = flask.Flask("demo")
    plain = set(vars(app))
    asynchronous.install(app)
    asynchronous.install(app)
    asynchronous.uninstall(app)
    assert set(vars(app)) == plain
