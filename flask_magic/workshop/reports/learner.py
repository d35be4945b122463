"""The report for one learner: what is reached, what is open, one's own code, and what to read next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_magic.pages.exercises import role_of
from flask_magic.pages.notebook import code_cells
from flask_magic.workshop.journal import Row
from flask_magic.workshop.judge import Verdict, read_executed
from flask_magic.workshop.reports.page import render
from flask_magic.workshop.reports.standing import MARKS, Exercise, exercises_of, link_to, state_of

__all__ = ["learner_report", "objective_state"]

#: Characters of a cell's code that are shown.
CODE = 10_000


@dataclass
class _Part:
    exercise: Exercise
    state: str
    code: str
    rows: list[dict[str, Any]] = field(default_factory=list)


def learner_report(row: Row, notebook: str, facts: Mapping[str, Any]) -> str:
    """The page `report.html` of the participant `row`, whose executed notebook is the text `notebook`."""
    code = _answers(notebook)
    parts = [_part(row, exercise, code.get(exercise.name, "")) for exercise in exercises_of(facts)]
    objectives = []
    for number, text in enumerate(facts.get("objectives", []), 1):
        own = [part for part in parts if part.exercise.objective == str(number)]
        if own:
            objectives.append((text, objective_state([part.state for part in own]), own))
    rest = [part.exercise for part in parts if part.state in ("failed", "hinted", "open") and part.exercise.page]
    pages = {exercise.page: (exercise.topic, link_to(exercise.page, facts.get("site", ""))) for exercise in rest}
    return render(
        "learner.html",
        f"{row.participant} · {facts.get('title') or 'Workshop'}",
        row=row,
        workshop=facts.get("title") or "Workshop",
        objectives=objectives,
        parts=parts,
        reading=list(pages.values()),
        marks=MARKS,
    )


def objective_state(states: list[str]) -> str:
    """What its exercises' states say of an objective: passed, hinted where hints helped, else open.

    >>> objective_state(["passed", "hinted"]), objective_state(["passed", "failed"])
    ('hinted', 'open')
    """
    if not states or set(states) - {"passed", "hinted"}:
        return "open"
    return "hinted" if "hinted" in states else "passed"


def _part(row: Row, exercise: Exercise, code: str) -> _Part:
    check = next((one for one in row.checks if one["name"] == exercise.name), {})
    rows = [one for one in check.get("rows", []) if one.get("state") == "failed"]
    return _Part(exercise, state_of(row, exercise.name), code, rows)


def _answers(text: str) -> dict[str, str]:
    """The code of each exercise, as it stands in the notebook."""
    try:
        cells = list(code_cells(read_executed(text))) if text else []
    except Verdict:
        return {}
    return {role_of(cell)[0]: cell["source"][:CODE] for cell in cells if role_of(cell)[1] == "stub"}
