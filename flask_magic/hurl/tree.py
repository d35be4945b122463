"""A Hurl file as a tree. Positions are kept for errors and do not count when trees are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = [
    "Assert",
    "Body",
    "BytesValue",
    "Capture",
    "Entry",
    "File",
    "FileField",
    "FileValue",
    "Filter",
    "JsonBody",
    "KeyValue",
    "Literal",
    "MultiLine",
    "Option",
    "Placed",
    "Placeholder",
    "Position",
    "Predicate",
    "Query",
    "Quoted",
    "Regex",
    "Request",
    "Response",
    "Template",
    "Value",
    "XmlBody",
]


@dataclass(frozen=True)
class Position:
    """A place in the text: line and column count from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Placed:
    """What begins at a place in the text."""

    at: Position = field(default=Position(), compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Placeholder(Placed):
    """`{{name}}`, or a function: `{{newUuid}}`, `{{getEnv "HOME"}}`; filters may follow.

    `quoted` is True within a JSON string, where a value must not end the string.
    """

    name: str
    arguments: tuple[str | int, ...] = ()
    filters: tuple[Filter, ...] = ()
    quoted: bool = False


@dataclass(frozen=True)
class Template(Placed):
    """Text with placeholders in it, escapes resolved. No two texts stand beside each other."""

    parts: tuple[str | Placeholder, ...] = ()


@dataclass(frozen=True)
class Literal(Placed):
    """A number, `true`, `false` or `null`."""

    value: float | bool | None


@dataclass(frozen=True)
class Quoted:
    """A text between quotes, or between backticks: then `mark` is one, and it can be a body."""

    text: Template
    mark: str = '"'


@dataclass(frozen=True)
class MultiLine:
    """A text between lines of three backticks. `kind` is the hint (`json`, `graphql` …), or empty.

    `variables` is the JSON after `variables` in GraphQL. `attributes` are `escape` and `novariable`.
    """

    text: Template
    kind: str = ""
    attributes: tuple[str, ...] = ()
    variables: JsonBody | None = None


@dataclass(frozen=True)
class BytesValue:
    """`hex,…;` or `base64,…;`."""

    value: bytes
    kind: str


@dataclass(frozen=True)
class FileValue(Placed):
    """`file,name;`: the bytes of a file."""

    name: Template


@dataclass(frozen=True)
class Regex:
    """`/pattern/`."""

    pattern: str


@dataclass(frozen=True)
class JsonBody:
    """JSON as it is written, placeholders in it."""

    text: Template


@dataclass(frozen=True)
class XmlBody:
    """XML as it is written; no placeholders, as in Hurl."""

    text: str


Value: TypeAlias = Literal | Quoted | MultiLine | BytesValue | FileValue | Placeholder | Regex
Body: TypeAlias = JsonBody | XmlBody | Quoted | MultiLine | BytesValue | FileValue


@dataclass(frozen=True)
class KeyValue:
    """`key: value`, of headers and of most sections."""

    key: Template
    value: Template


@dataclass(frozen=True)
class FileField(Placed):
    """`key: file,name; type` of `[Multipart]`."""

    key: Template
    name: Template
    content_type: Template | None = None


@dataclass(frozen=True)
class Option(Placed):
    """`name: value` of `[Options]`."""

    name: str
    value: Template


@dataclass(frozen=True)
class Query(Placed):
    """What is looked at: `status`, `jsonpath "$.id"` …"""

    name: str
    argument: Value | None = None


@dataclass(frozen=True)
class Filter(Placed):
    """What is done to a value before it is tried: `count`, `nth 2` …"""

    name: str
    arguments: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Predicate(Placed):
    """What has to hold: `== 200`, `not exists` …"""

    name: str
    argument: Value | None = None
    negated: bool = False


@dataclass(frozen=True)
class Capture(Placed):
    """`name: query filters`, and whether its value is hidden in what is shown (`redact`)."""

    name: Template
    query: Query
    filters: tuple[Filter, ...] = ()
    redact: bool = False


@dataclass(frozen=True)
class Assert(Placed):
    """`query filters predicate`."""

    query: Query
    filters: tuple[Filter, ...]
    predicate: Predicate


@dataclass(frozen=True)
class Request(Placed):
    """Method, URL, headers, sections, body."""

    method: str
    url: Template
    headers: tuple[KeyValue, ...] = ()
    query: tuple[KeyValue, ...] = ()
    form: tuple[KeyValue, ...] = ()
    multipart: tuple[KeyValue | FileField, ...] = ()
    cookies: tuple[KeyValue, ...] = ()
    basic_auth: KeyValue | None = None
    options: tuple[Option, ...] = ()
    body: Body | None = None


@dataclass(frozen=True)
class Response(Placed):
    """What is expected: version (empty: any), status (None: any), headers, captures, asserts, body."""

    version: str = ""
    status: int | None = None
    headers: tuple[KeyValue, ...] = ()
    captures: tuple[Capture, ...] = ()
    asserts: tuple[Assert, ...] = ()
    body: Body | None = None
    body_at: Position = field(default=Position(), compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Entry:
    """A request, and the response that is expected of it, if any."""

    request: Request
    response: Response | None = None


@dataclass(frozen=True)
class File:
    """Entries, in their order."""

    entries: tuple[Entry, ...] = ()
