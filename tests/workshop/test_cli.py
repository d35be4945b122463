import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flask_magic.cli import main
from flask_magic.pages.notebook import Notebook, load, save
from flask_magic.workshop.cli import workshop
from flask_magic.workshop.prepare import prepare


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Notebook) -> None:
    monkeypatch.chdir(tmp_path)
    save(Path("workshops/09-sums.ipynb"), small)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["workshop", *arguments], catch_exceptions=False)


def prepare_sums(*more: str, level: str = "novice", output: str = "out/ada.ipynb") -> Result:
    return call("prepare", "workshops/09-sums.ipynb", "--level", level, "-o", output, *more)


def test_prepare_writes_the_handout(small: Notebook) -> None:
    result = prepare_sums()
    assert (result.exit_code, result.output) == (0, "out/ada.ipynb is written: novice, learner.\n")
    assert load(Path("out/ada.ipynb")) == prepare(small, "novice", "learner")
    assert prepare_sums().output == "out/ada.ipynb is up to date: novice, learner.\n"
    result = prepare_sums("--mode", "solution", output="solution.ipynb")
    assert result.output == "solution.ipynb is written: novice, solution.\n"
    assert "total = 1 + 2" in Path("solution.ipynb").read_text(encoding="utf-8")


def test_prepare_replaces_nobodys_answers_unless_forced() -> None:
    prepare_sums()
    path = Path("out/ada.ipynb")
    path.write_text(path.read_text(encoding="utf-8").replace("1 + ...", "1 + 4"), encoding="utf-8")
    answered = path.read_bytes()
    result = prepare_sums()
    assert result.exit_code == 2
    assert "out/ada.ipynb is there already, and may hold somebody's answers. Name another file" in result.output
    assert path.read_bytes() == answered
    assert prepare_sums("--force").exit_code == 0
    assert "1 + ..." in path.read_text(encoding="utf-8")


def test_prepare_never_replaces_its_source() -> None:
    before = Path("workshops/09-sums.ipynb").read_bytes()
    result = prepare_sums("--force", output="workshops/../workshops/09-sums.ipynb")
    assert result.exit_code == 2
    assert "is the workshop's source. Name another file with -o." in result.output
    assert Path("workshops/09-sums.ipynb").read_bytes() == before


def test_prepare_says_what_is_wrong_and_writes_nothing() -> None:
    result = prepare_sums(level="novce")
    assert (result.exit_code, result.output) == (2, "Error: There is no level 'novce'. Did you mean 'novice'?\n")
    assert not Path("out").exists()
    Path("out").write_text("in the way", encoding="utf-8")
    result = prepare_sums()
    assert result.exit_code == 2
    assert "Error: out/ada.ipynb cannot be written: " in result.output


def test_show_tells_parameters_and_exercises() -> None:
    assert call("show", "workshops/09-sums.ipynb").output.splitlines() == [
        "Sums · 5 minutes",
        "parameter  type  default",
        "seed       int   1",
        "exercises: sum",
    ]
    prepare_sums()
    assert call("show", "out/ada.ipynb").output.splitlines()[-1] == "prepared: novice, learner"


def test_list_names_the_workshops_and_no_handouts() -> None:
    prepare_sums(output="workshops/handout.ipynb")
    assert call("list").output == "workshops/09-sums.ipynb · Sums · 5 minutes · 1 exercise\n"
    result = call("list", "elsewhere")
    assert result.exit_code == 2
    assert "elsewhere holds no notebooks" in result.output


def test_what_is_no_workshop_is_told_in_a_line(small: Notebook) -> None:
    Path("workshops/10-broken.ipynb").write_text('{"cells": [], "nbformat": 4}', encoding="utf-8")
    for words in (["list"], ["show", "workshops/10-broken.ipynb"], ["prepare", "workshops/10-broken.ipynb",
                  "--level", "novice", "-o", "x.ipynb"]):  # fmt: skip
        result = call(*words)
        assert result.exit_code == 2
        said = result.output.splitlines()[-1]
        assert said.startswith("Error: workshops/10-broken.ipynb is not a notebook of format 4: ")
    small["metadata"]["flask_magic"]["workshop"] = {"title": "Sums"}
    save(Path("workshops/10-broken.ipynb"), small)
    assert call("list").output.splitlines()[1] == "workshops/10-broken.ipynb · Sums · 1 exercise"
    assert call("show", "workshops/10-broken.ipynb").output.splitlines()[0] == "Sums"


def test_prepare_imports_nothing_heavy() -> None:
    code = """if True:
        import sys
        from flask_magic.cli import main
        main(sys.argv[1:], standalone_mode=False)
        loaded = sorted({"IPython", "flask", "nbformat", "papermill"} & set(sys.modules))
        sys.exit(f"imported: {loaded}" if loaded else 0)"""
    arguments = ["workshop", "prepare", "workshops/09-sums.ipynb", "--level", "novice", "-o", "ada.ipynb"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_command_and_option_is_in_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "workshops" / "README.md").read_text(encoding="utf-8")
    options = {
        name: [word for option in command.params for word in (*option.opts, *option.secondary_opts) if "-" in word]
        for name, command in workshop.commands.items()
    }
    assert sum(map(len, options.values())) > 50
    missing = [
        (name, word)
        for name, words in options.items()
        for word in words
        if f"{word}`" not in manual and f"{word} " not in manual
    ]
    assert [*missing, *(name for name in options if f"| `{name} " not in manual)] == []
