"""How the outcome of a Hurl entry looks, below its exchange."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from markupsafe import Markup, escape

from ..hurl.outcome import Outcome
from ..hurl.values import shown
from ..masking import MASK, mask_json, mask_text
from .checks import row_html, row_lines
from .markup import Renderable, join, tag, visible

__all__ = ["Hidden", "OutcomeDisplay", "hide"]


@dataclass(frozen=True)
class OutcomeDisplay:
    """A row for each thing that was expected, and what was captured; `unkept` are captures that are no variables."""

    outcome: Outcome
    unkept: Collection[str] = ()

    def text(self) -> str:
        """Rows, captures, how often it was tried."""
        lines = [line for row in self.outcome.rows for line in row_lines(row.check)]
        lines += [f"  {name} = {visible(value)}{note}" for name, value, note in self._captures()]
        return "\n".join([*lines, *(f"  {note}" for note in self._notes())])

    def html(self) -> Markup:
        """The same, as lists."""
        parts = []
        if self.outcome.rows:
            parts.append(tag("ul", *(row_html(row.check) for row in self.outcome.rows)))
        pairs = [join(tag("dt", name), tag("dd", tag("code", value), note)) for name, value, note in self._captures()]
        if pairs:
            parts.append(tag("dl", *pairs, class_="fm-captures"))
        parts += [tag("p", note, class_="fm-note") for note in self._notes()]
        return tag("section", *parts, class_="fm fm-check fm-hurl")

    @property
    def is_empty(self) -> bool:
        """Is there nothing to show?"""
        return not (self.outcome.rows or self.outcome.captures or self._notes())

    def _captures(self) -> list[tuple[str, str, str]]:
        found = []
        for name, value in self.outcome.captures.items():
            if name in self.outcome.redacted:
                text = MASK
            elif self.outcome.reveal:
                text = shown(value)
            else:
                text = mask_text(shown(mask_json({name: value})[name]))
            note = " (for what follows here; no name of Python)" if name in self.unkept else ""
            found.append((name, text, note))
        return found

    def _notes(self) -> list[str]:
        notes = []
        if self.outcome.skipped:
            notes.append(f"{self.outcome.entry.request.method} (entry {self.outcome.number}): skipped")
        if self.outcome.tries > 1:
            notes.append(f"sent {self.outcome.tries} times")
        return notes


@dataclass(frozen=True)
class Hidden:
    """A renderable in which given texts are masked wherever they stand."""

    shown: Renderable
    secrets: Iterable[str]

    def text(self) -> str:
        """The renderable's text, masked."""
        return hide(self.shown.text(), self.secrets)

    def html(self) -> Markup:
        """The renderable's HTML, masked."""
        return Markup(hide(str(self.shown.html()), self.secrets, escaped=True))


def hide(text: str, secrets: Iterable[str], *, escaped: bool = False) -> str:
    """Text in which secrets are masked, as they are and as JSON and URLs write them; `escaped`: the text is HTML.

    >>> hide("GET /reset?pin=a%20b answers a b", ["a b"])
    'GET /reset?pin=••• answers •••'
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        in_json = [json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
        for form in dict.fromkeys([secret, *in_json, quote(secret), quote_plus(secret)]):
            text = text.replace(str(escape(form)) if escaped else form, MASK)
    return text
