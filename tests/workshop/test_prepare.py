import json
import re
from collections.abc import Callable
from copy import deepcopy

import nbformat
import pytest

from flask_magic.pages.exercises import role_of
from flask_magic.pages.notebook import Cell, Notebook, code_cells, dumps, hash_of, tags_of
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.prepare import LEVELS, MODES, about, exercise_names, prepare

from .conftest import code

each_level = pytest.mark.parametrize("level", LEVELS)
each_mode = pytest.mark.parametrize("mode", MODES)

# The frame of a page is given: `missing.html` shows how a template fills it.
GIVEN = {'{% extends "base.html" %}', "{% block content %}", "{% endblock %}"}


def sources(notebook: Notebook) -> list[str]:
    return [cell["source"] for cell in notebook["cells"]]


@each_level
@each_mode
def test_a_prepared_notebook_is_valid_bare_and_knows_what_it_is(first: Notebook, level: str, mode: str) -> None:
    before = deepcopy(first)
    prepared = prepare(first, level, mode)
    assert first == before
    nbformat.validate(nbformat.reads(dumps(prepared), as_version=4))
    assert about(prepared) == {"title": "First service", "minutes": 90, "level": level, "mode": mode}
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code_cells(prepared))
    assert sum("parameters" in tags_of(cell) for cell in prepared["cells"]) == 1
    assert {tag for cell in prepared["cells"] for tag in tags_of(cell)} == {"parameters", "hide-input"}


@each_level
@each_mode
def test_each_check_follows_its_stub_and_both_know_what_was_handed_out(first: Notebook, level: str, mode: str) -> None:
    cells = list(code_cells(prepare(first, level, mode)))
    checks = [place for place, cell in enumerate(cells) if role_of(cell)[1] == "check"]
    assert [role_of(cells[place])[0] for place in checks] == exercise_names(first)
    for place in checks:
        stub, name = cells[place - 1], role_of(cells[place])[0]
        (form,) = [c for c in first["cells"] if role_of(c) == (name, "stub") and level in tags_of(c)]
        handed_out = hash_of(form["source"])
        assert stub["metadata"]["exercise"] == {"name": name, "role": "stub", "hash": handed_out}
        assert cells[place]["source"].splitlines()[:2] == [f"%%flask_check {name}", f"# stub: {handed_out}"]
        assert (stub["source"] == form["source"]) == (mode == "learner")


@each_level
def test_a_handout_holds_no_line_of_a_solution(first: Notebook, level: str) -> None:
    handout = prepare(first, level, "learner")
    text = "\n".join([*sources(handout), json.dumps(handout["metadata"])])
    lines = {line.strip() for line in text.splitlines()}
    solutions = [cell for cell in first["cells"] if "solution" in tags_of(cell)]
    assert len(solutions) == 2 * len(exercise_names(first))
    for solution in solutions:
        stub = stub_of(first, role_of(solution)[0], level)
        secret = [line.strip() for line in solution["source"].splitlines() if re.search(r"\w", line)]
        secret = [line for line in secret if line not in stub and line not in GIVEN]
        assert [line for line in secret if line in lines or (len(line) > 20 and line in text)] == []


def stub_of(notebook: Notebook, name: str, level: str) -> str:
    stubs = [c["source"] for c in notebook["cells"] if role_of(c) == (name, "stub") and level in tags_of(c)]
    return str(stubs[0]) if name else ""


def test_a_level_shows_its_own_forms_only(first: Notebook) -> None:
    shown = {level: set(sources(prepare(first, level, "learner"))) for level in LEVELS}
    for level, other in [(a, b) for a in LEVELS for b in LEVELS if a != b]:
        own = {cell["source"] for cell in first["cells"] if tags_of(cell) == [level]}
        assert own - shown[level] == set()
        assert own & shown[other] == set()


def test_a_solution_shows_why_after_the_check(first: Notebook) -> None:
    prepared = prepare(first, "expert", "solution")["cells"]
    after = [prepared[place + 1] for place, cell in enumerate(prepared) if role_of(cell)[1] == "check"]
    assert [cell["source"].split()[0] for cell in after] == ["**Why.**"] * len(exercise_names(first))


@pytest.mark.parametrize(
    ("level", "mode", "message"),
    [
        ("novce", "learner", "There is no level 'novce'. Did you mean 'novice'?"),
        ("7", "learner", "There is no level '7'. Choose: novice, practitioner, expert."),
        ("novice", "solutions", "There is no mode 'solutions'. Did you mean 'solution'?"),
        (
            "expert",
            "learner",
            "The exercise 'sum' has no form for the level 'expert'."
            " A cell without any code does not count: let it hold a comment at least.",
        ),
    ],
)
def test_what_cannot_be_prepared_is_said(small: Notebook, level: str, mode: str, message: str) -> None:
    with pytest.raises(WorkshopError) as caught:
        prepare(small, level, mode)
    assert caught.value.message == message


def _empty_the_stub(cells: list[Cell]) -> None:
    cells[2]["source"] = " \n"


def _put_between(cells: list[Cell]) -> None:
    cells.insert(4, code("%http /"))


def _no_exercise(cells: list[Cell]) -> None:
    del cells[2:]


@pytest.mark.parametrize(
    ("spoil", "mode", "message"),
    [
        (_empty_the_stub, "learner", "has no form for the level 'novice'"),
        (lambda cells: cells.insert(2, cells[2]), "learner", "has more than one form for the level 'novice'"),
        (_put_between, "learner", "The check of 'sum' has to follow its stub directly"),
        (lambda cells: cells.pop(4), "learner", "The exercise 'sum' has no code cell with the role 'check'"),
        (lambda cells: cells.pop(3), "solution", "The exercise 'sum' has no code cell with the role 'solution'"),
        (lambda cells: cells.pop(0), "learner", "one code cell with the tag `parameters`; this notebook has none"),
        (_no_exercise, "learner", "This notebook has no exercise"),
    ],
)
def test_a_source_that_is_not_whole_is_refused(
    small: Notebook, spoil: Callable[[list[Cell]], None], mode: str, message: str
) -> None:
    assert len(prepare(small, "novice", mode)["cells"]) == 4
    spoil(small["cells"])
    with pytest.raises(WorkshopError) as caught:
        prepare(small, "novice", mode)
    assert message in caught.value.message


def test_what_is_prepared_is_not_prepared_again(small: Notebook) -> None:
    with pytest.raises(WorkshopError, match=r"prepared already \(level novice\). Name the workshop's source"):
        prepare(prepare(small, "novice", "learner"), "novice", "solution")
