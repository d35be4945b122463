"""`flask-magic workshop run`, with real kernels: a class, Ctrl-C, `kill -9`, and what is refused before."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from alive import gone_soon
from click.testing import CliRunner, Result

from flask_magic.cli import main
from flask_magic.pages.notebook import Notebook, save
from flask_magic.workshop.folders import Output, folder_of
from flask_magic.workshop.prepare import prepare

from .conftest import code
from .crashes import broken_files, ok_in

NOTEBOOK = "sums.ipynb"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
#: Says that it runs, and then waits at a gate, which is open for Ada.
WAITS = """import os, time; from pathlib import Path
with open(os.environ["RUNS"], "a") as file: print(participant, os.getpid(), file=file)
while participant != "Ada" and not Path(os.environ["RUNS"] + ".open").exists(): time.sleep(0.02)"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Notebook) -> None:
    monkeypatch.chdir(tmp_path)
    small["cells"][0] = code("participant: str = 'Ada'\nseed: int = 1", "parameters")
    small["cells"][2]["source"] = "total = ..."
    small["metadata"]["kernelspec"] = KERNEL
    save(Path(NOTEBOOK), small)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["workshop", "run", *arguments], catch_exceptions=False)


def table(path: str = "out/results.csv") -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_cohort(*lines: str) -> None:
    Path("cohort.csv").write_text("\n".join(lines), encoding="utf-8")


def test_a_class_gets_a_notebook_and_a_report_each() -> None:
    write_cohort("participant,seed", "007,2", "<script>x</script>,3")
    result = call(NOTEBOOK, "--cohort", "cohort.csv", "--level", "novice", "-o", "out", "-n", "2")
    assert (result.exit_code, result.stdout) == (0, "2 ok, 0 failed · out/index.html\n")
    assert "007 · ok, " in result.stderr
    assert [(row["participant"], row["level"], row["sum"]) for row in table()] == [
        ("007", "novice", "open"),
        ("<script>x</script>", "novice", "open"),
    ]
    for name, seed in (("007", 2), ("<script>x</script>", 3)):
        folder = Path("out") / folder_of(name)
        assert {path.name for path in folder.iterdir()} == {"notebook.ipynb", "report.html", "log.txt"}
        done = json.loads((folder / "notebook.ipynb").read_text(encoding="utf-8"))
        assert done["metadata"]["papermill"]["parameters"] == {"participant": name, "seed": seed}
        assert "1 + 2" not in json.dumps(done)
    again = call(NOTEBOOK, "--cohort", "cohort.csv", "--level", "novice", "-o", "out")
    assert "Done before: 2." in again.stdout
    one = call(NOTEBOOK, "--cohort", "cohort.csv", "--level", "novice", "-o", "out", "--student", "07")
    assert (one.exit_code, one.stderr) == (2, "Error: --student 07: nobody is called so. Did you mean '007'?\n")
    text = Path("out/index.html").read_bytes()
    Path("out/index.html").unlink()
    told = CliRunner().invoke(main, ["workshop", "report", "out"])
    assert told.output == "out/index.html is written: 2 participants.\n"
    assert Path("out/index.html").read_bytes() == text


def test_one_participant_without_a_cohort_and_a_solution_that_fails(small: Notebook) -> None:
    for cell in small["cells"]:
        cell["source"] = cell["source"].replace("1 + 2", "1 + seed")
    save(Path(NOTEBOOK), small)
    options = ("--level", "novice", "--mode", "solution", "-o", "out", "-p", "participant", "Bo", "-p", "seed", "5")
    result = call(NOTEBOOK, *options, "--progress-bar")
    assert (result.exit_code, result.stdout) == (0, "1 ok, 0 failed · out/index.html\n")
    assert "ok 1, failed 0, running 0" in result.stderr
    assert [(row["participant"], row["state"], row["sum"]) for row in table()] == [("Bo", "ok", "failed")]
    small["cells"][1]["source"] += "\n1 / 0"
    save(Path(NOTEBOOK), small)
    result = call(NOTEBOOK, *options)
    assert result.exit_code == 1
    assert "1/1 Bo · failed: ZeroDivisionError: Cell 5: ZeroDivisionError: division by zero" in result.stderr
    assert "Failed before: 1. --rerun-failed" in call(NOTEBOOK, *options).stdout


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_text(""), "sums.ipynb is not a notebook of format 4"),
        (lambda path: path.write_text(path.read_text()[:-40]), "sums.ipynb is not a notebook of format 4"),
        (lambda path: path.unlink(), "sums.ipynb cannot be read"),
        (lambda path: _change(path, lambda one: one["cells"].pop(0)), "one code cell with the tag `parameters`"),
        (lambda path: _change(path, lambda one: one["metadata"].pop("kernelspec")), "The notebook names no kernel"),
        (lambda path: _change(path, lambda one: one["metadata"].update(kernelspec={"name": "x"})), "no kernel 'x'"),
        (lambda path: _change(path, lambda one: one["cells"].pop()), "has no code cell with the role 'check'"),
    ],
)
def test_a_notebook_that_cannot_be_run_is_refused(spoil: Callable[[Path], object], message: str) -> None:
    spoil(Path(NOTEBOOK))
    result = call(NOTEBOOK, "--level", "novice", "-o", "out")
    assert result.exit_code == 2
    assert message in result.stderr
    assert not Path("out").exists()


