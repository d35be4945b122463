"""A whole run of `flask-magic workshop run` or `grade`: folder, journal, backend, reports, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from flask_magic.pages.notebook import shown
from flask_magic.workshop.driver import Again, Plan, drive, interruptible, plan_runs, row_of
from flask_magic.workshop.errors import INTERRUPTED, MachineError, WorkshopError
from flask_magic.workshop.folders import Output
from flask_magic.workshop.journal import Journal, Row
from flask_magic.workshop.pool import Backend
from flask_magic.workshop.reports.summary import write_summary
from flask_magic.workshop.spec import Spec

__all__ = ["Campaign"]

#: Which facts tell that a folder belongs to another workshop.
OWN = ("kind", "title", "mode")


@dataclass
class Campaign:
    """These runs, into this folder, on what `backend` makes.

    `facts` are those of the workshop. `again`: see `plan_runs`. `order` are all participants, also those who are not
    run now, as reports tell of them.
    """

    specs: list[Spec]
    facts: Mapping[str, Any]
    output: Output
    backend: Callable[[], Backend]
    again: Again = ""
    retries: int = 1
    bar: bool | None = None
    order: Sequence[str] = ()

    def run(self) -> int:
        """Run what has not been run, write the reports, and say on stdout how it went; the exit status.

        Raises WorkshopError where the folder is another's, and MachineError; the reports are written all the same.
        """
        with self.output.locked(), Journal(self.output.journal) as journal:
            self._claim(journal)
            plan = plan_runs(self.specs, journal, self.output, self.again)
            journal.plan(map(row_of, plan.specs))
            journal.order(self.order or [spec.participant for spec in self.specs])
            interrupted = False
            try:
                with interruptible():
                    if plan.specs:
                        backend = self.backend()
                        drive(plan.specs, backend, journal, self.output, retries=self.retries, bar=self.bar)
            except KeyboardInterrupt:
                interrupted = True
            except MachineError as error:
                self._tell(self._summary(journal, suppress=True), plan)
                raise MachineError(f"{error.message}\nWhen that is mended, the same command goes on.") from error
            status = self._tell(self._summary(journal), plan)
        if interrupted:
            click.echo("Interrupted. The same command goes on where it was.", err=True)
        return INTERRUPTED if interrupted else status

    def _claim(self, journal: Journal) -> None:
        """Make the folder this workshop's, if it is nobody's."""
        before = journal.facts()
        if before and any(before.get(name) != self.facts.get(name) for name in OWN):
            raise WorkshopError(
                f"{shown(self.output.path)} holds {before['kind']}s of '{before['title']}' ({before['mode']})."
                " Name another folder with -o."
            )
        journal.state_facts({"site": "", **before, **self.facts})

    def _summary(self, journal: Journal, *, suppress: bool = False) -> list[Row]:
        try:
            return write_summary(self.output, journal)
        except MachineError:
            if not suppress:
                raise
            return []

    def _tell(self, rows: list[Row], plan: Plan) -> int:
        chosen = {spec.participant for spec in self.specs}
        rows = [row for row in rows if row.participant in chosen]
        counts = {state: sum(row.state == state for row in rows) for state in ("ok", "failed")}
        rest = len(rows) - sum(counts.values())
        parts = [f"{counts['ok']} ok", f"{counts['failed']} failed", *([f"{rest} not run"] if rest else [])]
        if rows:
            click.echo(f"{', '.join(parts)} · {shown(self.output.path / 'index.html')}")
        if plan.done:
            click.echo(f"Done before: {len(plan.done)}. --force runs them again.")
        if plan.failed:
            click.echo(f"Failed before: {len(plan.failed)}. --rerun-failed runs them again.")
        if plan.edited:
            click.echo(f"Edited since, and left alone: {len(plan.edited)}. --force runs them, and keeps what is there.")
        return 1 if counts["failed"] else 0
