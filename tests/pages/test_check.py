from collections.abc import Callable
from pathlib import Path

import pytest

from flask_magic.pages.check import changing_cells, check_page
from flask_magic.pages.exercises import answers_path
from flask_magic.pages.notebook import Notebook
from flask_magic.pages.outline import read_outline

Edit = Callable[[Callable[[Notebook], object]], None]


def messages(page: Path) -> list[str]:
    return [str(problem).partition("notebooks/")[2] for problem in check_page(page, read_outline(page.parents[1]))]


def test_a_good_page_has_no_problems(page: Path) -> None:
    assert messages(page) == []
    assert changing_cells(page) == 1


def test_a_file_that_is_no_notebook_is_a_problem(page: Path) -> None:
    page.write_text("{", encoding="utf-8")
    (message,) = messages(page)
    assert "is not a notebook" in message


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("level", "hard", "'level' is first, core or deep, not 'hard'"),
        ("minutes", "8", "'minutes' is a whole number, 1 to 60, not '8'"),
        ("minutes", True, "'minutes' is a whole number"),
        ("requires", "redis", "'requires' is a list of services"),
        ("levle", "core", "'levle' is not known. Did you mean 'level'?"),
        ("tags", ["DynamicURL"], "the outline's tags of this topic are ['DynamicURL', 'Parameters']"),
        ("outline", "Routing / Variable Rule", "Did you mean 'Routing / Variable Rules'?"),
        ("outline", "Extensions / Finding and Using Extensions", "belongs at 04-extensions/01-finding-and"),
        ("prerequisites", ["Routing / Basic Routing"], "is written 'Routing / Basic Routing (`@app.route`)'"),
        ("prerequisites", ["Routing / Variable Rules"], "the page is its own prerequisite"),
    ],
)
def test_metadata_is_complete_and_right(page: Path, edit: Edit, key: str, value: object, message: str) -> None:
    edit(lambda notebook: notebook["metadata"]["flask_magic"].update({key: value}))
    assert any(message in found for found in messages(page)), messages(page)


def test_metadata_that_is_missing_is_named(page: Path, edit: Edit) -> None:
    edit(lambda notebook: notebook["metadata"]["flask_magic"].pop("requires"))
    assert "metadata: 'requires' is missing" in messages(page)[0]
    edit(lambda notebook: notebook["metadata"].clear())
    assert "has no 'flask_magic'" in messages(page)[0]


def test_the_head_says_what_the_metadata_say(page: Path, edit: Edit) -> None:
    before = "Routing / Basic Routing (`@app.route`)"
    (page.parent / "01-basic-routing.ipynb").write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    edit(lambda notebook: notebook["metadata"]["flask_magic"].update(minutes=9, prerequisites=[before]))
    assert [message.partition("): ")[2] for message in messages(page) if "the head" in message] == [
        "the head says 8 minutes, and the metadata 9",
        "the head has no link to 'Routing / Basic Routing (`@app.route`)', a prerequisite: (01-basic-routing.ipynb)",
    ]
    edit(lambda notebook: notebook["cells"][0].update(source="# Variable rules\n[Basics](01-basic-routing.ipynb)"))
    assert [message.partition("): ")[2] for message in messages(page) if "the head" in message] == [
        "the head does not say how many minutes the page takes"
    ]


def test_a_message_names_page_and_cell(page: Path, edit: Edit) -> None:
    edit(lambda notebook: notebook["cells"][5]["metadata"].update(tags=["hide-output", "varys"]))
    (message,) = messages(page)
    cell = "02-routing/02-variable-rules.ipynb · cell 6 (print(sorted(tools)))"
    assert message == f"{cell}: the tag 'varys' is not known. Did you mean 'varies'?"


def output(text: str) -> list[dict[str, str]]:
    return [{"output_type": "stream", "name": "stdout", "text": text}]


