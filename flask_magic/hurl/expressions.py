"""Reading queries, filters and predicates; the tables say which there are, and what follows each name."""

from __future__ import annotations

import re

from ..errors import did_you_mean
from .literals import read_number, read_placeholder, read_quoted, read_regex, read_value
from .scanner import Scanner
from .tree import Filter, Literal, Predicate, Query, Quoted, Value

__all__ = ["FILTERS", "PREDICATES", "QUERIES", "read_filters", "read_query", "read_test"]

#: Each query, and what follows it: nothing, a string, a regular expression.
QUERIES = {
    "status": "", "version": "", "url": "", "redirects": "", "header": "string", "cookie": "string", "body": "",
    "xpath": "string", "jsonpath": "string", "regex": "regex", "sha256": "", "md5": "", "bytes": "",
    "rawbytes": "", "duration": "", "variable": "string",
}  # fmt: skip

#: What of a cookie can be asked for, as `session[HttpOnly]`.
COOKIE_ATTRIBUTES = ("Value", "Expires", "Max-Age", "Domain", "Path", "Secure", "HttpOnly", "SameSite")

#: Queries of Hurl that ask about a connection, which a test client does not have.
REFUSED_QUERIES = {
    "certificate": "there is no certificate where nothing is sent over TLS",
    "ip": "a test client has no address",
}

#: Each filter, and what follows it.
FILTERS: dict[str, tuple[str, ...]] = {
    "count": (), "nth": ("int",), "first": (), "last": (), "regex": ("regex",), "replace": ("string", "string"),
    "replaceRegex": ("regex", "string"), "split": ("string",), "toInt": (), "toFloat": (), "toString": (),
    "toHex": (), "toDate": ("string",), "dateFormat": ("string",), "format": ("string",), "daysAfterNow": (),
    "daysBeforeNow": (), "decode": ("string",), "charsetDecode": ("string",), "htmlEscape": (), "htmlUnescape": (),
    "jsonpath": ("string",), "xpath": ("string",), "urlEncode": (), "urlDecode": (), "urlQueryParam": ("string",),
    "base64Encode": (), "base64Decode": (), "base64UrlSafeEncode": (), "base64UrlSafeDecode": (),
    "utf8Encode": (), "utf8Decode": (), "location": (),
}  # fmt: skip

#: Each predicate, and what follows it.
PREDICATES = {
    "==": "value", "!=": "value", "<=": "value", "<": "value", ">=": "value", ">": "value", "startsWith": "value",
    "endsWith": "value", "contains": "value", "includes": "value", "matches": "regex", "exists": "", "isEmpty": "",
    "isInteger": "", "isFloat": "", "isNumber": "", "isString": "", "isBoolean": "", "isCollection": "", "isList": "",
    "isObject": "", "isDate": "", "isIsoDate": "", "isIpv4": "", "isIpv6": "", "isUuid": "",
}  # fmt: skip

# What older files write.
_OLD = {
    "equals": "==", "notEquals": "!=", "greaterThan": ">", "greaterThanOrEquals": ">=", "lessThan": "<",
    "lessThanOrEquals": "<=", "countEquals": "==",
}  # fmt: skip

_OLD_COUNT = re.compile(r"(?:not[ \t]+)?countEquals(?!\w)")
_REGEX = re.compile(r"[ \t]+/")
_COOKIE = re.compile(r"[^\[\]]+(?:\[([A-Za-z-]+)\])?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_OPERATOR = re.compile(r"[=!<>]=|[<>=]|[A-Za-z][A-Za-z0-9]*")


def read_query(scanner: Scanner) -> Query:
    """Read a query, such as `jsonpath "$.id"`."""
    at, start = scanner.position, scanner.offset
    name = scanner.take(_NAME)
    if name in REFUSED_QUERIES:
        scanner.fail(f"The query {name} is not implemented: {REFUSED_QUERIES[name]}.", offset=start)
    if name not in QUERIES:
        scanner.offset = start
        scanner.fail_at_word("{} is not a query.", QUERIES)
    argument = _read_argument(scanner, f"The query {name}", QUERIES[name]) if QUERIES[name] else None
    if name == "cookie" and isinstance(argument, Quoted):
        _check_cookie(scanner, argument, start)
    return Query(name, argument, at=at)


def _check_cookie(scanner: Scanner, argument: Quoted, start: int) -> None:
    asked = "".join(part if isinstance(part, str) else "x" for part in argument.text.parts)
    match = _COOKIE.fullmatch(asked)
    if match is None:
        scanner.fail("This is no cookie's name; an attribute is written as session[HttpOnly].", offset=start)
    attribute = match[1] or "Value"
    if attribute.lower() not in map(str.lower, COOKIE_ATTRIBUTES):
        todo = did_you_mean(attribute, COOKIE_ATTRIBUTES) or "It is one of: " + ", ".join(COOKIE_ATTRIBUTES)
        scanner.fail(f"A cookie has no attribute {attribute!r}.", todo=todo, offset=start)


def read_filters(scanner: Scanner) -> tuple[Filter, ...]:
    """Read filters, up to what is none."""
    filters: list[Filter] = []
    while True:
        start = scanner.offset
        scanner.skip_spaces()
        at, name = scanner.position, scanner.take(_NAME)
        if name not in FILTERS:
            scanner.offset = start
            return tuple(filters)
        if name == "replace" and scanner.sees(_REGEX):
            name = "replaceRegex"  # as older files write it
        arguments = tuple(_read_argument(scanner, f"The filter {name}", kind) for kind in FILTERS[name])
        filters.append(Filter(name, arguments, at=at))


def read_test(scanner: Scanner) -> tuple[tuple[Filter, ...], Predicate]:
    """Read filters and a predicate; `countEquals 2` of older files is `count == 2`."""
    filters = read_filters(scanner)
    scanner.skip_spaces()
    if scanner.sees(_OLD_COUNT):
        filters += (Filter("count", at=scanner.position),)
    return filters, _read_predicate(scanner)


def _read_predicate(scanner: Scanner) -> Predicate:
    at = scanner.position
    negated = False
    start = scanner.offset
    name = scanner.take(_OPERATOR)
    if name == "not":
        negated = True
        scanner.skip_spaces()
        start = scanner.offset
        name = scanner.take(_OPERATOR)
    if name is None and not scanner.rest.partition("#")[0].strip():
        scanner.fail("A predicate is missing here.", todo="What has to hold? Such as: == 200, or exists")
    name = _OLD.get(name or "", name)
    if name not in PREDICATES:
        scanner.offset = start
        scanner.fail_at_word("{} is neither a filter nor a predicate.", ["not", *PREDICATES, *FILTERS])
    argument = _read_argument(scanner, f"The predicate {name}", PREDICATES[name]) if PREDICATES[name] else None
    return Predicate(name, argument, negated, at=at)


def _read_argument(scanner: Scanner, whose: str, kind: str) -> Value:
    spaced = scanner.skip_spaces()
    text, offset = scanner.text, scanner.offset
    if kind == "value":
        return read_value(scanner)
    if kind == "int":
        if text.startswith("{{", offset):
            return read_placeholder(scanner)
        number = read_number(scanner)
        if number is None or not isinstance(number.value, int):
            scanner.fail(f"{whose} needs a whole number.", offset=offset)
        return Literal(number.value, at=number.at)
    if kind == "regex" and text.startswith("/", offset):
        return read_regex(scanner)
    if spaced and text.startswith('"', offset):
        return read_quoted(scanner)
    also = ", or a regular expression between slashes" if kind == "regex" else ""
    scanner.fail(f"{whose} needs a string in quotes{also}.")
