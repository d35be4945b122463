"""Being told of the calls of a library's method, however many notebooks of one process want to know."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["tell", "tell_no_more"]

_WATCH = "_flask_magic_watch"


class _Watch:
    """A method that was replaced by one that tells its listeners."""

    def __init__(self, plain: Callable[..., Any]) -> None:
        self.listeners: list[Callable[..., None]] = []

        @functools.wraps(plain)
        def method(*args: Any, **kwargs: Any) -> Any:
            result = plain(*args, **kwargs)
            for listener in list(self.listeners):
                listener(*args, **kwargs)
            return result

        setattr(method, _WATCH, self)
        self.plain, self.method = plain, method


def tell(owner: type, name: str, listener: Callable[..., None]) -> None:
    """Call `listener` after each call of the method, with the same arguments.

    >>> class Door:
    ...     def open(self, how): return how
    >>> tell(Door, "open", lambda door, how: print("opened", how))
    >>> _ = Door().open("wide")
    opened wide
    """
    watch = _watch_of(owner, name)
    if watch is None:
        watch = _Watch(getattr(owner, name))
        setattr(owner, name, watch.method)
    watch.listeners.append(listener)


def tell_no_more(owner: type, name: str, listener: Callable[..., None]) -> None:
    """Take the listener off; the method is as it was when nobody listens any more."""
    watch = _watch_of(owner, name)
    if watch is None or listener not in watch.listeners:
        return
    watch.listeners.remove(listener)
    # Something else may have wrapped ours since; then ours only passes on.
    if not watch.listeners and getattr(owner, name) is watch.method:
        setattr(owner, name, watch.plain)


def _watch_of(owner: type, name: str) -> _Watch | None:
    # `functools.wraps` hands the attribute on to whatever wraps ours, so that ours is found below it.
    watch: _Watch | None = getattr(getattr(owner, name), _WATCH, None)
    return watch
