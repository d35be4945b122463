"""The cells that a project is made of: what ran last in each, in the order of their first runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import flask

from ..ledger import Cell
from ..workbench import Workbench

__all__ = ["CellSource", "cell_sources"]


@dataclass(frozen=True)
class CellSource:
    """The source of a cell.

    `order` is its place, `run` when it ran last. `failed`: no run of it has succeeded, so that it counts only where
    nothing else gives a name. `registers`: something of it stands with the app (None: not known, since it ran before
    the extension was loaded).
    """

    text: str
    order: float
    run: int
    failed: bool = False
    registers: bool | None = None
    name: str | None = None

    @property
    def title(self) -> str:
        """Its first line."""
        return next((line.strip() for line in self.text.splitlines() if line.strip()), "")


def cell_sources(workbench: Workbench, app: flask.Flask, earlier: Sequence[str] = ()) -> list[CellSource]:
    """The cells of a notebook in the order of their first runs; `earlier` ran before the extension was loaded."""
    ledger = workbench.ledger
    registering = ledger.registering(app)
    plain = ledger.is_plain(app)
    sources = [CellSource(text, place - len(earlier), 0) for place, text in enumerate(earlier)]
    for cell in ledger.cells:
        running = cell is ledger.cell
        stands = cell in registering and cell.absorbed_by is None
        sources.append(
            CellSource(
                cell.source if running or cell.done is None else cell.done,
                float("inf") if cell.order is None else cell.order,
                cell.run if running else cell.done_run or cell.run,
                failed=cell.done is None and not running,
                registers=True if running else None if plain else stands,
                name=_exercise_of(cell),
            )
        )
    return sorted(sources, key=lambda one: (one.order, one.run))


def _exercise_of(cell: Cell) -> str | None:
    mark = cell.metadata.get("exercise")
    return str(mark.get("name")) if isinstance(mark, dict) else None