def _change(path: Path, change: Callable[[Notebook], object]) -> None:
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-o", "out"), "Choose a level: --level novice | practitioner | expert, or a column `level`."),
        (("-o", "out", "--level", "novce"), "There is no level 'novce'. Did you mean 'novice'?"),
        (("-o", "out", "--level", "novice", "--mode", "x"), "There is no mode 'x'. Choose: learner, solution."),
        (("-o", "out", "--level", "novice", "-p", "sede", "1"), "`sede` is no parameter of this notebook."),
        (("-o", "out", "--level", "novice", "--env", "NO_SUCH_THING"), "--env NO_SUCH_THING: there is no such"),
        (("-o", "out", "--level", "novice", "--scheduler", "tcp://10.0.0.1:8786"), "or say --insecure"),
        (("-o", "out", "--level", "novice", "--cohort", "no.csv"), "no.csv cannot be read: No such file"),
        (("-o", ".", "--level", "novice"), "holds other files. Name a new folder with -o."),
        (("--level", "novice"), "Missing option '-o'"),
    ],
)
def test_what_makes_no_sense_is_refused(options: tuple[str, ...], message: str) -> None:
    result = call(NOTEBOOK, *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not Path("out").exists()


def test_every_row_is_judged_before_one_is_run() -> None:
    write_cohort("participant,seed,level", "Ada,1,novice", "Bo,x,novice", "Cy,1,beginner")
    result = call(NOTEBOOK, "--cohort", "cohort.csv", "-o", "out")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "Error: cohort.csv: 2 problems, and nothing was run.",
        "  line 3: seed is 'x', and has to be a whole number",
        "  line 4: level is 'beginner'. There are: novice, practitioner, expert.",
    ]
    assert not Path("out").exists()


def test_a_participant_alone_is_judged_too_and_isolation_has_to_be_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    result = call(NOTEBOOK, "--level", "novice", "-o", "out", "-p", "participant", "a\x1b[2J")
    assert (result.exit_code, "a control character cannot be part of it" in result.stderr) == (2, True)
    monkeypatch.setattr("flask_magic.workshop.isolate.can_isolate", lambda: False)
    result = call(NOTEBOOK, "--level", "novice", "-o", "out", "--isolate")
    assert (result.exit_code, "--isolate needs bubblewrap" in result.stderr) == (2, True)
    assert not Path("out").exists()


def test_one_student_keeps_their_place() -> None:
    write_cohort("participant", "Cy", "Bo", "Ada")
    options = (NOTEBOOK, "--cohort", "cohort.csv", "--level", "novice", "-o", "out", "--prepare-only")
    assert call(*options).exit_code == 0
    assert call(*options, "--student", "Ada", "--force").exit_code == 0
    assert [row["participant"] for row in table()] == ["Cy", "Bo", "Ada"]