@pytest.mark.parametrize(
    ("position", "changes", "message"),
    [
        (3, {"source": "x = 1\n" * 16}, "the cell has 16 lines, 15 are the limit"),
        (3, {"source": " "}, "cell 4 (empty): the cell is empty"),
        (3, {"id": "cell-05"}, "the cell has no id of its own"),
        (3, {"execution_count": None}, "its execution count is None, not 2"),
        (3, {"execution_count": 3}, "its execution count is 3, not 2"),
        (
            3,
            {"outputs": output("at 0x7f30a2b4c5d0")},
            'cell 4 (tools = {7: "drill", 9: "saw"}): the output holds a memory',
        ),
        (8, {"metadata": {}}, "it failed when it was run: KeyError: 8"),
        (3, {"metadata": {"tags": ["varies", "nbval-ignore-output"]}}, "says why in its metadata"),
        (3, {"metadata": {"tags": ["varies"], "varies": "Python"}}, "needs the tag nbval-ignore-output too"),
        (3, {"metadata": {"tags": ["nbval-ignore-output"]}}, "nbval-ignore-output without varies"),
    ],
)
def test_cells_are_short_and_their_outputs_stored(
    page: Path, edit: Edit, position: int, changes: dict[str, object], message: str
) -> None:
    edit(lambda notebook: notebook["cells"][position].update(changes))
    assert any(message in found for found in messages(page)), messages(page)


@pytest.mark.parametrize(
    ("position", "changes", "message"),
    [
        (11, {"source": "def loan(days):\n    pass"}, "the stub's hash is not that of its source"),
        (11, {"metadata": {}}, "the page has no exercise"),
        (12, {"metadata": {}}, "a check needs the metadata exercise"),
        (12, {"source": "%%flask_check lone"}, "the check begins with '%%flask_check loan'"),
        (12, {"outputs": []}, "no result is stored"),
        (13, {"source": "Nothing"}, "the solution is missing"),
    ],
)
def test_an_exercise_is_whole(page: Path, edit: Edit, position: int, changes: dict[str, object], message: str) -> None:
    edit(lambda notebook: notebook["cells"][position].update(changes))
    assert any(message in found for found in messages(page)), messages(page)


@pytest.mark.parametrize(
    ("solution", "message"),
    [
        ("def loan(days):\n    ...", "the solution is the stub itself"),
        ("def loan(days)", "the solution is not Python, line 1"),
        ("%%flask_route /loans\ndef loan(days)", "the solution is not Python, line 2"),
        ("x = 1\n" * 15 + "x", "the solution has 16 lines"),
    ],
)
def test_a_solution_is_another_cell_of_python(page: Path, edit: Edit, solution: str, message: str) -> None:
    def change(notebook: Notebook) -> None:
        cell = notebook["cells"][13]
        cell["source"] = cell["source"].replace("def loan(days):\n    return min(days, 14)", solution)

    edit(change)
    (found,) = messages(page)
    assert message in found


@pytest.mark.parametrize(
    "solution",
    ["%%flask_route /loans -X POST\ndef loan():\n    return {}", "r = %http GET /\nr", "%%http\nGET /"],
)
def test_magics_are_no_syntax_errors(page: Path, edit: Edit, solution: str) -> None:
    def change(notebook: Notebook) -> None:
        cell = notebook["cells"][13]
        cell["source"] = cell["source"].replace("def loan(days):\n    return min(days, 14)", solution)

    edit(change)
    assert messages(page) == []


def test_a_check_follows_its_stub_folded_and_open(page: Path, edit: Edit) -> None:
    def change(notebook: Notebook) -> None:
        cells = notebook["cells"]
        cells[12]["metadata"].pop("jupyter")
        cells[12]["outputs"][0]["data"]["application/vnd.flask-magic.check+json"]["state"] = "failed"
        cells.insert(12, {**cells[3], "id": "between", "execution_count": 7})
        cells[13]["execution_count"] = 8

    edit(change)
    found = "\n".join(messages(page))
    assert "a code cell stands between the stub and its check" in found
    assert "the check is folded" in found
    assert "with the untouched stub the check says 'failed', not 'open'" in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[loan]]\nsource = 'a'\n[[loan]]\nsource = 'a'", "[[loan]] has 2 wrong answers, 2 are needed"),
        (
            "[[loan]]\nsource = 'a'\n[[loan]]\nsource = 'def loan(days):\n    ...'",
            "a wrong answer is the stub",
        ),
        ("[[lone]]\nsource = 'a'", "the page has no exercise 'lone'. Did you mean 'loan'?"),
        ("[[", "cannot be read"),
    ],
)
def test_wrong_answers_are_two_and_wrong(page: Path, text: str, message: str) -> None:
    text = text.replace("'def loan(days):\n    ...'", "'''def loan(days):\n    ...'''")
    answers_path(page).write_text(text, encoding="utf-8")
    found = [str(problem) for problem in check_page(page, read_outline(page.parents[1]))]
    assert any(message in line for line in found), found
