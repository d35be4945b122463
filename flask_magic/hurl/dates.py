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
        text = re.sub(r"(\.\d{6})\d+", r"\1", text)  # Python's dates know microseconds
        plain = _OWN.sub(lambda found: _in_python(found[0]), pattern)
        try:
            date = datetime.strptime(text, plain)
        except ValueError:
            if "%.f" not in pattern:
                raise
            date = datetime.strptime(text, plain.replace(".%f", ""))  # it may be left out
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _in_python(asked: str) -> str:
    if asked.endswith("f"):
        return ".%f" if "." in asked else "%f"
    return _READ.get(asked, asked)


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
