"""The first workshop, run by papermill: at each level, in each mode, for two classes."""

import html
import subprocess
import sys
from pathlib import Path
from typing import Any

import papermill
import pytest

from flask_magic.display import CHECK_MIME
from flask_magic.pages.exercises import role_of
from flask_magic.pages.notebook import Notebook, code_cells, load, save
from flask_magic.workshop.parameters import parameters_of
from flask_magic.workshop.prepare import LEVELS, exercise_names, prepare
from flask_magic.workshop.world import World

from .conftest import CHECKS, FIRST

CLASSES: list[dict[str, Any]] = [
    {"participant": "Ada", "theme": "books", "seed": 7},
    {"participant": "<b>Bo</b>", "theme": "plants", "seed": 2026, "n_items": 40, "now": "2028-02-29T23:59:00+01:00"},
]


def states(done: Notebook) -> dict[str, str]:
    """What each check of an executed notebook says."""
    data = [output.get("data", {}) for cell in code_cells(done) for output in cell["outputs"]]
    return {bundle[CHECK_MIME]["name"]: bundle[CHECK_MIME]["state"] for bundle in data if CHECK_MIME in bundle}


def shown(done: Notebook) -> str:
    """All HTML in the outputs."""
    outputs = [output for cell in code_cells(done) for output in cell["outputs"]]
    return "\n".join(output.get("data", {}).get("text/html", "") for output in outputs)


def printed(done: Notebook) -> str:
    """All that was printed."""
    outputs = [output for cell in code_cells(done) for output in cell["outputs"]]
    return "".join(output["text"] for output in outputs if output["output_type"] == "stream")


@pytest.mark.parametrize("parameters", CLASSES, ids=["books", "plants"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("mode", "state"), [("learner", "open"), ("solution", "passed")])
def test_papermill_leaves_all_checks_open_or_passed(
    first: Notebook,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    level: str,
    mode: str,
    state: str,
    parameters: dict[str, Any],
) -> None:
    monkeypatch.chdir(tmp_path)
    save(Path("out.ipynb"), prepare(first, level, mode))
    papermill.execute_notebook("out.ipynb", "done.ipynb", parameters, progress_bar=False)
    done = load(Path("done.ipynb"))
    assert exercise_names(first) == CHECKS
    assert states(done) == dict.fromkeys(CHECKS, state)
    assert all(cell["execution_count"] for cell in code_cells(done))
    welcome = f"Welcome, {html.escape(parameters['participant'])}. Your library lends {parameters['theme']}."
    assert welcome in shown(done)
    defaults = {one.name: one.default for one in parameters_of(first)}
    world = World(**{name: value for name, value in (defaults | parameters).items() if name != "participant"})
    listed = [line.split()[0] for line in printed(done).splitlines()]
    assert listed == [str(item.number) for item in world.items]
    assert all(item.due is None or item.due.isoformat() in printed(done) for item in world.items)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["done.ipynb", "out.ipynb"]


def test_the_commands_of_the_notes(tmp_path: Path) -> None:
    def run(*command: str) -> None:
        done = subprocess.run([sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    cli = "import sys; from flask_magic.cli import main; main(sys.argv[1:])"
    arguments = ["workshop", "prepare", str(FIRST), "--level", "novice", "-o", "ada.ipynb"]
    subprocess.run([sys.executable, "-c", cli, *arguments], cwd=tmp_path, capture_output=True, check=True)
    run("papermill", "ada.ipynb", "done.ipynb", "-p", "participant", "Ada", "-p", "theme", "books", "-p", "seed", "7")
    assert states(load(tmp_path / "done.ipynb")) == dict.fromkeys(CHECKS, "open")
    notes = FIRST.with_suffix(".md").read_text(encoding="utf-8")
    assert "papermill ada.ipynb done.ipynb -p participant Ada -p theme books -p seed 7" in notes


def test_what_is_handed_in_is_checked_by_running_it_again(
    first: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save(Path("out.ipynb"), prepare(first, "expert", "learner"))
    papermill.execute_notebook("out.ipynb", "given.ipynb", CLASSES[0], progress_bar=False)
    handed_in = load(Path("given.ipynb"))
    answers = {
        "front": '@app.get("/")\ndef front():\n    return {"lends": world.plural, "items": len(world.items)}',
        "item": '@app.get("/items/<int:number>")\ndef one_item(number):\n    return "not yet"',
    }
    for cell in code_cells(handed_in):
        name, role = role_of(cell)
        if role == "stub" and name in answers:
            cell["source"] = answers[name]
    save(Path("handed-in.ipynb"), handed_in)
    papermill.execute_notebook("handed-in.ipynb", "checked.ipynb", progress_bar=False)
    checked = load(Path("checked.ipynb"))
    assert states(checked) == {**dict.fromkeys(CHECKS, "open"), "front": "passed", "item": "failed"}
    assert "Welcome, Ada. Your library lends books." in shown(checked)
