"""Where in which trace the running code is, and writing down what it does.

The place is kept in a context variable, as Flask's own contexts are, so that nested requests, async views and copied
contexts each find their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from .events import Event, Outcome, Stage, Trace, now
from .functions import text_of

__all__ = ["CURRENT", "At", "Phase", "enter", "here", "note", "opened", "raised", "span", "told_error"]


class Phase:
    """A run of functions that Flask calls one after the other: the hooks of one stage, in the order of their calls.

    `expected` are the functions with the blueprint that each is registered on (empty: the app). `ahead` is Flask's
    list of those that were registered for this request alone and are called before them; it may still grow. `error`
    is the exception that a handler is sought for.
    """

    def __init__(
        self,
        kind: str,
        expected: list[tuple[str, Callable[..., Any]]] | None = None,
        *,
        ahead: Sequence[Callable[..., Any]] = (),
        error: BaseException | None = None,
    ) -> None:
        self.kind = kind
        self.error = error
        self.expected = expected or []
        self.position = 0
        self._ahead = ahead
        self._called = 0

    def takes_ahead(self) -> bool:
        """Is the function that is called now one of those ahead?"""
        self._called += 1
        return self._called <= len(self._ahead)

    def take(self, function: Callable[..., Any]) -> str | None:
        """The blueprint (empty: the app) of the function that is called now; None where it is none of the expected."""
        for index in range(self.position, len(self.expected)):
            scope, candidate = self.expected[index]
            if candidate is function:
                self.position = index + 1
                return scope
        return None

    def rest(self) -> list[tuple[str, Callable[..., Any]]]:
        """Those that were not called."""
        return self.expected[self.position :]


@dataclass(frozen=True, eq=False)
class At:
    """A place in a trace: what runs now belongs to `parent`, in a stage, by one of a phase's functions."""

    trace: Trace
    parent: Event | None
    stage: Stage
    phase: Phase | None = None
    #: The event of the request that this is part of; None where the trace is open and no request has come yet.
    request: Event | None = None
    #: The context that is being pushed or popped, see `contexts.py`.
    contexts: Any = None


CURRENT: ContextVar[At | None] = ContextVar("flask_magic.trace", default=None)


def opened() -> At | None:
    """The place of the running code, where a trace is open; None where there is none."""
    at = CURRENT.get()
    return None if at is None or at.trace.closed else at


def here() -> At | None:
    """The place of the running code in a traced request; None outside of one."""
    at = opened()
    return None if at is None or at.request is None else at


@contextmanager
def _within(place: At) -> Iterator[None]:
    token = CURRENT.set(place)
    try:
        yield
    finally:
        CURRENT.reset(token)


def enter(
    at: At, *, stage: Stage | None = None, phase: Phase | None = None, parent: Event | None = None, contexts: Any = None
) -> AbstractContextManager[None]:
    """Run the block at this place."""
    place = At(at.trace, parent or at.parent, stage or at.stage, phase or at.phase, at.request, contexts or at.contexts)
    return _within(place)


def note(at: At, kind: str, name: str, **fields: Any) -> Event:
    """Write down something that takes no time."""
    event = Event(kind, name, fields.pop("stage", at.stage), **fields)
    at.trace.add(at.parent, event)
    return event


@contextmanager
def span(at: At, kind: str, name: str, *, phase: Phase | None = None, **fields: Any) -> Iterator[Event]:
    """Write down something that takes time, and whatever happens in it. What it raises passes through."""
    event = note(at, kind, name, **fields)
    started = now()
    try:
        with _within(At(at.trace, event, event.stage, phase or Phase("function"), at.request)):
            yield event
    except BaseException as error:
        raised(event, error)
        raise
    finally:
        event.seconds = now() - started


def raised(event: Event, error: BaseException) -> None:
    """Mark an event with the exception that left it."""
    event.outcome = Outcome.RAISED
    said = told_error(error)
    event.left_by = (id(error), said)  # and not the exception, whose frames would live on with it
    # Said once, where it was raised; what it passes on its way out is only marked.
    if not any(item.left_by == event.left_by for item in event.items):
        event.says = f"raises {said}"


def told_error(error: BaseException) -> str:
    """An exception in one line."""
    message = " ".join(text_of(error).split())
    name = type(error).__name__
    return f"{name}: {message}" if message not in ("", name) else name
