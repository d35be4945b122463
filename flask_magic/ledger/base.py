"""What the books of an app and of a blueprint have in common: a base, and the entries of cells composed on top.

The target always equals its base with all entries applied: lists of functions in the order of the cells' first runs;
what can have one owner only (an endpoint, a handler, a config key) by the cell that ran last. Before a cell runs
again its entries are withdrawn; when it has run, what it registered is read off and everything is put in its place.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import flask

from . import shelves
from .cells import Cell
from .entry import Entry, ListChange, compose_list, difference
from .shelves import MISSING, Path, State, same

if TYPE_CHECKING:
    from .ledger import Ledger

__all__ = ["ATTRIBUTE", "BaseBook", "place"]

#: A book lives on what it describes, so that it is gone when that is.
ATTRIBUTE = "_flask_magic_book"


class BaseBook:
    """Watches `target`, an app or a blueprint, for `ledger`."""

    def __init__(self, target: flask.Flask | flask.Blueprint, ledger: Ledger) -> None:
        self.target = target
        self.ledger = ledger
        self.base: State = shelves.read(target)
        self.entries: list[Entry] = []
        #: What the running cell registers now; `_done` are its finished parts.
        self.current: Entry | None = None
        self._done: list[Entry] = []
        self._saved: list[Entry] = []
        self._before: State = {}
        self._import_began: State | None = None
        self._imported: Entry | None = None
        self.replaced: dict[str, list[str]] = {}
        #: Endpoints whose take-over the cell's own display has told of.
        self.told: set[str] = set()
        vars(target)[ATTRIBUTE] = self

    def uninstall(self) -> None:
        """Leave a plain app or blueprint, with everything that is registered now."""
        raise NotImplementedError

    # -- what the cells have

    def entries_in_order(self) -> list[Entry]:
        """The entries by the cells' first runs."""
        return sorted(self.entries, key=place)

    def cells(self) -> list[Cell]:
        """The cells that have registered something, by their first runs."""
        return list(dict.fromkeys(entry.cell for entry in self.entries_in_order()))

    def views_of(self, cell: Cell) -> dict[str, Any]:
        """The views that a cell has registered, by endpoint."""
        return {name: view for entry in self.entries if entry.cell is cell for name, view in entry.views.items()}

    def running(self) -> list[Entry]:
        """What the running cell has registered so far."""
        return [] if self.current is None else [entry for entry in (*self._done, self._preview()) if entry]

    def _preview(self) -> Entry:
        assert self.current is not None
        entry = Entry(self.current.cell, self.current.run, list(self.current.rules), dict(self.current.views))
        difference(entry, self._before, shelves.read(self.target))
        return entry

    # -- a cell's run

    def open(self, cell: Cell) -> None:
        """A cell is about to run: withdraw what it had registered, and start watching."""
        self.replaced = {}
        self.told = set()
        self._saved = list(self.entries)
        self._done = []
        self._remove([entry for entry in self.entries if entry.cell is cell])
        self.current = Entry(cell, cell.run)
        self._import_began, self._imported = None, None
        self._before = shelves.read(self.target)

    def withdraw(self, cell: Cell) -> None:
        """Withdraw another cell's entries while one runs; what the running one has registered so far stays."""
        gone = [entry for entry in self.entries if entry.cell is cell]
        if not gone:
            return
        running = self._preview()
        for entry in gone:
            for path, value in entry.values.items():
                # Setting what was set already leaves no difference to see; the source tells who means the value now.
                if path not in running.values and str(path[-1]).lower() in running.cell.source.lower():
                    running.values[path] = value
        self._remove(gone)
        paths = {path for entry in gone for path in entry.paths}
        for path in paths:
            value = self.composed(path)
            if value is MISSING or value == ():
                self._before.pop(path, None)
            else:
                self._before[path] = value
        self.entries.append(running)
        for path in paths & running.paths:
            shelves.write(self.target, path, self.composed(path))
        self.entries.remove(running)

    def cut(self) -> None:
        """End a part of the running cell's registrations, and begin the next."""
        assert self.current is not None
        cell, run = self.current.cell, self.current.run
        part = self._read_off()
        if part:
            self._done.append(part)
        self.current = Entry(cell, run)
        self._before = shelves.read(self.target)

    def close(self) -> None:
        """The cell has run: keep what it registered. Until `commit` it can be undone."""
        self._done.append(self._read_off())
        self.entries += [entry for entry in self._done if entry]
        self._done = []
        self.settle(*self.union([*self.gone(), *self.fresh()]))

    def undo(self) -> bool:
        """The cell has failed: everything as it was before. True where it had registered something."""
        if self.current is not None:
            self._done.append(self._read_off())
        fresh = [*self.fresh(), *self._done]
        gone = self.gone()
        self._retire(fresh)
        self.entries = list(self._saved)
        self.settle(*self.union([*gone, *fresh]))
        self.commit()
        return any(fresh)

    def commit(self) -> None:
        """What has happened in this run stays."""
        self.current = None
        self._done = []
        self._saved = []

    def gone(self) -> list[Entry]:
        """Entries that stood before this run and do not now."""
        return [entry for entry in self._saved if not any(entry is one for one in self.entries)]

    def fresh(self) -> list[Entry]:
        """Entries that stand now and did not before this run."""
        return [entry for entry in self.entries if not any(entry is one for one in self._saved)]

    def _remove(self, gone: list[Entry]) -> None:
        if gone:
            self.entries = [entry for entry in self.entries if not any(entry is one for one in gone)]
            self._retire(gone)
            self.settle(*self.union(gone))

    def _retire(self, entries: list[Entry]) -> None:
        """Take rules out of service; only an app has any."""

    def _read_off(self) -> Entry:
        assert self.current is not None
        entry = self.current
        self.end_import()
        self.current = None
        difference(entry, self._before, shelves.read(self.target))
        if self._imported is not None:
            self._give_to_base(entry, self._imported)
            self._imported = None
        return entry

    # -- composing

    @staticmethod
    def union(entries: Iterable[Entry]) -> tuple[set[str], set[Path]]:
        """All endpoints and all paths of some entries."""
        endpoints: set[str] = set()
        paths: set[Path] = set()
        for entry in entries:
            endpoints |= entry.endpoints
            paths |= entry.paths
        return endpoints, paths

    def settle(self, endpoints: Iterable[str], paths: Iterable[Path]) -> None:  # noqa: ARG002 - for subclasses
        """Bring these endpoints and paths of the target to what the entries say."""
        for path in paths:
            shelves.write(self.target, path, self.composed(path))

    def composed(self, path: Path) -> Any:
        """What the entries make of a path."""
        if shelves.is_list(path):
            changes: list[ListChange] = [entry.lists[path] for entry in self.entries_in_order() if path in entry.lists]
            return compose_list(self.base.get(path, ()), changes)
        owners = [entry for entry in self.entries if path in entry.values]
        owner = max(owners, key=lambda entry: entry.run, default=None)
        return self.base.get(path, MISSING) if owner is None else owner.values[path]

    def owner(self, endpoint: str) -> Entry | None:
        """The entry whose view the endpoint has: that of the cell run last."""
        owners = [entry for entry in self.entries if endpoint in entry.views]
        return max(owners, key=lambda entry: entry.run, default=None)

    # -- what an imported module registers belongs to nobody and stays

    def importing(self) -> bool:
        """Is a module being imported by the running cell?"""
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
                return True
            if frame.f_globals is self.ledger.namespace:
                return False
            frame = frame.f_back  # type: ignore[assignment]
        return False

    def note_import(self) -> None:
        """Notice that an import has begun or ended, before the next thing is registered."""
        importing = self.importing()
        if importing and self._import_began is None:
            self._import_began = shelves.read(self.target)
        elif not importing:
            self.end_import()

    def end_import(self) -> None:
        """An import has ended: what it registered is set aside."""
        if self._import_began is not None and self.current is not None:
            self._imported = self._imported or Entry(self.current.cell, 0)
            difference(self._imported, self._import_began, shelves.read(self.target))
            self._import_began = None

    def _give_to_base(self, entry: Entry, imported: Entry) -> None:
        for path, value in imported.values.items():
            self.base[path] = value
            if same(entry.values.get(path, MISSING), value):
                del entry.values[path]
        for path, change in imported.lists.items():
            self.base[path] = compose_list(self.base.get(path, ()), [change])
            if path in entry.lists:
                mine = entry.lists[path]
                taken = (*change.front, *change.back)
                mine.front = tuple(item for item in mine.front if not any(same(item, one) for one in taken))
                mine.back = tuple(item for item in mine.back if not any(same(item, one) for one in taken))
                if not (mine.front or mine.back or mine.removed):
                    del entry.lists[path]


def place(entry: Entry) -> float:
    """Where an entry stands: by its cell's first successful run."""
    return float("inf") if entry.cell.order is None else entry.cell.order
