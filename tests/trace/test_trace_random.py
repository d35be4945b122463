"""Apps made at random: the trace tells what happened, and changes none of it.

`TRACE_EXAMPLES` asks for more examples than a usual run has.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import blinker
import flask
import pytest
from flask.views import MethodView
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trace_oracle import Calls, same
from werkzeug.exceptions import Conflict, NotFound

EXAMPLES = int(os.environ.get("TRACE_EXAMPLES", "250"))
ERRORS: dict[str, Any] = {"LookupError": LookupError, "KeyError": KeyError, "NotFound": NotFound, "Conflict": Conflict}
HOOKS = (
    "url_value_preprocessor",
    "url_defaults",
    "before_request",
    "context_processor",
    "after_request",
    "teardown_request",
)
HANDLED: tuple[Any, ...] = (LookupError, KeyError, Exception, 404, 409, 500)
SIGNALS = (
    flask.request_started,
    flask.template_rendered,
    flask.request_finished,
    flask.request_tearing_down,
    flask.appcontext_pushed,
    flask.appcontext_popped,
    flask.got_request_exception,
)


@dataclass(frozen=True)
class Function:
    """A hook, a handler or a receiver: which one (`what` is its kind, its error, its signal), and what it does."""

    what: Any
    does: str = ""
    is_async: bool = False


@dataclass(frozen=True)
class Owner:
    """The app or a blueprint: its functions, its handlers, its views, and the blueprints in it."""

    hooks: list[Function]
    handlers: list[Function]
    views: list[tuple[str, ...]]
    inside: list["Owner"] = field(default_factory=list)


does = st.sampled_from(["", "", "", "", "", "answers", *ERRORS])
hooks = st.builds(Function, st.sampled_from(HOOKS), does, st.booleans())
handlers = st.builds(Function, st.sampled_from(HANDLED), does, st.booleans())
receivers = st.builds(Function, st.sampled_from(SIGNALS), st.sampled_from(["", "", "", "LookupError"]), st.booleans())
STEPS = ("log", "session", "flash", "after", "after", "template", "url", "nested", "copied", "send", "async", "class")
endings = st.sampled_from(["text", "text", "none", "redirect", "stream", "context", "streamed template", *ERRORS])
views = st.tuples(st.sampled_from(STEPS), st.sampled_from(STEPS), endings)


def owners(depth: int) -> st.SearchStrategy[Owner]:
    """An owner with up to `depth` levels of blueprints in it."""
    inside = st.lists(owners(depth - 1), max_size=2) if depth else st.just([])
    return st.builds(
        Owner,
        st.lists(hooks, max_size=4),
        st.lists(handlers, max_size=2, unique_by=lambda one: one.what),
        st.lists(views, min_size=1, max_size=2),
        inside,
    )


@dataclass
class Builder:
    """Builds the app of a description, its functions writing themselves down."""

    calls: Calls
    teardowns: list[Function]
    receivers: list[Function]
    config: dict[str, Any]
    number: int = 0
    kept: list[Any] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def app(self, owner: Owner) -> flask.Flask:
        app = flask.Flask("app", static_folder=None)
        app.config.update(self.config, SECRET_KEY="key")
        self.fill(app, owner, "", "")
        for function in self.teardowns:
            app.teardown_appcontext(self.function("teardown_appcontext", "", function))
        for function in self.receivers:
            receiver = self.function("receiver", "", function)
            self.kept.append(receiver)
            function.what.connect(receiver, app)
        app.extensions["kept"] = self.kept
        return app

    def fill(self, target: Any, owner: Owner, scope: str, path: str) -> None:
        for hook in owner.hooks:
            getattr(target, hook.what)(self.function(hook.what, scope, hook))
        for handler in owner.handlers:
            target.register_error_handler(handler.what, self.function("errorhandler", scope, handler))
        for steps in owner.views:
            self.number += 1
            name = f"view{self.number}"
            target.add_url_rule(f"/{name}", name, self.view(name, scope, steps), methods=["GET", "POST"])
            self.paths.append(f"{path}/{name}")
        for inner in owner.inside:
            self.number += 1
            blueprint = flask.Blueprint(f"b{self.number}", "b")
            full = f"{scope}.{blueprint.name}".lstrip(".")
            prefix = f"/b{self.number}"
            self.fill(blueprint, inner, full, path + prefix)
            target.register_blueprint(blueprint, url_prefix=prefix)

    def function(self, kind: str, scope: str, function: Function) -> Any:
        self.number += 1
        name = f"{kind}{self.number}"

        def work(*args: Any, **_: Any) -> Any:
            self.calls(kind, name, scope)
            if function.does in ERRORS:
                raise ERRORS[function.does](name)
            if kind in ("after_request", "after_this_request"):
                args[0].headers.add("X-After", name)
                return args[0]
            if kind == "context_processor":
                return {name: name}
            if kind == "errorhandler" or function.does == "answers":
                return (f"{kind} {name}", 418) if kind in ("errorhandler", "before_request") else None
            return None

        async def work_async(*args: Any, **kwargs: Any) -> Any:
            return work(*args, **kwargs)

        chosen: Any = (
            work_async if function.is_async and kind not in ("url_value_preprocessor", "url_defaults") else work
        )
        chosen.__name__ = chosen.__qualname__ = name
        return chosen

    def view(self, name: str, scope: str, steps: tuple[str, ...]) -> Any:
        *first, ending = steps

        def view() -> Any:
            self.calls("view", name, scope)
            return body()

        def body() -> Any:
            for step in first:
                self.step(step)
            return self.end(ending)

        async def view_async() -> Any:
            self.calls("view", name, scope)
            # What renders a template would run async context processors, which an async view may not.
            return self.end(ending if ending in ("text", "none", *ERRORS) else "text")

        def method(_self: Any) -> Any:
            self.calls("method", f"{name}.method")
            return body()

        chosen: Any = view_async if "async" in first else view
        chosen.__name__ = chosen.__qualname__ = name
        if "class" in first and "async" not in first:
            made: Any = type(
                name, (MethodView,), {"get": method, "post": method, "init_every_request": ending != "text"}
            )
            method.__qualname__ = f"{name}.method"
            return made.as_view(name)
        return chosen

    def step(self, step: str) -> None:
        app = flask.current_app._get_current_object()  # type: ignore[attr-defined]
        if step == "log":
            app.logger.warning("log")
        elif step == "session":
            flask.session["n"] = flask.session.get("n", 0) + 1
        elif step == "flash":
            flask.flash("message")
        elif step == "after":
            flask.after_this_request(self.function("after_this_request", "", Function("after_this_request")))
        elif step == "template":
            flask.render_template_string("{% block a %}{{ session.n }}{{ get_flashed_messages() }}{% endblock %}")
        elif step == "url":
            flask.url_for(flask.request.endpoint or "none")
        elif step == "nested" and not flask.request.headers.get("X-Nested"):
            app.test_client().get(self.paths[0], headers={"X-Nested": "1"}).close()
        elif step == "copied":
            work = self.function("function", "", Function("function"))
            copied = flask.copy_current_request_context(work)
            copied()
        elif step == "send":
            signal = blinker.Signal()
            signal.connect(self.function("receiver", "", Function("receiver")), weak=False)
            signal.send(app)

    def end(self, ending: str) -> Any:
        if ending in ERRORS:
            raise ERRORS[ending]("in the view")
        if ending == "redirect":
            return flask.redirect("/view1")
        if ending == "stream":
            return self.pieces()
        if ending == "context":
            return flask.stream_with_context(self.pieces())
        if ending == "streamed template":
            return flask.stream_template_string("{% for n in range(3) %}{{ n }}{{ session.n }}{% endfor %}")
        return None if ending == "none" else "text"

    def pieces(self) -> Iterator[str]:
        yield "one"
        yield flask.request.path if flask.has_request_context() else "none"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of tracebacks of errors that are meant to be are nothing to print."""
    monkeypatch.setattr(logging.getLogger("app"), "disabled", True)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="TRACE_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(
    owner=owners(2),
    teardowns=st.lists(st.builds(Function, st.just("teardown_appcontext"), does, st.booleans()), max_size=2),
    receivers=st.lists(receivers, max_size=3, unique_by=lambda one: one.what),  # a signal calls its own in no order
    config=st.sampled_from([{}, {}, {"TESTING": True}, {"DEBUG": True}, {"PROPAGATE_EXCEPTIONS": True}]),
    chosen=st.lists(
        st.tuples(st.integers(0, 20), st.sampled_from(["GET", "GET", "POST", "DELETE"])), min_size=1, max_size=3
    ),
    follow=st.booleans(),
)
def test_the_trace_of_any_app_is_what_happened(
    owner: Owner,
    teardowns: list[Function],
    receivers: list[Function],
    config: dict[str, Any],
    chosen: list[tuple[int, str]],
    follow: bool,
) -> None:
    builders: list[Builder] = []

    def build(calls: Calls) -> flask.Flask:
        builders.append(Builder(calls, teardowns, receivers, config))
        return builders[-1].app(owner)

    def send(number: int, method: str) -> Any:
        def open_(client: Any) -> Any:
            paths = [*builders[-1].paths, "/nowhere"]
            return client.open(paths[number % len(paths)], method=method, follow_redirects=follow)

        return open_

    sends = [send(*one) for one in chosen]
    same(build, *sends)
