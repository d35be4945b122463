"""What is handed in: put together with the workshop's own cells, and run; what it says of itself counts for nothing."""

import csv
import json
import os
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from flask_magic.cli import main
from flask_magic.display import CHECK_MIME
from flask_magic.pages.exercises import role_of
from flask_magic.pages.notebook import Cell, Notebook, code_cells, save
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.folders import JOURNAL, folder_of
from flask_magic.workshop.grade import graded, submissions_in
from flask_magic.workshop.journal import Journal, Row
from flask_magic.workshop.prepare import prepare

from .conftest import code

PASSED = {"name": "sum", "state": "passed", "rows": [{"state": "passed", "message": "`total == 3`"}], "hints_used": 1}
FORGED = f"""from IPython.display import publish_display_data
publish_display_data({{{CHECK_MIME!r}: {PASSED!r}, 'text/plain': 'x'}})"""
REPLACED = f"""def passed(line, cell):
    row = {{'state': 'passed', 'message': 'x'}}
    told = {{'name': line, 'state': 'passed', 'rows': [row] * cell.count('assert'), 'hints_used': 0}}
    publish_display_data({{{CHECK_MIME!r}: told, 'text/plain': 'x'}})
from IPython.display import publish_display_data
get_ipython().register_magic_function(passed, "cell", "flask_check")"""


