"""What is asked of every page with a live kernel: cells that can be run again, exercises that work.

The tests call these functions once a page (one kernel a page); they return complaints and raise nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_magic.pages.driver import PageKernel
from flask_magic.pages.errors import PageError
from flask_magic.pages.exercises import (
    Exercise,
    check_result,
    exercises,
    failed_messages,
    wrong_answers,
)
from flask_magic.pages.notebook import Cell, cell_name, load, shown, tags_of
from flask_magic.pages.sanitize import Sanitizer

__all__ = ["Verdict", "judge"]


@dataclass
class Verdict:
    """What `judge` found: the complaints, and how many cells and exercises it looked at."""

    complaints: list[str] = field(default_factory=list)
    cells: int = 0
    changing: int = 0
    answers: int = 0


def judge(path: Path, rules: Sanitizer, *, service: Mapping[str, str] | None = None) -> Verdict:
    """Run the page at `path`, every cell at once a second time, then every exercise with each answer.

    Both runs must show what is stored. A cell tagged `changes-state` runs once, since the page goes on from
    there; `varies` is compared by the exception's name. An exercise must say open for its untouched stub,
    failed for each wrong answer (with messages that differ), passed for its solution, and open again.

    `service` holds environment variables that give the page another server than its embedded one, such as
    DATABASE_URL. What that shows is its own: then every cell runs once, and only its exception is compared.
    """
    notebook, verdict = load(path), Verdict()
    cells, answers, name = notebook["cells"], wrong_answers(path), shown(path)
    try:
        with PageKernel(path.parent, environment=service) as kernel:
            for number, cell in enumerate(cells, 1):
                if cell["cell_type"] == "code" and cell["source"].strip():
                    name = cell_name(path, number, cell)
                    if service is None:
                        _compare(kernel, cell, name, rules, verdict)
                    else:
                        _compare_exception(kernel, cell, name, verdict)
            for exercise in exercises(notebook):
                name = cell_name(path, exercise.stub + 1, cells[exercise.stub])
                found = _exercise(kernel, cells, exercise, answers.get(exercise.name, []), verdict)
                verdict.complaints += [f"{name}: exercise {exercise.name}: {complaint}" for complaint in found]
    except PageError as error:
        verdict.complaints.append(f"{name}: {error.message}")
    return verdict


def _compare(kernel: PageKernel, cell: Cell, name: str, rules: Sanitizer, verdict: Verdict) -> None:
    tags = tags_of(cell)
    verdict.cells += 1
    verdict.changing += "changes-state" in tags
    varies = "varies" in tags
    stored = rules.comparable(cell["outputs"], varies=varies)
    for run in ("first",) if "changes-state" in tags else ("first", "second"):
        now = rules.comparable(kernel.run(cell).outputs, varies=varies)
        if now != stored:
            what = f"the {run} run shows something else than is stored"
            verdict.complaints.append(f"{name}: {what}:\n{_diff(stored, now)}")


def _compare_exception(kernel: PageKernel, cell: Cell, name: str, verdict: Verdict) -> None:
    verdict.cells += 1
    stored = next((output["ename"] for output in cell["outputs"] if output["output_type"] == "error"), None)
    error = kernel.run(cell).error or {"ename": None}
    if error["ename"] != stored:
        said = f": {error['evalue']}" if error["ename"] else ""
        verdict.complaints.append(f"{name}: {stored} is stored, and {error['ename']} came{said}")


def _exercise(
    kernel: PageKernel, cells: list[Cell], exercise: Exercise, answers: list[str], verdict: Verdict
) -> list[str]:
    """Complaints about one exercise."""
    complaints: list[str] = []
    stub, check = cells[exercise.stub], cells[exercise.check]

    def expect(state: str, what: str, source: str) -> dict[str, Any]:
        error = kernel.run(stub, source).error
        result = check_result(kernel.run(check).outputs) or {}
        verdict.answers += 1
        if error and state != "failed":
            complaints.append(f"{what} raises {error['ename']}: {error['evalue']}")
        if result.get("state") != state:
            complaints.append(f"{what} should be {state}, and the check says {_summary(result)}")
        return result

    expect("open", "the untouched stub", stub["source"])
    seen: dict[tuple[str, ...], int] = {}
    for number, answer in enumerate(answers, 1):
        result = expect("failed", f"wrong answer {number}", answer)
        same = seen.setdefault(failed_messages(result), number)
        if same != number:
            complaints.append(f"wrong answers {same} and {number} get the same messages: {_summary(result)}")
    if len(answers) < 2:
        complaints.append(f"it has {len(answers)} wrong answers in tests/answers, and needs two")
    if exercise.solution is None:
        complaints.append("it has no solution")
    else:
        expect("passed", "the solution", exercise.solution)
    expect("open", "the stub, untouched again,", stub["source"])
    return complaints


def _summary(result: dict[str, Any]) -> str:
    messages = "; ".join(failed_messages(result))
    return f"{result.get('state', 'nothing')}" + (f" ({messages})" if messages else "")


def _diff(stored: list[str], now: list[str]) -> str:
    old = [line for text in stored for line in text.splitlines()]
    new = [line for text in now for line in text.splitlines()]
    lines = list(difflib.unified_diff(old, new, "stored", "now", lineterm="", n=1))
    return "\n".join(lines[:40])
