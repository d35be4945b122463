"""The ledger: the books of all apps, opened and closed with each cell."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import flask

from . import private
from .book import Book
from .cells import Cell, Cells
from .entry import registered_names

__all__ = ["CellReport", "Ledger"]


@dataclass
class CellReport:
    """What there is to say after a cell has run."""

    cell: Cell
    failed: bool = False
    #: The cell failed and had registered something, which was taken back.
    undone: bool = False
    #: Endpoint → rules of another cell (or of the app itself) that this cell took over.
    replaced: dict[str, list[str]] = field(default_factory=dict)
    #: The cell set something up after the app's first request, which plain Flask refuses.
    late: bool = False
    #: A variable that now holds a new app → the cells whose registrations stayed with the old one.
    left_behind: dict[str, list[Cell]] = field(default_factory=dict)


class Ledger:
    """Keeps what every cell registered with every app of one notebook.

    `namespace` is the notebook's variables. `install` makes new apps join by themselves; `begin` and then `finish`
    or `fail` frame the run of a cell.

    >>> ledger = Ledger({})
    >>> app = flask.Flask("demo")
    >>> _ = ledger.adopt(app)
    >>> for body in ("old", "new"):
    ...     _ = ledger.begin("the cell", cell_id="1")
    ...     app.add_url_rule("/", "index", lambda body=body: body)
    ...     _ = ledger.finish()
    >>> app.test_client().get("/").text
    'new'
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.cells = Cells()
        self.cell: Cell | None = None
        self._apps: list[weakref.ref[flask.Flask]] = []
        self._plain: weakref.WeakSet[flask.Flask] = weakref.WeakSet()
        self._plain_init: Any = None
        self._names: dict[str, flask.Flask] = {}
        self._absorbed: list[tuple[Cell, int | None]] = []
        self._previous_order: int | None = None

    # -- joining and leaving

    def install(self) -> None:
        """Have every app that a cell makes join at its birth. Raises UnsupportedVersion."""
        private.check()
        plain_init = flask.Flask.__init__

        def __init__(app: flask.Flask, *args: Any, **kwargs: Any) -> None:
            plain_init(app, *args, **kwargs)
            if self.cell is not None:
                self.adopt(app)

        __init__.__wrapped__ = plain_init  # type: ignore[attr-defined]
        self._plain_init = plain_init, __init__
        flask.Flask.__init__ = __init__  # type: ignore[assignment, method-assign]

    def uninstall(self) -> None:
        """Leave plain apps behind, and Flask as it was."""
        for app in self.apps():
            book = Book.of(app)
            if book is not None:
                book.uninstall()
        self._apps.clear()
        plain_init, ours = self._plain_init or (None, None)
        if flask.Flask.__init__ is ours:
            flask.Flask.__init__ = plain_init  # type: ignore[assignment, method-assign]

    def adopt(self, app: flask.Flask) -> Book | None:
        """Watch an app from now on; what it has is its own. None for an app that was left plain."""
        if app in self._plain:
            return None
        book = Book.of(app)
        if book is None:
            book = Book(app, self)
            self._apps.append(weakref.ref(app))
            if self.cell is not None:
                book.open(self.cell)
                book.note_import()
        return book

    def leave_plain(self, app: flask.Flask) -> None:
        """Leave an app wholly to Flask, with what is registered now."""
        book = Book.of(app)
        if book is not None:
            book.uninstall()
            self._apps = [ref for ref in self._apps if ref() is not app]
        self._plain.add(app)

    def is_plain(self, app: flask.Flask) -> bool:
        return app in self._plain

    def apps(self) -> list[flask.Flask]:
        """The apps that are watched, oldest first."""
        return [app for app in (ref() for ref in self._apps) if app is not None]

    def books(self) -> Iterator[Book]:
        for app in self.apps():
            book = Book.of(app)
            if book is not None:
                yield book

    # -- a cell's run

    def begin(self, source: str, cell_id: str | None = None, metadata: dict[str, Any] | None = None) -> Cell:
        """A cell is about to run: what it had registered is withdrawn."""
        if self.cell is not None:  # the end of the last one was never told
            self.finish()
        self._adopt_namespace()
        self.cell = self.cells.begin(source, cell_id, metadata)
        self._previous_order = self.cell.order
        self._absorbed = []
        self._names = self._named_apps()
        for book in self.books():
            book.open(self.cell)
        return self.cell

    def finish(self) -> CellReport:
        """The cell has run: what it registered is kept and put in its place."""
        cell = self._running()
        self._absorb_namesakes(cell)
        self.cells.place(cell)
        report = CellReport(cell)
        for book in self.books():
            book.close()
            report.late |= book.late and book.late_cell is cell
            taken = cell.absorbed if cell in book.entries else {}
            held = book.entries[cell].views if cell in book.entries else {}
            taken = {name: rules for name, rules in taken.items() if name in held} | book.replaced
            report.replaced |= {name: rules for name, rules in taken.items() if name not in book.told}
        report.left_behind = self._left_behind(cell)
        self.cell = None
        self._adopt_namespace()
        return report

    def fail(self) -> CellReport:
        """The cell has failed: every app, and every name that held an app, is as it was."""
        cell = self._running()
        for other, order in self._absorbed:
            other.order = order
        cell.order = self._previous_order
        undone = [book.undo() for book in self.books()]
        for name, app in self._names.items():
            self.namespace[name] = app
        self.cell = None
        return CellReport(cell, failed=True, undone=any(undone))

    def _running(self) -> Cell:
        if self.cell is None:
            raise RuntimeError("no cell is running")
        return self.cell

    # -- cells without an id

    def is_earlier_run(self, other: Cell, cell: Cell) -> bool:
        """Is `other`, whose name `cell` registers, an earlier run of the same cell? Only ids could say no."""
        return other is not cell and other.id is None and cell.id is None

    def absorb(self, cell: Cell, other: Cell) -> None:
        """`other` was an earlier form of `cell`: withdraw it, and take its place in the order."""
        self._absorbed.append((other, other.order))
        if cell.order is None or (other.order is not None and other.order < cell.order):
            cell.order = other.order
        for book in self.books():
            book.withdraw(other)

    def _absorb_namesakes(self, cell: Cell) -> None:
        if cell.id is not None or cell.order is not None:
            return
        for book in self.books():
            if book.current is None:
                continue
            mine = registered_names(book.preview())
            for other, entry in list(book.entries.items()):
                if self.is_earlier_run(other, cell) and mine & registered_names(entry):
                    self.absorb(cell, other)

    # -- apps by name

    def _named_apps(self) -> dict[str, flask.Flask]:
        # `type(value)`, since a proxy such as `current_app` passes for a Flask under isinstance.
        return {
            name: value
            for name, value in list(self.namespace.items())
            if issubclass(type(value), flask.Flask) and not name.startswith("_")
        }

    def _adopt_namespace(self) -> None:
        for app in self._named_apps().values():
            self.adopt(app)

    def _left_behind(self, cell: Cell) -> dict[str, list[Cell]]:
        left: dict[str, list[Cell]] = {}
        now = self._named_apps()
        for name, old in self._names.items():
            book = Book.of(old)
            if name in now and now[name] is not old and old not in now.values() and book is not None:
                others = [entry.cell for entry in book.entries_in_order() if entry.cell is not cell]
                if others:
                    left[name] = others
        return left
