"""What has to hold of a value."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .values import NOTHING, EvaluationError, Nodes, kind_of, settled

__all__ = ["holds"]

_DIGITS = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_UUID = re.compile(rf"(?:urn:uuid:)?{_DIGITS}|\{{{_DIGITS}\}}|[0-9a-fA-F]{{32}}")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")

_LEAP = re.compile(r"(?<=:)60(?=[.Z+-])")


def holds(name: str, value: Any, expected: Any = None, *, negated: bool = False) -> bool:
    """Does a predicate hold of a value?

    >>> holds("==", 200, 200), holds("contains", "tools", "x", negated=True), holds("exists", NOTHING)
    (True, True, False)

    Raises EvaluationError where it cannot be tried: nothing came, or a kind of value that it does not take. As in
    Hurl, `not` holds of nothing, and does not make a predicate hold of a kind of value that it does not take.
    """
    value = settled(value, name)
    if name == "exists":
        there = value is not NOTHING and not (isinstance(value, Nodes) and not value)
        return there is not negated
    if value is NOTHING:
        if negated:
            return True
        raise EvaluationError("nothing came")
    return _PREDICATES[name](value, expected) is not negated


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _same(value: Any, expected: Any) -> bool:
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(map(_same, value, expected))
    if isinstance(value, dict) and isinstance(expected, dict):
        return value.keys() == expected.keys() and all(_same(value[key], expected[key]) for key in value)
    return bool(value == expected)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def tried(value: Any, expected: Any) -> bool:
        kinds: tuple[type, ...]
        if _is_number(value) and _is_number(expected):
            return compare(value, expected)
        for kinds in ((str,), (datetime,)):
            if isinstance(value, kinds) and isinstance(expected, kinds):
                return compare(value, expected)
        raise EvaluationError(f"{kind_of(value)} cannot be compared with {kind_of(expected)}")

    return tried


def _of_texts(name: str, compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def tried(value: Any, expected: Any) -> bool:
        for kind in (str, bytes):
            if isinstance(value, kind) and isinstance(expected, kind):
                return compare(value, expected)
        raise EvaluationError(f"{name} cannot be tried of {kind_of(value)} and {kind_of(expected)}")

    return tried


def _includes(value: Any, expected: Any) -> bool:
    if not isinstance(value, list):
        raise EvaluationError(f"includes cannot be tried of {kind_of(value)}")
    return any(_same(one, expected) for one in value)


def _contains(value: Any, expected: Any) -> bool:
    if isinstance(value, list):
        return _includes(value, expected)
    return _of_texts("contains", lambda value, expected: expected in value)(value, expected)


def _matches(value: Any, pattern: Any) -> bool:
    if not isinstance(value, str):
        raise EvaluationError(f"matches cannot be tried of {kind_of(value)}")
    return pattern.search(value) is not None


def _is_empty(value: Any, _: Any) -> bool:
    if not isinstance(value, (list, dict, str, bytes)):
        raise EvaluationError(f"isEmpty cannot be tried of {kind_of(value)}")
    return not value


def _address(kind: Callable[[str], Any]) -> Callable[[Any, Any], bool]:
    def tried(value: Any, _: Any) -> bool:
        text = _text(value)
        try:
            kind(text)
        except ValueError:
            return False
        return True

    return tried


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise EvaluationError(f"it is {kind_of(value)}, and no string")
    return value


def _is_iso_date(value: Any, _: Any) -> bool:
    text = _text(value)
    try:
        # A leap second is one of ISO's, and none of Python's.
        return bool(_ISO_DATE.fullmatch(text)) and datetime.fromisoformat(_LEAP.sub("59", text.upper())) is not None
    except ValueError:
        return False


def _is(*kinds: type) -> Callable[[Any, Any], bool]:
    return lambda value, _: isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


_PREDICATES: dict[str, Callable[[Any, Any], bool]] = {
    "==": _same,
    "!=": lambda value, expected: not _same(value, expected),
    "<": _ordered(lambda value, expected: value < expected),
    "<=": _ordered(lambda value, expected: value <= expected),
    ">": _ordered(lambda value, expected: value > expected),
    ">=": _ordered(lambda value, expected: value >= expected),
    "startsWith": _of_texts("startsWith", lambda value, expected: value.startswith(expected)),
    "endsWith": _of_texts("endsWith", lambda value, expected: value.endswith(expected)),
    "contains": _contains,
    "includes": _includes,
    "matches": _matches,
    "isEmpty": _is_empty,
    "isInteger": _is(int),
    "isFloat": _is(float),
    "isNumber": _is(int, float),
    "isString": _is(str),
    "isBoolean": _is(bool),
    "isCollection": _is(list, dict, bytes),
    "isList": lambda value, _: isinstance(value, (list, bytes)) and not isinstance(value, Nodes),
    "isObject": _is(dict, Nodes),
    "isDate": _is(datetime),
    "isIsoDate": _is_iso_date,
    "isIpv4": _address(ipaddress.IPv4Address),
    "isIpv6": _address(ipaddress.IPv6Address),
    "isUuid": lambda value, _: _UUID.fullmatch(_text(value)) is not None,
}
