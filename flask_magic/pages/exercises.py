"""The exercises of a page: stub, check and solution belong together, and so do the wrong answers in tests/.

The stub and the check say so in their metadata, `exercise: {"name", "role", "hash"}`; the solution is the
folded Markdown cell after the check; the wrong answers lie in `tests/answers/<chapter>/<page>.toml`:

    [[loan]]
    source = '''
    %%flask_route /loans/<int:year>/<int:number>
    …
    '''
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_magic.pages.errors import PageError
from flask_magic.pages.notebook import Cell, Notebook, shown

__all__ = [
    "CHECK_MIME",
    "Exercise",
    "answers_path",
    "check_result",
    "exercises",
    "failed_messages",
    "role_of",
    "solution_in",
    "wrong_answers",
]

CHECK_MIME = "application/vnd.flask-magic.check+json"
SOLUTION = re.compile(
    r"<details>\s*<summary>Solution</summary>[ \t]*\n[ \t]*\n```python\n(?P<source>.*?)\n```[ \t]*\n[ \t]*\n"
    r"(?P<why>.*?)\n[ \t]*\n</details>",
    re.DOTALL,
)


@dataclass(frozen=True)
class Exercise:
    """One exercise: the positions of its cells in the notebook, and the solution's source (None: missing)."""

    name: str
    stub: int
    check: int
    solution: str | None


def role_of(cell: Cell) -> tuple[str, str]:
    """The name of the exercise that a cell belongs to and its role, or two empty strings."""
    mark = cell["metadata"].get("exercise", {})
    return (str(mark.get("name", "")), str(mark.get("role", ""))) if isinstance(mark, dict) else ("", "")


def exercises(notebook: Notebook) -> list[Exercise]:
    """The complete pairs of stub and check, in order.

    A solution belongs to the nearest check before it. What is incomplete, `flask-magic pages check` reports.
    """
    found: list[Exercise] = []
    stubs: dict[str, int] = {}
    cells = notebook["cells"]
    for position, cell in enumerate(cells):
        name, role = role_of(cell)
        if role == "stub":
            stubs[name] = position
        elif role == "check" and name in stubs:
            found.append(Exercise(name, stubs[name], position, _solution_after(cells, position)))
    return found


def solution_in(markdown: str) -> str | None:
    """The source of the solution that a Markdown cell folds away, or None."""
    match = SOLUTION.search(markdown)
    return match["source"] if match and match["why"].strip() else None


def _solution_after(cells: list[Cell], check: int) -> str | None:
    for cell in cells[check + 1 :]:
        if role_of(cell)[1]:
            return None
        if cell["cell_type"] == "markdown" and (solution := solution_in(cell["source"])) is not None:
            return solution
    return None


def answers_path(page: Path) -> Path:
    """Where a page's wrong answers are: `tests/answers/` beside the folder of the notebooks."""
    root = page.resolve().parents[2]
    return root / "tests" / "answers" / page.resolve().parent.name / f"{page.stem}.toml"


def wrong_answers(page: Path) -> dict[str, list[str]]:
    """The wrong answers of a page by exercise, none without a file; PageError for a broken file."""
    path = answers_path(page)
    if not path.is_file():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: [str(answer["source"]).strip("\n") for answer in answers] for name, answers in tables.items()}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise PageError(
            f"{shown(path)} cannot be read: {error}. Each answer is a table: [[NAME]] and source = '''…'''."
        ) from error


def check_result(outputs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What a check cell found (name, state, rows, hints…), or None where its outputs hold no result."""
    for output in outputs:
        result = output.get("data", {}).get(CHECK_MIME)
        if isinstance(result, dict):
            return result
    return None


def failed_messages(result: dict[str, Any]) -> tuple[str, ...]:
    """The messages of the rows that failed: what tells one wrong answer from another."""
    return tuple(str(row.get("message", "")) for row in result.get("rows", ()) if row.get("state") == "failed")
