"""An error in each stage, and the handlers that Flask asked for and took."""

from functools import partial
from typing import Any

import flask
import pytest
from trace_oracle import Calls, same
from werkzeug.exceptions import Conflict, Forbidden, HTTPException, NotFound
from werkzeug.routing import BaseConverter

from flask_magic.trace import Outcome, Stage


class Broken(LookupError):
    """Raised by the stage that is meant to fail. Its `code` is no HTTP status."""

    code = 404


class Interface(flask.sessions.SecureCookieSessionInterface):
    """A session interface that fails when it is opened or saved."""

    fails = ""

    def open_session(self, app: flask.Flask, request: flask.Request) -> Any:
        if self.fails == "open_session":
            raise Broken
        return super().open_session(app, request)

    def save_session(self, app: flask.Flask, session: Any, response: flask.Response) -> None:
        if self.fails == "save_session":
            raise Broken
        super().save_session(app, session, response)


STAGES = (
    "url_value_preprocessor",
    "url_defaults",
    "before_request",
    "view",
    "context_processor",
    "template",
    "after_request",
    "after_this_request",
    "teardown_request",
    "teardown_appcontext",
    "receiver",
    "errorhandler",
    "make_response",
    "open_session",
    "save_session",
    "to_python",
    "generator",
    "appcontext_pushed",
)


def failing(calls: Calls, stage: str, handled: str, config: dict[str, Any]) -> flask.Flask:
    """An app that fails in one stage, with handlers: none, one for the class, one for 500, or both."""
    app = flask.Flask("app")
    app.config.update(config, SECRET_KEY="key")
    app.session_interface = Interface()
    app.session_interface.fails = stage

    class Number(BaseConverter):
        def to_python(self, value: str) -> str:
            if stage == "to_python":
                raise Broken
            return value

    app.url_map.converters["number"] = Number

    def hook(kind: str, answer: Any = None) -> Any:
        return calls.says(kind, f"a_{kind}", Broken("on purpose") if stage == kind else answer)

    app.url_value_preprocessor(hook("url_value_preprocessor"))
    app.url_defaults(hook("url_defaults"))
    app.before_request(hook("before_request"))
    app.context_processor(hook("context_processor", {}))
    app.after_request(calls.says("after_request", "outer"))
    app.after_request(hook("after_request"))
    app.teardown_request(calls.says("teardown_request", "outer"))
    app.teardown_request(hook("teardown_request"))
    app.teardown_appcontext(calls.says("teardown_appcontext", "outer"))
    app.teardown_appcontext(hook("teardown_appcontext"))
    app.extensions["kept"] = receivers = [hook("receiver")]
    flask.request_started.connect(receivers[0], app)
    if stage == "appcontext_pushed":
        receivers.append(calls.says("receiver", "pushed", Broken()))
        flask.appcontext_pushed.connect(receivers[-1], app)

    @app.get("/<number:number>")
    def view(number: str) -> Any:
        calls("view", "view")
        flask.session["seen"] = number
        flask.after_this_request(hook("after_this_request"))
        if stage in ("view", "errorhandler"):
            raise Broken("on purpose")
        if stage == "make_response":
            return None
        if stage == "generator":
            return failing_stream()
        source = "{{ 1 / 0 }}" if stage == "template" else "{{ url_for('view', number=1) }}"
        return flask.render_template_string(source)

    def failing_stream() -> Any:
        yield "one"
        raise Broken

    view.__qualname__ = "view"
    if handled in ("class", "both"):
        answer = Broken("again") if stage == "errorhandler" else ("handled", 418)
        app.register_error_handler(LookupError, calls.says("errorhandler", "for_class", answer))
    if handled in ("500", "both"):
        app.register_error_handler(500, calls.says("errorhandler", "for_500", ("server", 500)))
    return app


CONFIGS: tuple[dict[str, Any], ...] = ({}, {"TESTING": True}, {"DEBUG": True, "PROPAGATE_EXCEPTIONS": False})


@pytest.mark.parametrize("stage", STAGES)
def test_an_error_in_each_stage(stage: str) -> None:
    for handled in ("none", "class", "500", "both"):
        for config in CONFIGS:
            run = same(partial(failing, stage=stage, handled=handled, config=config), "/7", "/nowhere/at/all")
            raised = [event for event in run.trace.events() if event.outcome is Outcome.RAISED]
            assert raised, run.shown()


def test_the_message_is_told_once_where_it_was_raised() -> None:
    run = same(lambda calls: failing(calls, "template", "none", {}), "/7")
    telling = [event for event in run.trace.events() if event.says.startswith("raises")]
    assert [(event.kind, event.says) for event in telling] == [
        ("template", "raises ZeroDivisionError: division by zero")
    ]
    assert [event.outcome for event in run.trace.find("view")] == [Outcome.RAISED]


