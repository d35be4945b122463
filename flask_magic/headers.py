"""Which headers are shown, in which order, and what of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .log_masking import mask_port
from .masking import MASK, mask_header

__all__ = ["NOISE", "header_value", "shown_headers"]

#: Headers that say nothing of the app.
NOISE = frozenset({"date", "server", "connection", "content-length", "keep-alive", "transfer-encoding"})

_FIRST = ("content-type", "content-length", "location", "allow", "www-authenticate", "cache-control", "etag")
# Another one on every machine.
_TIMES = frozenset({"last-modified", "expires", "if-modified-since", "if-unmodified-since"})
_TAGS = frozenset({"etag", "if-none-match", "if-match"})
_FILE_TAG = re.compile(r'"\d+\.\d+-\d+-\d+"')  # Werkzeug's ETag of a file: its time, size and path
_COOKIE_TIME = re.compile(r"(;\s*expires=)(?!Thu, 01 Jan 1970)[^;]+", re.IGNORECASE)  # the one of 1970 deletes it


def shown_headers(
    headers: Iterable[tuple[str, str]],
    *,
    noise: frozenset[str] = NOISE,
    reveal: bool = False,
    port: int | None = None,
) -> list[tuple[str, str]]:
    """Headers without `noise`, in a fixed order, each value as `header_value` shows it.

    >>> shown_headers([("Set-Cookie", "a=1; Path=/"), ("Date", "now"), ("Content-Type", "text/html")])
    [('Content-Type', 'text/html'), ('Set-Cookie', 'a=•••; Path=/')]
    """
    headers = list(headers)
    # A file's ETag is made of the time when it was changed, too.
    dated = any(name.lower() == "last-modified" for name, _ in headers)
    kept = [(name, value) for name, value in headers if name.lower() not in noise]
    shown = [(name, header_value(name, value, reveal=reveal, port=port, dated=dated)) for name, value in kept]
    return sorted(shown, key=lambda pair: _rank(pair[0]))


def header_value(name: str, value: str, *, reveal: bool = False, port: int | None = None, dated: bool = False) -> str:
    """A header's value without secrets, times, and the port of the process that sent it, unless `reveal`."""
    if name.lower() == "allow":  # its order changes from run to run
        return ", ".join(sorted(method.strip() for method in value.split(",")))
    if reveal:
        return value
    if name.lower() == "set-cookie":
        value = _COOKIE_TIME.sub(rf"\1{MASK}", value)
    if name.lower() in _TIMES or (name.lower() == "etag" and dated):
        return MASK
    if name.lower() in _TAGS:
        return _FILE_TAG.sub(MASK, value)
    return mask_header(name, mask_port(value, port))


def _rank(name: str) -> tuple[int, str]:
    lower = name.lower()
    return (_FIRST.index(lower) if lower in _FIRST else len(_FIRST), lower)
