"""The report for the teacher: who passed what, and where most of them are stuck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask_magic.workshop.journal import Row
from flask_magic.workshop.reports.page import render
from flask_magic.workshop.reports.standing import MARKS, Exercise, exercises_of, link_to, state_of

__all__ = ["hardest", "overview"]

ENDED = ("ok", "failed")


def overview(rows: Sequence[Row], facts: Mapping[str, Any]) -> str:
    """The page `index.html`: a heat map of participants and checks."""
    exercises = exercises_of(facts)
    states = {row.participant: [state_of(row, one.name) for one in exercises] for row in rows}
    solved = [
        sum(states[row.participant][place] in ("passed", "hinted") for row in rows) for place in range(len(exercises))
    ]
    found = hardest(rows, exercises)
    return render(
        "overview.html",
        facts.get("title") or "Workshop",
        rows=rows,
        states=states,
        columns=[(one, link_to(one.page, facts.get("site", ""))) for one in exercises],
        solved=solved,
        counts=Counter(row.state if row.state in ENDED else "waiting" for row in rows),
        hardest=found and (*found, link_to(found[0].page, facts.get("site", ""))),
        marks=MARKS,
    )


def hardest(rows: Sequence[Row], exercises: Sequence[Exercise]) -> tuple[Exercise, int] | None:
    """The exercise whose check failed most, and how often; None where none failed. Of equals the first."""
    failed = [(sum(state_of(row, one.name) == "failed" for row in rows), one) for one in exercises]
    count, exercise = max(failed, key=lambda pair: pair[0], default=(0, Exercise("")))
    return (exercise, count) if count else None
