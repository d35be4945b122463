"""What the cells send, each in its latest run: what a cell that ran again had sent before is forgotten with it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from .history import Entry
from .ledger import Cell

__all__ = ["Sent", "SentRequests"]

#: So many are kept: a loop in a cell may send any number.
KEPT = 500


@dataclass(frozen=True)
class Sent:
    """A request with its answer, the cell that sent it (None: no cell was running), and the status it expects."""

    cell: Cell | None
    run: int
    entry: Entry
    expected: str | None = None

    @property
    def is_latest(self) -> bool:
        """Was it sent by the cell's latest run?"""
        return self.cell is None or self.cell.run == self.run


class SentRequests:
    """The requests that the cells of one notebook have sent to its apps.

    Unlike the history, it is not emptied by `%flask_history --reset`, and does not count a cell's earlier runs.

    >>> from flask_magic.exchange import Exchange
    >>> from flask_magic.history import History
    >>> from flask_magic.request_line import Request
    >>> sent, history, cell = SentRequests(), History(), Cell("1", "%http /")
    >>> for cell.run in (1, 2):
    ...     sent.add(cell, history.add(Exchange(Request(path="/"))))
    >>> [one.entry.number for one in sent]
    [2]
    """

    def __init__(self) -> None:
        self._sent: deque[Sent] = deque(maxlen=KEPT)

    def add(self, cell: Cell | None, entry: Entry, expected: str | None = None) -> None:
        """Note a request; the oldest is forgotten where there are too many."""
        self._sent.append(Sent(cell, cell.run if cell is not None else 0, entry, expected))

    def __iter__(self) -> Iterator[Sent]:
        """Those of each cell's latest run, in the order in which they were sent."""
        return iter([one for one in self._sent if one.is_latest])