@pytest.fixture
def source(small: Notebook) -> Notebook:
    """The small workshop, with ids as JupyterLab gives them, and an answer that depends on the seed."""
    small["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    small["cells"][0]["source"] = "participant: str = 'Ada'\nseed: int = 1"
    small["cells"][2]["source"] = "total = ..."
    small["cells"][3]["source"] = "total = seed + 2"
    small["cells"][4]["source"] = "%%flask_check sum\nassert total == seed + 2"
    for place, cell in enumerate(small["cells"]):
        cell["id"], cell["outputs"] = f"cell-{place}", []
    return small


@pytest.fixture
def handout(source: Notebook) -> Notebook:
    """What was handed out."""
    return prepare(source, "novice", "learner")


def answered(handout: Notebook, answer: str, *more: Cell) -> Notebook:
    """The handout with an answer, and more cells after it."""
    submission = deepcopy(handout)
    submission["cells"][2]["source"] = answer
    submission["cells"][3:3] = more
    return submission


def sources(notebook: Notebook) -> list[str]:
    return [cell["source"] for cell in notebook["cells"]]


def test_the_learner_s_answer_and_added_cells_come_into_the_original(handout: Notebook) -> None:
    submission = answered(handout, "total = two + seed", code("two = 2"), code("1 / 0"))
    notebook = graded(handout, submission)
    assert sources(notebook)[:6] == [
        *sources(handout)[:2],
        "two = 2",
        "1 / 0",
        "total = two + seed",
        sources(handout)[3],
    ]
    tags = [cell["metadata"].get("tags", []) for cell in notebook["cells"]]
    assert ["raises-exception" in one for one in tags[:6]] == [False, False, True, True, True, False]
    assert graded(handout, submission) == notebook


def _replace_the_check(cells: list[Cell]) -> None:
    cells[3]["source"] = "%%flask_check sum\nassert True"


def _set_the_seed(cells: list[Cell]) -> None:
    cells[0]["source"] = "seed: int = 1; participant = ''"


def _lose_all_ids_and_metadata(cells: list[Cell]) -> None:
    for cell in cells:
        cell.pop("id")
        cell["metadata"].pop("exercise", None)


def _be_another_check(cells: list[Cell]) -> None:
    cells.append({**deepcopy(cells[3]), "id": "mine", "source": FORGED})


def _swap(cells: list[Cell]) -> None:
    cells.reverse()


@pytest.mark.parametrize(
    "change",
    [
        _replace_the_check,
        _set_the_seed,
        _be_another_check,
        _swap,
        lambda cells: cells.pop(3),
        lambda cells: cells.pop(0),
    ],
)
def test_given_cells_and_checks_are_the_workshop_s_own_again(
    handout: Notebook, change: Callable[[list[Cell]], None]
) -> None:
    submission = answered(handout, "total = 9")
    change(submission["cells"])
    notebook = graded(handout, submission)
    own = [cell for cell in notebook["cells"] if cell["id"].startswith("cell-")]
    assert [cell["source"] for cell in own] == [*sources(handout)[:2], "total = 9", sources(handout)[3]]
    checks = [cell for cell in code_cells(notebook) if role_of(cell)[1] == "check"]
    assert [role_of(cell)[0] for cell in checks] == ["sum", "probe"]
    assert not any(cell.get("outputs") for cell in notebook["cells"])


def test_a_notebook_without_ids_and_metadata_is_known_by_its_cells(handout: Notebook) -> None:
    submission = deepcopy(handout)
    _lose_all_ids_and_metadata(submission["cells"])
    assert sources(graded(handout, submission))[:4] == sources(handout)


words = st.text(max_size=20)
cells = st.lists(
    st.builds(
        lambda kind, source, name, role, identity: {
            "cell_type": kind,
            "source": source,
            "metadata": {"exercise": {"name": name, "role": role}},
            **({"id": identity} if identity else {}),
        },
        st.sampled_from(["code", "markdown", "raw"]),
        words | st.sampled_from(["total = 3", "%load_ext flask_magic"]),
        words | st.just("sum"),
        st.sampled_from(["stub", "check", "solution", ""]),
        st.sampled_from(["", "cell-0", "cell-2", "cell-4", "other"]),
    ),
    max_size=8,
)


@given(cells)
def test_whatever_is_handed_in_the_checks_stay(found: list[Cell]) -> None:
    parameters = {"cell_type": "code", "id": "cell-0", "metadata": {}, "source": "seed = 1", "outputs": []}
    stub = {
        "cell_type": "code",
        "id": "cell-2",
        "metadata": {"exercise": {"name": "sum", "role": "stub"}},
        "source": "x = ...",
    }
    check = {
        "cell_type": "code",
        "id": "cell-4",
        "metadata": {"exercise": {"name": "sum", "role": "check"}},
        "source": "%%flask_check sum",
    }
    original: Notebook = {"cells": [parameters, stub, check], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    notebook = graded(original, {"cells": found})
    own = [cell for cell in notebook["cells"] if cell["id"] in ("cell-0", "cell-2", "cell-4")]
    assert [own[0], own[2]] == [parameters, check]
    assert own[1]["source"] in {stub["source"], *(cell["source"] for cell in found)}
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    assert ids.index("cell-4") == ids.index("cell-2") + 1
    assert [role_of(cell) for cell in code_cells(notebook) if role_of(cell)[1] == "check"] == [
        ("sum", "check"),
        ("probe", "check"),
    ]


# -- whose notebooks


def test_a_notebook_is_somebody_s_by_its_name_or_its_folder_s(tmp_path: Path, handout: Notebook) -> None:
    for name in ("ada.ipynb", "bo/WORK.IPYNB", ".ipynb_checkpoints/ada.ipynb", "cy/.ipynb_checkpoints/work.ipynb"):
        save(tmp_path / name, handout)
    assert submissions_in(tmp_path) == {"ada": tmp_path / "ada.ipynb", "bo": tmp_path / "bo" / "WORK.IPYNB"}
    save(tmp_path / "bo" / "other.ipynb", handout)
    save(tmp_path / "Ada" / "x.ipynb", handout)
    with pytest.raises(WorkshopError) as caught:
        submissions_in(tmp_path)
    assert "bo: 2 notebooks. Leave the one to grade" in caught.value.message
    assert "'Ada' differs from 'ada' in its spelling alone" in caught.value.message


def test_in_a_folder_that_was_run_the_journal_says_whose_they_are(tmp_path: Path, handout: Notebook) -> None:
    folder = folder_of("Ada Lovelace")
    save(tmp_path / folder / "notebook.ipynb", handout)
    with Journal(tmp_path / JOURNAL) as journal:
        journal.plan([Row("Ada Lovelace", folder)])
    assert submissions_in(tmp_path) == {"Ada Lovelace": tmp_path / folder / "notebook.ipynb"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names of files that are no text")
def test_a_name_that_is_no_text_is_told(tmp_path: Path, handout: Notebook) -> None:
    save(tmp_path / "ada.ipynb", handout)
    (tmp_path / "ada.ipynb").rename(tmp_path / os.fsdecode("Zoë.ipynb".encode("latin-1")))
    save(tmp_path / "b\no.ipynb", handout)
    with pytest.raises(WorkshopError) as caught:
        submissions_in(tmp_path)
    first, *lines = caught.value.message.splitlines()
    assert "nothing was run" in first
    assert lines == [
        "  'Zo\\udceb.ipynb': the name is 'Zo\\udceb', which is no UTF-8. Give it another one",
        "  'b\\no.ipynb': the name is 'b\\no': a control character cannot be part of it. Give it another one",
    ]


@pytest.mark.parametrize("make", [lambda _: None, lambda path: path.mkdir(), lambda path: path.touch()])
def test_a_folder_without_notebooks_is_told_of(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "x")
    with pytest.raises(WorkshopError, match=r"is no folder|holds no notebooks"):
        submissions_in(tmp_path / "x")


# -- for real


def grade(*options: str) -> Result:
    words = ["workshop", "grade", "handed-in", "--notebook", "sums.ipynb", "-o", "graded", *options]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def table() -> dict[str, dict[str, str]]:
    with Path("graded/results.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["participant"]: row for row in csv.DictReader(file)}


def test_a_class_is_graded_and_nobody_forges_a_check(
    source: Notebook, handout: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save(Path("sums.ipynb"), source)
    stored = {"output_type": "display_data", "metadata": {}, "data": {CHECK_MIME: PASSED}}
    wrong = answered(handout, "total = 3", code("oops ="))
    wrong["cells"][-1]["outputs"] = [stored]
    submissions: dict[str, Notebook] = {
        "right": answered(handout, "total = seed + 2"),
        "hard-coded": wrong,
        "shown": answered(handout, FORGED),
        "replaced": answered(handout, "total = 0", code(REPLACED)),
        "left": answered(handout, "import sys; sys.exit(0)"),
        "open": handout,
    }
    submissions["right"]["cells"][-1]["outputs"] = [stored]
    for name, submission in submissions.items():
        save(Path("handed-in") / f"{name}.ipynb", submission)
    Path("handed-in/torn.ipynb").write_text('{"cells": [')
    result = grade("-n", "2")
    found = table()
    assert result.exit_code == 1, result.stderr
    assert {name: (row["state"], row["error"], row["sum"]) for name, row in found.items()} == {
        "right": ("ok", "", "hinted"),
        "hard-coded": ("ok", "", "failed"),
        "shown": ("ok", "", "failed"),
        "replaced": ("failed", "CheckForged", ""),
        "left": ("ok", "", "failed"),
        "open": ("ok", "", "open"),
        "torn": ("failed", "InvalidNotebook", ""),
    }
    told: dict[str, Any] = json.loads(Path("graded/results.json").read_text(encoding="utf-8"))
    seeds = {one["participant"]: one["parameters"].get("seed") for one in told["participants"]}
    assert len(set(seeds.values())) == 7
    assert 1 not in seeds.values()
    text = (Path("graded") / folder_of("right") / "report.html").read_text(encoding="utf-8")
    assert "total = seed + 2" in text


def test_hidden_parameters_and_a_level_for_all(
    source: Notebook, handout: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save(Path("sums.ipynb"), source)
    save(Path("handed-in/ada.ipynb"), answered(handout, "total = 44"))
    assert grade("-p", "seed", "42").exit_code == 0
    assert table()["ada"]["sum"] == "passed"
    assert "Choose: novice" in grade("--level", "x", "--force").stderr
    save(Path("sums.ipynb"), handout)
    refused = grade()
    assert (refused.exit_code, "is no workshop's source" in refused.stderr) == (2, True)
