"""`ensure_sync`, which Flask calls for every function of the app's author: view, hook, handler, processor.

Which kind of function it is follows from the method that one is in.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import flask
from flask.views import MethodView, View

from .events import Outcome
from .functions import decorators, name_of, place, told
from .recorder import Phase, here, span

__all__ = ["ensure_sync"]


def ensure_sync(_app: flask.Flask, plain: Callable[..., Any]) -> Callable[..., Any]:
    """`Flask.ensure_sync`, giving functions that tell when they are called."""

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        call = plain(function)
        if here() is None:
            return call  # type: ignore[no-any-return]

        @functools.wraps(call)
        def telling(*args: Any, **kwargs: Any) -> Any:
            at = here()
            kind, scope = _kind(at.phase, function) if at is not None else ("", "")
            if at is None or not kind:
                return call(*args, **kwargs)
            with span(at, kind, name_of(function), scope=scope, place=place(function)) as event:
                value = call(*args, **kwargs)
                event.says = _said_of(kind, function, value)
                if kind == "before_request" and value is not None:
                    event.outcome = Outcome.STOPS
                return value

        return telling

    return watched


def _kind(phase: Phase | None, function: Callable[..., Any]) -> tuple[str, str]:
    """What a function is that Flask calls in this phase, and the blueprint it is registered on; no kind: not told."""
    if phase is None or getattr(function, "__func__", None) is MethodView.dispatch_request:
        return "", ""
    if phase.kind == "receiver" and phase.take(function) is not None:
        return "", ""
    if phase.kind in ("function", "receiver"):
        return "method" if isinstance(getattr(function, "__self__", None), View) else "function", ""
    if phase.kind == "after_request" and phase.takes_ahead():
        return "after_this_request", ""
    scope = phase.take(function)
    if phase.kind == "view" and scope is None:
        return "function", ""
    own = getattr(function, "__module__", "") or ""
    if phase.kind != "view" and own.partition(".")[0] == "flask":
        return "", ""
    return phase.kind, scope or ""


def _said_of(kind: str, function: Callable[..., Any], value: Any) -> str:
    around = decorators(function) if kind == "view" and not hasattr(function, "view_class") else []
    inside = f"inside {', '.join(around)} " if around else ""
    if kind == "before_request":
        return "" if value is None else f"→ {told(value)}"
    if kind in ("view", "method", "function", "errorhandler"):
        return f"{inside}→ {told(value)}"
    return f"→ {', '.join(map(str, value))}" if kind == "context_processor" and isinstance(value, dict) else ""
