"""The session: opened, read and written by key, saved. A value is told where it is short, and no secret."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType, NoneType
from typing import Any

from flask.sessions import SessionMixin

from .functions import caller, masked
from .recorder import At, here, note, span

__all__ = ["watched_open", "watched_save"]

_WATCHED = "_flask_magic_plain_class"
_NOTHING = object()


def watched_open(open_session: Callable[..., Any]) -> Callable[..., Any]:
    """`open_session`, telling what it found."""
    classes: dict[type, type] = {}

    def watched(*args: Any, **kwargs: Any) -> Any:
        at = here()
        if at is None:
            return open_session(*args, **kwargs)
        if at.contexts is not None:
            at.contexts.tell(at)
        with span(at, "session", "open") as event:
            session = open_session(*args, **kwargs)
            if session is None:
                event.says = "no SECRET_KEY: it stays empty and cannot be written"
            else:
                keys = [str(key) for key in dict.keys(session)] if isinstance(session, dict) else []
                event.says = f"holds {', '.join(keys)}" if keys else "empty"
                _watch(session, classes)
        return session

    return watched


def watched_save(save_session: Callable[..., Any]) -> Callable[..., Any]:
    """`save_session`, telling whether it set a cookie."""

    def watched(*args: Any, **kwargs: Any) -> Any:
        at = here()
        if at is None or len(args) < 2:
            return save_session(*args, **kwargs)
        session, response = args[-2:]
        telling = type(session)
        _unwatch(session)  # what reads it now is the interface
        before = response.headers.getlist("Set-Cookie")
        try:
            with span(at, "session", "save") as event:
                result = save_session(*args, **kwargs)
                new = [cookie for cookie in response.headers.getlist("Set-Cookie") if cookie not in before]
                event.says = f"Set-Cookie: {new[-1].partition('=')[0]}" if new else "no change, no cookie"
        finally:
            if type(session) is not telling:  # a stream may still read it
                session.__class__ = telling
        return result

    return watched


def _watch(session: Any, classes: dict[type, type]) -> None:
    """Have this session object tell of each key that is read or written: its class becomes a subclass for a while."""
    plain = type(session)
    if not isinstance(session, dict) or _WATCHED in vars(plain):
        return
    try:
        if plain not in classes:
            classes[plain] = _telling(plain)
        session.__class__ = classes[plain]
    except TypeError:  # a class that takes no subclass, or one with another layout: it is not followed
        return


def _unwatch(session: Any) -> None:
    plain = vars(type(session)).get(_WATCHED)
    if plain is not None:
        session.__class__ = plain


def _telling(plain: Any) -> type:
    def reads(name: str) -> Callable[..., Any]:
        def method(self: Any, key: Any, *rest: Any) -> Any:
            _tell("read", key)
            return getattr(plain, name)(self, key, *rest)

        return method

    def setitem(self: Any, key: Any, value: Any) -> Any:
        _tell("write", key, value)
        return plain.__setitem__(self, key, value)

    def setdefault(self: Any, key: Any, default: Any = None) -> Any:
        _tell("read", key) if dict.__contains__(self, key) else _tell("write", key, default)
        return plain.setdefault(self, key, default)

    def removes(name: str) -> Callable[..., Any]:
        def method(self: Any, key: Any, *rest: Any) -> Any:
            _tell("remove" if dict.__contains__(self, key) else "read", key)
            return getattr(plain, name)(self, key, *rest)

        return method

    def updates(name: str) -> Callable[..., Any]:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            given = dict(*(arg for arg in args if arg is not None), **kwargs)  # once: it may be an iterator
            for key, value in given.items():
                _tell("write", key, value)
            return getattr(plain, name)(self, given)

        return method

    def reduce(self: Any, protocol: Any) -> Any:  # what is copied or pickled is the plain one
        telling = type(self)
        _unwatch(self)
        try:
            return plain.__reduce_ex__(self, protocol)
        finally:
            self.__class__ = telling

    def clear(self: Any) -> Any:
        at = here()
        if at is not None:
            note(at, "session", "clear", place=caller())
        return plain.clear(self)

    methods = {
        "__getitem__": reads("__getitem__"),
        "get": reads("get"),
        "__contains__": reads("__contains__"),
        "__setitem__": setitem,
        "setdefault": setdefault,
        "__delitem__": removes("__delitem__"),
        "pop": removes("pop"),
        "update": updates("update"),
        "__ior__": updates("__ior__"),
        "clear": clear,
        "__reduce_ex__": reduce,
    }
    names = {"__slots__": (), "__module__": plain.__module__, "__qualname__": plain.__qualname__}
    return type(plain.__name__, (plain,), {**names, **methods, _WATCHED: plain})


def _tell(how: str, key: Any, value: Any = _NOTHING) -> None:
    """Called by the methods above; `pop` and the like of Werkzeug's classes look at the session themselves.

    What Flask and extensions keep under a name such as `_flashes` is told where it changes.
    """
    at: At | None = here()
    idle = how == "read" and str(key).startswith("_")
    if at is None or idle or _is_its_own(sys._getframe(1).f_locals["self"], sys._getframe(2)):
        return
    short = isinstance(value, str | int | float | bool | NoneType)
    note(at, "session", f"{how} {key}", says=f"= {masked(str(key), value)}" if short else "", place=caller())


def _is_its_own(session: Any, caller: FrameType) -> bool:
    """Is this code of the session's own class? (In Werkzeug's proxies, `self` is what they stand for.)

    `session.permanent = True` is not: its setter writes for the app, which wrote an attribute, and not a key.
    """
    setter: Any = SessionMixin.permanent.fset  # type: ignore[attr-defined]
    if caller.f_code is setter.__code__:
        return False
    named = caller.f_code.co_varnames[:1] == ("self",) and caller.f_globals.get("__name__") != "werkzeug.local"
    return named and caller.f_locals.get("self") is session
