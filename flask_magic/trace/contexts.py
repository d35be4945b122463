"""Contexts pushed and popped, and the URL matched in between.

A context that is made in a traced request gets a class of its own, which tells what it does; no attribute of the
context refers to it, so that it is freed as early as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Token
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wsgi import get_host

from ..matching import shown_rule
from .events import Event, Stage
from .functions import shown
from .recorder import CURRENT, At, Phase, enter, here, note, span

__all__ = ["ContextClasses", "Watch"]

_WATCH = "flask_magic_watch"


class Watch:
    """One context's place in the trace. What Flask does to it is told when it has happened, among what else happens
    then: `wait` says what is about to happen, `tell` that by now it has.
    """

    def __init__(self, at: At, *, copied: bool = False) -> None:
        self.at = at
        self.copied = copied
        self.is_new = True
        self._depth = 0
        self._waiting: list[tuple[str, str]] = []
        self._tokens: list[Token[At | None] | None] = []

    def here(self) -> At | None:
        """The place of the running code; where it has none (a bare thread), the one that the context was made at."""
        return here() or (None if self.at.trace.closed else self.at)

    def wait(self, name: str, says: str) -> None:
        self._waiting.append((name, says))

    def tell(self, at: At) -> None:
        while self._waiting:
            name, says = self._waiting.pop(0)
            note(at, "context", name, says=says)

    @contextmanager
    def pushing(self, name: str, says: str) -> Iterator[None]:
        """Run the block, which pushes the context; a place that the context brings with it lasts until it is popped."""
        place = self.here()
        self._depth += 1
        brought = place is not None and (self.copied or here() is None)
        self._tokens.append(CURRENT.set(replace(place, phase=Phase("function"))) if place and brought else None)
        if place is None:
            yield
            return
        self.wait(name, says if self.is_new else "pushed again: kept for the stream")
        with enter(place, contexts=self):
            yield
            self.tell(place)
            self.is_new = False

    @contextmanager
    def popping(self, name: str) -> Iterator[None]:
        """Run the block, which pops the context."""
        place = self.here()
        self._depth -= 1
        try:
            if place is None:
                yield
                return
            if place.contexts is not None:
                place.contexts.tell(place)
            ends = place.parent is place.request and place.stage is not Stage.BODY
            with enter(place, stage=Stage.TEARDOWN if ends else None, contexts=self):
                self.wait(name, "popped" if self._depth == 0 else "popped; the stream keeps it")
                try:
                    yield
                finally:
                    self.tell(here() or place)
        finally:
            token = self._tokens.pop() if self._tokens else None
            if token is not None:
                CURRENT.reset(token)


def _app_context(plain: Any) -> Any:
    """A class of application contexts that tell when they are pushed and popped."""

    class Telling(plain):  # type: ignore[misc]
        __slots__ = ()
        flask_magic_watch: Watch | None = None

        def push(self, *args: Any, **kwargs: Any) -> Any:
            watch = self.flask_magic_watch
            if watch is None:
                return super().push(*args, **kwargs)
            with watch.pushing("application context", "pushed: current_app and g are at hand"):
                place = watch.here()
                if place is not None:  # before the signal that says so
                    watch.tell(place)
                return super().push(*args, **kwargs)

        def pop(self, *args: Any, **kwargs: Any) -> Any:
            watch = self.flask_magic_watch
            if watch is None:
                return super().pop(*args, **kwargs)
            with watch.popping("application context"):
                return super().pop(*args, **kwargs)

    return Telling


def _request_context(plain: Any) -> Any:
    """A class of request contexts that tell when they are pushed, matched and popped; and so their copies."""

    class Telling(plain):  # type: ignore[misc]
        __slots__ = ()
        flask_magic_watch: Watch | None = None

        def push(self, *args: Any, **kwargs: Any) -> Any:
            watch = self.flask_magic_watch
            if watch is None:
                return super().push(*args, **kwargs)
            first = "pushed: request and session are at hand"
            with watch.pushing(
                "request context", "copied and pushed, in another thread or task" if watch.copied else first
            ):
                return super().push(*args, **kwargs)

        def pop(self, *args: Any, **kwargs: Any) -> Any:
            watch = self.flask_magic_watch
            if watch is None:
                return super().pop(*args, **kwargs)
            with watch.popping("request context"):
                return super().pop(*args, **kwargs)

        def match_request(self) -> Any:
            watch, place = self.flask_magic_watch, here()
            if watch is None or place is None:
                return super().match_request()
            watch.tell(place)
            if watch.copied or not watch.is_new:  # a context that is pushed again asks again, for nothing
                return super().match_request()
            request: flask.Request = self.request
            with span(place, "match", f"{request.method} {request.path}") as event:
                # `request.host` would be kept by the request, before the app has said whom it trusts.
                host = get_host(request.environ)
                event.asked = f"{request.scheme}://{host}{quote(request.path)}", request.method
                result = super().match_request()
                _tell_match(event, request)
                return result

        def copy(self) -> Any:
            duplicate = super().copy()
            place = here()
            if place is not None:
                duplicate.flask_magic_watch = Watch(place, copied=True)
            return duplicate

    return Telling


class ContextClasses:
    """The classes that tell, by the class that each stands for."""

    def __init__(self) -> None:
        self._classes: dict[type, type] = {}

    def watch_app_context(self, context: Any, at: At) -> None:
        """Have an application context tell of itself."""
        self._watch(context, _app_context, at)

    def watch_request_context(self, context: Any, at: At) -> None:
        """Have a request context, and its copies, tell of themselves."""
        self._watch(context, _request_context, at)

    def _watch(self, context: Any, telling: Callable[[type], type], at: At) -> None:
        plain = type(context)
        if not hasattr(plain, _WATCH):
            if plain not in self._classes:
                self._classes[plain] = made = telling(plain)
                for name in ("__module__", "__name__", "__qualname__"):
                    setattr(made, name, getattr(plain, name))
            context.__class__ = self._classes[plain]
        setattr(context, _WATCH, Watch(at))


def _tell_match(event: Event, request: flask.Request) -> None:
    error = request.routing_exception
    if error is None and request.url_rule is not None:
        values = ", ".join(f"{name}={shown(value)}" for name, value in (request.view_args or {}).items())
        event.says = f"{shown_rule(request.url_rule)} → {request.endpoint}" + (f" ({values})" if values else "")
    elif isinstance(error, RequestRedirect):
        event.says = f"no rule as it stands; redirect to {error.new_url}"
    elif isinstance(error, HTTPException):
        allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        event.says = f"{error.code} {error.name}" + (f": the URL takes {allowed}" if allowed else "")
