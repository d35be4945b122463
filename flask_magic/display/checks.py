"""How a check's result looks."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ..checks import CheckResult, CheckRow
from .markup import join, tag, visible

__all__ = ["CHECK_MIME", "CheckDisplay", "OpenStub", "row_html", "row_lines"]

#: The MIME type of a check's machine-readable result.
CHECK_MIME = "application/vnd.flask-magic.check+json"

_MARKS = {"passed": "✓", "failed": "✗", "open": "☐"}
_WORDS = {"passed": "solved", "failed": "not yet", "open": "not solved yet"}


@dataclass(frozen=True)
class CheckDisplay:
    """A check's rows under its name; the state is told by a mark and a word, never by colour alone."""

    result: CheckResult

    def _title(self) -> str:
        rows = self.result.rows
        passed = sum(row.state == "passed" for row in rows)
        count = f" · {passed} of {len(rows)}" if self.result.state == "failed" else ""
        return f"{_MARKS[self.result.state]} {self.result.name} · {_WORDS[self.result.state]}{count}"

    def text(self) -> str:
        """Title, rows, hint."""
        lines = [self._title()]
        for row in self.result.rows:
            lines += row_lines(row)
        if self.result.hint:
            lines.append(f"  hint: {self.result.hint}")
        return "\n".join(lines)

    def html(self) -> Markup:
        """The same, as a section with a list."""
        items = [row_html(row) for row in self.result.rows]
        hint = tag("p", tag("b", "Hint: "), self.result.hint, class_="fm-hint") if self.result.hint else ""
        title = tag("p", tag("strong", self._title()), class_="fm-title")
        return tag("section", title, tag("ul", *items), hint, class_=f"fm fm-check fm-check-{self.result.state}")


@dataclass(frozen=True)
class OpenStub:
    """What an exercise's stub shows while its gap is open."""

    def text(self) -> str:
        """One line."""
        return "☐ not solved yet: put your code in the place of the ..."

    def html(self) -> Markup:
        """One line."""
        return tag(
            "p",
            "☐ not solved yet: put your code in the place of the ",
            tag("code", "..."),
            class_="fm fm-note",
        )


def row_lines(row: CheckRow) -> list[str]:
    """A row's lines: the mark and the message, what was expected, what came."""
    return [
        f"  {_MARKS[row.state]} {visible(row.message)}",
        *(f"      {label:<9}{visible(value)}" for label, value in _details(row)),
    ]


def row_html(row: CheckRow) -> Markup:
    """A row as an item of a list."""
    details = [join(tag("dt", label), tag("dd", tag("code", value))) for label, value in _details(row)]
    more = tag("dl", *details) if details else ""
    mark = tag("span", _MARKS[row.state], class_="fm-mark")
    return tag("li", mark, " ", row.message, more, class_=f"fm-{row.state}")


def _details(row: CheckRow) -> list[tuple[str, str]]:
    pairs = (("expected", row.expected), ("came", row.came))
    return [(label, value) for label, value in pairs if value is not None]
