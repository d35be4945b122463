"""The methods of an app that call the functions registered with it, stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

import flask
from flask.globals import app_ctx

from .events import Outcome, Stage
from .functions import expected, name_of, place
from .recorder import At, Phase, enter, here, note

__all__ = ["HOOKS"]

Method = Callable[..., Any]


def _preprocess_request(app: flask.Flask, plain: Method) -> Method:
    def preprocess_request(*args: Any) -> Any:
        at = here()
        if at is None:
            return plain(*args)
        request = flask.request
        names = (None, *reversed(request.blueprints))
        phase = Phase("before_request", expected(app.before_request_funcs, names))
        done = False
        try:
            with enter(at, stage=Stage.BEFORE, phase=phase):
                answer = plain(*args)
            done = answer is None
        finally:
            if not done:
                _skip(at, phase)
        return answer

    return preprocess_request


def _skip(at: At, phase: Phase) -> None:
    """What would have come next, and did not run."""
    for scope, function in phase.rest():
        note(
            at,
            "before_request",
            name_of(function),
            scope=scope,
            place=place(function),
            stage=Stage.BEFORE,
            outcome=Outcome.SKIPPED,
        )
    endpoint = flask.request.endpoint
    view = flask.current_app.view_functions.get(endpoint) if endpoint is not None else None
    if view is not None and flask.request.routing_exception is None:
        scope = flask.request.blueprint or ""
        note(at, "view", name_of(view), scope=scope, place=place(view), stage=Stage.VIEW, outcome=Outcome.SKIPPED)


def _dispatch_request(app: flask.Flask, plain: Method) -> Method:
    def dispatch_request(*args: Any) -> Any:
        at = here()
        if at is None:
            return plain(*args)
        request = flask.request
        view = app.view_functions.get(request.endpoint) if request.endpoint is not None else None
        phase = Phase("view", [(request.blueprint or "", view)] if view is not None else [])
        with enter(at, stage=Stage.VIEW, phase=phase):
            answer = plain(*args)
        itself = request.method == "OPTIONS" and getattr(request.url_rule, "provide_automatic_options", False)
        if itself and phase.position == 0:
            note(at, "view", "OPTIONS", stage=Stage.VIEW, says="Flask answers itself, with the methods in Allow")
        return answer

    return dispatch_request


def _process_response(app: flask.Flask, plain: Method) -> Method:
    def process_response(response: Any, *args: Any) -> Any:
        at = here()
        if at is None:
            return plain(response, *args)
        names = chain(flask.request.blueprints, (None,))
        hooks = expected(app.after_request_funcs, names, last_first=True)
        phase = Phase("after_request", hooks, ahead=_of_this_request())
        with enter(at, stage=Stage.AFTER, phase=phase):
            return plain(response, *args)

    return process_response


def _of_this_request() -> list[Any]:
    """What `after_this_request` was given; from Flask 3.2 on the application context has it."""
    functions: Any = getattr(app_ctx, "_after_request_functions", None)
    if functions is None:
        from flask.globals import request_ctx

        functions = getattr(request_ctx, "_after_request_functions", [])
    return functions  # type: ignore[no-any-return]


def _do_teardown_request(app: flask.Flask, plain: Method) -> Method:
    def do_teardown_request(*args: Any, **kwargs: Any) -> Any:
        at = here()
        if at is None:
            return plain(*args, **kwargs)
        names = chain(flask.request.blueprints, (None,))
        phase = Phase("teardown_request", expected(app.teardown_request_funcs, names, last_first=True))
        with enter(at, phase=phase):
            return plain(*args, **kwargs)

    return do_teardown_request


def _do_teardown_appcontext(app: flask.Flask, plain: Method) -> Method:
    def do_teardown_appcontext(*args: Any, **kwargs: Any) -> Any:
        at = here()
        if at is None:
            return plain(*args, **kwargs)
        functions = [("", function) for function in reversed(app.teardown_appcontext_funcs)]
        with enter(at, phase=Phase("teardown_appcontext", functions)):
            return plain(*args, **kwargs)

    return do_teardown_appcontext


def _update_template_context(app: flask.Flask, plain: Method) -> Method:
    def update_template_context(*args: Any) -> Any:
        at = here()
        if at is None:
            return plain(*args)
        blueprints = flask.request.blueprints if flask.has_request_context() else []
        phase = Phase("context_processor", expected(app.template_context_processors, (None, *reversed(blueprints))))
        with enter(at, phase=phase):
            return plain(*args)

    return update_template_context


HOOKS: dict[str, Callable[[flask.Flask, Method], Method]] = {
    "preprocess_request": _preprocess_request,
    "dispatch_request": _dispatch_request,
    "process_response": _process_response,
    "do_teardown_request": _do_teardown_request,
    "do_teardown_appcontext": _do_teardown_appcontext,
    "update_template_context": _update_template_context,
}
