"""The first workshop in one shell: answers that are nearly right, and exercises in another order."""

from collections.abc import Iterator

import pytest
from notebook_shell import Notebook as Shell

from flask_magic.display import CHECK_MIME
from flask_magic.pages.exercises import role_of
from flask_magic.pages.notebook import Notebook, code_cells, load, tags_of
from flask_magic.workshop.prepare import LEVELS, prepare

from .conftest import CHECKS, FIRST, Change, replaced


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, Notebook]]:
    """A shell in which the practitioner's solved notebook has run, and that notebook."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("room"))
        solved = prepare(load(FIRST), "practitioner", "solution")
        shell = Shell()
        for cell in code_cells(solved):
            shell.run(cell["source"], cell["id"], cell["metadata"])
        yield shell, solved
        shell.close()


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("front", replaced("len(world.items)", "16 + 1"), "`items` should be the number of items"),
        ("front", lambda source: source.replace("{", "str({").replace("}", "})"), "/ should answer with JSON"),
        ("item", replaced("<int:number>", "<number>"), "every item should answer with its own data"),
        ("item", replaced("abort(404)", 'return "not found"'), "that is 404"),
        ("urlmap", replaced('"/items/"', '"/items"'), "`all_items` should have one rule, /items/"),
        ("urlmap", replaced('"PUT", "DELETE"', '"GET", "PUT", "DELETE"'), "`hold` should take PUT and DELETE"),
        ("urlmap", replaced("found or abort(404)", "found"), "there is no kind called spaceships"),
        ("answers", replaced('"h": 404', '"h": 405'), "h · POST /desk"),
        ("pages", replaced("item.name }}", "item.name|safe }}"), "no name should become an element"),
        ("pages", replaced("elif item.late", "elif false"), "what is late should say since when"),
        ("pages", replaced('{% extends "base.html" %}\n', ""), "the page should have the frame of base.html, once"),
        ("label", replaced('"{{ name }}"', "{{ name }}"), "a name should not add an attribute"),
        ("label", replaced("<p title", "<p class=x title"), "the label of an item with a harmless name"),
        ("label", replaced("'<p", "f'<p"), "the label of an item with a harmless name"),
        (
            "label",
            replaced("=found.name", "=str(Markup.escape(found.name))"),
            "a name that looks escaped should be shown",
        ),
        ("missing", replaced(", 404", ""), "a page for a 404 should keep the status 404"),
        ("missing", replaced("errorhandler(404)", "errorhandler(Exception)"), "a wrong method should stay 405"),
        ("missing", replaced("request.path", "request.full_path"), "the page should name the path, and no more"),
    ],
)
def test_an_answer_that_is_nearly_right_fails_with_its_reason(
    room: tuple[Shell, Notebook], name: str, change: Change, message: str
) -> None:
    shell, solved = room
    answer, check = (cell for cell in code_cells(solved) if role_of(cell)[0] == name)
    try:
        shell.run(change(answer["source"]), answer["id"], answer["metadata"])
        result = shell.run(check["source"], check["id"], check["metadata"]).displays[-1][CHECK_MIME]
    finally:
        shell.run(answer["source"], answer["id"], answer["metadata"])
    assert result["state"] == "failed"
    assert result["hint"]
    assert message in "\n".join(row["message"] for row in result["rows"] if row["state"] == "failed")
    again = shell.run(check["source"], check["id"], check["metadata"]).displays[-1][CHECK_MIME]
    assert again["state"] == "passed"


@pytest.mark.parametrize("level", LEVELS)
def test_no_exercise_needs_another_one(first: Notebook, notebook: Shell, level: str) -> None:
    handout, solution = prepare(first, level, "learner"), prepare(first, level, "solution")
    answers = {role_of(cell)[0]: cell for cell in code_cells(solution) if role_of(cell)[1] == "stub"}
    for cell in code_cells(handout):
        notebook.run(cell["source"], cell["id"], cell["metadata"])
    checks = {role_of(cell)[0]: cell for cell in code_cells(handout) if role_of(cell)[1] == "check"}
    stubs = {role_of(cell)[0]: cell for cell in code_cells(handout) if role_of(cell)[1] == "stub"}
    for name in reversed(CHECKS):
        for cell, state in ((answers[name], "passed"), (stubs[name], "open")):
            notebook.run(cell["source"], cell["id"], cell["metadata"])
            bundle = notebook.run(checks[name]["source"], checks[name]["id"], checks[name]["metadata"]).displays[-1]
            assert (name, bundle[CHECK_MIME]["state"]) == (name, state)


def test_cells_are_short_and_each_objective_has_a_check(first: Notebook) -> None:
    checks = [cell["source"] for cell in code_cells(first) if role_of(cell)[1] == "check"]
    others = [cell for cell in code_cells(first) if role_of(cell)[1] != "check"]
    assert [cell["id"] for cell in others if len(cell["source"].splitlines()) > 15] == []
    assert [cell["id"] for cell in first["cells"] if set(tags_of(cell)) - {*LEVELS, *TAGS}] == []
    objectives = {line for source in checks for line in source.splitlines() if line.startswith("# objective: ")}
    assert objectives == {f"# objective: {number}" for number in (1, 2, 3, 4)}
    assert {source.count("# hint: ") for source in checks} <= {2, 3}


TAGS = ("parameters", "solution", "hide-input")
