"""An exception on its way: which error handlers Flask asked for, in its order, and which one it took."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import flask
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.routing import RoutingException

from .events import Outcome, Stage
from .functions import name_of, shortened
from .recorder import At, Phase, enter, here, note, told_error

__all__ = ["handles", "lookup"]


def lookup(
    app: flask.Flask, error: BaseException, blueprints: list[str]
) -> tuple[list[tuple[str, str]], list[tuple[str, Callable[..., Any]]]]:
    """Replay the look-up: what was asked for where, and the handler that was found, with its blueprint (no handler:
    an empty list).

    Flask asks first for the status code, in the blueprints and then in the app, and then for the class and its
    bases (`Flask._find_error_handler`, read from the public `error_handler_spec`).
    """
    kind = type(error)
    code = kind.code if issubclass(kind, HTTPException) else None
    tried: list[tuple[str, str]] = []
    for asked in (code, None) if code is not None else (None,):
        for name in (*blueprints, None):
            handlers = app.error_handler_spec.get(name, {}).get(asked, {})
            where = f"blueprint {name}" if name else "the app"
            what = str(asked) if asked is not None else kind.__name__
            for base in kind.__mro__:
                handler = handlers.get(base)
                if handler is not None:
                    by = what if asked is not None or base is kind else f"{what}, as {base.__name__}"
                    tried.append((where, f"{by}: {name_of(handler)}"))
                    return tried, [(name or "", handler)]
            tried.append((where, f"{what}: none"))
    return tried, []


def handles(name: str, app: flask.Flask, plain: Callable[..., Any]) -> Callable[..., Any]:
    """`Flask.handle_user_exception`, `handle_http_exception` and `handle_exception`, which call one another."""

    def handle(*args: Any, **kwargs: Any) -> Any:
        at = here()
        error = args[-1] if args else None
        if at is None or error is None or (at.phase is not None and at.phase.error is error):
            return plain(*args, **kwargs)
        return _handled(app, partial(plain, *args, **kwargs), at, error, name == "handle_exception")

    return handle


def _handled(app: flask.Flask, plain: Callable[..., Any], at: At, error: Exception, is_last: bool) -> Any:
    sought: BaseException = InternalServerError(original_exception=error) if is_last else error
    tried, found = lookup(app, sought, flask.request.blueprints if flask.has_request_context() else [])
    if not is_last and isinstance(error, HTTPException) and (error.code is None or isinstance(error, RoutingException)):
        tried, found = [], []  # it is the response itself: Flask asks no handler
    name = "500 Internal Server Error" if is_last else type(error).__name__
    says = f"in place of {type(error).__name__}, which nobody took" if is_last else _message(error)
    phase = Phase("errorhandler", found, error=error)
    event = note(at, "error", name, says=says, stage=Stage.ERROR, details=tried)
    with enter(at, parent=event, stage=Stage.ERROR, phase=phase):
        try:
            return plain()
        except BaseException as left:
            event.outcome = Outcome.RAISED
            if is_last and left is error:
                event.says = "not made: TESTING, DEBUG or PROPAGATE_EXCEPTIONS passes the exception on"
                event.details = []
            raise


def _message(error: BaseException) -> str:
    """What the exception says; of an HTTP error its status, and its description where the app gave it one."""
    if isinstance(error, HTTPException):
        given = error.description if error.description != type(error).description else None
        return f"{error.code} {error.name}" + (f": {shortened(str(given))}" if given else "")
    return told_error(error).partition(": ")[2]
