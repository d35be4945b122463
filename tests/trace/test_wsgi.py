"""Requests within requests, middleware, and bodies that are made while they are sent."""

from collections.abc import Iterator
from typing import Any

import flask
from flask.testing import FlaskClient
from trace_oracle import Calls, both, same, traced_calls
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_magic.trace import Outcome, Stage, Tracer, sections


def test_a_request_within_a_view_to_the_same_app_and_to_another() -> None:
    def build(calls: Calls) -> flask.Flask:
        app, other = flask.Flask("app"), flask.Flask("other")
        app.secret_key = "key"
        app.before_request(calls.says("before_request", "before"))
        app.after_request(calls.says("after_request", "after"))
        app.teardown_request(calls.says("teardown_request", "teardown"))
        app.teardown_appcontext(calls.says("teardown_appcontext", "close"))
        other.get("/")(lambda: flask.render_template_string("other"))
        app.get("/inner")(calls.says("view", "inner", ("inner", 418)))
        app.get("/fails")(calls.says("view", "fails", ZeroDivisionError()))

        @app.get("/")
        def outer() -> str:
            calls("view", "outer")
            same_app = app.test_client()
            with same_app.session_transaction() as session:
                session["left"] = "before"
            answers = [same_app.get("/inner").text, same_app.get("/fails").status, other.test_client().get("/").text]
            return " ".join(answers) + flask.request.path

        outer.__qualname__ = "outer"
        return app

    run = same(build, "/")
    assert run.answers[0][0][2] == b"inner 500 INTERNAL SERVER ERROR other/"
    view = run.trace.requests[0].items[-1]
    nested = [event.name for event in run.trace.find("view", "outer")[0].items if event.kind == "request"]
    assert nested == ["GET /inner", "GET /fails"]
    assert view.stage is Stage.BODY


def test_redirects_that_are_followed_are_requests_of_their_own() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")
        app.get("/")(calls.says("view", "first", flask.Response("", 302, {"Location": "/second"})))
        app.get("/second")(calls.says("view", "second", "x"))
        return app

    run = same(build, lambda client: client.get("/", follow_redirects=True))
    assert [(one.name, one.says) for one in run.trace.requests] == [("GET /", "302 FOUND"), ("GET /second", "200 OK")]


def test_a_client_that_keeps_the_context() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")
        app.secret_key = "key"
        app.get("/")(calls.says("view", "index", "x"))
        app.teardown_request(calls.says("teardown_request", "teardown"))
        app.teardown_appcontext(calls.says("teardown_appcontext", "close"))
        return app

    def kept(client: FlaskClient) -> Any:
        with client:
            response = client.get("/?a=1")
            assert flask.request.args == {"a": "1"}
            assert flask.session == {}
            return response

    run = same(build, kept, "/")
    assert run.calls[:3] == ["view index", "teardown_request teardown", "teardown_appcontext close"]
    assert len(run.trace.find("match")) == 2


def test_contexts_that_are_pushed_by_hand() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")
        app.teardown_request(calls.says("teardown_request", "teardown"))

        @app.teardown_appcontext
        def close(_error: BaseException | None) -> None:
            calls("teardown_appcontext", "close")
            if calls.count("teardown_appcontext close") == 2:
                with app.app_context():
                    pass

        @app.get("/")
        def index() -> str:
            calls("view", "index")
            with app.app_context():
                flask.g.tool = "drill"
            with app.test_request_context("/other?a=1"):
                app.preprocess_request()
                assert app.full_dispatch_request().status_code == 404
                return flask.request.full_path

        for function in (close, index):
            function.__qualname__ = function.__name__
        return app

    run = same(build, "/")
    contexts = [event for event in run.trace.requests[0].items if event.kind == "context"]
    assert [(event.name, event.says.partition(":")[0]) for event in contexts] == [
        ("application context", "pushed"),
        ("request context", "pushed"),
        ("request context", "popped"),
        ("application context", "popped"),
    ]
    assert [item.name for item in run.trace.find("view")[0].items if item.kind == "match"] == ["GET /other"]


def streaming(calls: Calls) -> flask.Flask:
    app = flask.Flask("app")
    app.secret_key = "key"
    app.teardown_request(calls.says("teardown_request", "teardown"))
    app.teardown_appcontext(calls.says("teardown_appcontext", "close"))

    def pieces() -> Iterator[str]:
        try:
            yield f"one of {flask.request.path if flask.request else 'nothing'}"
            flask.current_app.logger.info("between") if flask.current_app else None
            yield "two"
        finally:
            calls.append("generator closed")

    @app.get("/plain")
    def plain() -> Any:
        calls("view", "plain")
        return pieces()

    @app.get("/context")
    def context() -> Any:
        calls("view", "context")
        return flask.stream_with_context(pieces())

    @app.get("/template")
    def template() -> Any:
        calls("view", "template")
        source = "{% block a %}{% for n in range(3) %}{{ n }}{{ session.get('n') }}{% endfor %}{% endblock %}"
        return flask.stream_template_string(source), {"Content-Type": "text/plain"}

    @app.get("/closes")
    def closes() -> Any:
        calls("view", "closes")
        response = flask.Response(pieces())
        response.call_on_close(lambda: calls.append("closed"))
        return response

    for view in (plain, context, template, closes):
        view.__qualname__ = view.__name__
    return app


