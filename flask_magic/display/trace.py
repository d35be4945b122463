"""How the life of a request looks: a ladder with a rung for each stage, and what happened there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from ..trace import Outcome, Stage, Trace
from .markup import join, tag, visible
from .routes import MatchDisplay
from .trace_rows import Ladder, Row, ladder, milliseconds
from .trace_text import text_ladder

__all__ = ["TraceDisplay"]

#: What is nested in a template stands open up to this many rows.
OPEN = 12
#: Events that are named in words; of the others the name stands in the code.
IN_WORDS = frozenset({"context", "session", "flash", "log", "error"})


@dataclass(frozen=True)
class TraceDisplay:
    """A trace as it is shown. `time` adds how long each part took, `reveal` shows secrets.

    What the recorder masked itself (values of the session, parameters of statements) stays masked.
    """

    trace: Trace
    time: bool = False
    reveal: bool = False

    def text(self) -> str:
        """A ladder a request: its line, then a line or more for each event, in columns."""
        parts = ["\n".join(text_ladder(one, time=self.time)) for one in self._ladders()]
        return visible("\n\n".join([*parts, *self._notes()]))

    def html(self) -> Markup:
        """The same, as nested lists."""
        parts = [part for one in self._ladders() for part in (_headline(one, self.time), self._stages(one))]
        notes = [tag("p", note, class_="fm-quiet") for note in self._notes()]
        return tag("section", *parts, *notes, class_="fm fm-trace" + (" fm-timed" if self.time else ""))

    def _ladders(self) -> list[Ladder]:
        return [ladder(request, reveal=self.reveal) for request in self.trace.requests]

    def _notes(self) -> Iterator[str]:
        if not self.trace.requests:
            yield "The app saw no request."
        if self.trace.dropped:
            yield f"{self.trace.dropped} more events are not shown: a trace keeps the first ones only."
        if self.time:
            yield "Durations are with tracing, which takes time itself."

    # -- HTML

    def _stages(self, one: Ladder) -> Markup:
        stages = [
            tag(
                "li",
                tag("p", stage.value),
                tag("ol", *(self._row(row, one) for row in rows)),
                class_=_stage_class(stage),
            )
            for stage, rows in one.stages
        ]
        return tag("ol", *stages, class_="fm-stages")

    def _row(self, row: Row, whole: Ladder) -> Markup:
        css = "fm-quiet" if row.quiet else "fm-sql" if row.kind == "sql" else None
        return tag("li", *self._duration(row, whole), *self._told(row, whole), class_=css)

    def _told(self, row: Row, whole: Ladder) -> Iterator[Markup]:
        kind = join(tag("span", row.kind, class_="fm-kind"), " ") if row.kind else Markup("")
        if row.request is not None:
            summary = tag("summary", kind, *_request(row.request, self.time), *_times(row))
            yield tag("details", summary, self._stages(row.request), class_="fm-nested")
            return
        sentence = tag("span", *_sentence(row), class_="fm-what")
        inside = tag("ol", *(self._row(item, whole) for item in row.items)) if row.items else Markup("")
        if inside and row.kind == "template":
            summary = tag("summary", kind, sentence, tag("small", f" · {row.inside()} within"))
            yield tag("details", summary, inside, open=row.inside() <= OPEN)
            return
        yield join(kind, sentence, *_more(row), inside)

    def _duration(self, row: Row, whole: Ladder) -> Iterator[Markup]:
        if self.time and row.seconds is not None:
            share = min(row.seconds / whole.seconds, 1.0) if whole.seconds else 0.0
            bar = tag("span", class_="fm-bar", style=f"width:{share:.0%}")
            yield join(tag("span", milliseconds(row.seconds), bar, class_="fm-time"), " ")


def _headline(one: Ladder, time: bool) -> Markup:
    return tag("p", *_request(one, time), class_="fm-request")


def _request(one: Ladder, time: bool) -> Iterator[Markup | str]:
    yield tag("b", one.method, class_="fm-method")
    yield join(" ", tag("code", one.target), " → ")
    yield tag("strong", one.says, class_=f"fm-{one.status // 100 if one.status else 5}xx")
    for note in one.notes(time=time):
        yield tag("small", f" · {note}")


def _stage_class(stage: Stage) -> str | None:
    return {Stage.VIEW: "fm-view", Stage.ERROR: "fm-failure"}.get(stage)


def _sentence(row: Row) -> Iterator[Markup | str]:
    skipped = row.outcome is Outcome.SKIPPED
    if row.name:
        name = tag("b" if row.kind in IN_WORDS else "code", row.name)
        yield tag("s", name) if skipped else name
    yield tag("strong", row.says, class_="fm-raises") if row.says.strip().startswith("raises ") else row.says
    yield from _times(row)
    if row.scope:
        yield join(" ", tag("span", f"blueprint {row.scope}", class_="fm-client"))
    if row.ends:
        yield join(" ", tag("strong", row.ends, class_="fm-skipped" if skipped else "fm-ends"))
    if row.remark:
        yield join(" ", tag("em", row.remark, class_="fm-remark"))
    if row.place:
        file, _, line = row.place.rpartition(" ")
        yield join(" ", tag("small", f"{file}\N{NO-BREAK SPACE}{line}"))


def _times(row: Row) -> Iterator[Markup]:
    if row.times:
        yield join(" ", tag("b", row.times, class_="fm-times"))


def _more(row: Row) -> Iterator[Markup]:
    yield from (tag("p", line, class_="fm-more") for line in row.more)
    if row.match is None:
        return
    found = row.match.status == 200
    trials = MatchDisplay(row.match).trials_html(named=not found)
    if found:
        rules = f"{len(row.match.trials)} rule{'s' * (len(row.match.trials) != 1)} in the URL map"
        yield tag("details", tag("summary", rules), trials, class_="fm-trials")
    else:
        yield tag("div", trials, class_="fm-trials")
