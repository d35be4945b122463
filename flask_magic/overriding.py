"""A method of one object, overridden for the time of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["overriding"]


@contextmanager
def overriding(owner: Any, name: str, call: Callable[..., None], *, after: bool = False) -> Iterator[None]:
    """Have `call` called with the method's arguments, before the method or `after` it; what it raises passes through.

    An override that somebody else puts on top meanwhile stays.

    >>> import flask
    >>> app = flask.Flask("demo")
    >>> with overriding(app, "should_ignore_error", lambda error: print("asked about", error)):
    ...     app.should_ignore_error(None)
    asked about None
    False
    """
    method, own = getattr(owner, name), vars(owner).get(name)

    def override(*arguments: Any, **options: Any) -> Any:
        if not after:
            call(*arguments, **options)
        result = method(*arguments, **options)
        if after:
            call(*arguments, **options)
        return result

    vars(owner)[name] = override
    try:
        yield
    finally:
        if vars(owner).get(name) is override:
            vars(owner).pop(name)
            if own is not None:
                vars(owner)[name] = own
