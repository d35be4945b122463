"""A trace's ladder in text: columns for stage, kind and what happened."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .routes import MatchDisplay
from .trace_rows import Ladder, Row, milliseconds

__all__ = ["text_ladder"]

#: A line is this long, where what it tells can be broken.
WIDTH = 100
#: What happened stands in a column of at most this width, where places are beside it.
BODY = 46
#: A column of kinds is not wider than this: templates nest.
KIND = 26


@dataclass(frozen=True)
class _Line:
    """A row at its depth, before the widths of the columns are known."""

    stage: str
    kind: str
    duration: str
    body: str
    place: str = ""
    more: Sequence[str] = ()
    request: Ladder | None = None


def text_ladder(ladder: Ladder, *, time: bool = False, width: int = WIDTH) -> Iterator[str]:
    """The request's line, and those of the rows under it; a nested request's stand under the row that sent it."""
    lines = [line for part in _stages(ladder, time) for line in part]
    stage = max((len(line.stage) for line in lines), default=0) + 2
    kind = min(max((len(line.kind) for line in lines), default=0), KIND) + 2
    duration = max((len(line.duration) for line in lines), default=0)
    body = min(max((len(line.body) for line in lines if line.place), default=0), BODY)
    yield ladder.headline(time=time)
    for line in lines:
        head = f"{line.stage:<{stage}}{line.kind:<{kind}}"
        head += f"{line.duration:>{duration}}  " if duration else ""
        start = " " * (stage + kind + (duration + 2 if duration else 0))
        first, *rest = _broken(line, body, max(width - len(start), 40))
        yield f"{head}{first}".rstrip()
        yield from (f"{start}{piece}".rstrip() for piece in rest)
        if line.request is not None:
            indent = stage + len(line.kind) - len(line.kind.lstrip()) + 2
            inside = text_ladder(line.request, time=time, width=width - indent)
            next(inside)
            yield from (f"{' ' * indent}{one}" for one in inside)


def _broken(line: _Line, body: int, room: int) -> list[str]:
    pieces = textwrap.wrap(line.body, room, break_on_hyphens=False, subsequent_indent="  ") or [""]
    if line.place:
        last = f"{pieces[-1]:<{min(body, max(room - len(line.place) - 2, 0))}}  {line.place}"
        pieces[-1:] = [last] if len(last) <= room else [pieces[-1], f"  {line.place}"]
    for more in line.more:
        pieces += textwrap.wrap(more, room, break_on_hyphens=False, initial_indent="  ", subsequent_indent="    ")
    return pieces


def _stages(ladder: Ladder, time: bool) -> Iterator[Iterator[_Line]]:
    for number, (stage, rows) in enumerate(ladder.stages, 1):
        for index, row in enumerate(rows):
            yield _lines(row, "" if index else f"{number} {stage.value}", 0, time)


def _lines(row: Row, stage: str, depth: int, time: bool) -> Iterator[_Line]:
    kind = "  " * depth + row.kind
    duration = milliseconds(row.seconds) if time else ""
    if row.request is not None:
        body = " · ".join(part for part in (row.request.headline(), row.times) if part)
        yield _Line(stage, kind, duration, body, request=row.request)
        return
    blueprint = f"blueprint {row.scope}" if row.scope else ""
    body = " · ".join(part for part in (row.name + row.says, row.times, blueprint, row.ends, row.remark) if part)
    yield _Line(stage, kind, duration, body, row.place, list(_more(row)))
    for item in row.items:
        yield from _lines(item, "", depth + 1, time)


def _more(row: Row) -> Iterator[str]:
    yield from row.more
    if row.match is not None and (
        row.match.status != 200 or sum(trial.missed != ("path",) for trial in row.match.trials) > 1
    ):
        yield from MatchDisplay(row.match).trials_text(named=False)
