"""The ledger: the books of all apps, opened and closed with each cell."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Any

import flask

from . import private
from .base import BaseBook
from .blueprint_book import BlueprintBook
from .book import Book
from .calls import tell, tell_no_more
from .cells import Cell, Cells
from .entry import registered_names
from .models import Models
from .subscribers import Subscribers

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
        self.models = Models(namespace)
        self.subscribers = Subscribers(lambda: self.cell)
        self.cell: Cell | None = None
        self._apps: list[weakref.ref[flask.Flask]] = []
        self._plain: weakref.WeakSet[flask.Flask] = weakref.WeakSet()
        self._blueprints: list[weakref.ref[flask.Blueprint]] = []
        self._names: dict[str, flask.Flask] = {}
        self._blueprint_names: dict[str, flask.Blueprint] = {}
        self._absorbed: list[tuple[Cell, int | None]] = []
        #: Cells whose registrations stayed with an app that no variable holds any more. The app itself may be gone.
        self._stayed: dict[Cell, None] = {}
        self._stayed_before: dict[Cell, None] = {}
        self._previous_order: int | None = None

    # -- joining and leaving

    def install(self) -> None:
        """Have every app and blueprint that a cell makes join at its birth. Raises UnsupportedVersion."""
        private.check()
        tell(flask.Flask, "__init__", self._app_made)
        tell(flask.Blueprint, "__init__", self._blueprint_made)
        self.subscribers.install()

    def _app_made(self, app: flask.Flask, *_: Any, **__: Any) -> None:
        if self.cell is not None:
            self.adopt(app)

    def _blueprint_made(self, blueprint: flask.Blueprint, *_: Any, **__: Any) -> None:
        if self.cell is not None:
            self.adopt_blueprint(blueprint)

    def uninstall(self) -> None:
        """Leave plain apps and blueprints behind, and Flask as it was."""
        for book in (*self.books(), *self.blueprint_books()):
            book.uninstall()
        self.subscribers.uninstall()
        self._apps.clear()
        self._blueprints.clear()
        tell_no_more(flask.Flask, "__init__", self._app_made)
        tell_no_more(flask.Blueprint, "__init__", self._blueprint_made)

    def adopt(self, app: flask.Flask) -> Book | None:
        """Watch an app from now on; what it has is its own. None for an app that was left plain."""
        if app in self._plain:
            return None
        book = Book.of(app)
        if book is None:
            book = Book(app, self)
            self._apps.append(weakref.ref(app))
            self._open_late(book)
        return book

    def adopt_blueprint(self, blueprint: flask.Blueprint) -> BlueprintBook:
        """Watch a blueprint from now on; what it has is its own."""
        book = BlueprintBook.of(blueprint)
        if book is None:
            book = BlueprintBook(blueprint, self)
            self._blueprints.append(weakref.ref(blueprint))
            self._open_late(book)
        return book

    def _open_late(self, book: BaseBook) -> None:
        if self.cell is not None:
            book.open(self.cell)
            book.note_import()

    def leave_plain(self, app: flask.Flask) -> None:
        """Leave an app wholly to Flask, with what is registered now."""
        book = Book.of(app)
        if book is not None:
            book.uninstall()
            self._apps = [ref for ref in self._apps if ref() is not app]
        self._plain.add(app)

    def is_plain(self, app: flask.Flask) -> bool:
        """Was this app left to Flask?"""
        return app in self._plain

    def has_plain(self, blueprint: flask.Blueprint) -> bool:
        """Is the blueprint registered on an app that was left to Flask?"""
        return any(one is blueprint for app in self._plain for one in app.blueprints.values())

    def apps(self) -> list[flask.Flask]:
        """The apps that are watched, oldest first."""
        return [app for app in (ref() for ref in self._apps) if app is not None]

    def books(self) -> list[Book]:
        """The books of the apps."""
        return [book for book in map(Book.of, self.apps()) if book is not None]

    def blueprint_books(self) -> list[BlueprintBook]:
        """The books of the blueprints, oldest first."""
        blueprints = [blueprint for blueprint in (ref() for ref in self._blueprints) if blueprint is not None]
        return [book for book in map(BlueprintBook.of, blueprints) if book is not None]

    def _all_books(self) -> list[BaseBook]:
        return [*self.blueprint_books(), *self.books()]

    def registering(self, app: flask.Flask) -> set[Cell]:
        """The cells of which something stands: with this app, with a blueprint, or as a signal's subscriber."""
        books: list[BaseBook] = [*self.blueprint_books()]
        book = Book.of(app)
        if book is not None:
            books.append(book)
        running = {one.cell for book in books for one in book.running()}
        return {cell for book in books for cell in book.cells()} | self.subscribers.cells() | running

    # -- a cell's run

    def begin(self, source: str, cell_id: str | None = None, metadata: dict[str, Any] | None = None) -> Cell:
        """A cell is about to run: what it had registered is withdrawn."""
        if self.cell is not None:  # the end of the last one was never told
            self.finish()
        self._adopt_namespace()
        self.cell = self.cells.begin(source, cell_id, metadata)
        self._previous_order = self.cell.order
        self._absorbed = []
        self._stayed_before = dict(self._stayed)
        self._stayed.pop(self.cell, None)
        self._names = self._named(flask.Flask)
        self._blueprint_names = self._named(flask.Blueprint)
        for book in self._all_books():
            book.open(self.cell)
        self.models.open(self.cell)
        self.subscribers.open(self.cell)
        return self.cell

    def finish(self) -> CellReport:
        """The cell has run: what it registered is kept and put in its place.

        Raises what a blueprint raises that is registered anew because the cell has changed it; then everything is as
        after `fail`.
        """
        cell = self._running()
        self._absorb_namesakes(cell)
        self.cells.place(cell)
        try:
            for book in self._all_books():
                book.close()
            self._redo_blueprints(self._successors(cell))
            self.models.close()
        except Exception:
            self.fail()
            raise
        self.models.commit()
        cell.done, cell.done_run = cell.source, cell.run
        report = CellReport(cell)
        for book in self._all_books():
            held = book.views_of(cell)
            taken = {name: rules for name, rules in cell.absorbed.items() if name in held} | book.replaced
            report.replaced |= {name: rules for name, rules in taken.items() if name not in book.told}
            book.commit()
        report.late = any(book.late and book.late_cell is cell for book in self.books())
        report.left_behind = self._left_behind(cell)
        self._note_stayed()
        self.cell = None
        self._adopt_namespace()
        return report

    def fail(self) -> CellReport:
        """The cell has failed: every app, and every name that held an app or a blueprint, is as it was."""
        cell = self._running()
        for other, order in self._absorbed:
            other.order, other.absorbed_by = order, None
        cell.order = self._previous_order
        undone = [book.undo() for book in self._all_books()]
        self.models.undo()
        self.subscribers.undo()
        self._stayed = self._stayed_before
        self.namespace.update(self._names)
        self.namespace.update(self._blueprint_names)
        self.cell = None
        return CellReport(cell, failed=True, undone=any(undone))

    def flush(self) -> None:
        """Bring the apps up to date with what the running cell has done to their blueprints so far."""
        if self.cell is not None:
            self._redo_blueprints(set())

    def _running(self) -> Cell:
        if self.cell is None:
            raise RuntimeError("no cell is running")
        return self.cell

    # -- blueprints

    def note_late(self, blueprint: flask.Blueprint) -> None:
        """A blueprint is set up: late, where an app that has it has answered a request."""
        for book in self.books():
            if any(entry.registration and entry.registration.blueprint is blueprint for entry in book.entries):
                book.note_late()

    def _redo_blueprints(self, changed: set[flask.Blueprint]) -> None:
        """Register anew, in every app, the blueprints that this run has changed, and those that they are nested in."""
        books = self.blueprint_books()
        changed = changed | {book.blueprint for book in books if book.changed}
        if not changed:
            return
        while True:
            parents = {
                book.blueprint for book in books if any(child in changed for child, _ in book.blueprint._blueprints)
            }
            if parents <= changed:
                break
            changed |= parents
        for app_book in self.books():
            app_book.redo(changed)

    def _successors(self, cell: Cell) -> set[flask.Blueprint]:
        """Blueprints that the cell has made anew take the places of the old ones; gives the new ones."""
        new_ones: set[flask.Blueprint] = set()
        now = self._named(flask.Blueprint)
        for name, old in self._blueprint_names.items():
            new = now.get(name)
            if new is None or new is old or any(old is value for value in now.values()):
                continue
            old_book, new_book = BlueprintBook.of(old), BlueprintBook.of(new)
            if old_book is None or new_book is None or new_book.born_in is not cell or old_book.fresh():
                continue
            new_book.succeed(old_book, cell)
            for app_book in self.books():
                app_book.replace_blueprint(old, new)
            for parent in self.blueprint_books():
                if parent.replace_child(old, new):
                    new_ones.add(parent.blueprint)
            new_ones.add(new)
        return new_ones

    # -- cells without an id

    def is_earlier_run(self, other: Cell, cell: Cell) -> bool:
        """Is `other`, whose name `cell` registers, an earlier run of the same cell? Only ids could say no."""
        return other is not cell and other.id is None and cell.id is None

    def absorb(self, cell: Cell, other: Cell) -> None:
        """`other` was an earlier form of `cell`: withdraw it, and take its place in the order."""
        self._absorbed.append((other, other.order))
        other.absorbed_by = cell
        self._stayed.pop(other, None)
        if cell.order is None or (other.order is not None and other.order < cell.order):
            cell.order = other.order
        for book in self._all_books():
            book.withdraw(other)
        self.subscribers.withdraw(other)

    def _absorb_namesakes(self, cell: Cell) -> None:
        if cell.id is not None or cell.order is not None:
            return
        for book in self._all_books():
            mine = {name for entry in book.running() for name in registered_names(entry)}
            for entry in list(book.entries):
                if mine and self.is_earlier_run(entry.cell, cell) and mine & registered_names(entry):
                    self.absorb(cell, entry.cell)

    # -- apps by name

    def _named(self, kind: type) -> dict[str, Any]:
        # `type(value)`, since a proxy such as `current_app` passes for a Flask under isinstance.
        return {
            name: value
            for name, value in list(self.namespace.items())
            if issubclass(type(value), kind) and not name.startswith("_")
        }

    def _adopt_namespace(self) -> None:
        for app in self._named(flask.Flask).values():
            self.adopt(app)
        for blueprint in self._named(flask.Blueprint).values():
            self.adopt_blueprint(blueprint)

    def _left_behind(self, cell: Cell) -> dict[str, list[Cell]]:
        left: dict[str, list[Cell]] = {}
        now = self._named(flask.Flask)
        for name, old in self._names.items():
            book = Book.of(old)
            if name in now and now[name] is not old and old not in now.values() and book is not None:
                others = [other for other in book.cells() if other is not cell and other is not book.born_in]
                if others:
                    left[name] = others
        return left | self.models.left_behind(cell)

    def _note_stayed(self) -> None:
        now = self._named(flask.Flask).values()
        for old in self._names.values():
            book = Book.of(old)
            if book is not None and old not in now:
                self._stayed |= dict.fromkeys(book.cells())

    def stayed_behind(self) -> list[Cell]:
        """The cells, by their first runs, that have nothing with an app that a variable holds, and had with another."""
        held = self._named(flask.Flask).values()
        present = {cell for app in held if (book := Book.of(app)) is not None for cell in book.cells()}
        cells = self._stayed | dict.fromkeys(self.models.orphans())
        return sorted((cell for cell in cells if cell not in present), key=lambda cell: cell.order or 0)
