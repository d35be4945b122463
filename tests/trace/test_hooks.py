"""The functions that Flask calls around a view, in its order."""

import flask
import pytest
from trace_oracle import Calls, same

from flask_magic.trace import Outcome, Stage


def hooks_of(calls: Calls, owner: flask.Flask | flask.Blueprint, name: str, scope: str = "") -> None:
    """Two hooks of each kind on an app or a blueprint."""
    for number in (1, 2):
        for register, kind, answer in (
            (owner.url_value_preprocessor, "url_value_preprocessor", None),
            (owner.url_defaults, "url_defaults", None),
            (owner.before_request, "before_request", None),
            (owner.context_processor, "context_processor", {f"{name}{number}": number}),
            (owner.after_request, "after_request", None),
            (owner.teardown_request, "teardown_request", None),
        ):
            register(calls.says(kind, f"{name}_{kind}_{number}", answer, scope))


def nested(calls: Calls) -> flask.Flask:
    app = flask.Flask("app")
    hooks_of(calls, app, "app")
    app.teardown_appcontext(calls.says("teardown_appcontext", "close_database"))
    outer, inner = flask.Blueprint("outer", "outer"), flask.Blueprint("inner", "inner")
    hooks_of(calls, outer, "outer", "outer")
    hooks_of(calls, inner, "inner", "outer.inner")

    @inner.get("/page")
    def page() -> str:
        calls("view", "page", "outer.inner")
        flask.after_this_request(calls.says("after_this_request", "set_cookie"))
        return flask.render_template_string("{{ url_for('outer.inner.page') }} {{ app1 }}{{ outer2 }}{{ inner2 }}")

    outer.register_blueprint(inner, url_prefix="/inner")
    app.register_blueprint(outer, url_prefix="/outer")
    return app


def test_hooks_of_an_app_and_of_nested_blueprints() -> None:
    run = same(nested, "/outer/inner/page", "/outer/inner/page")
    assert run.answers[0][0][2] == b"/outer/inner/page 122"
    assert run.calls[0] == "url_value_preprocessor app_url_value_preprocessor_1"
    assert run.calls.index("after_this_request set_cookie") < run.calls.index(
        "after_request outer.inner:inner_after_request_2"
    )
    stages = {event.kind: event.stage for event in run.trace.requests[0].items}
    assert stages["before_request"] is Stage.BEFORE
    assert stages["after_this_request"] is Stage.AFTER
    assert stages["teardown_appcontext"] is Stage.TEARDOWN


def test_an_unknown_url_has_the_hooks_of_the_app_alone() -> None:
    assert all(":" not in line for line in same(nested, "/nowhere").calls)


def test_one_function_registered_twice_and_two_functions_of_one_closure() -> None:
    def build(calls: Calls) -> flask.Flask:
        app, blueprint = flask.Flask("app"), flask.Blueprint("shop", "shop")

        def check() -> None:
            calls("before_request", "check", "shop" if calls else "")

        def made(scope: str) -> object:
            def hook(response: flask.Response) -> flask.Response:
                calls("after_request", "hook", scope)
                return response

            hook.__qualname__ = "hook"
            return hook

        app.before_request(check)
        blueprint.before_request(check)
        app.after_request(made(""))
        app.after_request(made(""))
        blueprint.after_request(made("shop"))
        blueprint.get("/")(calls.says("view", "index", "x", "shop"))
        app.register_blueprint(blueprint)
        return app

    run = same(build, "/")
    assert run.calls.count("after_request hook") == 2
    assert run.kinds("before_request") == ["check", "check"]


def test_a_function_that_is_both_after_request_and_after_this_request() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")
        seen: list[int] = []

        def stamp(response: flask.Response) -> flask.Response:
            calls("after_this_request" if not seen else "after_request", "stamp")
            seen.append(1)
            return response

        def another(response: flask.Response) -> flask.Response:
            calls("after_this_request", "another")
            return response

        @app.get("/")
        def index() -> str:
            calls("view", "index")
            flask.after_this_request(stamp)
            flask.after_this_request(adds_another)
            return "x"

        def adds_another(response: flask.Response) -> flask.Response:
            calls("after_this_request", "adds_another")
            flask.after_this_request(another)
            return response

        for function in (stamp, another, adds_another, index):
            function.__qualname__ = function.__name__
        app.after_request(stamp)
        app.after_request(calls.says("after_request", "last"))
        return app

    assert same(build, "/").calls[1:] == [
        "after_this_request stamp",
        "after_this_request adds_another",
        "after_this_request another",
        "after_request last",
        "after_request stamp",
    ]


@pytest.mark.parametrize("raises", [False, True])
def test_a_before_request_function_that_answers_or_raises_ends_the_way_to_the_view(raises: bool) -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")
        app.before_request(calls.says("before_request", "first"))
        app.before_request(calls.says("before_request", "refuse", ZeroDivisionError() if raises else ("no", 403)))
        app.before_request(calls.says("before_request", "third"))
        app.get("/")(calls.says("view", "index", "x"))
        return app

    run = same(build, "/")
    outcomes = {event.name: event.outcome for event in run.trace.events() if event.kind in ("before_request", "view")}
    assert outcomes == {
        "first": None,
        "refuse": Outcome.RAISED if raises else Outcome.STOPS,
        "third": Outcome.SKIPPED,
        "index": Outcome.SKIPPED,
    }


def test_an_app_that_answers_in_its_own_preprocess_request() -> None:
    def build(calls: Calls) -> flask.Flask:
        class Own(flask.Flask):
            def preprocess_request(self) -> str:
                super().preprocess_request()
                return "own"

        app = Own("app")
        app.before_request(calls.says("before_request", "passes"))
        app.get("/")(calls.says("view", "index", "x"))
        return app

    run = same(build, "/")
    assert run.answers[0][0][2] == b"own"
    assert run.trace.find("before_request")[0].outcome is None
    assert run.trace.find("view")[0].outcome is Outcome.SKIPPED


def test_hooks_registered_while_the_request_is_traced() -> None:
    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")

        @app.get("/")
        def index() -> str:
            calls("view", "index")
            # What an extension does where it is set up late.
            app.url_value_preprocessors.setdefault(None, []).append(calls.says("url_value_preprocessor", "late"))
            app.url_value_preprocessors[None].append(calls.says("url_value_preprocessor", "later"))
            app.url_default_functions["shop"] = []
            return f"{len(app.url_value_preprocessors)} {'shop' in app.url_default_functions}"

        index.__qualname__ = "index"
        return app

    run = same(build, "/", "/")
    assert run.calls[1:3] == ["url_value_preprocessor late", "url_value_preprocessor later"]
    assert [function.__name__ for function in run.app.url_value_preprocessors[None]] == ["late", "later"] * 2
