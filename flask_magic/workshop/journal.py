"""What has been run for whom: a SQLite file beside the notebooks, which outlives whoever writes it.

Papermill's own metadata cannot serve: after a killed kernel or a timeout they say that every cell completed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from flask_magic.pages.notebook import shown
from flask_magic.workshop.errors import MachineError

__all__ = ["Journal", "Row"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS run (
    participant TEXT PRIMARY KEY,
    place INTEGER NOT NULL,
    folder TEXT NOT NULL,
    level TEXT NOT NULL,
    parameters TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    started TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    sha256 TEXT NOT NULL DEFAULT '',
    checks TEXT NOT NULL DEFAULT '[]'
);
"""
COLUMNS = (
    "participant, folder, level, parameters, key, state, attempts, started, seconds, error, message, sha256, checks"
)


@dataclass
class Row:
    """One participant: what is run (`key`), how far it is, and what came of it.

    `state` is waiting, running, ok or failed; `seconds` is what the last attempt took; `checks` are the results of
    the notebook's checks as `flask_magic.checks.CheckResult.data` has them; `sha256` is of the executed notebook.
    """

    participant: str
    folder: str
    level: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    state: str = "waiting"
    attempts: int = 0
    started: str = ""
    seconds: float = 0
    error: str = ""
    message: str = ""
    sha256: str = ""
    checks: list[dict[str, Any]] = field(default_factory=list)


class Journal:
    """The journal in the file `path`, made where there is none; a context manager. Only one process may write it.

    Each change is on the disk when its method returns. Raises MachineError where it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.executescript(f"PRAGMA synchronous = FULL; BEGIN; {SCHEMA} COMMIT;")

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def facts(self) -> dict[str, Any]:
        """What holds for the whole folder: the workshop's title, its notebook, the kind of run."""
        with self._told():
            return {name: json.loads(value) for name, value in self._connection.execute("SELECT * FROM fact")}

    def state_facts(self, facts: Mapping[str, Any]) -> None:
        """Write these facts down, each in the place of an earlier one of its name."""
        rows = [(name, json.dumps(value)) for name, value in facts.items()]
        with self._told(), self._transaction():
            self._connection.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", rows)

    def rows(self) -> list[Row]:
        """All participants, in the order of the cohort."""
        with self._told():
            found = self._connection.execute(f"SELECT {COLUMNS} FROM run ORDER BY place, participant").fetchall()
        return [_row(*one) for one in found]

    def plan(self, rows: Iterable[Row]) -> None:
        """These are to be run; what an earlier run left of them waits again."""
        values = [(row.participant, row.folder, row.level, json.dumps(dict(row.parameters)), row.key) for row in rows]
        with self._told(), self._transaction():
            self._connection.executemany(
                "INSERT INTO run (participant, place, folder, level, parameters, key, state)"
                " VALUES (?, 0, ?, ?, ?, ?, 'waiting') ON CONFLICT (participant) DO UPDATE SET"
                " level = excluded.level, parameters = excluded.parameters,"
                " key = excluded.key, state = 'waiting', error = '', message = '', checks = '[]'",
                values,
            )

    def order(self, participants: Iterable[str]) -> None:
        """The order in which they are told of."""
        places = [(place, participant) for place, participant in enumerate(participants)]
        with self._told(), self._transaction():
            self._connection.executemany("UPDATE run SET place = ? WHERE participant = ?", places)

    def begin(self, participant: str) -> None:
        """An attempt begins."""
        with self._told():
            self._connection.execute(
                "UPDATE run SET state = 'running', attempts = attempts + 1, started = ? WHERE participant = ?",
                (datetime.now(UTC).isoformat(timespec="seconds"), participant),
            )

    def finish(
        self,
        participant: str,
        state: str,
        *,
        seconds: float = 0,
        error: str = "",
        message: str = "",
        sha256: str = "",
        checks: list[dict[str, Any]] | None = None,
    ) -> None:
        """An attempt has ended, and its files are on the disk."""
        values = (state, seconds, error, message, sha256, json.dumps(checks or []), participant)
        with self._told():
            self._connection.execute(
                "UPDATE run SET state = ?, seconds = ?, error = ?, message = ?, sha256 = ?, checks = ?"
                " WHERE participant = ?",
                values,
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise MachineError(f"{shown(self.path)} cannot be used: {error}.") from error


def _row(*values: Any) -> Row:
    row = dict(zip(COLUMNS.split(", "), values, strict=True))
    return Row(**{**row, "parameters": json.loads(row["parameters"]), "checks": json.loads(row["checks"])})
