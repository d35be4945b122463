"""Reading strings, placeholders and values."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import Any

from ..errors import did_you_mean
from .functions import FUNCTIONS
from .patterns import PatternError, compile_pattern
from .scanner import Scanner
from .tree import BytesValue, FileValue, Literal, Placeholder, Quoted, Regex, Template, Value

__all__ = ["read_bytes", "read_file", "read_placeholder", "read_quoted", "read_text", "read_value"]

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_UNICODE = re.compile(r"\{([0-9A-Fa-f]{1,6})\}")
_WORDS = {"true": True, "false": False, "null": None}
_WORD = re.compile(r"(?:true|false|null)(?![\w-])")
_BYTES = re.compile(r"(hex|base64),")
_TO_SEMICOLON = re.compile(r"[^;#]*;")


def read_placeholder(scanner: Scanner, *, quoted: bool = False) -> Placeholder:
    """Read `{{…}}`."""
    from .expressions import FILTERS, read_filters

    start, at = scanner.offset, scanner.position
    scanner.offset += 2
    scanner.skip_spaces()
    name_at = scanner.offset
    name = scanner.take(_NAME)
    if name is None:
        scanner.fail("A variable's name is missing between {{ and }}.")
    arguments = tuple(_read_argument(scanner, name, kind) for kind in FUNCTIONS.get(name, ()))
    if name == "randomInt" and arguments[0] > arguments[1]:
        scanner.fail("The second number of randomInt is not to be smaller than the first.", offset=name_at)
    filters = read_filters(scanner)
    spaced = scanner.skip_spaces()
    if not scanner.accept("}}"):
        if scanner.at_end or scanner.text[scanner.offset] == "\n":
            scanner.fail("{{ is not closed by }}.", offset=start)
        if spaced and not filters and (near := did_you_mean(name, FUNCTIONS)):
            scanner.fail(f"{name} is not a function.", todo=near, offset=name_at)
        scanner.fail_at_word("{} is not a filter.", FILTERS)
    return Placeholder(name, arguments, filters, quoted, at=at)


def _read_argument(scanner: Scanner, function: str, kind: str) -> Any:
    spaced, offset = scanner.skip_spaces(), scanner.offset
    if kind == "int":
        number = read_number(scanner) if spaced else None
        if number is None or not isinstance(number.value, int):
            scanner.fail(f"{function} needs a whole number.", offset=offset)
        return number.value
    if not spaced or scanner.text[offset : offset + 1] != '"':
        scanner.fail(f'{function} needs the name of a variable of the environment: {{{{{function} "HOME"}}}}')
    template = read_quoted(scanner).text
    if any(isinstance(part, Placeholder) for part in template.parts):
        scanner.fail(f"A placeholder cannot stand in the argument of {function}.", offset=offset)
    return "".join(map(str, template.parts))


def read_text(
    scanner: Scanner, end: re.Pattern[str], own: str, *, strip: bool = False, plain: bool = False
) -> Template:
    """Read text with placeholders and escapes up to where `end` matches; with `plain` there are no placeholders.

    `own` are the characters that a backslash protects here besides itself. `strip` takes off blanks at the end.
    """
    at = scanner.position
    parts: list[str | Placeholder] = []
    text: list[str] = []
    solid = 0  # so much of `text` are escapes and what is before them: no blanks to be stripped
    while not scanner.at_end and not scanner.sees(end):
        if not plain and scanner.text.startswith("{{", scanner.offset):
            if text:
                parts.append("".join(text))
            text, solid = [], 0
            parts.append(read_placeholder(scanner))
        elif scanner.text[scanner.offset] == "\\":
            text.append(_read_escape(scanner, own))
            solid = len(text)
        else:
            text.append(scanner.text[scanner.offset])
            scanner.offset += 1
    while strip and len(text) > solid and text[-1] in " \t":
        text.pop()
    if text:
        parts.append("".join(text))
    return Template(tuple(parts), at=at)


def _read_escape(scanner: Scanner, own: str) -> str:
    start = scanner.offset
    scanner.offset += 1
    char = scanner.text[scanner.offset : scanner.offset + 1]
    scanner.offset += 1
    if char and char in own + "\\":
        return char
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char == "u":
        match = scanner.sees(_UNICODE)
        code = int(match[1], 16) if match else -1
        if match is None or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            scanner.fail(r"\u needs a character's number in hexadecimal, such as \u{e9}.", offset=start)
        scanner.offset = match.end()
        return chr(code)
    scanner.fail("This escape is not known.", todo=r"A backslash itself is written \\.", offset=start)


_QUOTED = {'"': (re.compile(r'"|\n'), '"', "quote"), "`": (re.compile(r"`|\n"), "`#", "backtick")}
_FILE_END = re.compile(r"[;#\n]")


def read_quoted(scanner: Scanner) -> Quoted:
    """Read `"text"`, or a text between backticks."""
    start = scanner.offset
    mark = scanner.text[start]
    end, own, name = _QUOTED[mark]
    scanner.offset += 1
    text = read_text(scanner, end, own)
    if not scanner.accept(mark):
        scanner.fail(f"The closing {name} is missing.", offset=start)
    return Quoted(text, mark)


def read_bytes(scanner: Scanner) -> BytesValue:
    """Read `hex,…;` or `base64,…;`."""
    start = scanner.offset
    kind = str(scanner.take(_BYTES))[:-1]
    written = scanner.take(_TO_SEMICOLON)
    if written is None:
        scanner.fail(f"{kind}, is not closed by ;", offset=start)
    digits = re.sub(r"\s", "", written[:-1])
    try:
        value = bytes.fromhex(digits) if kind == "hex" else b64decode(digits, validate=True)
    except (ValueError, binascii.Error) as error:
        scanner.fail(f"This is not {kind}: {error}.", offset=start)
    return BytesValue(value, kind)


def read_file(scanner: Scanner) -> FileValue:
    """Read `file,name;`."""
    start, at = scanner.offset, scanner.position
    scanner.offset += len("file,")
    scanner.skip_spaces()
    name = read_text(scanner, _FILE_END, ";#{} ", strip=True)
    if not scanner.accept(";"):
        scanner.fail("The file's name is not closed by ;", todo="Write it as: file,name.txt;", offset=start)
    if not name.parts:
        scanner.fail("The file has no name.", todo="Write it as: file,name.txt;", offset=start)
    return FileValue(name, at=at)


def read_regex(scanner: Scanner) -> Regex:
    """Read `/pattern/`."""
    start = scanner.offset
    match = scanner.sees(re.compile(r"/((?:[^/\\\n]|\\[^\n])*)/"))
    if match is None:
        scanner.fail("The closing / of the regular expression is missing.")
    pattern = re.sub(r"\\(.)", lambda pair: "/" if pair[1] == "/" else pair[0], match[1])
    try:
        compile_pattern(pattern)
    except PatternError as error:
        scanner.fail(f"Python does not read this regular expression: {error}.", offset=start)
    scanner.offset = match.end()
    return Regex(pattern)


def read_number(scanner: Scanner) -> Literal | None:
    """Read a number, if one stands here."""
    at, start = scanner.position, scanner.offset
    written = scanner.take(_NUMBER)
    if written is None:
        return None
    whole = re.fullmatch(r"-?\d+", written)
    value: float = int(written) if whole and len(written) < 40 else float(written)
    if value in (float("inf"), float("-inf")):
        scanner.fail("This number is too large.", offset=start)
    return Literal(value, at=at)


def read_value(scanner: Scanner) -> Value:
    """Read what a predicate compares with."""
    from .bodies import read_multi_line

    text, at = scanner.text, scanner.position
    if text.startswith("```", scanner.offset):
        return read_multi_line(scanner)
    if text.startswith("{{", scanner.offset):
        return read_placeholder(scanner)
    if scanner.sees(_BYTES):
        return read_bytes(scanner)
    if text.startswith("file,", scanner.offset):
        return read_file(scanner)
    match text[scanner.offset : scanner.offset + 1]:
        case '"' | "`":
            return read_quoted(scanner)
        case "/":
            return read_regex(scanner)
    word = scanner.take(_WORD)
    if word is not None:
        return Literal(_WORDS[word], at=at)
    number = read_number(scanner)
    if number is not None:
        return number
    if scanner.rest.strip():
        scanner.fail("A value is missing here.", todo='Text needs quotes, such as: "drill"')
    scanner.fail("A value is missing here.")
