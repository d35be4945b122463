"""Nothing is patched before, nothing after, and one trace knows nothing of another."""

import contextvars
import gc
import logging
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import blinker
import flask
import jinja2
import pytest
from notebook_shell import Notebook
from trace_oracle import Calls, run, traced_calls

from flask_magic.trace import Tracer
from flask_magic.trace.recorder import CURRENT


def app_of(calls: Calls, name: str = "app") -> flask.Flask:
    app = flask.Flask(name, static_folder=None)
    app.secret_key = "key"
    app.before_request(calls.says("before_request", "before"))
    app.url_value_preprocessor(calls.says("url_value_preprocessor", "values"))
    app.get("/fails")(calls.says("view", "fails", ZeroDivisionError()))
    app.get("/stops")(calls.says("view", "stops", KeyboardInterrupt()))

    @app.get("/")
    def index() -> str:
        calls("view", "index")
        flask.flash("hello")
        return flask.render_template_string("{{ get_flashed_messages() }}")

    index.__qualname__ = "index"
    return app


#: What Flask makes at its first use, or notes down.
LATE = ("jinja_env", "logger", "_got_first_request")


def around(app: flask.Flask) -> dict[str, Any]:
    """All that a trace could leave something on."""
    environment = vars(app).get("jinja_env")
    return {
        "app": {name: value for name, value in vars(app).items() if name not in LATE},
        "registries": (id(app.url_value_preprocessors), id(app.url_default_functions)),
        "hooks": (dict(app.before_request_funcs), dict(app.view_functions)),
        "jinja": {} if environment is None else {k: v for k, v in vars(environment).items() if k != "cache"},
        "jinja class": dict(vars(jinja2.Environment)),
        "interface": dict(vars(app.session_interface)),
        "interface class": dict(vars(type(app.session_interface))),
        "signal": dict(vars(blinker.Signal)),
        "flask": dict(vars(flask.Flask)),
        "contexts": (dict(vars(flask.ctx.AppContext)), dict(vars(flask.ctx.RequestContext))),
        "logs": (logging.getLogRecordFactory(), logging.lastResort),
        "functions": (sys.gettrace(), sys.getprofile()),
        "place": CURRENT.get(),
    }


@pytest.mark.parametrize("path", ["/", "/fails", "/stops", "/nowhere"])
def test_everything_is_as_it_was(path: str) -> None:
    calls = Calls()
    app = app_of(calls)
    app.jinja_env  # noqa: B018 - made at first use
    before = around(app)
    tracer = Tracer()
    with tracer.trace(app):
        assert around(app) != before
        try:
            app.test_client().get(path)
        except KeyboardInterrupt:
            calls.append("stopped")
    tracer.close()
    assert around(app) == before
    assert calls.count("stopped") == (path == "/stops")


def test_everything_is_as_it_was_after_an_error_in_the_traced_block() -> None:
    app = app_of(Calls())
    before = around(app)
    with pytest.raises(LookupError), Tracer().trace(app):
        raise LookupError
    assert around(app) == before


def test_where_a_patch_fails_those_before_it_are_taken_back() -> None:
    app = app_of(Calls())
    before = around(app)
    vars(app)["make_response"] = Untouchable()
    with pytest.raises(RuntimeError), Tracer().trace(app):
        pass
    del vars(app)["make_response"]
    assert around(app) == before


class Untouchable:
    """What cannot be wrapped."""

    def __call__(self) -> None:
        """Be a method."""

    @property
    def __name__(self) -> str:
        raise RuntimeError


def test_an_app_that_is_not_traced_has_nothing_on_it() -> None:
    app = app_of(Calls())
    before = around(app)
    tracer = Tracer()
    app.test_client().get("/")
    assert {**around(app), "jinja": {}} == before
    tracer.close()
    with tracer.trace(app_of(Calls(), "other")) as trace:
        app.test_client().get("/fails")
    assert list(trace.events()) == []


