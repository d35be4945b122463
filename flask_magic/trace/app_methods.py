"""The methods of a Flask app that tell a trace what they do. Each is wrapped on the instance, while it is traced."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import flask

from .contexts import ContextClasses
from .events import Stage
from .functions import told
from .funnel import ensure_sync
from .handlers import handles
from .hooks import HOOKS
from .recorder import enter, here, span
from .wsgi import wsgi_app

__all__ = ["WRAPPERS"]

Method = Callable[..., Any]


def _request_context(_app: flask.Flask, plain: Method) -> Method:
    classes = ContextClasses()

    def request_context(*args: Any, **kwargs: Any) -> Any:
        context = plain(*args, **kwargs)
        at = here()
        if at is not None:
            classes.watch_request_context(context, at)
        return context

    return request_context


def _app_context(_app: flask.Flask, plain: Method) -> Method:
    classes = ContextClasses()

    def app_context(*args: Any, **kwargs: Any) -> Any:
        context = plain(*args, **kwargs)
        at = here()
        if at is not None:
            classes.watch_app_context(context, at)
        return context

    return app_context


def _finalize_request(_app: flask.Flask, plain: Method) -> Method:
    def finalize_request(*args: Any, **kwargs: Any) -> Any:
        at = here()
        if at is None:
            return plain(*args, **kwargs)
        # After an error that nobody took, Flask finishes the request from within its handling of the error.
        in_error = at.phase is not None and at.phase.kind == "errorhandler"
        with enter(at, stage=Stage.AFTER, parent=at.request if in_error else None):
            return plain(*args, **kwargs)

    return finalize_request


def _make_response(_app: flask.Flask, plain: Method) -> Method:
    def make_response(*args: Any, **kwargs: Any) -> Any:
        at = here()
        if at is None:
            return plain(*args, **kwargs)
        # It is made of what came last: the view's answer, a hook's, an error handler's.
        last = at.parent.items[-1:] if at.parent is not None and at.parent is at.request else []
        value = args[-1] if args else None
        with span(at, "make_response", told(value), stage=last[0].stage if last else at.stage) as event:
            response = plain(*args, **kwargs)
            event.says = ", ".join(filter(None, (getattr(response, name, "") for name in ("status", "mimetype"))))
            return response

    return make_response


_HANDLING = ("handle_user_exception", "handle_http_exception", "handle_exception")
WRAPPERS: dict[str, Callable[[flask.Flask, Method], Method]] = {
    "wsgi_app": wsgi_app,
    "request_context": _request_context,
    "app_context": _app_context,
    **HOOKS,
    **{name: partial(handles, name) for name in _HANDLING},
    "finalize_request": _finalize_request,
    "make_response": _make_response,
    "ensure_sync": ensure_sync,
}
