"""How far a cohort is, while it runs: a bar in a terminal, a line a participant elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

import click

from flask_magic.display.markup import visible
from flask_magic.workshop.journal import Row

__all__ = ["Progress"]


class Progress:
    """Tells on stderr of `total` runs; a context manager. `bar`: yes, no, or (None) where there is a terminal."""

    def __init__(self, total: int, bar: bool | None = None) -> None:
        self._total = total
        self._ended = self._ok = self._running = 0
        self._bar: Any = None
        if sys.stderr.isatty() if bar is None else bar:
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="run", file=sys.stderr, dynamic_ncols=True)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def begun(self) -> None:
        """One more runs."""
        self._running += 1
        self._show()

    def again(self, participant: str, message: str) -> None:
        """One was lost, and is run again."""
        self._running -= 1
        self._say(f"{participant} · once more: {message}")
        self._show()

    def ended(self, row: Row) -> None:
        """One has ended."""
        self._running -= 1
        self._ended += 1
        self._ok += row.state == "ok"
        if self._bar is not None:
            self._bar.update()
        if self._bar is None or row.state != "ok":
            self._say(f"{self._ended}/{self._total} {row.participant} · {_said(row)}")
        self._show()

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(f"ok {self._ok}, failed {self._ended - self._ok}, running {self._running}")

    def _say(self, text: str) -> None:
        text = visible(text.replace("\n", " "))
        if self._bar is not None:
            self._bar.write(text, file=sys.stderr)
        else:
            click.echo(text, err=True)


def _said(row: Row) -> str:
    if row.state != "ok":
        return f"failed: {row.error}: {row.message}"
    passed = sum(check["state"] == "passed" for check in row.checks)
    return f"ok, {row.seconds:.1f} s" + (f", {passed} of {len(row.checks)} checks passed" if row.checks else "")
