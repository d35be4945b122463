"""Events of a trace that come again and again, told once: the same query for each row, the body of a loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..trace import Event

__all__ = ["repeated"]

#: As many events in turn may make a pattern that comes again.
PATTERN = 8


def repeated(events: list[Event]) -> list[Event]:
    """Events that come again made one: equal neighbours, and a few rows that come again in turn (a loop's body).

    Those are put into an event without a kind.
    """
    events = [
        replace(event, items=repeated(event.items)) if event.items and event.kind != "request" else event
        for event in events
    ]
    out: list[Event] = []
    start = 0
    while start < len(events):
        size, count = _pattern(events, start)
        turns = [events[at : at + size] for at in range(start, start + size * count, size)]
        body = [_summed(same) for same in zip(*turns, strict=True)] if count > 1 else turns[0]
        out += [replace(body[0], count=sum(turn[0].count for turn in turns))] if size == 1 else [_group(body, count)]
        start += size * count
    return out


def _pattern(events: list[Event], start: int) -> tuple[int, int]:
    """How many events from here on make a pattern, and how often it comes."""
    for size in range(1, PATTERN + 1):
        first, count = events[start : start + size], 1
        while _equal(first, events[start + size * count : start + size * (count + 1)]):
            count += 1
        if count > (1 if size == 1 else 2):
            return size, count
    return 1, 1


def _group(body: list[Event], count: int) -> Event:
    seconds = [event.seconds for event in body if event.seconds is not None]
    return Event("", "", body[0].stage, items=body, count=count, seconds=sum(seconds) if seconds else None)


def _summed(same: Sequence[Event]) -> Event:
    """Equal events as one, with the seconds of all."""
    seconds = [event.seconds for event in same if event.seconds is not None]
    items = [_summed(inner) for inner in zip(*(event.items for event in same), strict=True)]
    return replace(same[0], items=items, seconds=sum(seconds) if seconds else None)


def _equal(some: list[Event], others: list[Event]) -> bool:
    return len(some) == len(others) and all(
        _told(one) == _told(other) and _equal(one.items, other.items) for one, other in zip(some, others, strict=True)
    )


def _told(event: Event) -> tuple[object, ...]:
    who = (event.kind, event.name, event.stage, event.scope, event.place)
    return (*who, event.says, event.outcome, event.count)
