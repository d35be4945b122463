"""Dates as texts, in the patterns of Hurl's filters: those of Python's `strftime`, and some of Rust's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime

__all__ = ["format_date", "read_date"]

# Of Rust: the ISO form, a zone with a colon, a day without a zero, fractions of a second with so many digits …
_OWN = re.compile(r"%(?:[+eksFTRDhC]|:z|\.?[369]?f|P)")
_PLAIN = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%R": "%H:%M", "%D": "%m/%d/%y", "%h": "%b", "%:z": "%z"}
_READ = {**_PLAIN, "%e": "%d", "%k": "%H", "%P": "%p"}


def read_date(text: str, pattern: str) -> datetime:
    """A date of a text; one without a zone is in UTC, and one without a time is at midnight.

    >>> read_date("2024-05-17T08:00:00.5Z", "%Y-%m-%dT%H:%M:%S%.fZ").microsecond
    500000

    Raises ValueError.
    """
    if pattern == "%+":
        date = datetime.fromisoformat(text)
    elif pattern == "%s":
        date = datetime.fromtimestamp(int(text), UTC)
    else:
        date = datetime.strptime(*_without_fraction(text, pattern))
        if fraction := _fraction(text, pattern):
            date = date.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


_FRACTION = re.compile(r"%(\.?)[369]?f")
_DIGITS = re.compile(r"(?<=\d)\.(\d+)|(?<=\.)(\d+)")


def _fraction(text: str, pattern: str) -> str:
    found = _DIGITS.search(text) if _FRACTION.search(pattern) else None
    return "" if found is None else found[1] or found[2]


def _without_fraction(text: str, pattern: str) -> tuple[str, str]:
    """The text and Python's pattern, both without a fraction of a second, whose digits Python counts otherwise."""
    if _FRACTION.search(pattern):
        text = _DIGITS.sub("", text, count=1)
        pattern = re.sub(r"\.?%\.?[369]?f", "", pattern, count=1)
    return text, _OWN.sub(lambda found: _READ.get(found[0], found[0]), pattern)


def format_date(date: datetime, pattern: str) -> str:
    """A date in UTC as a text.

    >>> format_date(datetime(2024, 5, 7, 8, 0, 0, 594000, tzinfo=UTC), "%F %e %H:%M:%S%.f %:z")
    '2024-05-07  7 08:00:00.594 +00:00'
    """
    date = date.astimezone(UTC)
    return date.strftime(_OWN.sub(lambda found: _part(date, found[0]), pattern))


def _part(date: datetime, asked: str) -> str:
    match asked:
        case "%+":
            return date.isoformat()
        case "%e":
            return f"{date.day:2}"
        case "%k":
            return f"{date.hour:2}"
        case "%s":
            return str(int(date.timestamp()))
        case "%P":
            return "am" if date.hour < 12 else "pm"
        case "%:z":
            return "+00:00"
        case "%C":
            return f"{date.year // 100:02}"
    if asked.endswith("f"):
        width = re.sub(r"\D", "", asked)
        nanoseconds = f"{date.microsecond * 1000:09}"
        if width:
            return ("." if "." in asked else "") + nanoseconds[: int(width)]
        if asked == "%f":
            return nanoseconds
        return "." + re.sub(r"(?:000){1,2}\Z", "", nanoseconds) if date.microsecond else ""
    return _PLAIN[asked]
