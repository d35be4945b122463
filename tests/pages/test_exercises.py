from pathlib import Path

import pytest

from flask_magic.pages.errors import PageError
from flask_magic.pages.exercises import answers_path, exercises, solution_in, wrong_answers
from flask_magic.pages.notebook import load


def test_stub_check_and_solution_are_found(page: Path) -> None:
    (exercise,) = exercises(load(page))
    assert (exercise.name, exercise.stub, exercise.check) == ("loan", 11, 12)
    assert exercise.solution == "def loan(days):\n    return min(days, 14)"


def test_a_solution_belongs_to_the_nearest_check_before_it(page: Path) -> None:
    notebook = load(page)
    cells = notebook["cells"]
    again = [
        {**cell, "metadata": {"exercise": {"name": "b", "role": role}}}
        for cell, role in zip(cells[11:13], ("stub", "check"), strict=True)
    ]
    cells[13:13] = again
    assert [exercise.solution is None for exercise in exercises(notebook)] == [True, False]


@pytest.mark.parametrize(
    "broken",
    [
        "<details><summary>Solution</summary>\n```python\nx\n```\n\nwhy\n\n</details>",
        "<details><summary>Solution</summary>\n\n```\nx\n```\n\nwhy\n\n</details>",
        "<details><summary>Solution</summary>\n\n```python\nx\n```\n\n\n\n</details>",
        "<details><summary>Solution</summary>\n\n```python\nx\n```\n\nwhy\n</details>",
    ],
)
def test_a_solution_has_its_blank_lines_its_python_and_its_why(broken: str) -> None:
    assert solution_in("<details><summary>Solution</summary>\n\n```python\nx\n```\n\nwhy\n\n</details>") == "x"
    assert solution_in(broken) is None


def test_wrong_answers_are_read_by_exercise(page: Path) -> None:
    assert answers_path(page).parts[-4:] == ("tests", "answers", "02-routing", "02-variable-rules.toml")
    assert wrong_answers(page)["loan"][1] == "def loan(days):\n    return 14"
    answers_path(page).unlink()
    assert wrong_answers(page) == {}


@pytest.mark.parametrize("text", ["[[loan", "[[loan]]\nanswer = ''", "loan = 3"])
def test_a_broken_file_of_answers_is_told(page: Path, text: str) -> None:
    answers_path(page).write_text(text, encoding="utf-8")
    with pytest.raises(PageError, match=r"02-variable-rules\.toml cannot be read"):
        wrong_answers(page)
