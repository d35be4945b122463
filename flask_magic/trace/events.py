"""What a trace is made of: events, nested in one another, in the order in which they happened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..matching import Match

__all__ = ["Event", "Outcome", "Stage", "Trace", "folded", "now", "sections"]

#: A trace keeps this many events; of the rest it keeps the number.
LIMIT = 2000


class Stage(StrEnum):
    """The part of a request's life that an event belongs to."""

    OPEN = "Open"
    BEFORE = "Before"
    VIEW = "View"
    ERROR = "Error"
    AFTER = "After"
    RESPONSE = "Response"
    TEARDOWN = "Tear down"
    BODY = "Body"


class Outcome(StrEnum):
    """How an event ended, where it was not as usual."""

    STOPS = "stops here"
    RAISED = "raised"
    SKIPPED = "did not run"


@dataclass
class Event:
    """One thing that Flask, an extension or the app did.

    `kind` is Flask's term for it (`before_request`, `view`, `template`, `sql` …), `name` whose it was. `scope` is the
    blueprint that it was registered on, of a template the one whose folder it came from (empty: the app). `place` is
    the cell or file with its line. `says` is one line about what came of it, `details` are further lines as pairs of a
    term and a text. `seconds` is how long it took, tracing included; None for what takes no time. `count` stands for
    as many equal events in a row.
    """

    kind: str
    name: str
    stage: Stage
    scope: str = ""
    place: str = ""
    says: str = ""
    outcome: Outcome | None = None
    details: list[tuple[str, str]] = field(default_factory=list)
    items: list[Event] = field(default_factory=list)
    seconds: float | None = None
    count: int = 1
    #: Of an event of the kind `match`: the URL and the method that were asked for, and each rule's answer.
    asked: tuple[str, str] | None = None
    match: Match | None = None
    #: The exception that left it, by its identity and its message.
    left_by: tuple[int, str] | None = field(default=None, repr=False, compare=False)

    def same_as(self, other: Event) -> bool:
        """Would the two be one line, said twice?"""
        return not (self.items or other.items) and (
            (self.kind, self.name, self.scope, self.place, self.says, self.outcome)
            == (other.kind, other.name, other.scope, other.place, other.says, other.outcome)
        )

    def walk(self) -> Iterator[Event]:
        """The event itself and all within it, in order."""
        yield self
        for item in self.items:
            yield from item.walk()


@dataclass
class Trace:
    """The lives of the requests that were sent while the trace was open (a redirect that is followed makes two).

    `requests` are events of the kind `request`.
    """

    requests: list[Event] = field(default_factory=list)
    dropped: int = 0
    closed: bool = False
    _size: int = 0

    def add(self, parent: Event | None, event: Event) -> None:
        """Append an event to what happened in `parent`; equal ones in a row are counted."""
        items = self.requests if parent is None else parent.items
        if self._size >= LIMIT and event.kind != "request":
            self.dropped += 1
            return
        self._size += 1
        items.append(event)

    def events(self) -> Iterator[Event]:
        """All events, in order."""
        for request in self.requests:
            yield from request.walk()

    def find(self, kind: str, name: str | None = None) -> list[Event]:
        """The events of a kind, and of a name where one is given."""
        return [event for event in self.events() if event.kind == kind and name in (None, event.name)]


def sections(request: Event) -> list[tuple[Stage, list[Event]]]:
    """A request's events by stage. A stage that comes again is another section, as with an error in `after_request`."""
    return [(stage, folded(list(events))) for stage, events in groupby(request.items, key=lambda event: event.stage)]


def folded(events: list[Event]) -> list[Event]:
    """The events with equal neighbours made one, with their count and the sum of their seconds."""
    from dataclasses import replace

    out: list[Event] = []
    for event in events:
        if out and out[-1].same_as(event):
            last = out[-1]
            seconds = None if last.seconds is None else last.seconds + (event.seconds or 0)
            out[-1] = replace(last, count=last.count + 1, seconds=seconds)
        else:
            out.append(event)
    return out


def now() -> float:
    """Seconds, for differences only."""
    return time.perf_counter()