def test_an_exception_that_a_nested_one_hid_is_told_too() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")

        @app.get("/")
        def index() -> str:
            calls("view", "index")
            try:
                flask.render_template_string("{{ 1 / 0 }}")
            except ZeroDivisionError:
                raise Broken("instead") from None
            return ""

        index.__qualname__ = "index"
        return app

    view = same(build, "/").trace.find("view")[0]
    assert view.says == "raises Broken: instead"
    assert view.items[0].says == "raises ZeroDivisionError: division by zero"


def http_errors(calls: Calls) -> flask.Flask:
    app, shop = flask.Flask("app"), flask.Blueprint("shop", "shop")

    for name, error in (("forbidden", Forbidden("keep out")), ("conflict", Conflict()), ("broken", Broken())):
        app.get(f"/{name}")(calls.says("view", name, error))
        shop.get(f"/shop/{name}", endpoint=f"shop_{name}")(calls.says("view", f"shop_{name}", error, "shop"))

    @app.get("/aborts")
    def aborts() -> None:
        calls("view", "aborts")
        flask.abort(409)

    @app.get("/responds")
    def responds() -> None:
        calls("view", "responds")
        flask.abort(flask.Response("gone", 410))

    for view in (aborts, responds):
        view.__qualname__ = view.__name__
    app.get("/slash/")(calls.says("view", "slash", "x"))
    app.register_error_handler(HTTPException, calls.says("errorhandler", "any_http", ("any", 400)))
    app.register_error_handler(403, calls.says("errorhandler", "app_403", ("app", 403)))
    shop.register_error_handler(Broken, calls.says("errorhandler", "shop_broken", ("shop", 500), "shop"))
    shop.register_error_handler(LookupError, calls.says("errorhandler", "shop_lookup", ("shop", 500), "shop"))
    shop.register_error_handler(404, calls.says("errorhandler", "shop_404", ("shop", 404), "shop"))
    app.register_blueprint(shop)
    return app


def test_handlers_by_code_by_class_by_base_class_and_of_a_blueprint() -> None:
    run = same(http_errors, *(f"/{rule.split('/', 1)[1]}" for rule in RULES))
    chosen = {
        request.name.split()[1]: [event.name for event in request.walk() if event.kind == "errorhandler"]
        for request in run.trace.requests
    }
    assert chosen == RULES


RULES = {
    "/forbidden": ["app_403"],
    "/conflict": ["any_http"],
    "/broken": ["any_http"],  # InternalServerError is one
    "/shop/forbidden": ["app_403"],
    "/shop/conflict": ["any_http"],
    "/shop/broken": ["shop_broken"],
    "/aborts": ["any_http"],
    "/responds": [],
    "/slash": [],
    "/nowhere": ["any_http"],
}


def test_what_was_asked_for_in_the_order_of_asking() -> None:
    run = same(http_errors, "/shop/broken", "/shop/conflict", "/broken", "/slash")
    details = [event.details for event in run.trace.find("error")]
    assert details == [
        [("blueprint shop", "Broken: shop_broken")],
        [
            ("blueprint shop", "409: none"),
            ("the app", "409: none"),
            ("blueprint shop", "Conflict: none"),
            ("the app", "Conflict, as HTTPException: any_http"),
        ],
        [("the app", "Broken: none")],
        [("the app", "500: none"), ("the app", "InternalServerError, as HTTPException: any_http")],
        [],  # a redirect of the router is the response itself
    ]


def test_an_error_in_an_after_request_function_runs_the_after_functions_again() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")
        app.get("/")(calls.says("view", "index", "x"))
        app.after_request(calls.says("after_request", "outer"))
        app.after_request(calls.says("after_request", "fails", NotFound()))
        return app

    run = same(build, "/")
    assert [event.stage for event in run.trace.requests[0].items if event.kind in ("after_request", "error")] == [
        Stage.AFTER,
        Stage.ERROR,
        Stage.AFTER,
    ]


def test_an_extension_that_took_over_error_handling_before() -> None:
    """Flask-RESTful puts a `functools.partial` there."""

    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")

        def router(original: Any, error: Exception) -> Any:
            return original(error)

        vars(app)["handle_exception"] = partial(router, app.handle_exception)
        vars(app)["handle_user_exception"] = partial(router, app.handle_user_exception)
        app.get("/")(calls.says("view", "index", Broken()))
        app.register_error_handler(500, calls.says("errorhandler", "for_500", ("server", 500)))
        return app

    run = same(build, "/")
    assert isinstance(vars(run.app)["handle_exception"], partial)
    assert [event.name for event in run.trace.find("error")] == ["Broken", "500 Internal Server Error"]
