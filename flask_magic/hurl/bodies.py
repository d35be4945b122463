"""Reading bodies: JSON, XML, one line, several lines."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from .literals import read_bytes, read_file, read_placeholder, read_quoted, read_text
from .scanner import Scanner
from .tree import Body, JsonBody, MultiLine, Placeholder, Template, XmlBody

__all__ = ["read_body", "read_json", "read_multi_line"]

_FENCE = re.compile(r"```([^\n`]*)\n")
_KINDS = ("", "json", "xml", "graphql", "hex", "base64", "raw")
_ATTRIBUTES = ("escape", "novariable")
_SCALAR = re.compile(r"(?:true|false|null|-?\d[\d.eE+-]*)(?![\w.])")
_VARIABLES = re.compile(r"^variables[ \t]*(?=\{)", re.MULTILINE)


def read_body(scanner: Scanner) -> Body | None:
    """Read a body, if one begins here."""
    text, offset = scanner.text, scanner.offset
    if text.startswith("```", offset):
        return read_multi_line(scanner)
    if text.startswith(("hex,", "base64,"), offset):
        return read_bytes(scanner)
    if text.startswith("file,", offset):
        return read_file(scanner)
    match text[offset : offset + 1]:
        case "`":
            return read_quoted(scanner)
        case "<":
            return read_xml(scanner)
        case "{" | "[" | '"':
            return read_json(scanner)
    return read_json(scanner) if scanner.sees(_SCALAR) else None


def read_multi_line(scanner: Scanner) -> MultiLine:
    """Read a text between three backticks."""
    start = scanner.offset
    match = scanner.sees(_FENCE)
    if match is None:
        return _short(scanner, start)
    kind, *attributes = [word.strip() for word in match[1].split(",")]
    if kind in _ATTRIBUTES:
        kind, attributes = "", [kind, *attributes]
    scanner.offset += 3
    if kind not in _KINDS:
        scanner.fail_at_word("{} is not a kind of text.", _KINDS[1:])
    for attribute in attributes:
        if attribute not in _ATTRIBUTES:
            scanner.fail(f"{attribute!r} is not an attribute of a text.", todo="It is escape or novariable.")
    scanner.offset = match.end()
    end = scanner.text.find("```", scanner.offset)
    if end < 0:
        scanner.fail("The closing ``` is missing.", offset=start)
    variables = None
    stop = end
    if kind == "graphql" and (found := _VARIABLES.search(scanner.text, scanner.offset, end)):
        stop = found.start()
    text = _read_raw(scanner, stop, [kind, *attributes])
    if stop != end:
        scanner.offset += len("variables")
        scanner.skip_spaces()
        variables = read_json(scanner)
        scanner.take(re.compile(r"\s*"))
    if scanner.offset != end:
        scanner.fail("Something stands between the variables and the closing ```.")
    scanner.offset = end + 3
    return MultiLine(text, kind, tuple(attributes), variables)


def _short(scanner: Scanner, start: int) -> MultiLine:
    """Three backticks, text, three backticks, all on one line."""
    end = scanner.text.find("```", start + 3)
    if end < 0 or "\n" in scanner.text[start:end]:
        scanner.fail("The closing ``` is missing.")
    scanner.offset = start + 3
    text = _read_raw(scanner, end, [])
    scanner.offset = end + 3
    return MultiLine(text)


def _read_raw(scanner: Scanner, end: int, attributes: list[str]) -> Template:
    at, plain = scanner.position, bool({"novariable", "raw"} & {*attributes})
    if "escape" in attributes:
        template = read_text(scanner, re.compile("```"), "`", plain=plain)
    else:
        template = Template(tuple(_pieces(scanner, end, plain)), at=at)
    if scanner.offset != end:
        scanner.fail("A placeholder or an escape goes beyond the closing ```.", offset=end)
    return template


def _pieces(scanner: Scanner, end: int, plain: bool) -> list[str | Placeholder]:
    pieces: list[str | Placeholder] = []
    while scanner.offset < end:
        begin = scanner.text.find("{{", scanner.offset, end)
        begin = end if begin < 0 or plain else begin
        if begin > scanner.offset:
            pieces.append(scanner.text[scanner.offset : begin])
            scanner.offset = begin
        if begin < end:
            pieces.append(read_placeholder(scanner))
    return pieces


def read_json(scanner: Scanner) -> JsonBody:
    """Read JSON with placeholders in it. It is kept as it is written."""
    start, at = scanner.offset, scanner.position
    parts: list[str | Placeholder] = []
    filled: list[str] = []  # the same text, a number in the place of each placeholder
    for piece, placeholder in _json_pieces(scanner):
        if placeholder is None:
            parts.append(piece)
            filled.append(piece)
        else:
            parts.append(placeholder)
            filled.append("0" if not placeholder.quoted else "")
            filled.append(" " * (len(piece) - len(filled[-1])))
    try:
        json.loads("".join(filled), parse_constant=_refuse)
    except json.JSONDecodeError as error:
        scanner.fail(f"This is not JSON: {error.msg}.", offset=start + error.pos)
    except (ValueError, RecursionError) as error:
        scanner.fail(f"This is not JSON that can be read: {error}.", offset=start)
    return JsonBody(Template(tuple(parts), at=at))


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


_PLAIN = re.compile(r'[^"\\{}\[\]]+')


def _json_pieces(scanner: Scanner) -> list[tuple[str, Placeholder | None]]:
    """The source of one JSON value, cut at its placeholders. Brackets and quotes say where it ends."""
    pieces: list[tuple[str, Placeholder | None]] = []
    start = begun = scanner.offset
    scalar = scanner.take(_SCALAR)
    if scalar is not None:
        return [(scalar, None)]
    depth, in_string = 0, False
    while True:
        if scanner.at_end:
            scanner.fail("This JSON has no end: a quote or a bracket is not closed.", offset=start)
        if scanner.text.startswith("{{", scanner.offset):
            if scanner.offset > begun:
                pieces.append((scanner.text[begun : scanner.offset], None))
            begun = scanner.offset
            placeholder = read_placeholder(scanner, quoted=in_string)
            pieces.append((scanner.text[begun : scanner.offset], placeholder))
            begun = scanner.offset
            if depth == 0 and not in_string:
                break
            continue
        if scanner.take(_PLAIN):
            continue
        char = scanner.text[scanner.offset]
        scanner.offset += 1
        if char == '"':
            in_string = not in_string
        elif in_string:
            scanner.offset += char == "\\"
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
        if depth <= 0 and not in_string:
            break
    scanner.offset = min(scanner.offset, len(scanner.text))
    if scanner.offset > begun:
        pieces.append((scanner.text[begun : scanner.offset], None))
    return pieces


def read_xml(scanner: Scanner) -> XmlBody:
    """Read XML up to the end of its root element."""
    from xml.parsers import expat

    start, depth, seen = scanner.offset, 0, False

    def open_element(*_: Any) -> None:
        nonlocal depth, seen
        depth, seen = depth + 1, True

    def close_element(_: Any) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    if hasattr(parser, "SetReparseDeferralEnabled"):
        parser.SetReparseDeferralEnabled(False)
    parser.StartElementHandler, parser.EndElementHandler = open_element, close_element
    try:
        while not (seen and depth == 0):
            end = scanner.text.find(">", scanner.offset) + 1
            if not end:
                scanner.fail("This XML has no end: an element is not closed.", offset=start)
            parser.Parse(scanner.text[scanner.offset : end])
            scanner.offset = end
    except (expat.ExpatError, ValueError) as error:
        scanner.fail(f"This is not XML: {error}.", offset=start)
    return XmlBody(scanner.text[start : scanner.offset])
