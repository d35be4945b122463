"""Filling placeholders: captures, variables, and Hurl's functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ..errors import HurlRunError, did_you_mean, pointed
from .functions import FUNCTIONS, call
from .patterns import PatternError, compile_pattern
from .tree import BytesValue, FileValue, Literal, MultiLine, Placeholder, Quoted, Regex, Template, Value
from .values import NOTHING, EvaluationError, text_of

__all__ = ["Variables"]


@dataclass
class Variables:
    """What placeholders are filled from: `own` first (captures, options), then `outer` (a notebook's variables).

    `folder` is where files are looked up; `lines` are those of the text, for errors that point into it. `coerce`:
    what a JSONPath finds is itself where it is alone, and no list of one.

    >>> from flask_magic.hurl.parser import parse
    >>> url = parse("GET /tools/{{id}}").entries[0].request.url
    >>> Variables({"id": 7}).text(url)
    '/tools/7'
    """

    own: dict[str, Any] = field(default_factory=dict)
    outer: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = field(default_factory=Path)
    lines: Sequence[str] = ()
    coerce: bool = True

    def __getitem__(self, name: str) -> Any:
        return self.own[name] if name in self.own else self.outer[name]

    def __contains__(self, name: str) -> bool:
        return name in self.own or name in self.outer

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a variable, or `default`."""
        return self.own.get(name, self.outer.get(name, default))

    def placeholder(self, placeholder: Placeholder) -> Any:
        """The value of a placeholder. Raises HurlRunError, which points to it."""
        from .filters import apply_all

        try:
            value = apply_all(placeholder.filters, self._unfiltered(placeholder), self)
        except EvaluationError as error:
            self._fail(placeholder, f"{error}.", "")
        if value is NOTHING:
            self._fail(placeholder, f"The filters of {placeholder.name!r} find nothing.", "")
        return value

    def _unfiltered(self, placeholder: Placeholder) -> Any:
        name = placeholder.name
        if name in self and not placeholder.arguments:
            return self[name]
        if name in FUNCTIONS:
            return call(name, *placeholder.arguments)
        names = [*self.own, *(name for name in self.outer if not name.startswith("_"))]
        todo = did_you_mean(name, names) or "Capture it before, or set it in a cell or by --variable."
        self._fail(placeholder, f"There is no variable {name!r}.", todo)

    def _fail(self, placeholder: Placeholder, what: str, todo: str) -> NoReturn:
        at = placeholder.at
        why = pointed(self.lines[at.line - 1], at.column) if at.line <= len(self.lines) else ""
        raise HurlRunError(f"line {at.line}: {what}", why=why, todo=todo)

    def text(self, template: Template) -> str:
        """A template as text. Raises HurlRunError."""
        return "".join(part if isinstance(part, str) else self._filled(part) for part in template.parts)

    def _filled(self, placeholder: Placeholder) -> str:
        try:
            text = text_of(self.placeholder(placeholder))
        except EvaluationError as error:
            self._fail(placeholder, f"{placeholder.name!r}: {error}.", "")
        return json.dumps(text, ensure_ascii=False)[1:-1] if placeholder.quoted else text

    def file(self, template: Template) -> tuple[str, bytes]:
        """The name and the bytes of a file in `folder`. Raises HurlRunError."""
        return self.read(self.text(template))

    def read(self, name: str) -> tuple[str, bytes]:
        """The same of a name without placeholders. Raises HurlRunError."""
        path = self.path(name)
        try:
            return name, path.read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            near = did_you_mean(name, [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else [])
            raise HurlRunError(f"The file {name!r} cannot be read: {reason}.", todo=near) from None

    def path(self, name: str) -> Path:
        """Where a file of this name is. Raises HurlRunError for one outside of `folder`: others write texts, too."""
        path = self.folder / name
        if "\0" not in name and not path.resolve().is_relative_to(self.folder.resolve()):
            raise HurlRunError(
                f"The file {name!r} lies outside of the folder of this text.",
                todo="Put it there. On the command line, --file-root names another folder.",
            )
        return path

    def value(self, value: Value) -> Any:
        """A value of a predicate or filter: text, number, bytes, a compiled pattern, or what a variable holds."""
        match value:
            case Literal(constant):
                return constant
            case Placeholder():
                return self.placeholder(value)
            case Quoted(text):
                return self.text(text)
            case MultiLine():
                return self.several_lines(value)
            case BytesValue(content):
                return content
            case FileValue(name):
                return self.file(name)[1]
            case Regex(pattern):
                return compile_pattern(pattern)

    def pattern(self, value: Value) -> Any:
        """A regular expression, from between slashes or from a string. Raises EvaluationError."""
        found = self.value(value)
        try:
            return compile_pattern(found) if isinstance(found, str) else found
        except PatternError as error:
            raise EvaluationError(f"Python does not read this regular expression: {error}") from None

    def several_lines(self, value: MultiLine) -> str | bytes:
        """A text of several lines; bytes where its hint is `hex` or `base64`, JSON where it is `graphql`."""
        text = self.text(value.text)
        match value.kind:
            case "hex" | "base64":
                from base64 import b64decode

                digits = "".join(text.split())
                try:
                    return bytes.fromhex(digits) if value.kind == "hex" else b64decode(digits, validate=True)
                except ValueError as error:
                    raise HurlRunError(f"line {value.text.at.line}: this is not {value.kind}: {error}.") from None
            case "graphql":
                query = json.dumps(text.strip(), ensure_ascii=False)
                if value.variables is None:
                    return f'{{"query":{query}}}'
                filled = _JSON_BLANKS.sub(r"\1", self.text(value.variables.text))
                return f'{{"query":{query},"variables":{filled}}}'
        return text


# Blanks between the words of JSON; a string is kept as it is.
_JSON_BLANKS = re.compile(r'("(?:\\.|[^"\\])*")|\s+')
