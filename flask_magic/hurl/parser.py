"""Reading a Hurl text into its tree.

The grammar is Hurl's (https://hurl.dev/docs/grammar.html). Sections stand in any order, after the headers and before
the body; each may stand once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..errors import did_you_mean
from ..request_line import METHODS
from .bodies import read_body
from .expressions import read_filters, read_query, read_test
from .literals import read_text
from .options import check_option
from .scanner import Scanner
from .tree import (
    Assert,
    Capture,
    Entry,
    File,
    FileField,
    KeyValue,
    Option,
    Placeholder,
    Request,
    Response,
    Template,
)

__all__ = ["parse"]

_METHOD = re.compile(r"([A-Za-z]+)[ \t]+(?=[^\s:])")
_RESPONSE = re.compile(r"HTTP(?![A-Za-z0-9_:-])")
_VERSION = re.compile(r"/(1\.0|1\.1|2|3|\*)(?![\w.])")
_STATUS = re.compile(r"\*|\d{3}(?!\w)")
_SECTION = re.compile(r"\[(?!(?:true|false|null)\])([A-Za-z]+)\](?=[ \t]*(?:#|\n|\Z))")
# A key and its colon: what tells a header from a body.
_KEY = re.compile(r"(?:\{\{[^\n]*?\}\}|\\u\{\w+\}|\\.|[\w.\[\]@$~!%&'*+^|/-])+[ \t]*:")
# A header without a value, as in curl.
_EMPTY_HEADER = re.compile(r"(?:\{\{[^\n]*?\}\}|[\w-])+;(?=[ \t]*(?:#|\n|\Z))")
_EMPTY_END = re.compile(r";|\n")
_KEY_END = re.compile(r"[ \t]*:|\n")
_VALUE_END = re.compile(r"[#\n]")
_FILE_END = re.compile(r"[;#\n]")
_ASSERT = re.compile(r"(?!(?:true|false|null)\b|(?:hex|base64|file),|[A-Z]+(?![A-Za-z0-9]))[A-Za-z]\w*(?![\w:])")
_CAPTURE_QUERY = re.compile(r"redact(?!\w)")

_ORDER = "Headers come first, then sections, then the body; the next request begins with its method."
_REQUEST_SECTIONS = {
    "Query": "query", "QueryStringParams": "query", "Form": "form", "FormParams": "form", "Multipart": "multipart",
    "MultipartFormData": "multipart", "Cookies": "cookies", "BasicAuth": "basic_auth", "Options": "options",
}  # fmt: skip
_RESPONSE_SECTIONS = {"Captures": "captures", "Asserts": "asserts"}


def parse(text: str) -> File:
    """Read a text. Raises HurlSyntaxError, which points to the place.

    >>> entry = parse("GET /tools\\nHTTP 200").entries[0]
    >>> entry.request.method, entry.response.status
    ('GET', 200)
    """
    scanner = Scanner(text)
    entries = []
    scanner.skip_blank_lines()
    while not scanner.at_end:
        request = _read_request(scanner)
        response = _read_response(scanner) if scanner.sees(_RESPONSE) else None
        entries.append(Entry(request, response))
    return File(tuple(entries))


def _read_request(scanner: Scanner) -> Request:
    at, start = scanner.position, scanner.offset
    match = scanner.sees(_METHOD)
    known = (*METHODS, "HTTP")
    if scanner.sees(_RESPONSE):
        scanner.fail("There is a response already, or no request before this one.")
    if match is None:
        if scanner.sees(_SECTION) or _key_stands_here(scanner):
            scanner.fail("This cannot stand here.", todo=_ORDER)
        scanner.fail_at_word("A request begins with its method and a URL, and {} is none.", known)
    method = match[1]
    if method != method.upper() or (method not in METHODS and did_you_mean(method, known)):
        scanner.fail(f"{method} is not a method of HTTP.", todo=did_you_mean(method.upper(), known) or _ORDER)
    scanner.offset = match.end()
    url = read_text(scanner, _VALUE_END, "#", strip=True)
    if not url.parts:
        scanner.fail(f"{method} needs a URL.", todo=f"Write one, such as: {method} /tools")
    first = url.parts[0]
    if isinstance(first, str) and not first.startswith(("/", "?", "http://", "https://")):
        scanner.fail(
            f"{first.split()[0]!r} is not a URL.",
            todo="A path begins with '/', and a whole URL with http:// or https://.",
            offset=start + len(match[0]),
        )
    scanner.end_line()
    parts = _read_parts(scanner, _REQUEST_SECTIONS, "request")
    parts.pop("body_at", None)
    bodies = [name for name in ("form", "multipart", "body") if parts.get(name)]
    if len(bodies) > 1:
        scanner.fail(f"A request has one body, and this one has two: {' and '.join(bodies)}.", offset=start)
    return Request(method, url, **parts, at=at)


def _read_response(scanner: Scanner) -> Response:
    at, start = scanner.position, scanner.offset
    scanner.offset += len("HTTP")
    version = scanner.take(_VERSION) or ""
    if not version and scanner.accept("/"):
        scanner.fail("The version is HTTP/1.0, HTTP/1.1, HTTP/2, HTTP/3, or none.", offset=start)
    scanner.skip_spaces()
    written = scanner.take(_STATUS)
    if written is None and scanner.rest.partition("#")[0].strip():
        scanner.fail("A status is a number of three digits, or * for any.")
    scanner.end_line("After the status nothing more is read.", todo="Leave the phrase out: HTTP 404")
    parts = _read_parts(scanner, _RESPONSE_SECTIONS, "response")
    status = int(written) if written not in (None, "*") else None
    return Response("" if version == "/*" else version[1:], status, **parts, at=at)


def _read_parts(scanner: Scanner, sections: dict[str, str], whose: str) -> dict[str, Any]:
    """Headers, sections and body, up to what is none of these."""
    parts: dict[str, Any] = {}
    headers = _read_items(scanner, _header_stands_here, _read_header)
    if headers:
        parts["headers"] = headers
    while match := scanner.sees(_SECTION):
        name = match[1]
        if name not in sections:
            elsewhere = name in (*_REQUEST_SECTIONS, *_RESPONSE_SECTIONS)
            scanner.fail(
                f"[{name}] does not belong to a {whose}." if elsewhere else f"There is no section [{name}].",
                todo="" if elsewhere else did_you_mean(name, sections) or "It is one of: " + ", ".join(sections),
            )
        if sections[name] in parts:
            scanner.fail(f"The {whose} has [{name}] twice.", todo="Put what is in them into one.")
        start = scanner.offset
        scanner.offset = match.end()
        scanner.end_line()
        parts[sections[name]] = _read_section(scanner, sections[name], start)
    at = scanner.position
    body = read_body(scanner)
    if body is not None:
        parts |= {"body": body, "body_at": at}
        scanner.end_line("Something stands behind the body.")
        scanner.skip_blank_lines()
        if scanner.sees(_SECTION):
            scanner.fail("A section comes before the body.")
    return parts


def _read_section(scanner: Scanner, name: str, start: int) -> Any:
    match name:
        case "asserts":
            return _read_items(scanner, lambda scanner: scanner.sees(_ASSERT) is not None, _read_assert)
        case "captures":
            return _read_items(scanner, _key_stands_here, _read_capture)
        case "options":
            return _read_items(scanner, _key_stands_here, _read_option)
        case "multipart":
            return _read_items(scanner, _key_stands_here, _read_field)
        case "basic_auth":
            pairs = _read_items(scanner, _key_stands_here, _read_key_value)
            if len(pairs) != 1:
                scanner.fail("[BasicAuth] holds one line, `user: password`.", offset=start)
            return pairs[0]
    return _read_items(scanner, _key_stands_here, _read_key_value)


def _read_items(
    scanner: Scanner, stands_here: Callable[[Scanner], bool], read: Callable[[Scanner], Any]
) -> tuple[Any, ...]:
    items = []
    scanner.skip_blank_lines()
    while stands_here(scanner):
        items.append(read(scanner))
        scanner.end_line()
        scanner.skip_blank_lines()
    return tuple(items)


def _key_stands_here(scanner: Scanner) -> bool:
    return scanner.sees(_KEY) is not None


def _header_stands_here(scanner: Scanner) -> bool:
    return _key_stands_here(scanner) or scanner.sees(_EMPTY_HEADER) is not None


def _read_header(scanner: Scanner) -> KeyValue:
    if not scanner.sees(_EMPTY_HEADER):
        return _read_key_value(scanner)
    key = read_text(scanner, _EMPTY_END, "#: ")
    scanner.accept(";")
    return KeyValue(key, Template(at=scanner.position))


def _read_key(scanner: Scanner) -> Template:
    key = read_text(scanner, _KEY_END, "#: ")
    scanner.skip_spaces()
    scanner.expect(":", "A colon is missing after the name.")
    scanner.skip_spaces()
    return key


def _read_key_value(scanner: Scanner) -> KeyValue:
    key = _read_key(scanner)
    return KeyValue(key, read_text(scanner, _VALUE_END, "# ", strip=True))


def _read_field(scanner: Scanner) -> KeyValue | FileField:
    at, key = scanner.position, _read_key(scanner)
    if not scanner.accept("file,"):
        return KeyValue(key, read_text(scanner, _VALUE_END, "# ", strip=True))
    scanner.skip_spaces()
    name = read_text(scanner, _FILE_END, ";#{} ", strip=True)
    if not name.parts or not scanner.accept(";"):
        scanner.fail("A file is written as: file,name.txt;", todo="Its media type may follow: file,a.txt; text/plain")
    scanner.skip_spaces()
    content_type = read_text(scanner, _VALUE_END, "# ", strip=True)
    return FileField(key, name, content_type if content_type.parts else None, at=at)


def _read_option(scanner: Scanner) -> Option:
    at, start = scanner.position, scanner.offset
    key = _read_key(scanner)
    name = "".join("{{}}" if isinstance(part, Placeholder) else part for part in key.parts)
    value = read_text(scanner, _VALUE_END, "# ", strip=True)
    check_option(scanner, name, value, start)
    return Option(name, value, at=at)


def _read_capture(scanner: Scanner) -> Capture:
    at, name = scanner.position, _read_key(scanner)
    query = read_query(scanner)
    filters = read_filters(scanner)
    scanner.skip_spaces()
    redact = scanner.take(_CAPTURE_QUERY) is not None
    scanner.skip_spaces()
    if scanner.rest.partition("#")[0].strip():
        from .expressions import FILTERS

        scanner.fail_at_word("{} is not a filter.", ["redact", *FILTERS])
    return Capture(name, query, filters, redact, at=at)


def _read_assert(scanner: Scanner) -> Assert:
    at, query = scanner.position, read_query(scanner)
    return Assert(query, *read_test(scanner), at=at)
