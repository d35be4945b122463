"""Async functions, threads and tasks."""

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest
from notebook_shell import Notebook
from trace_oracle import FUNCTIONS, Calls, both, same, traced_calls


def all_async(calls: Calls) -> flask.Flask:
    app = flask.Flask("app")

    def says(kind: str, name: str, answer: Any = None) -> Any:
        async def function(*args: Any, **_: Any) -> Any:
            await asyncio.sleep(0)
            calls(kind, name)
            if isinstance(answer, BaseException):
                raise answer
            return args[0] if kind.startswith("after") else answer

        function.__name__ = function.__qualname__ = name
        return function

    app.before_request(says("before_request", "before"))
    app.after_request(says("after_request", "after"))
    app.teardown_request(says("teardown_request", "teardown"))
    app.teardown_appcontext(says("teardown_appcontext", "close"))
    app.context_processor(says("context_processor", "context", {"tool": "drill"}))
    app.register_error_handler(LookupError, says("errorhandler", "handle", ("handled", 404)))
    app.extensions["kept"] = receiver = says("receiver", "started")
    flask.request_started.connect(receiver, app)

    @app.get("/")
    async def index() -> str:
        calls("view", "index")
        flask.after_this_request(says("after_this_request", "once"))
        texts = await asyncio.gather(part(1), part(2))
        return "".join(texts)

    @app.get("/page")
    def page() -> str:
        calls("view", "page")
        return flask.render_template_string("{{ tool }}")

    async def part(number: int) -> str:
        await asyncio.sleep(0)
        flask.current_app.logger.warning("part %s", number)
        return flask.request.path

    for view in (index, page):
        view.__qualname__ = view.__name__
    app.get("/fails")(says("view", "fails", LookupError()))
    return app


def test_every_kind_of_function_may_be_async() -> None:
    run = same(all_async, "/", "/page", "/fails")
    assert [one[0][2] for one in run.answers] == [b"//", b"drill", b"handled"]


def test_async_functions_in_a_running_loop() -> None:
    """As in a notebook's cell, where each coroutine runs in a thread of its own."""
    from flask_magic import asynchronous

    def build(calls: Calls) -> flask.Flask:
        app = all_async(calls)
        asynchronous.install(app)
        return app

    async def cell() -> Any:
        return same(build, "/", "/page", "/fails")

    run = asyncio.run(cell())
    assert [one[0][2] for one in run.answers] == [b"//", b"drill", b"handled"]


@pytest.mark.parametrize("loop", [False, True])
def test_an_async_view_of_a_notebook(notebook: Notebook, loop: bool) -> None:
    notebook.run("import flask\napp = flask.Flask('shop')\n@app.get('/')\nasync def index():\n    return 'async'")
    notebook.run("@app.before_request\nasync def check():\n    pass")
    notebook.run("r = %http / --trace", loop=loop)
    trace = notebook.ns["r"].trace
    assert [event.name for event in trace.events() if event.kind in FUNCTIONS] == ["check", "index"]


def test_functions_with_a_copied_context_in_threads_and_in_a_pool() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app", static_folder=None)
        app.secret_key = "key"
        app.teardown_request(calls.says("teardown_request", "teardown"))

        @app.get("/")
        def index() -> str:
            calls("view", "index")
            seen: list[str] = []

            @flask.copy_current_request_context
            def work(number: int) -> None:
                calls("function", "work")
                flask.session["worked"] = number
                seen.append(f"{flask.request.path}{number}")

            work.__wrapped__.__qualname__ = "work"
            thread = threading.Thread(target=work, args=(1,))
            thread.start()
            thread.join()
            with ThreadPoolExecutor(1) as pool:
                pool.submit(work, 2).result()
            work(3)
            return ",".join(seen)

        index.__qualname__ = "index"
        return app

    run = same(build, "/", "/")
    assert run.answers[0][0][2] == b"/1,/2,/3"
    assert run.calls.count("function work") == 6
    view = run.trace.find("view")[0]
    assert [item.name for item in view.walk() if item.kind == "session"] == ["write worked"] * 3


def test_threads_that_know_nothing_of_the_request_are_not_told_of() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")
        signal = flask.signals.Namespace().signal("worked")
        app.extensions["kept"] = receiver = calls.says("no event", "receiver")
        signal.connect(receiver)

        @app.get("/")
        def index() -> str:
            def work() -> str:
                with app.app_context():
                    signal.send(app)
                    return flask.render_template_string("{{ 1 + 1 }}")

            with ThreadPoolExecutor(1) as pool:
                return pool.submit(work).result()

        return app

    traced = both(build, "/")
    assert traced_calls(traced.trace) == ["view index"]
    assert traced.kinds("template", "signal") == []


def test_a_thread_that_works_on_after_the_request_and_after_the_trace() -> None:
    go = threading.Event()
    threads: list[threading.Thread] = []

    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")

        @app.get("/")
        def index() -> str:
            calls("view", "index")
            context = contextvars.copy_context()
            threads.append(threading.Thread(target=context.run, args=(late,)))
            threads[-1].start()
            return "x"

        def late() -> None:
            go.wait()
            with app.test_request_context("/late"):
                flask.render_template_string("late")

        index.__qualname__ = "index"
        return app

    run = same(build, "/")
    told = len(list(run.trace.events()))
    go.set()
    for thread in threads:
        thread.join()
    assert len(list(run.trace.events())) == told
