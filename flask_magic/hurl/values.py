"""What queries give and predicates try, besides Python's own values; and how values are written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

__all__ = [
    "NOTHING",
    "EvaluationError",
    "Matches",
    "Nodes",
    "Nothing",
    "Redirect",
    "date_text",
    "kind_of",
    "settled",
    "shown",
    "text_of",
]


class EvaluationError(Exception):
    """A query, filter or predicate cannot be applied to what came; the message says why."""


class Nothing:
    """What a query gives that finds nothing: not even null."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING: Final = Nothing()


class Matches(list[Any]):
    """What a JSONPath finds that could find several.

    As in Hurl 8, a single one is itself and none is nothing; Hurl before it took them for a list. What asks for a list
    therefore gets one (`as_list`), and all else the value itself.
    """

    def settled(self, *, as_list: bool = False) -> Any:
        """The value: a list of several, the only one, or NOTHING.

        >>> Matches([7]).settled(), Matches([7]).settled(as_list=True), Matches([7, 8]).settled()
        (7, [7], [7, 8])
        """
        if len(self) == 1 and (not as_list or isinstance(self[0], list)):
            return self[0]
        return list(self) if self or as_list else NOTHING


def settled(value: Any, name: str = "") -> Any:
    """A value as the filter or predicate `name` takes it."""
    return value.settled(as_list=name in _OF_LISTS) if isinstance(value, Matches) else value


_OF_LISTS = frozenset({"nth", "first", "last", "count", "includes", "isEmpty"})


class Nodes(list[str]):
    """The texts of the nodes that an XPath expression finds."""


@dataclass(frozen=True)
class Redirect:
    """A redirect that was followed."""

    status: int
    location: str


def date_text(date: datetime) -> str:
    """A date in RFC 3339, in UTC, with microseconds.

    >>> date_text(datetime(2024, 5, 17, 8, tzinfo=UTC))
    '2024-05-17T08:00:00.000000Z'
    """
    return date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def text_of(value: Any) -> str:
    """A value as it is put into a text.

    >>> text_of(True), text_of(7), text_of("a"), text_of([1, "a"])
    ('true', '7', 'a', '[1, "a"]')
    """
    match value:
        case str():
            return value
        case datetime():
            return date_text(value)
        case bytes():
            raise EvaluationError("bytes cannot stand in a text; toHex, base64Encode or utf8Decode makes text of them")
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        raise EvaluationError(f"{kind_of(value)} cannot stand in a text") from None


def kind_of(value: Any) -> str:
    """What kind of value it is, in words: `a string`, `a list of 3` …"""
    match value:
        case Nothing():
            return "nothing"
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a float"
        case str():
            return "a string"
        case bytes():
            return "bytes"
        case datetime():
            return "a date"
        case Nodes():
            return f"a set of {len(value)} {'node' if len(value) == 1 else 'nodes'}"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "an object"
    return f"a {type(value).__name__}"


def shown(value: Any) -> str:
    """A value as a row shows it: strings in quotes, long ones cut."""
    match value:
        case Nothing():
            return "nothing"
        case bytes():
            text = f"hex,{value[:64].hex()}{'…' if len(value) > 64 else ''};"
        case datetime():
            text = date_text(value)
        case Nodes():
            text = f"{kind_of(value)}: {json.dumps(list(value), ensure_ascii=False)}"
        case _:
            try:
                text = json.dumps(value, ensure_ascii=False)
            except (TypeError, ValueError):
                text = str(value)
    return text if len(text) <= 120 else text[:119] + "…"