def in_threads(*works: Callable[[], None]) -> None:
    threads = [threading.Thread(target=contextvars.Context().run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("shared", ["one app", "two apps", "two tracers"])
def test_two_traces_at_a_time_that_end_in_the_order_of_their_beginning(shared: str) -> None:
    calls = Calls()
    first_app = app_of(calls)
    second_app = first_app if shared == "one app" else app_of(calls, "other")
    first_app.jinja_env, second_app.jinja_env  # noqa: B018
    before = around(first_app), around(second_app)
    tracer = Tracer()
    tracers = tracer, Tracer() if shared == "two tracers" else tracer
    traces: dict[int, Any] = {}
    both_open, first_closed = threading.Barrier(2), threading.Event()

    def first() -> None:
        with tracers[0].trace(first_app) as traces[0]:
            both_open.wait()
            first_app.test_client().get("/")
            first_app.test_client().get("/fails")
        first_closed.set()

    def second() -> None:
        with tracers[1].trace(second_app) as traces[1]:
            both_open.wait()
            second_app.test_client().get("/fails")
            first_closed.wait()
            second_app.test_client().get("/")

    in_threads(first, second)
    assert (around(first_app), around(second_app)) == before
    told = {
        "GET /": ["url_value_preprocessor values", "before_request before", "view index"],
        "GET /fails": ["url_value_preprocessor values", "before_request before", "view fails"],
    }
    for number in (0, 1):
        requests = traces[number].requests
        assert sorted(request.name for request in requests) == sorted(told)
        expected = [line for request in requests for line in told[request.name]]
        assert traced_calls(traces[number]) == expected
        assert len(traces[number].find("flash")) == 1
        assert len(traces[number].find("template")) == 1


def test_a_trace_within_a_trace() -> None:
    calls = Calls()
    outer, inner = app_of(calls), app_of(calls, "inner")
    seen: list[Any] = []

    @outer.get("/nested")
    def nested() -> str:
        with tracer.trace(inner) as trace:
            inner.test_client().get("/")
        seen.append(trace)
        with tracer.trace(outer) as trace:
            outer.test_client().get("/")
        seen.append(trace)
        return "x"

    nested.__qualname__ = "nested"
    outer.jinja_env, inner.jinja_env  # noqa: B018
    before = around(outer), around(inner)
    tracer = Tracer()
    with tracer.trace(outer) as trace:
        outer.test_client().get("/nested")
    one = ["url_value_preprocessor values", "before_request before"]
    assert [traced_calls(one) for one in seen] == [[*one, "view index"]] * 2
    assert traced_calls(trace) == [*one, "view nested"]
    assert [len(each.find("flash")) for each in (*seen, trace)] == [1, 1, 0]
    assert (around(outer), around(inner)) == before


def test_what_lives_as_long_as_a_request_dies_with_it() -> None:
    """A reference cycle would keep it until the collector comes."""
    gone: list[list[bool]] = []

    class Kept:
        pass

    def build(calls: Calls) -> flask.Flask:
        app = app_of(calls)
        references: list[weakref.ref[Any]] = []
        app.before_request(
            lambda: None if flask.request.path != "/gone" else str([one() is None for one in references])
        )

        @app.get("/keeps")
        def keeps() -> str:
            calls("view", "keeps")
            flask.g.kept = Kept()
            flask.session["kept"] = 1
            references.extend(map(weakref.ref, (flask.g.kept, flask.request._get_current_object())))
            return "x"

        keeps.__qualname__ = "keeps"
        app.extensions["gone"] = lambda: gone.append([one() is None for one in references])
        return app

    gc.collect()
    gc.disable()
    try:
        for traced in (False, True):
            ran = run(build, lambda client: client.get("/keeps").status, traced=traced)
            ran.app.extensions["gone"]()
    finally:
        gc.enable()
    assert gone[1] == gone[0]
    assert gone[0][0] is True


def test_the_events_are_limited_and_the_rest_is_counted() -> None:
    app = flask.Flask("app")

    @app.get("/")
    def index() -> str:
        for _ in range(3000):
            app.make_response("x")
        return "x"

    with Tracer().trace(app) as trace:
        app.test_client().get("/")
    assert len(list(trace.events())) == 2000
    assert trace.dropped > 1000


def test_a_large_map_is_not_asked_rule_by_rule() -> None:
    app = flask.Flask("app")
    for number in range(301):
        app.add_url_rule(f"/{number}", f"rule{number}", lambda: "x")
    with Tracer().trace(app) as trace:
        app.test_client().get("/7")
    assert trace.find("match")[0].says == "/7 → rule7"
    assert trace.find("match")[0].match is None


def test_a_notebook_is_as_it_was_after_a_traced_request(notebook: Notebook) -> None:
    notebook.run("import flask\napp = flask.Flask('shop')\n@app.get('/')\ndef index():\n    return 'x'")
    notebook.run("%http / -q")
    before = around(notebook.ns["app"])
    notebook.run("r = %http / --trace -q")
    assert around(notebook.ns["app"]) == before
    assert [event.place for event in notebook.ns["r"].trace.find("view")] == ["cell “import flask”, line 4"]
