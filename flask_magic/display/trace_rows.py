"""The events of a trace as rows that can be read: a sentence each, repetitions folded, secrets masked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..masking import mask_pieces, mask_text
from ..matching import Match
from ..trace import Event, Outcome, Stage, sections
from ..trace.functions import shortened
from .trace_repeats import repeated

__all__ = ["Ladder", "Row", "ladder", "milliseconds"]

#: Of more rows beside each other only the first are shown.
ROWS = 50

_JOINTS = {"template": ", ", "error": ": ", "flash": ": "}
_FRAMEWORKS = frozenset({"context", "make_response", "start_response", "chunk", "close", "middleware"})


@dataclass
class Row:
    """One event, or several equal ones, as it is shown.

    `name` is what the reader would search for in the code, `says` continues it to a sentence. `remark` is what the
    reader should notice. A `quiet` row is Flask's own doing. `more` are further lines: parameters, handlers sought.
    """

    kind: str
    name: str = ""
    says: str = ""
    scope: str = ""
    place: str = ""
    outcome: Outcome | None = None
    remark: str = ""
    quiet: bool = False
    more: list[str] = field(default_factory=list)
    count: int = 1
    seconds: float | None = None
    items: list[Row] = field(default_factory=list)
    match: Match | None = None
    request: Ladder | None = None

    @property
    def ends(self) -> str:
        """How it ended, where it was not as usual, and the row does not say so already."""
        if self.outcome is not Outcome.RAISED:
            return self.outcome.value if self.outcome else ""
        return "" if self.says.lstrip().startswith(("raises ", "not made: ")) else "the exception passes on"

    @property
    def times(self) -> str:
        """How often it happened, where it was more than once."""
        return f"× {self.count}" if self.count > 1 else ""

    def inside(self) -> int:
        """How many rows are within it."""
        return sum(1 + row.inside() for row in self.items)


@dataclass
class Ladder:
    """One request: its stages in order, each with its rows; `statements` counts the SQL in it."""

    method: str
    target: str
    says: str
    stages: list[tuple[Stage, list[Row]]]
    statements: int
    seconds: float

    @property
    def status(self) -> int | None:
        """The status that was answered; None where an exception left the app."""
        digits = self.says[:3]
        return int(digits) if digits.isdigit() else None

    def notes(self, *, time: bool = False) -> list[str]:
        """What is worth saying of the whole."""
        statements = [f"{self.statements} SQL statements"] if self.statements > 1 else []
        return [*statements, milliseconds(self.seconds)] if time else statements

    def headline(self, *, time: bool = False) -> str:
        """The request, and what came of it, in one line."""
        return " · ".join([f"{self.method} {self.target} → {self.says}", *self.notes(time=time)])


def milliseconds(seconds: float | None) -> str:
    """A duration as it is shown, empty where there is none.

    >>> milliseconds(0.0123), milliseconds(0.000001), milliseconds(None)
    ('12.3 ms', '< 0.1 ms', '')
    """
    if seconds is None:
        return ""
    return f"{seconds * 1000:.1f} ms" if seconds >= 0.00005 else "< 0.1 ms"


def ladder(request: Event, *, reveal: bool = False) -> Ladder:
    """The ladder of an event of the kind `request`."""
    return _Reader(reveal).ladder(request)


class _Reader:
    """Makes rows of events. A place is told in full where the file changes, and by its line alone where it does not."""

    def __init__(self, reveal: bool) -> None:
        self.reveal = reveal
        self._file = ""

    def ladder(self, request: Event) -> Ladder:
        method, _, target = request.name.partition(" ")
        stages = []
        for stage, events in sections(request):
            stages.append((stage, self._rows(repeated(_merged_contexts(events)))))
        statements = [event for event in request.walk() if event.kind == "sql" and event.says]
        target, says = self._shown(target, " ", request.says)[::2]
        return Ladder(method, target, says, stages, len(statements), sum(event.seconds or 0 for event in request.items))

    def _rows(self, events: list[Event], times: int = 1) -> list[Row]:
        rows = [self._row(event, times * event.count) for event in events[:ROWS]]
        left = len(events) - len(rows)
        return [*rows, Row("", says=f"… {left} more rows, not shown", quiet=True)] if left else rows

    def _row(self, event: Event, times: int) -> Row:
        if event.kind == "request":
            return self._nested(event)
        if not event.kind:
            rows = self._rows(event.items, times)
            return Row("", says=f"these {len(rows)} rows in turn", count=event.count, items=rows)
        name, says = _sentence(event)
        name, joint, says = self._shown(name, _joint(event, says) if name and says else "", says)
        return Row(
            event.kind,
            name,
            f"{joint}{says}",
            scope=event.scope,
            place=self._place(event.place),
            outcome=event.outcome,
            remark=_remark(event, times),
            quiet=_is_quiet(event),
            more=[self._shown(line)[0] for line in _more(event, times)],
            count=event.count,
            seconds=event.seconds,
            items=self._rows(_merged_contexts(event.items), times),
            match=event.match,
        )

    def _nested(self, event: Event) -> Row:
        before = self._file
        self._file = ""
        inner = self.ladder(event)
        self._file = before
        return Row("request", count=event.count, seconds=inner.seconds, request=inner)

    def _shown(self, *pieces: str) -> list[str]:
        return list(pieces) if self.reveal else mask_pieces(pieces)

    def _place(self, place: str) -> str:
        file, comma, line = place.rpartition(", line ")
        if not comma:
            return place and f"of {place}"
        if file == self._file:
            return f"line {line}"
        self._file = file
        told = file if self.reveal else mask_text(file)
        return f"{_short_cell(told)}, line {line}"


def _short_cell(file: str) -> str:
    """A cell is named by its first line, which may be long."""
    return f"{shortened(file[:-1], 46)}”" if file.startswith("cell “") else file


def _sentence(event: Event) -> tuple[str, str]:
    """What an event is about, and what is said of it."""
    name, says = event.name, event.says
    raised = says.startswith("raises ")
    match event.kind:
        case "match":
            rule, arrow, endpoint = says.partition(" → ")
            return (rule, f"→ {endpoint}") if arrow else ("", says)
        case "sql":
            return says or name, next((text for term, text in event.details if term == "error"), "")
        case "make_response":
            return (name, says) if raised else ("", f"{name} becomes {says}")
        case "start_response":
            return "", f"{name} with {says}"
        case "chunk" | "close" if name == "end":
            return "", f"the end {says}".rstrip()
        case "chunk":
            return "", f"{name} {says}".rstrip()
        case _:
            return name, says


def _joint(event: Event, says: str) -> str:
    if says.startswith("raises ") or event.name.startswith("500 "):
        return " "
    if event.kind == "session" and event.name in ("open", "save"):
        return ", " if ": " in says else ": "
    return _JOINTS.get(event.kind, " ")


def _is_quiet(event: Event) -> bool:
    if event.outcome is not None or event.items:
        return False
    idle = event.kind == "session" and event.name in ("open", "save") and "Set-Cookie" not in event.says
    return idle or event.kind in _FRAMEWORKS


def _remark(event: Event, times: int) -> str:
    if event.kind != "sql" or times < 2 or not event.says.upper().startswith("SELECT"):
        return ""
    return "the same statement each time: a query for each row (N+1)?"


def _more(event: Event, times: int) -> Iterator[str]:
    if event.kind == "sql":
        given = ", ".join(f"{term} = {text}" for term, text in event.details if term != "error")
        if given:
            yield f"the first time {given}" if times > 1 else given
    if event.kind != "error":
        return
    sought = [(where, *what.rpartition(": ")[::2]) for where, what in event.details]
    missed = [f"{what} in {where}" for where, what, found in sought if found == "none"]
    if missed:
        yield f"no handler for {', '.join(missed)}"
    yield from (f"handler for {what} in {where}: {found}" for where, what, found in sought if found != "none")


def _merged_contexts(events: list[Event]) -> list[Event]:
    """The application and the request context told in one row, where they are pushed or popped one after the other."""
    out: list[Event] = []
    for event in events:
        last = out[-1] if out else None
        if last is not None and event.kind == last.kind == "context" and last.count == event.count == 1:
            how, is_pushed, things = event.says.partition(": ")
            if last.says.partition(": ")[0] == how and last.name != event.name:
                first = last.says.removesuffix(" are at hand").replace(" and ", ", ")
                out[-1] = replace(
                    last,
                    name=f"{last.name.removesuffix(' context')} and {event.name}",
                    says=f"{first}, {things}" if is_pushed else how,
                )
                continue
        out.append(event)
    return out