class Driver:
    """A real process that runs a class of four, of whom all but Ada wait at a gate."""

    def __init__(self) -> None:
        cells = [code("participant: str = ''", "parameters"), code(WAITS)]
        for cell in cells:
            cell["outputs"] = []
        save(Path(NOTEBOOK), {"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 4})
        write_cohort("participant", "Ada", "Bo", "Cy", "Di")
        program = "import sys; from flask_magic.cli import main; main(sys.argv[1:])"
        words = ["workshop", "run", NOTEBOOK, "--cohort", "cohort.csv", "-o", "out", "-n", "2", "--env", "RUNS"]
        self.runs = Path("runs").resolve()
        self.command = [sys.executable, "-c", program, *words]
        self.rooms = Path("rooms").resolve()
        self.rooms.mkdir()
        self.environment = {**os.environ, "RUNS": str(self.runs), "TMPDIR": str(self.rooms)}

    def begin(self) -> "subprocess.Popen[str]":
        """Start it, and wait until Ada is ok and two others have begun."""
        process = self.start()
        until = time.monotonic() + 300
        while not (len(self.lines()) >= 3 and ok_in(Output(Path("out"))) == ["Ada"]):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
            time.sleep(0.05)
        return process

    def start(self) -> "subprocess.Popen[str]":
        """Start it."""
        pipe = subprocess.PIPE
        return subprocess.Popen(self.command, env=self.environment, stdout=pipe, stderr=pipe, text=True)

    def lines(self) -> list[list[str]]:
        """Who has begun, and in which process."""
        return [line.split() for line in self.runs.read_text().splitlines()] if self.runs.exists() else []

    def has_left_nothing(self) -> bool:
        """Are all processes of the runs gone, and their folders, given time?"""
        until = time.monotonic() + 30
        while list(self.rooms.iterdir()) and time.monotonic() < until:
            time.sleep(0.05)
        return gone_soon(int(pid) for _, pid in self.lines()) and not list(self.rooms.iterdir())

    def resume(self) -> str:
        """Open the gate, and run the same command to its end; what it says."""
        self.runs.with_name("runs.open").touch()
        process = self.start()
        said, complaints = process.communicate(timeout=120)
        assert process.returncode == 0, complaints
        return said


def test_a_killed_driver_leaves_nothing_running_and_is_resumed() -> None:
    driver = Driver()
    process = driver.begin()
    process.kill()
    process.communicate()
    assert driver.has_left_nothing()
    assert broken_files(Path("out")) == []
    assert driver.resume() == "4 ok, 0 failed · out/index.html\nDone before: 1. --force runs them again.\n"
    begun = [name for name, _ in driver.lines()]
    assert sorted(begun) == ["Ada", "Bo", "Bo", "Cy", "Cy", "Di"]
    assert [row["state"] for row in table()] == ["ok"] * 4


def test_ctrl_c_writes_the_summary_and_a_second_run_is_refused_until_then() -> None:
    driver = Driver()
    process = driver.begin()
    second = driver.start()
    assert "out is being written by another run" in second.communicate(timeout=60)[1]
    assert second.returncode == 2
    process.send_signal(signal.SIGINT)
    said, complaints = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == "1 ok, 0 failed, 3 not run · out/index.html\n"
    assert complaints.endswith("Interrupted. The same command goes on where it was.\n")
    assert driver.has_left_nothing()
    assert [row["state"] for row in table()] == ["ok", "running", "running", "waiting"]
    assert broken_files(Path("out")) == []
    driver.resume()
    assert [name for name, _ in driver.lines()].count("Ada") == 1
    assert [row["state"] for row in table()] == ["ok"] * 4


def test_a_handout_is_run_as_it_was_prepared(small: Notebook) -> None:
    save(Path("ada.ipynb"), prepare(small, "novice", "learner"))
    result = call("ada.ipynb", "-o", "out", "--prepare-only")
    assert (result.exit_code, [row["level"] for row in table()]) == (0, ["novice"])
    assert not any(cell.get("outputs") for cell in json.loads(next(Path("out").glob("*/*.ipynb")).read_text())["cells"])


@pytest.mark.parametrize(
    "words", [["run", NOTEBOOK, "-o", "out"], ["grade", ".", "--notebook", NOTEBOOK, "-o", "out"], ["report", "."]]
)
def test_a_missing_package_is_named_with_the_command_that_brings_it(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_magic.workshop.cli.EXTRA", ("papermill", "no_such_package"))
    result = CliRunner().invoke(main, ["workshop", *words])
    assert result.exit_code == 2
    assert "pip install 'flask-magic[workshop]'" in result.stderr
