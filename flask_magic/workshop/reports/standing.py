"""Where somebody stands: exercises and objectives, and what the notebook says of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_magic.pages.exercises import role_of
from flask_magic.pages.notebook import Notebook, code_cells
from flask_magic.workshop.journal import Row
from flask_magic.workshop.prepare import about

__all__ = ["MARKS", "Exercise", "exercises_of", "facts_of", "link_to", "state_of"]

#: How a state is shown: a mark, and a word, so that no colour is needed.
MARKS = {
    "passed": ("✓", "passed"),
    "hinted": ("◐", "passed with hints"),
    "failed": ("✗", "not yet"),
    "open": ("☐", "open"),
    "": ("·", "not known"),
}


@dataclass(frozen=True)
class Exercise:
    """One exercise: its name, the number of its objective ("" for none), and the page that teaches it."""

    name: str
    objective: str = ""
    page: str = ""

    @property
    def topic(self) -> str:
        """The page's title, as its file's name tells it.

        >>> Exercise("item", page="02-routing/02-variable-rules").topic
        'Variable rules'
        """
        return re.sub(r"^\d+-", "", self.page.rpartition("/")[2]).replace("-", " ").capitalize()


def facts_of(notebook: Notebook) -> dict[str, Any]:
    """What reports have to know of a workshop: title, objectives, and the exercises in order."""
    exercises = []
    for cell in code_cells(notebook):
        name, role = role_of(cell)
        if role == "check":
            exercises.append(
                {"name": name, "objective": _head(cell["source"], "objective"), "page": _head(cell["source"], "page")}
            )
    texts = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    objectives = re.findall(r"^\d+\.\s+(.+?)[,.;]?$", texts[0], re.MULTILINE) if texts else []
    return {"title": about(notebook).get("title", ""), "objectives": objectives, "exercises": exercises}


def exercises_of(facts: Mapping[str, Any]) -> list[Exercise]:
    """The exercises in these facts."""
    return [Exercise(**one) for one in facts.get("exercises", [])]


def state_of(row: Row, name: str) -> str:
    """passed, hinted (passed, and hints were used), failed, open, or "" where the run did not come so far."""
    check = next((one for one in row.checks if one["name"] == name), None)
    if check is None:
        return ""
    return "hinted" if check["state"] == "passed" and check.get("hints_used") else str(check["state"])


def link_to(page: str, site: str) -> str:
    """Where the site has a page; "" where there is no site."""
    return f"{site.rstrip('/')}/notebooks/{page}.html" if site and page else ""


def _head(source: str, key: str) -> str:
    match = re.search(rf"^#\s*{key}:\s*(.+?)\s*$", source, re.MULTILINE)
    return match[1] if match else ""
