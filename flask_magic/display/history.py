"""How the requests that were sent look, and what came of sending them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..clients import DEFAULT
from ..history import Entry
from ..masking import mask_text
from ..replay import Change, Replayed, State
from ..request_words import line_of
from .markup import join, tag, visible

__all__ = ["HistoryTable", "ReplayDisplay"]

_LONGEST = 72  # characters of a request, or of one side of a change
_TITLE = 32  # of a cell's first line
_LINES = 40  # of a text's difference
_STATES: tuple[tuple[State, str], ...] = (("changed", "changed"), ("same", "the same"), ("failed", "without an answer"))


@dataclass(frozen=True)
class HistoryTable:
    """The requests, a row each: number, request, status, and the cell where that is no `%http` line."""

    entries: Sequence[Entry]
    reveal: bool = False

    def _rows(self) -> list[tuple[str, str, str, str]]:
        rows = [
            (str(one.number), "   ".join(self._request(one)), _answer(one), self._cell(one)) for one in self.entries
        ]
        return [("No.", "Request", "Answer", "Sent by" if any(row[3] for row in rows) else ""), *rows]

    def _request(self, one: Entry) -> list[str]:
        several = len({entry.app for entry in self.entries if entry.app}) > 1
        return _described(one, self.reveal, with_app=several)

    def _cell(self, one: Entry) -> str:
        title = one.cell if self.reveal else mask_text(one.cell)
        return _shortened(title, _TITLE)

    def text(self) -> str:
        """Columns: number, request, answer, cell."""
        if not self.entries:
            return "No request was sent yet."
        rows = self._rows()
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [
            "  ".join([row[0].rjust(widths[0]), *(cell.ljust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
            for row in rows
        ]
        return visible("\n".join(line.rstrip() for line in lines))

    def html(self) -> Markup:
        """The same, as a table."""
        if not self.entries:
            return tag("p", self.text(), class_="fm fm-empty")
        names, *rows = self._rows()
        columns = 4 if names[3] else 3
        head = tag("tr", *(tag("th", name, scope="col") for name in names[:columns]))
        requests = map(self._request, self.entries)
        body = [
            tag(
                "tr",
                tag("th", row[0], scope="row"),
                tag("td", _html_request(request)),
                tag("td", tag("span", row[2], class_=f"fm-{row[2][:1]}xx")),
                *(tag("td", tag("small", cell)) for cell in row[3:columns]),
            )
            for row, request in zip(rows, requests, strict=True)
        ]
        table = tag("table", tag("thead", head), tag("tbody", *body))
        return tag("section", tag("div", table, class_="fm-scroll"), class_="fm fm-history")


@dataclass(frozen=True)
class ReplayDisplay:
    """The requests that were sent again, a line each; what changed below it where `diff` asks for it."""

    replayed: Sequence[Replayed]
    diff: bool = False
    reveal: bool = False

    def _summary(self) -> list[str]:
        counts = Counter(one.state for one in self.replayed)
        total = len(self.replayed)
        sent = f"{total} request{'' if total == 1 else 's'} sent again"
        if counts["same"] == total:
            lines = [f"{sent}: nothing changed."]
        else:
            lines = [f"{sent}: " + ", ".join(f"{counts[s]} {name}" for s, name in _STATES if counts[s]) + "."]
        unsafe = Counter(one.entry.request.method for one in self.replayed if not one.is_safe and not one.failure)
        if unsafe:
            methods = ", ".join(f"{count} {method}" for method, count in sorted(unsafe.items()))
            lines.append(f"Among them {methods}: what they add, change or delete in the app was done once more.")
        return lines

    def _verdict(self, one: Replayed) -> str:
        if one.failure:
            return f"no answer: {one.failure}"
        parts = ", ".join(dict.fromkeys(change.part for change in one.changes))
        return f"changed: {parts}" if parts else "same"

    def text(self) -> str:
        """One line a request, the changes, a summary."""
        requests = ["   ".join(_described(one.entry, self.reveal)) for one in self.replayed]
        digits = max((len(str(one.entry.number)) for one in self.replayed), default=0)
        width = max((len(request) for request in requests), default=0)
        lines = []
        for one, request in zip(self.replayed, requests, strict=True):
            lines.append(f"{one.entry.number:>{digits}}  {request:<{width}}  {self._verdict(one)}")
            for change in one.changes if self.diff else ():
                lines += [" " * (digits + 2) + line for line in _lines(change)]
        return visible("\n".join([*lines, *self._summary()]))

    def html(self) -> Markup:
        """The same, as a list."""
        items = []
        for one in self.replayed:
            verdict = tag("span", self._verdict(one), class_=f"fm-{one.state}")
            number = tag("span", one.entry.number, class_="fm-number")
            changes = [_html(change) for change in one.changes] if self.diff else []
            below = [tag("ul", *changes, class_="fm-changes")] if changes else []
            request = _html_request(_described(one.entry, self.reveal))
            items.append(tag("li", number, " ", request, " ", verdict, *below))
        summary = [tag("p", line, class_="fm-meaning") for line in self._summary()]
        return tag("section", tag("ul", *items), *summary, class_="fm fm-replay")


def _described(entry: Entry, reveal: bool, *, with_app: bool = False) -> list[str]:
    """The request, then who sent it where to."""
    words = [_shortened(line_of(entry.request, reveal=reveal))]
    words += [f"as {entry.client}"] if entry.client != DEFAULT else []
    words += [f"to {entry.process}"] if entry.process else []
    words += [f"app {entry.app}"] if with_app and entry.app else []
    words += ["following"] if entry.follow else []
    return words


def _html_request(described: list[str]) -> Markup:
    line, *notes = described
    return join(tag("code", line), *(join(" ", tag("span", note, class_="fm-client")) for note in notes))


def _answer(entry: Entry) -> str:
    return entry.answer.status or entry.answer.error.partition(":")[0]


def _lines(change: Change) -> list[str]:
    name = change.where or change.part
    old, new = (None if side is None else _shortened(side) for side in (change.old, change.new))
    if old is not None and new is not None:
        lines = [f"{name}: {old} → {new}"]
    elif old is None and new is None:
        lines = [f"{name}:"]
    else:
        lines = [f"+ {name}: {new}" if old is None else f"- {name}: {old}"]
    more = len(change.lines) - _LINES
    shown = [f"  {_shortened(line)}" for line in change.lines[:_LINES]]
    return [*lines, *shown, *([f"  … {more} more lines"] if more > 0 else [])]


def _html(change: Change) -> Markup:
    first, *rest = _lines(change)
    below = [tag("pre", "\n".join(line[2:] for line in rest))] if rest else []
    return tag("li", tag("code", first), *below)


def _shortened(text: str, longest: int = _LONGEST) -> str:
    line = " ".join(text.splitlines())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