def test_bodies_that_are_made_while_they_are_sent() -> None:
    traced = both(streaming, "/plain", "/context", "/template", "/closes")
    functions = [line for line in traced.calls if not line.startswith(("generator", "closed"))]
    assert traced_calls(traced.trace) == functions, traced.shown()
    kept = traced.trace.requests[1]
    # Flask 3.1.1 pushes it again before the first pop, newer ones after it.
    assert sorted(event.says for event in kept.walk() if event.name == "request context")[-2:] == [
        "pushed again: kept for the stream",
        "pushed: request and session are at hand",
    ]
    assert [stage for stage, _ in sections(kept)][-1] is Stage.BODY
    template = traced.trace.requests[2]
    assert [event.name for event in template.walk() if event.kind == "session"].count("read n") == 3


def test_a_stream_that_is_left_before_its_end() -> None:
    def leave(client: FlaskClient) -> Any:
        response = client.get("/context")
        first = next(response.iter_encoded())
        response.close()
        return first.decode()

    run = both(streaming, leave)
    assert run.answers == ["one of /context"]
    assert "generator closed" in run.calls


class Shout:
    """A middleware that passes on, and one that answers itself."""

    def __init__(self, wsgi_app: Any, app: flask.Flask) -> None:
        self.wsgi_app = wsgi_app
        self.app = app

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/closed":
            start_response("503 SERVICE UNAVAILABLE", [("Content-Type", "text/plain")])
            return [b"closed"]
        if environ["PATH_INFO"] == "/broken":
            raise ZeroDivisionError
        return self.wsgi_app(environ, start_response)


def test_middleware() -> None:
    def build(calls: Calls) -> flask.Flask:
        app, mounted = flask.Flask("app"), flask.Flask("mounted")

        @app.get("/")
        def index() -> str:
            calls("view", "index")
            return f"{flask.request.scheme} {flask.request.remote_addr}"

        index.__qualname__ = "index"
        mounted.get("/")(lambda: "mounted")
        app.wsgi_app = Shout(  # type: ignore[method-assign]
            ProxyFix(DispatcherMiddleware(app.wsgi_app, {"/m": mounted}), x_for=1, x_proto=1), app
        )
        return app

    headers = {"X-Forwarded-For": "10.0.0.7", "X-Forwarded-Proto": "https"}
    run = same(build, lambda client: client.get("/", headers=headers), "/closed", "/broken", "/m/")
    assert run.answers[0][0][2] == b"https 10.0.0.7"
    assert run.kinds("middleware") == ["Shout", "ProxyFix", "DispatcherMiddleware"] * 4
    closed, broken = run.trace.requests[1:3]
    assert [event.kind for event in closed.items if event.kind != "middleware"] == ["start_response", "chunk"]
    assert (broken.outcome, broken.says) == (Outcome.RAISED, "raises ZeroDivisionError")


def test_a_middleware_that_calls_flask_only_when_its_body_is_asked_for() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")
        plain = app.wsgi_app

        def lazy(environ: Any, start_response: Any) -> Iterator[bytes]:
            yield from plain(environ, start_response)
            yield b"!"

        app.wsgi_app = lazy  # type: ignore[method-assign]
        app.get("/")(calls.says("view", "index", "hello"))
        return app

    run = same(build, "/")
    assert run.answers[0][0][2] == b"hello!"
    assert [stage for stage, _ in sections(run.trace.requests[0])] == [
        Stage.OPEN,
        Stage.VIEW,
        Stage.RESPONSE,
        Stage.TEARDOWN,
        Stage.BODY,
    ]


def test_an_extension_that_wraps_methods_during_a_traced_request() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")

        @app.get("/")
        def index() -> str:
            calls("view", "index")
            for name in ("wsgi_app", "make_response", "handle_exception", "ensure_sync"):
                setattr(app, name, passing(getattr(app, name)))
            return "x"

        def passing(inner: Any) -> Any:
            return lambda *args, **kwargs: inner(*args, **kwargs)

        index.__qualname__ = "index"
        app.get("/next")(calls.says("view", "next", "y"))
        app.get("/fails")(calls.says("view", "fails", LookupError()))
        app.before_request(calls.says("before_request", "before"))
        return app

    run = same(build, "/", "/next", "/fails")
    # What the extension put there holds the first trace's wrappers; another trace tells nothing twice.
    assert all(name in vars(run.app) for name in ("wsgi_app", "make_response", "handle_exception", "ensure_sync"))
    with Tracer().trace(run.app) as trace:
        run.app.test_client().get("/next")
    told = [event.kind for event in trace.events()]
    assert [told.count(kind) for kind in ("request", "view", "make_response", "before_request")] == [1, 1, 1, 1]
