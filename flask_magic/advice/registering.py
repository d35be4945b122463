"""Registrations that Flask refuses."""

from __future__ import annotations

import re

import flask

from .reading import local

__all__ = ["advise"]

_OVERWRITTEN = re.compile(r"View function mapping is overwriting an existing endpoint function: (?P<endpoint>.*)")


def advise(error: BaseException, _app: flask.Flask | None) -> list[str]:
    """Advice on an AssertionError of Flask's set-up."""
    if not isinstance(error, AssertionError):
        return []
    message = str(error)
    if found := _OVERWRITTEN.fullmatch(message):
        return _overwritten(error, found["endpoint"])
    if not message.startswith("The setup method '"):
        return []
    if "can no longer be called on the application" in message:
        return [
            "Set-up comes before the first request: move it up, and run from the start. "
            "(An app that is not left `--plain` takes it here.)"
        ]
    if "can no longer be called on the blueprint" in message:
        return ["First all of the blueprint's routes and hooks, then `app.register_blueprint(…)`."]
    return []


def _overwritten(error: AssertionError, endpoint: str) -> list[str]:
    new = local(error, "view_func", "add_url_rule", "flask.sansio.app")
    old = local(error, "old_func", "add_url_rule", "flask.sansio.app")
    if new is None or old is None:
        return []
    if hasattr(new, "view_class"):
        return [f"Each `as_view(…)` takes a name of its own; '{endpoint}' is taken."]
    if getattr(new, "__code__", None) is getattr(old, "__code__", 0) and new.__closure__:
        return [f"Both are called {endpoint}, as the decorator's inner function: put `@functools.wraps(view)` on that."]
    return [f"Two views are called {endpoint}: rename one, or give it another name with `endpoint=`."]
