"""Which cell is running: the same one as before, or a new one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Cell", "Cells", "source_hash"]


def source_hash(source: str) -> str:
    """16 hexadecimal digits that stand for a cell's source, white space around it aside.

    >>> source_hash("x = 1\\n") == source_hash("x = 1")
    True
    """
    return hashlib.sha256(source.strip().encode()).hexdigest()[:16]


@dataclass(eq=False)
class Cell:
    """A cell of the notebook, through all its runs.

    `id` is the frontend's cell id, or None where the frontend sends none. `order` is its place among the first
    successful runs (None before); `run` the number of its latest run. Compared by identity.
    """

    id: str | None
    source: str
    metadata: dict[str, Any] = field(default_factory=dict)
    order: int | None = None
    run: int = 0
    #: What this cell took over from cells without an id: endpoint → the rules it replaced.
    absorbed: dict[str, list[str]] = field(default_factory=dict)
    #: The source and the number of the latest run that succeeded (None, 0: none has): what the app holds of the cell.
    done: str | None = None
    done_run: int = 0
    #: The cell without an id that turned out to be a later form of this one.
    absorbed_by: Cell | None = None

    @property
    def title(self) -> str:
        """The first line that says something, to name the cell to a person."""
        lines = [line.strip() for line in self.source.splitlines() if line.strip()]
        return lines[0] if lines else "(an empty cell)"


class Cells:
    """All cells seen so far.

    A frontend that sends ids (JupyterLab, VS Code) settles which cell it is. Where there is none, a cell with the
    source of an earlier one is that one; one that registers an earlier one's names is found later (`Ledger`).
    """

    def __init__(self) -> None:
        self._by_id: dict[str, Cell] = {}
        self._anonymous: dict[str, Cell] = {}
        self._runs = 0
        self._places = 0

    def begin(self, source: str, cell_id: str | None = None, metadata: dict[str, Any] | None = None) -> Cell:
        """The cell that runs now, with its source and run number brought up to date."""
        if cell_id is not None:
            cell = self._by_id.setdefault(cell_id, Cell(cell_id, source))
        else:
            cell = self._anonymous.setdefault(source_hash(source), Cell(None, source))
        self._runs += 1
        cell.source = source
        cell.metadata = metadata or {}
        cell.run = self._runs
        cell.absorbed_by = None
        return cell

    def __iter__(self) -> Iterator[Cell]:
        """All cells, those with a frontend's id first."""
        return iter((*self._by_id.values(), *self._anonymous.values()))

    def place(self, cell: Cell) -> None:
        """Give a cell its place, after its first successful run."""
        if cell.order is None:
            self._places += 1
            cell.order = self._places
