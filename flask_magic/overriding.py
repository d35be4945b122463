"""A method of one app, overridden for the time of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flask

__all__ = ["overriding"]


@contextmanager
def overriding(app: flask.Flask, name: str, before: Callable[..., None]) -> Iterator[None]:
    """Have `before` called with the method's arguments, before the method itself; what it raises passes through.

    An override that somebody else puts on top meanwhile stays.

    >>> app = flask.Flask("demo")
    >>> with overriding(app, "should_ignore_error", lambda error: print("asked about", error)):
    ...     app.should_ignore_error(None)
    asked about None
    False
    """
    method, own = getattr(app, name), vars(app).get(name)

    def override(*arguments: Any) -> Any:
        before(*arguments)
        return method(*arguments)

    vars(app)[name] = override
    try:
        yield
    finally:
        if vars(app).get(name) is override:
            vars(app).pop(name)
            if own is not None:
                vars(app)[name] = own
