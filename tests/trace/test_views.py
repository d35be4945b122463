"""Views of all kinds, and apps that do things their own way."""

import functools
from collections.abc import Callable
from typing import Any

import flask
from flask.testing import FlaskClient
from flask.views import MethodView, View
from trace_oracle import Calls, both, run, same
from werkzeug.routing import BaseConverter

from flask_magic.trace import Outcome, Stage, sections


def test_class_based_views_with_decorators_made_once_and_for_every_request() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")

        def passes(view: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(view)
            def inside(*args: Any, **kwargs: Any) -> Any:
                return flask.current_app.ensure_sync(view)(*args, **kwargs)

            return inside

        class Page(View):
            def dispatch_request(self) -> str:
                calls("method", "Page.dispatch_request")
                return "page"

        class Kept(Page):
            init_every_request = False

        class Tool(MethodView):
            def get(self) -> str:
                calls("method", "Tool.get")
                return "tool"

            async def post(self) -> str:
                calls("method", "Tool.post")
                return "made"

        for name, view in (("page", Page), ("kept", Kept), ("tool", Tool)):
            app.add_url_rule(f"/{name}", view_func=view.as_view(name))
        Tool.decorators = [passes]
        app.add_url_rule("/decorated", view_func=Tool.as_view("decorated"))
        return app

    # The decorator calls the view by `ensure_sync`, as Flask's documentation asks; that is a function in the view.
    seen = run(build, "/page", "/kept", "/tool", lambda client: client.post("/tool"), traced=True)
    assert seen.kinds("view", "method") == [
        "view Page",
        "method Page.dispatch_request",
        "view Kept",
        "method Page.dispatch_request",
        "view Tool",
        "method Tool.get",
        "view Tool",
        "method Tool.post",
    ]
    same(build, "/page", "/kept", "/tool", lambda client: client.post("/tool"))
    decorated = run(build, "/decorated", traced=True)
    assert decorated.kinds("view", "method", "function") == ["view Tool", "function view", "method Tool.get"]
    assert decorated.calls == ["method Tool.get"]


def routes(calls: Calls) -> flask.Flask:
    app = flask.Flask("app", static_folder=None)
    app.before_request(calls.says("before_request", "before"))
    app.route("/tools/", methods=["GET", "POST"])(calls.says("view", "tools", ["drill"]))
    app.route("/options", methods=["OPTIONS", "GET"])(calls.says("view", "own_options", "mine"))
    return app


def test_404_405_redirects_and_automatic_options() -> None:
    def sends(method: str, path: str) -> Callable[[FlaskClient], Any]:
        return lambda client: client.open(path, method=method)

    seen = same(
        routes,
        "/nowhere",
        sends("DELETE", "/tools/"),
        "/tools",
        lambda client: client.get("/tools", follow_redirects=True),
        sends("OPTIONS", "/tools/"),
        sends("OPTIONS", "/options"),
        sends("HEAD", "/tools/"),
    )
    assert [match.says for match in seen.trace.find("match")] == [
        "404 Not Found",
        "405 Method Not Allowed: the URL takes GET, HEAD, OPTIONS, POST",
        "no rule as it stands; redirect to http://localhost/tools/",
        "no rule as it stands; redirect to http://localhost/tools/",
        "/tools/ → tools",
        "/tools/ → tools",
        "/options → own_options",
        "/tools/ → tools",
    ]
    assert seen.kinds("view") == ["tools", "OPTIONS", "own_options", "tools"]
    assert len(seen.trace.requests) == 8
    first = seen.trace.find("match")[0].match
    assert first is not None
    assert [trial.missed for trial in first.trials] == [("path",), ("path",)]
    assert [stage for stage, _ in sections(seen.trace.requests[0])] == [
        Stage.OPEN,
        Stage.BEFORE,
        Stage.ERROR,
        Stage.RESPONSE,
        Stage.TEARDOWN,
        Stage.BODY,
    ]


def test_where_the_app_is_mounted_is_no_part_of_the_path_that_is_matched() -> None:
    seen = same(routes, lambda client: client.get("/tools/", environ_overrides={"SCRIPT_NAME": "/mounted"}))
    match = seen.trace.find("match")[0]
    assert match.asked == ("http://localhost/tools/", "GET")
    assert match.match is not None
    assert match.match.endpoint == "tools"


def test_a_converter_may_call_functions_and_its_values_are_not_asked_for_their_repr() -> None:
    class Tool:
        def __repr__(self) -> str:
            raise AssertionError("the tool was loaded")

    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app", static_folder=None)
        signal = flask.signals.Namespace().signal("looked-up")
        receiver = calls.says("receiver", "looked_up")
        signal.connect(receiver)

        class ToolConverter(BaseConverter):
            def to_python(self, _value: str) -> Tool:
                assert flask.current_app.name == "app"  # so it cannot be asked again after the request
                signal.send(self)
                return Tool()

            kept = receiver

        app.url_map.converters["tool"] = ToolConverter
        app.get("/<tool:tool>")(calls.says("view", "show", "x"))
        return app

    seen = same(build, "/drill")
    match = seen.trace.find("match")[0]
    assert match.says == "/<tool:tool> → show (tool=<Tool>)"
    assert [item.kind for item in match.items] == ["signal"]
    assert match.match is None


def test_an_app_class_of_its_own() -> None:
    def build(calls: Calls) -> flask.Flask:
        class Own(flask.Flask):
            def dispatch_request(self) -> Any:
                if flask.request.path == "/direct":  # past `ensure_sync`: nothing is told, and nothing wrong
                    calls.append("direct")
                    return self.view_functions["index"]()
                return super().dispatch_request()

            def ensure_sync(self, func: Any) -> Any:
                inner = super().ensure_sync(func)
                return lambda *args, **kwargs: inner(*args, **kwargs)

            def wsgi_app(self, environ: Any, start_response: Any) -> Any:
                if environ["PATH_INFO"] == "/health":
                    start_response("204 NO CONTENT", [])
                    return []
                return super().wsgi_app(environ, start_response)

        class Client(FlaskClient):
            def open(self, *args: Any, **kwargs: Any) -> Any:
                response = super().open(*args, **kwargs)
                response.headers["X-Client"] = "own"
                return response

        app = Own("app")
        app.test_client_class = Client
        app.before_request(calls.says("before_request", "before"))
        app.get("/")(calls.says("view", "index", "x"))
        app.get("/direct")(lambda: "never")
        return app

    seen = same(build, "/", "/health")
    assert [event.kind for event in seen.trace.requests[1].walk()] == ["request", "start_response"]
    assert both(build, "/direct").kinds("view") == []


def test_a_view_that_answers_with_a_response_a_tuple_or_another_app() -> None:
    def build(calls: Calls) -> flask.Flask:
        app, other = flask.Flask("app"), flask.Flask("other")
        other.get("/<path>")(lambda path: f"the other app's {path}")

        @app.get("/other")
        def mounted() -> Any:
            calls("view", "mounted")
            return other.wsgi_app

        @app.get("/itself")
        def itself() -> Any:
            calls("view", "itself")
            flask.request.environ["PATH_INFO"] = "/tuple"
            return app

        @app.get("/tuple")
        def tuple_() -> Any:
            calls("view", "tuple_")
            return "x", 201, {"X-Tool": "drill"}

        @app.get("/made")
        def made() -> Any:
            calls("view", "made")
            response = flask.make_response({"tool": 1}, 202)
            response.set_cookie("seen", "1")
            return response

        @app.get("/environ")
        def environ() -> Any:
            calls("view", "environ")
            return sorted(flask.request.environ)

        for view in (mounted, itself, tuple_, made, environ):
            view.__qualname__ = view.__name__
        return app

    seen = same(build, "/other", "/itself", "/tuple", "/made", "/environ")
    assert [event.says for event in seen.trace.find("view", "made")] == ["→ Response 202 ACCEPTED"]
    itself = seen.trace.requests[1]
    assert [event.name for event in itself.walk() if event.kind == "request"] == ["GET /itself", "GET /tuple"]


def test_an_exception_that_is_none_of_flasks_business() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")
        app.get("/")(calls.says("view", "index", KeyboardInterrupt("stop")))
        app.teardown_request(calls.says("teardown_request", "last"))
        return app

    seen = same(build, "/")
    assert seen.answers == ["KeyboardInterrupt: stop"]
    request = seen.trace.requests[0]
    assert (request.outcome, request.says) == (Outcome.RAISED, "raises KeyboardInterrupt: stop")
