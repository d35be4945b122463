"""Moving through a Hurl text, and pointing into it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NoReturn

from ..errors import HurlSyntaxError, did_you_mean
from .tree import Position

__all__ = ["HurlSyntaxError", "Scanner"]

_SPACES = re.compile(r"[ \t]+")
_COMMENT = re.compile(r"#[^\n]*")
_WORD = re.compile(r"[^\s#:\"'`\[\]{}]+")


class Scanner:
    """A text and a place in it, `offset`.

    >>> scanner = Scanner("GET /tools")
    >>> scanner.take(re.compile("[A-Z]+")), scanner.position
    ('GET', Position(line=1, column=4))
    """

    def __init__(self, text: str) -> None:
        # A file of another system ends its lines otherwise, and an editor may have left its mark at the start.
        self.text = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff"))
        self.offset = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]

    @property
    def at_end(self) -> bool:
        """Is nothing left?"""
        return self.offset >= len(self.text)

    @property
    def position(self) -> Position:
        """Where we are."""
        return self.position_of(self.offset)

    def position_of(self, offset: int) -> Position:
        """The line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """A line, counted from 1."""
        return self.text[self._starts[number - 1] :].partition("\n")[0]

    @property
    def rest(self) -> str:
        """What is left of the line."""
        end = self.text.find("\n", self.offset)
        return self.text[self.offset : end if end >= 0 else len(self.text)]

    def fail(self, what: str, *, todo: str = "", offset: int | None = None) -> NoReturn:
        """Raise HurlSyntaxError here, or at another offset."""
        at = self.position_of(self.offset if offset is None else min(offset, len(self.text)))
        raise HurlSyntaxError(what, line=at.line, column=at.column, source=self.line(at.line), todo=todo)

    def fail_at_word(self, what: str, candidates: Iterable[str]) -> NoReturn:
        """Raise HurlSyntaxError about the word that stands here; `{}` in `what` stands for it."""
        match = _WORD.match(self.text, self.offset)
        word = match[0] if match else self.text[self.offset : self.offset + 1].strip() or "the end of the line"
        candidates = list(candidates)
        shown = "It is one of: " + ", ".join(candidates) if len(candidates) < 40 else ""
        self.fail(what.format(repr(word) if match else word), todo=did_you_mean(word, candidates) or shown)

    def sees(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Does a pattern match here?"""
        return pattern.match(self.text, self.offset)

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """What a pattern matches here, passed over; None where it does not."""
        match = pattern.match(self.text, self.offset)
        if match is None:
            return None
        self.offset = match.end()
        return match[0]

    def accept(self, word: str) -> bool:
        """Pass over `word` if it stands here."""
        if not self.text.startswith(word, self.offset):
            return False
        self.offset += len(word)
        return True

    def expect(self, word: str, what: str) -> None:
        """Pass over `word`, which has to stand here."""
        if not self.accept(word):
            self.fail(what)

    def skip_spaces(self) -> bool:
        """Pass over blanks and tabs; were there any?"""
        return self.take(_SPACES) is not None

    def skip_blank_lines(self) -> None:
        """Pass over empty lines, comments, and blanks at the start of a line."""
        while True:
            self.skip_spaces()
            self.take(_COMMENT)
            if not self.accept("\n"):
                return

    def end_line(self, what: str = "Something stands here that does not belong to the line.", todo: str = "") -> None:
        """Pass over the end of the line, and a comment before it."""
        self.skip_spaces()
        self.take(_COMMENT)
        if not self.at_end and not self.accept("\n"):
            self.fail(what, todo=todo)
