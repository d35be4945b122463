"""A cohort whose driver is killed at each of its steps, and then resumed: run as a program, it tells of each as JSON.

The runs themselves are pretended, so that hundreds of drivers can be killed. What a driver does on disk is real: it
is killed by SIGKILL just before the k-th time that it syncs a file, moves one, or commits to the journal.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from flask_magic.workshop.campaign import Campaign
from flask_magic.workshop.folders import Output
from flask_magic.workshop.journal import Journal
from flask_magic.workshop.spec import Result, Spec

FACTS = {"title": "Sums", "kind": "run", "mode": "learner", "objectives": [], "exercises": []}
NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


class Pretended:
    """A backend on which every run is ok at once; it writes down whom it ran."""

    size = 2

    def __init__(self, runs: Path, size_of_notebooks: int = 0) -> None:
        self._runs = runs
        self._more = " " * size_of_notebooks
        self._specs: list[Spec] = []

    def submit(self, spec: Spec) -> None:
        with self._runs.open("a") as file:
            file.write(f"{spec.participant}\n")
        self._specs.append(spec)

    def next(self) -> tuple[Spec, Result]:
        return self._specs.pop(0), Result("ok", notebook=NOTEBOOK + self._more)

    def close(self) -> None:
        pass


def campaign(folder: Path, names: list[str], size_of_notebooks: int = 0) -> Campaign:
    """A campaign of pretended runs into `folder`/out."""
    specs = [Spec(name, NOTEBOOK) for name in names]
    backend = lambda: Pretended(folder / "runs", size_of_notebooks)  # noqa: E731
    return Campaign(specs, FACTS, Output(folder / "out"), backend, bar=False)


def broken_files(output: Path) -> list[str]:
    """What lies at a final path and is not whole."""
    broken = []
    for path in output.rglob("*"):
        if path.suffix in (".ipynb", ".json"):
            try:
                json.loads(path.read_text())
            except ValueError:
                broken.append(path.name)
        elif path.suffix in (".html", ".xml") and not path.read_text().endswith((">\n", "</html>\n")):
            broken.append(path.name)
    return broken


def ok_in(output: Output) -> list[str]:
    """Who is ok, as the journal says."""
    if not output.journal.exists():
        return []
    with Journal(output.journal) as journal:
        return [row.participant for row in journal.rows() if row.state == "ok"]


def kill_at(step: int) -> None:
    """Let this process be killed just before its `step`-th step."""
    left = [step]

    def counted(function: Any) -> Any:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return wrapper

    os.fsync = counted(os.fsync)
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]

    class Connection(sqlite3.Connection):
        execute = counted(sqlite3.Connection.execute)
        executemany = counted(sqlite3.Connection.executemany)

    connect = sqlite3.connect
    sqlite3.connect = lambda *arguments, **options: connect(*arguments, factory=Connection, **options)


def forked(function: Any) -> int:
    """Call a function in a child, quietly; the status that it ended with."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        try:
            os._exit(function())
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(root: Path) -> None:
    """Kill a driver at each step, until one has no more."""
    names = ["Ada", "Bo"]
    for step in range(1, 1000):
        folder = root / str(step)
        folder.mkdir()
        runs, output = folder / "runs", Output(folder / "out")

        def killed(folder: Path = folder, step: int = step) -> int:
            kill_at(step)
            return campaign(folder, names).run()

        status = forked(killed)
        before = runs.read_text().split() if runs.exists() else []
        told: dict[str, Any] = {"status": status, "before": before, "ok_before": ok_in(output)}
        told["broken"] = broken_files(output.path)
        told["resumed"] = forked(lambda folder=folder: campaign(folder, names).run())
        told["runs"], told["ok"] = runs.read_text().split(), ok_in(output)
        told["files"] = sorted(path.relative_to(output.path).name for path in output.path.rglob("*") if path.is_file())
        print(json.dumps(told))
        if status == 0:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
