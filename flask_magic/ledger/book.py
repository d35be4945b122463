"""The book of one app: what it was at first, and what each cell has added since.

The app always equals its base with the entries of all cells composed on top: lists of functions in the order of the
cells' first runs; what can have one owner only (an endpoint, a handler, a config key) by the cell that ran last.
Before a cell runs again its entry is withdrawn; when it has run, what it registered is read off and everything is
put in its place. The book lives on the app itself, so that it is gone when the app is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.routing import Rule

from ..frames import show_user_frames
from . import private, shelves
from .cells import Cell
from .entry import Entry, ListChange, compose_list, difference
from .rules import Rules
from .shelves import MISSING, Path, State, same
from .views import Views

if TYPE_CHECKING:
    from .ledger import Ledger

__all__ = ["Book"]

_ATTRIBUTE = "_flask_magic_book"


class Book:
    """Watches `app` for `ledger`. Made by `Ledger.adopt`."""

    def __init__(self, app: flask.Flask, ledger: Ledger) -> None:
        self.app = app
        self.ledger = ledger
        self.base: State = shelves.read(app)
        self.base_rules: dict[str, list[Rule]] = {}
        for rule in app.url_map.iter_rules():
            self.base_rules.setdefault(rule.endpoint, []).append(rule)
        #: What the app itself had under an endpoint that a cell has written to (None: nothing).
        self.base_views: dict[str, Any] = {}
        self.entries: dict[Cell, Entry] = {}
        self.current: Entry | None = None
        #: The first cell that set something up after the app's first request: the one that is told.
        self.late_cell: Cell | None = None
        self.late = False
        self.replaced: dict[str, list[str]] = {}
        #: Endpoints whose take-over the cell's own display has told of.
        self.told: set[str] = set()
        self._withdrawn: Entry | None = None
        #: `id()` of the rules that were withdrawn for this run: the cell may have them back.
        self._free: set[int] = set()
        self._saved: dict[Cell, Entry] = {}
        self._before: State = {}
        self._import_began: State | None = None
        self._imported: Entry | None = None
        self._install()

    @staticmethod
    def of(app: flask.Flask) -> Book | None:
        """The book of an app, or None where it is left to plain Flask."""
        return vars(app).get(_ATTRIBUTE)

    # -- what the app is watched by

    def _install(self) -> None:
        app = self.app
        vars(app)[_ATTRIBUTE] = self
        self.rules = Rules(app.url_map, self._rule_added, lambda rule: id(rule) in self._free)
        self.views = Views(app.view_functions, self._view_written)
        app.view_functions = self.views
        vars(app).update(
            _check_setup_finished=self._check_setup_finished,
            add_url_rule=self._add_url_rule,
            create_jinja_environment=self._create_jinja_environment,
        )

    def uninstall(self) -> None:
        """Leave a plain app, with everything that is registered now."""
        self.rules.uninstall()
        self.app.view_functions = dict(self.views)
        for name in (_ATTRIBUTE, "_check_setup_finished", "add_url_rule", "create_jinja_environment"):
            vars(self.app).pop(name, None)

    def _check_setup_finished(self, f_name: str) -> None:
        if self.current is None:
            type(self.app)._check_setup_finished(self.app, f_name)
            return
        self.note_import()
        if private.served_a_request(self.app):
            self.late = True

    def _add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **options: Any
    ) -> None:
        name = endpoint or getattr(view_func, "__name__", None)
        if self.current is not None and name is not None and view_func is not None and not self._importing():
            self._claim(name, view_func)
        try:
            type(self.app).add_url_rule(self.app, rule, endpoint, view_func, *args, **options)
        except Exception as error:
            show_user_frames(error)
            raise

    def _create_jinja_environment(self) -> Any:
        environment = type(self.app).create_jinja_environment(self.app)
        for name in ("filters", "tests", "globals"):
            for key, value in getattr(environment, name).items():
                self.base[f"jinja_env.{name}", key] = value
                self._before[f"jinja_env.{name}", key] = value
        return environment

    def _rule_added(self, rule: Rule) -> None:
        if self.current is None or self._importing():
            self.base_rules.setdefault(rule.endpoint, []).append(rule)
        else:
            self.current.rules.append(rule)

    def _view_written(self, endpoint: str, view: Any) -> None:
        if self.current is None or self._importing():
            if endpoint in self.base_views:
                self.base_views[endpoint] = view
            return
        self._remember_base_view(endpoint)
        self.current.views[endpoint] = view

    def _remember_base_view(self, endpoint: str) -> None:
        if endpoint not in self.base_views:
            self.base_views[endpoint] = self.views.get(endpoint)

    # -- one owner for an endpoint

    def _claim(self, endpoint: str, view: Any) -> None:
        """Make room where another cell (or the app itself) has this endpoint with another view."""
        assert self.current is not None
        if endpoint in self.current.views:
            return  # twice in one run: Flask's own check decides
        owner = self._owner(endpoint)
        if owner is not None and self.ledger.is_earlier_run(owner.cell, self.current.cell):
            self.current.cell.absorbed[endpoint] = [rule.rule for rule in self._awake(endpoint)]
            self.ledger.absorb(self.current.cell, owner.cell)
        present = self.views.get(endpoint)
        if present is None or same(present, view):
            return
        self.replaced[endpoint] = [rule.rule for rule in self._awake(endpoint)]
        self._remember_base_view(endpoint)
        self.views.put(endpoint, None)
        for rule in self._awake(endpoint):
            self.rules.sleep(rule)

    def _owner(self, endpoint: str) -> Entry | None:
        owners = [entry for entry in self.entries.values() if endpoint in entry.views]
        return max(owners, key=lambda entry: entry.run, default=None)

    def _awake(self, endpoint: str) -> list[Rule]:
        return list(private.rules_of_endpoint(self.app.url_map).get(endpoint, ()))

    # -- a cell's run

    def open(self, cell: Cell) -> None:
        """A cell is about to run: withdraw what it had registered, and start watching."""
        self.late = False
        self.replaced = {}
        self.told = set()
        self._saved = dict(self.entries)
        self._withdrawn = self.entries.pop(cell, None)
        if self._withdrawn is not None:
            self._retire(self._withdrawn)
        self.current = Entry(cell, cell.run)
        self._import_began, self._imported = None, None
        self._before = shelves.read(self.app)

    def withdraw(self, cell: Cell) -> None:
        """Withdraw another cell's entry while one runs; what the running one has registered so far stays."""
        entry = self.entries.pop(cell, None)
        if entry is None:
            return
        running = self.preview()
        for path, value in entry.values.items():
            # Setting what was set already leaves no difference to see; the source tells who means the value now.
            if path not in running.values and str(path[-1]).lower() in running.cell.source.lower():
                running.values[path] = value
        self._retire(entry)
        for path in entry.paths:
            value = self._composed(path)
            if value is MISSING or value == ():
                self._before.pop(path, None)
            else:
                self._before[path] = value
        self.entries[running.cell] = running
        for path in entry.paths & running.paths:
            shelves.write(self.app, path, self._composed(path))
        del self.entries[running.cell]

    def _retire(self, entry: Entry) -> None:
        for rule in entry.rules:
            self.rules.sleep(rule)
            self._free.add(id(rule))
        self._settle(entry.endpoints, entry.paths)

    def close(self) -> None:
        """The cell has run: keep what it registered."""
        entry = self._read_off()
        if entry:
            self.entries[entry.cell] = entry
        touched = [e for e in (entry, *self._gone()) if e]
        self._settle(*self._union(touched))
        self._put_in_order(entry)
        if self.late and self.late_cell is None:
            self.late_cell = entry.cell
        self._stop()

    def undo(self) -> bool:
        """The cell has failed: everything as it was before. True where there was something to undo."""
        entry = self._read_off()
        gone = self._gone()
        for rule in entry.rules:
            self.rules.sleep(rule)
        self.entries = self._saved
        self._settle(*self._union([entry, *gone]))
        if entry.rules:
            self.rules.arrange(self.rules_in_order())
        self._stop()
        return bool(entry)

    def _stop(self) -> None:
        self.current = None
        self._withdrawn = None
        self._free = set()
        self._saved = {}

    def _gone(self) -> list[Entry]:
        """Entries that stood before this run and were withdrawn for it."""
        return [entry for cell, entry in self._saved.items() if self.entries.get(cell) is not entry]

    def preview(self) -> Entry:
        """What the running cell has registered so far."""
        assert self.current is not None
        entry = Entry(self.current.cell, self.current.run, list(self.current.rules), dict(self.current.views))
        difference(entry, self._before, shelves.read(self.app))
        return entry

    def _read_off(self) -> Entry:
        assert self.current is not None
        entry = self.current
        self._end_import()
        self.current = None
        after = shelves.read(self.app)
        difference(entry, self._before, after)
        if self._imported is not None:
            self._give_to_base(entry, self._imported)
        return entry

    @staticmethod
    def _union(entries: Iterable[Entry]) -> tuple[set[str], set[Path]]:
        endpoints: set[str] = set()
        paths: set[Path] = set()
        for entry in entries:
            endpoints |= entry.endpoints
            paths |= entry.paths
        return endpoints, paths

    def _put_in_order(self, entry: Entry) -> None:
        gone = self._gone()
        were = {id(rule): index for index, rule in enumerate(rule for one in gone for rule in one.rules)}
        # Woken rules are in their old places, new ones at the end: is that the order in which the cell has them?
        places = [were.get(id(rule), len(were)) for rule in entry.rules]
        mixed = places != sorted(places) or len(gone) > 1
        new, lost = len(were) in places, bool(were.keys() - {id(rule) for rule in entry.rules})
        later = any(
            other.rules for other in self.entries.values() if other is not entry and _place(other) > _place(entry)
        )
        swapped = [
            value
            for e in (self._withdrawn, entry)
            if e is not None
            for path, value in e.values.items()
            if path[0] == "converters" and isinstance(value, type)
        ]
        stale = [cls for cls in swapped if cls not in self.app.url_map.converters.values()]
        recompiled = bool(stale) and self.rules.recompile(stale)
        if lost or mixed or (new and later) or recompiled:
            self.rules.arrange(self.rules_in_order())

    # -- composing

    def entries_in_order(self) -> list[Entry]:
        """The entries by the cells' first runs."""
        return sorted(self.entries.values(), key=_place)

    def rules_in_order(self) -> list[Rule]:
        """The app's own rules, then each cell's; some of them may be asleep."""
        rules = [rule for rules in self.base_rules.values() for rule in rules]
        return rules + [rule for entry in self.entries_in_order() for rule in entry.rules]

    def _settle(self, endpoints: Iterable[str], paths: Iterable[Path]) -> None:
        for endpoint in endpoints:
            self._settle_endpoint(endpoint)
        for path in paths:
            shelves.write(self.app, path, self._composed(path))

    def _settle_endpoint(self, endpoint: str) -> None:
        owner = self._owner(endpoint)
        if owner is not None:
            self.views.put(endpoint, owner.views[endpoint])
        elif endpoint in self.base_views:
            self.views.put(endpoint, self.base_views[endpoint])
        view = self.views.get(endpoint)
        claims = [(self.base_rules.get(endpoint, []), self.base_views.get(endpoint))]
        claims += [(entry.rules, entry.views.get(endpoint)) for entry in self.entries.values()]
        for rules, claimed in claims:
            for rule in rules:
                if rule.endpoint != endpoint:
                    continue
                if claimed is None or same(claimed, view):
                    self.rules.wake(rule)
                else:
                    self.rules.sleep(rule)

    def _composed(self, path: Path) -> Any:
        if shelves.is_list(path):
            changes: list[ListChange] = [e.lists[path] for e in self.entries_in_order() if path in e.lists]
            return compose_list(self.base.get(path, ()), changes)
        owners = [entry for entry in self.entries.values() if path in entry.values]
        owner = max(owners, key=lambda entry: entry.run, default=None)
        return self.base.get(path, MISSING) if owner is None else owner.values[path]

    # -- what an imported module registers belongs to nobody and stays

    def _importing(self) -> bool:
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
        importing = self._importing()
        if importing and self._import_began is None:
            self._import_began = shelves.read(self.app)
        elif not importing:
            self._end_import()

    def _end_import(self) -> None:
        if self._import_began is not None and self.current is not None:
            self._imported = self._imported or Entry(self.current.cell, 0)
            difference(self._imported, self._import_began, shelves.read(self.app))
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


def _place(entry: Entry) -> float:
    return float("inf") if entry.cell.order is None else entry.cell.order
