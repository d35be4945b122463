"""Runs a cohort to its end: what to run, on which backend, once more or not, and what is kept of it."""

from __future__ import annotations

import hashlib
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Literal

from flask_magic.workshop.errors import MachineError
from flask_magic.workshop.folders import Output, folder_of, write_whole
from flask_magic.workshop.journal import Journal, Row
from flask_magic.workshop.pool import Backend
from flask_magic.workshop.progress import Progress
from flask_magic.workshop.reports.learner import learner_report
from flask_magic.workshop.spec import Result, Spec, key_of

__all__ = ["Plan", "drive", "interruptible", "plan_runs", "row_of"]

Again = Literal["", "failed", "all"]


@dataclass
class Plan:
    """What is to be run now, and whose notebooks stay as they are: done before, failed before, edited since."""

    specs: list[Spec] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)


def plan_runs(specs: Iterable[Spec], journal: Journal, output: Output, again: Again = "") -> Plan:
    """Sort out what the journal says was run already: the same notebook, parameters and versions, to the end.

    `again` runs also those that failed, or all. A notebook that somebody has edited since is never run over
    without it: it may hold answers.
    """
    plan = Plan()
    known = {row.participant: row for row in journal.rows()}
    for spec in specs:
        row = known.get(spec.participant)
        if row is None or again == "all":
            plan.specs.append(spec)
            continue
        path, is_same = output.place(row.folder) / "notebook.ipynb", row.key == key_of(spec)
        if row.state == "ok" and path.exists() and _sha256(path.read_bytes()) != row.sha256:
            plan.edited.append(spec.participant)
        elif row.state == "ok" and path.exists() and is_same:
            plan.done.append(spec.participant)
        elif row.state == "failed" and is_same and again != "failed":
            plan.failed.append(spec.participant)
        else:
            plan.specs.append(spec)
    return plan


def drive(
    specs: list[Spec], backend: Backend, journal: Journal, output: Output, *, retries: int = 1, bar: bool | None = None
) -> None:
    """Run all of these, which the journal has planned; it says then what came of each.

    What the machine did (state `lost`) is tried again, `retries` times, after a pause that doubles. Raises
    MachineError where nothing more can be run or written, and KeyboardInterrupt; either way what still runs is
    ended, and can be resumed.
    """
    rows = {spec.participant: row_of(spec) for spec in specs}
    waiting, running = deque(specs), 0
    try:
        with Progress(len(specs), bar) as progress:
            while waiting or running:
                while waiting and running < backend.size:
                    spec = waiting.popleft()
                    journal.begin(spec.participant)
                    backend.submit(spec)
                    running += 1
                    progress.begun()
                spec, result = backend.next()
                running -= 1
                row = rows[spec.participant] = _ended(rows[spec.participant], result)
                is_lost = result.state == "lost" and spec.attempt <= retries
                _keep(row, result, journal, output, ended=not is_lost)
                if is_lost:
                    waiting.append(replace(spec, attempt=spec.attempt + 1, delay=2.0 ** (spec.attempt - 1)))
                    progress.again(spec.participant, result.message)
                else:
                    progress.ended(row)
    except OSError as error:
        raise MachineError(f"No run can begin any more: {error}.") from error
    finally:
        backend.close()


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM is Ctrl-C, and both are obeyed, also by a job in the background of a shell."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def row_of(spec: Spec) -> Row:
    """What the journal keeps of a run that has not begun."""
    return Row(spec.participant, folder_of(spec.participant), spec.level, spec.parameters, key_of(spec))


def _ended(row: Row, result: Result) -> Row:
    return replace(
        row,
        state="ok" if result.state == "ok" else "failed",
        seconds=result.seconds,
        error=result.error,
        message=result.message,
        sha256=_sha256(result.notebook.encode()) if result.notebook else "",
        checks=result.checks,
    )


def _keep(row: Row, result: Result, journal: Journal, output: Output, *, ended: bool) -> None:
    """Write what a run has left, and only then that it has ended."""
    place = output.place(row.folder)
    if result.notebook:
        output.keep_notebook(row.folder, result.notebook)
    write_whole(place / "log.txt", result.log)
    if ended:
        write_whole(place / "report.html", learner_report(row, result.notebook, journal.facts()))
        journal.finish(
            row.participant,
            row.state,
            seconds=row.seconds,
            error=row.error,
            message=row.message,
            sha256=row.sha256,
            checks=row.checks,
        )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
