from collections.abc import Callable
from pathlib import Path

import pytest

from flask_magic.pages.exercises import answers_path
from flask_magic.pages.gate import judge
from flask_magic.pages.notebook import Notebook
from flask_magic.pages.sanitize import read_rules

RULES = read_rules(Path(__file__).parents[2] / "notebooks")
Edit = Callable[[Callable[[Notebook], object]], None]


def test_a_good_page_passes_and_is_counted(page: Path) -> None:
    verdict = judge(page, RULES)
    assert verdict.complaints == []
    assert (verdict.cells, verdict.changing, verdict.answers) == (7, 1, 5)


def test_an_output_that_is_stored_otherwise_is_shown(page: Path, edit: Edit) -> None:
    edit(lambda notebook: notebook["cells"][5]["outputs"][0].update(text="[7, 8]\n"))
    first, second = judge(page, RULES).complaints
    assert "cell 6 (print(sorted(tools))): the first run shows something else" in first
    assert "-stdout: [7, 8]" in first
    assert "+stdout: [7, 9]" in first
    assert "the second run" in second


def test_a_cell_that_gives_something_else_when_run_again_is_found(page: Path, edit: Edit) -> None:
    edit(lambda notebook: notebook["cells"][9]["metadata"].update(tags=[]))
    (complaint,) = judge(page, RULES).complaints
    assert "cell 10" in complaint
    assert "the second run" in complaint


def test_what_varies_is_compared_by_its_exception(page: Path, edit: Edit) -> None:
    def vary(notebook: Notebook) -> None:
        notebook["cells"][8]["metadata"]["tags"] = ["raises-exception", "varies"]
        notebook["cells"][8]["outputs"][0]["evalue"] = "another text"
        notebook["cells"][5]["metadata"]["tags"] = ["varies"]
        notebook["cells"][5]["outputs"] = []

    edit(vary)
    assert judge(page, RULES).complaints == []


def test_a_page_that_hangs_or_dies_is_named(page: Path, edit: Edit) -> None:
    edit(lambda notebook: notebook["cells"][3].update(source="import os; os._exit(1)"))
    assert "cell 4 (import os; os._exit(1)): The kernel died" in judge(page, RULES).complaints[-1]


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        (
            ["return days", "return days + 0"],
            "wrong answers 1 and 2 get the same messages: failed (a long loan is cut)",
        ),
        (
            ["return days", "return min(14, days)"],
            "wrong answer 2 should be failed, and the check says passed",
        ),
        (["return days"], "it has 1 wrong answers in tests/answers, and needs two"),
    ],
)
def test_wrong_answers_must_fail_and_differ(page: Path, answers: list[str], complaint: str) -> None:
    tables = [f"[[loan]]\nsource = 'def loan(days): {answer}'" for answer in answers]
    answers_path(page).write_text("\n".join(tables), encoding="utf-8")
    (found,) = judge(page, RULES).complaints
    assert found.endswith(f"exercise loan: {complaint}")


def test_a_solution_must_pass_and_a_stub_be_open(page: Path, edit: Edit) -> None:
    def spoil(notebook: Notebook) -> None:
        cells = notebook["cells"]
        cells[13]["source"] = cells[13]["source"].replace("min(days, 14)", "days")
        cells[11]["source"] = "def loan(days):\n    return 0"

    edit(spoil)
    found = "\n".join(judge(page, RULES).complaints)
    assert "the solution should be passed, and the check says failed (a long loan is cut)" in found
    assert "the untouched stub should be open, and the check says failed" in found


def test_with_another_server_exceptions_are_compared_and_outputs_are_not(page: Path, edit: Edit) -> None:
    def read_setting(notebook: Notebook) -> None:
        notebook["cells"][5]["source"] = 'import os; print(sorted(tools), os.environ["DATABASE_URL"])'
        notebook["cells"][5]["outputs"][0].update(text="[7, 8]\n")

    edit(read_setting)
    verdict = judge(page, RULES, service={"DATABASE_URL": "postgresql://elsewhere"})
    assert verdict.complaints == []
    assert (verdict.cells, verdict.answers) == (7, 5)
    edit(lambda notebook: notebook["cells"][5].update(source="tools['drill']"))
    (complaint,) = judge(page, RULES, service={}).complaints
    assert complaint.endswith("None is stored, and KeyError came: 'drill'")
