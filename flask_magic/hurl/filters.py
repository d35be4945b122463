"""What is done to a value before it is tried."""

from __future__ import annotations

import binascii
import html
import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from . import paths
from .dates import format_date, read_date
from .tree import Filter
from .values import NOTHING, EvaluationError, Nodes, Redirect, kind_of, settled, text_of

if TYPE_CHECKING:
    from .templates import Variables

__all__ = ["apply", "apply_all"]


def apply_all(filters: Sequence[Filter], value: Any, variables: Variables) -> Any:
    """The value after all filters. Raises EvaluationError for a value that a filter does not take."""
    for one in filters:
        value = settled(value, one.name)
        if value is NOTHING:
            if one.name == "count":
                raise EvaluationError("there is nothing to count")
            raise EvaluationError(f"there is nothing that {one.name} could be applied to")
        arguments = [
            variables.pattern(argument) if place == 0 and one.name in ("regex", "replaceRegex") else
            variables.value(argument) for place, argument in enumerate(one.arguments)
        ]  # fmt: skip
        if one.name == "jsonpath":
            arguments.append(variables.coerce)
        value = apply(one.name, value, *arguments)
    return value


def apply(name: str, value: Any, *arguments: Any) -> Any:
    """The value after one filter.

    >>> apply("nth", ["a", "b"], -1), apply("toInt", "7"), apply("urlEncode", "a b")
    ('b', 7, 'a%20b')
    """
    taken, function = _FILTERS[name]
    if not isinstance(value, taken) or (isinstance(value, bool) and bool not in taken and name != "toString"):
        raise EvaluationError(f"{name} does not take {kind_of(value)}")
    try:
        return function(value, *arguments)
    except (UnicodeError, LookupError) as error:
        raise EvaluationError(f"{name}: {error}") from None


def _nth(values: Any, place: int) -> Any:
    return values[place] if -len(values) <= place < len(values) else NOTHING


def _number(make: Callable[[Any], float], written: str, what: str) -> Callable[[Any], float]:
    """A filter that makes a number, of a text only where it is `written` so: Python's own would take more."""

    def made(value: Any) -> float:
        try:
            if not isinstance(value, str) or re.fullmatch(written, value):
                return make(value)
        except (OverflowError, ValueError):
            pass
        raise EvaluationError(f"{value!r} is not {what}")

    return made


def _replace_regex(value: str, pattern: re.Pattern[str], new: str) -> str:
    def filled(match: re.Match[str]) -> str:
        def group(asked: re.Match[str]) -> str:
            key = asked[1] or asked[2]
            if key is None:
                return "$"
            try:
                return match[int(key) if key.isdigit() else key] or ""
            except IndexError:
                return ""

        return re.sub(r"\$(?:\$|\{(\w+)\}|(\w+))", group, new)

    return pattern.sub(filled, value)


def _to_date(value: str, pattern: str) -> datetime:
    try:
        return read_date(value, pattern)
    except (ValueError, OverflowError, OSError) as error:
        raise EvaluationError(f"toDate: {error}") from None


def _date_format(value: datetime, pattern: str) -> str:
    try:
        return format_date(value, pattern)
    except ValueError as error:
        raise EvaluationError(f"dateFormat: {error}") from None


def _days_after_now(value: datetime) -> int:
    return int((value - datetime.now(UTC)).total_seconds() / 86400)


def _base64(decode: Callable[[str], bytes]) -> Callable[[str], bytes]:
    def decoded(value: str) -> bytes:
        try:
            return decode(value + "=" * (-len(value) % 4))
        except (binascii.Error, ValueError) as error:
            raise EvaluationError(f"this is not base64: {error}") from None

    return decoded


def _url_query_param(value: str, name: str) -> Any:
    try:
        pairs = parse_qsl(urlsplit(value).query, keep_blank_values=True)
    except ValueError as error:
        raise EvaluationError(f"urlQueryParam: {error}") from None
    return next((text for key, text in pairs if key == name), NOTHING)


_TEXT = (str,)
_LISTS = (list, Nodes)

# What each filter takes, and what it does.
_FILTERS: dict[str, tuple[tuple[type, ...], Callable[..., Any]]] = {
    "count": ((list, dict, str, bytes), lambda value: len(value.encode() if isinstance(value, str) else value)),
    "nth": (_LISTS, _nth),
    "first": (_LISTS, lambda values: _nth(values, 0)),
    "last": (_LISTS, lambda values: _nth(values, -1)),
    "regex": (_TEXT, lambda value, pattern: paths.group_of(pattern.search(value))),
    "replace": (_TEXT, lambda value, old, new: value.replace(old, new)),
    "replaceRegex": (_TEXT, _replace_regex),
    "split": (_TEXT, lambda value, separator: value.split(separator) if separator else list(value)),
    "toInt": ((int, float, str), _number(int, r"[+-]?[0-9]{1,1000}", "an integer")),
    "toFloat": ((int, float, str), _number(float, r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", "a number")),
    "toString": ((str, int, float, bool, type(None), datetime), text_of),
    "toHex": ((bytes,), bytes.hex),
    "toDate": (_TEXT, _to_date),
    "dateFormat": ((datetime,), _date_format),
    "format": ((datetime,), _date_format),
    "daysAfterNow": ((datetime,), _days_after_now),
    "daysBeforeNow": ((datetime,), lambda value: -_days_after_now(value)),
    "decode": ((bytes,), lambda value, charset: value.decode(charset)),
    "charsetDecode": ((bytes,), lambda value, charset: value.decode(charset)),
    "htmlEscape": (_TEXT, html.escape),
    "htmlUnescape": (_TEXT, html.unescape),
    "jsonpath": ((str, dict, list), lambda value, path, coerce=True: paths.jsonpath(path, value, coerce=coerce)),
    "xpath": (_TEXT, lambda value, path: paths.xpath(path, value)),
    "urlEncode": (_TEXT, lambda value: quote(value, safe="/~")),
    "urlDecode": (_TEXT, lambda value: unquote(value, errors="strict")),
    "urlQueryParam": (_TEXT, _url_query_param),
    "base64Encode": ((bytes,), lambda value: b64encode(value).decode()),
    "base64Decode": (_TEXT, _base64(lambda value: b64decode(value, validate=True))),
    "base64UrlSafeEncode": ((bytes,), lambda value: urlsafe_b64encode(value).decode().rstrip("=")),
    "base64UrlSafeDecode": (_TEXT, _base64(urlsafe_b64decode)),
    "utf8Encode": (_TEXT, str.encode),
    "utf8Decode": ((bytes,), bytes.decode),
    "location": ((Redirect,), lambda redirect: redirect.location),
}
