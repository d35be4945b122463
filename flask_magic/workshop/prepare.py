"""From a workshop's one source to the notebook of a level: which cells are in it, and what they know of each other.

A source holds each exercise's forms as cells with tags: `novice`, `practitioner`, `expert`, `solution`. A cell with
none of them is in every notebook. Cells of an exercise name it in their metadata, `exercise: {"name", "role"}`; the
role is `stub` (the learner's cell), `solution` (the code that stands in its place) or `check`.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, TypeAlias

from flask_magic.errors import did_you_mean
from flask_magic.pages.exercises import role_of
from flask_magic.pages.notebook import Cell, Notebook, code_cells, hash_of, tags_of
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.parameters import parameters_of

__all__ = ["LEVELS", "MODES", "about", "exercise_names", "must_be_one_of", "prepare", "with_stub_hash"]

LEVELS = ("novice", "practitioner", "expert")
MODES = ("learner", "solution")
SOLUTION = "solution"

About: TypeAlias = dict[str, Any]


def prepare(source: Notebook, level: str, mode: str) -> Notebook:
    """The notebook for a `level` (novice, practitioner, expert) in a `mode` (learner, solution), without outputs.

    `source` stays as it is. Raises WorkshopError for a level or mode that is not there, a source that was prepared
    already or has no parameters, and an exercise that lacks a form for the level, its solution or its check.
    """
    must_be_one_of("level", level, LEVELS)
    must_be_one_of("mode", mode, MODES)
    if "level" in about(source):
        raise WorkshopError(
            f"This notebook is prepared already (level {about(source)['level']}). Name the workshop's source."
        )
    parameters_of(source)
    names = exercise_names(source)
    if not names:
        raise WorkshopError("This notebook has no exercise: no cell has `exercise` in its metadata.")
    stubs = {name: hash_of(_one(source, name, "stub", level)["source"]) for name in names}
    notebook = deepcopy(source)
    notebook["cells"] = [_bare(cell) for cell in notebook["cells"] if _is_in(cell, level, mode)]
    for name in names:
        _tie(notebook, name, stubs[name])
    notebook["metadata"].setdefault("flask_magic", {})["workshop"] = {**about(source), "level": level, "mode": mode}
    return notebook


def about(notebook: Notebook) -> About:
    """What a workshop's metadata say of it: title and minutes, and once it is prepared its level and mode."""
    found: About = notebook["metadata"].get("flask_magic", {}).get("workshop", {})
    return found


def exercise_names(notebook: Notebook) -> list[str]:
    """The names of the exercises, in order."""
    return list(dict.fromkeys(name for name, _ in map(role_of, notebook["cells"]) if name))


def must_be_one_of(what: str, word: str, words: tuple[str, ...]) -> None:
    """WorkshopError, naming what there is, where `word` is none of `words`.

    >>> must_be_one_of("mode", "learner", MODES)
    """
    if word not in words:
        todo = did_you_mean(word, words) or f"Choose: {', '.join(words)}."
        raise WorkshopError(f"There is no {what} '{word}'. {todo}")


def _is_in(cell: Cell, level: str, mode: str) -> bool:
    tags, role = set(tags_of(cell)), role_of(cell)[1]
    if mode == "learner" and (SOLUTION in tags or role == SOLUTION):
        return False
    if mode == "solution" and role == "stub":
        return False
    return level in tags or tags.isdisjoint(LEVELS)


def _bare(cell: Cell) -> Cell:
    """The cell without outputs, and without the tags that chose it."""
    tags = [tag for tag in tags_of(cell) if tag not in (*LEVELS, SOLUTION)]
    cell["metadata"].pop("tags", None)
    if tags:
        cell["metadata"]["tags"] = tags
    if cell["cell_type"] == "code":
        cell["outputs"], cell["execution_count"] = [], None
    return cell


def _one(notebook: Notebook, name: str, role: str, level: str | None = None) -> Cell:
    """The only code cell of this exercise and role (and level), with a source: an empty cell never runs."""
    found = [
        cell
        for cell in code_cells(notebook)
        if role_of(cell) == (name, role) and (level is None or level in tags_of(cell))
    ]
    if len(found) != 1:
        form = f"form for the level '{level}'" if level else f"code cell with the role '{role}'"
        raise WorkshopError(
            f"The exercise '{name}' has {'more than one' if found else 'no'} {form}."
            + ("" if found else " A cell without any code does not count: let it hold a comment at least.")
        )
    return found[0]


def _tie(notebook: Notebook, name: str, stub: str) -> None:
    """Tell the answer's cell and the check of one exercise what was handed out: the hash `stub`."""
    cells = list(code_cells(notebook))
    answers = [cell for cell in cells if role_of(cell) in ((name, "stub"), (name, SOLUTION))]
    if not answers:
        raise WorkshopError(f"The exercise '{name}' has no code cell with the role 'solution'.")
    answer, check = answers[0], _one(notebook, name, "check")
    if cells.index(check) != cells.index(answer) + 1 or len(answers) > 1:
        raise WorkshopError(
            f"The check of '{name}' has to follow its stub directly: no code cell may stand between them."
        )
    answer["metadata"]["exercise"] = {"name": name, "role": "stub", "hash": stub}
    check["source"] = with_stub_hash(check["source"], stub)


def with_stub_hash(source: str, stub: str) -> str:
    """A check's source that names the hash of its exercise's stub.

    >>> with_stub_hash("%%flask_check front\\nassert True", "0123456789abcdef")
    '%%flask_check front\\n# stub: 0123456789abcdef\\nassert True'
    """
    first, newline, rest = source.partition("\n")
    return f"{first}\n# stub: {stub}{newline}{rest}"
