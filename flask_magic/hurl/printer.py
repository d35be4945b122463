"""A tree as text, which parses to the same tree. Comments and the older names of sections are not kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .tree import (
    Assert,
    Body,
    BytesValue,
    Capture,
    Entry,
    File,
    FileField,
    FileValue,
    Filter,
    JsonBody,
    KeyValue,
    Literal,
    MultiLine,
    Placeholder,
    Predicate,
    Query,
    Quoted,
    Regex,
    Template,
    Value,
    XmlBody,
)

__all__ = ["print_assert", "print_file", "print_predicate", "print_query"]

_NAMED = {"\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def print_file(file: File) -> str:
    """The text of a file.

    >>> from flask_magic.hurl.parser import parse
    >>> print(print_file(parse("GET   /tools # all\\nHTTP 200\\n[Asserts]\\nbody  isEmpty")))
    GET /tools
    HTTP 200
    [Asserts]
    body isEmpty
    <BLANKLINE>
    """
    return "\n".join("".join(f"{line}\n" for line in _entry(entry)) for entry in file.entries)


def print_query(query: Query, filters: Iterable[Filter] = ()) -> str:
    """A query with its filters: `jsonpath "$.tools" count`."""
    words = [query.name if query.argument is None else f"{query.name} {_value(query.argument)}"]
    return " ".join([*words, *map(_filter, filters)])


def _filter(one: Filter) -> str:
    return " ".join([one.name, *map(_value, one.arguments)])


def print_assert(one: Assert) -> str:
    """An assert on its line."""
    return f"{print_query(one.query, one.filters)} {print_predicate(one.predicate)}"


def print_predicate(predicate: Predicate) -> str:
    """`not contains "x"`."""
    words = ["not"] * predicate.negated + [predicate.name]
    return " ".join(words if predicate.argument is None else [*words, _value(predicate.argument)])


def _entry(entry: Entry) -> Iterator[str]:
    request, response = entry.request, entry.response
    yield f"{request.method} {_text(request.url, '#')}"
    yield from map(_pair, request.headers)
    for name, items in (("Query", request.query), ("Form", request.form), ("Cookies", request.cookies)):
        yield from _section(name, map(_pair, items))
    yield from _section("Multipart", map(_field, request.multipart))
    if request.basic_auth is not None:
        yield from _section("BasicAuth", [_pair(request.basic_auth)])
    yield from _section("Options", (f"{option.name}: {_text(option.value, '#')}" for option in request.options))
    if request.body is not None:
        yield _body(request.body)
    if response is None:
        return
    version = f"/{response.version}" if response.version else ""
    yield f"HTTP{version} {'*' if response.status is None else f'{response.status:03}'}"
    yield from map(_pair, response.headers)
    yield from _section("Captures", map(_capture, response.captures))
    yield from _section("Asserts", map(print_assert, response.asserts))
    if response.body is not None:
        yield _body(response.body)


def _section(name: str, lines: Iterable[str]) -> Iterator[str]:
    written = list(lines)
    if written:
        yield f"[{name}]"
        yield from written


def _pair(pair: KeyValue) -> str:
    return f"{_key(pair.key)}: {_text(pair.value, '#')}".rstrip(" ")


def _field(field: KeyValue | FileField) -> str:
    if isinstance(field, KeyValue):
        # Text that looks like a file's name is none.
        return re.sub(r"^([^:]*: )file,", r"\1\\u{66}ile,", _pair(field))
    kind = "" if field.content_type is None else f" {_text(field.content_type, '#')}"
    return f"{_key(field.key)}: file,{_text(field.name, ';#')};{kind}"


def _capture(capture: Capture) -> str:
    redact = " redact" if capture.redact else ""
    return f"{_key(capture.name)}: {print_query(capture.query, capture.filters)}{redact}"


def _key(key: Template) -> str:
    return _escaped(key, r"[^\w.\[\]@$~!%&'*+^|/-]")


def _text(template: Template, own: str) -> str:
    """Text on a line of its own: blanks at either end are protected."""
    return re.sub(r"^ | $", r"\\u{20}", _inner(template, own))


def _inner(template: Template, own: str, lines: bool = False) -> str:
    """Text whose control characters, backslashes and `own` are escaped; with `lines`, the text has several."""
    kept = "" if lines else r"\t\n"
    return _escaped(template, rf"[\\{re.escape(own)}\x00-\x08\x0b-\x1f{kept}]", own)


def _escaped(template: Template, characters: str, own: str = "") -> str:
    def escape(match: re.Match[str]) -> str:
        char = match[0]
        return _NAMED.get(char) or (f"\\{char}" if char in own + "\\" else f"\\u{{{ord(char):x}}}")

    written = []
    for place, part in enumerate(template.parts):
        if isinstance(part, Placeholder):
            written.append(_placeholder(part))
        else:
            # Two braces would begin a placeholder.
            brace = r"|\{(?=\{)" + (r"|\{\Z" if place + 1 < len(template.parts) else "")
            written.append(re.sub(characters + brace, escape, part))
    return "".join(written)


def _placeholder(placeholder: Placeholder) -> str:
    words = [placeholder.name]
    words += [_value(Quoted(Template((one,)))) if isinstance(one, str) else str(one) for one in placeholder.arguments]
    return "{{" + " ".join([*words, *map(_filter, placeholder.filters)]) + "}}"


def _raw(template: Template) -> str:
    return "".join(part if isinstance(part, str) else _placeholder(part) for part in template.parts)


def _value(value: Value) -> str:
    match value:
        case Placeholder():
            return _placeholder(value)
        case Literal(constant):
            return "null" if constant is None else repr(constant).lower()
        case Quoted(text, mark):
            return f"{mark}{_inner(text, mark)}{mark}"
        case Regex(pattern):
            return "/" + re.sub(r"\\.|/", lambda match: "\\/" if match[0] == "/" else match[0], pattern) + "/"
    return _body(value)


def _body(body: Body) -> str:
    match body:
        case JsonBody(text):
            return _raw(text)
        case XmlBody(xml):
            return xml
        case Quoted():
            return _value(body)
        case BytesValue(content, kind):
            from base64 import b64encode

            return f"{kind},{content.hex() if kind == 'hex' else b64encode(content).decode()};"
        case FileValue(name):
            return f"file,{_text(name, ';#')};"
        case MultiLine(text, kind, attributes, variables):
            hint = ",".join([*([kind] if kind else []), *attributes])
            inside = _inner(text, "`", lines=True) if "escape" in attributes else _raw(text)
            if variables is not None:
                inside += f"variables {_raw(variables.text)}\n"
            return f"```{hint}\n{inside}```"
