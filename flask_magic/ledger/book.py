"""The book of one app: besides what every book has, its URL rules, its views, and the blueprints registered on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.routing import Rule

from ..frames import show_user_frames
from . import private, shelves
from .base import ATTRIBUTE, BaseBook, place
from .cells import Cell
from .entry import Entry, Registration, difference
from .rules import Rules
from .shelves import MISSING, Path, same
from .views import Views
from .wrapped import Link, links_to, outermost

if TYPE_CHECKING:
    from .ledger import Ledger

__all__ = ["Book"]

_OVERRIDES = ("_check_setup_finished", "add_url_rule", "create_jinja_environment", "register_blueprint")


class Book(BaseBook):
    """Watches `app` for `ledger`. Made by `Ledger.adopt`."""

    def __init__(self, app: flask.Flask, ledger: Ledger) -> None:
        super().__init__(app, ledger)
        self.app = app
        self.born_in: Cell | None = ledger.cell
        self.base_rules: dict[str, list[Rule]] = {}
        for rule in app.url_map.iter_rules():
            self.base_rules.setdefault(rule.endpoint, []).append(rule)
        #: What the app itself had under an endpoint that a cell has written to (None: nothing).
        self.base_views: dict[str, Any] = {}
        #: The first cell that set something up after the app's first request: the one that is told.
        self.late_cell: Cell | None = None
        self.late = False
        #: `id()` of the rules that were withdrawn for this run: the cell may have them back.
        self._free: set[int] = set()
        self._redoing = False
        self._links: list[Link] = []
        self.rules = Rules(app.url_map, self._rule_added, lambda rule: id(rule) in self._free)
        self.views = Views(app.view_functions, self._view_written)
        app.view_functions = self.views
        vars(app).update({name: getattr(self, f"_app_{name.lstrip('_')}") for name in _OVERRIDES})

    @staticmethod
    def of(app: flask.Flask) -> Book | None:
        """The book of an app, or None where it is left to plain Flask."""
        return vars(app).get(ATTRIBUTE)

    def uninstall(self) -> None:
        """Leave a plain app, with everything that is registered now."""
        self.rules.uninstall()
        self.app.view_functions = dict(self.views)
        for name in (ATTRIBUTE, *_OVERRIDES):
            vars(self.app).pop(name, None)

    # -- what takes the place of the app's own methods

    def _app_check_setup_finished(self, f_name: str) -> None:
        if self.current is None:
            type(self.app)._check_setup_finished(self.app, f_name)
            return
        if not self._redoing:
            self.note_import()
            self.note_late()

    def note_late(self) -> None:
        """The running cell sets something up: is that after the first request?"""
        if private.served_a_request(self.app):
            self.late = True

    def _app_add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **options: Any
    ) -> None:
        name = endpoint or getattr(view_func, "__name__", None)
        if self.current is not None and name is not None and view_func is not None and not self.importing():
            self._claim(name, view_func)
        try:
            type(self.app).add_url_rule(self.app, rule, endpoint, view_func, *args, **options)
        except Exception as error:
            show_user_frames(error)
            raise

    def _app_register_blueprint(self, blueprint: flask.Blueprint, **options: Any) -> None:
        self.ledger.adopt_blueprint(blueprint)
        if self.current is None or self.importing():
            type(self.app).register_blueprint(self.app, blueprint, **options)
            return
        self.cut()
        self.current.registration = Registration(blueprint, options)
        try:
            type(self.app).register_blueprint(self.app, blueprint, **options)
        except Exception as error:
            show_user_frames(error)
            raise
        finally:
            self.cut()

    def _app_create_jinja_environment(self) -> Any:
        environment = type(self.app).create_jinja_environment(self.app)
        for name in ("filters", "tests", "globals"):
            for key, value in getattr(environment, name).items():
                self.base[f"jinja_env.{name}", key] = value
                self._before[f"jinja_env.{name}", key] = value
        return environment

    def _rule_added(self, rule: Rule) -> None:
        if self.current is None or self.importing():
            self.base_rules.setdefault(rule.endpoint, []).append(rule)
        else:
            self.current.rules.append(rule)

    def _view_written(self, endpoint: str, view: Any) -> None:
        if self.current is None or self.importing():
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
        parts = [self.current] if self._redoing else [*self._done, self.current]
        if any(endpoint in entry.views for entry in parts):
            return  # twice in one run, or in one registration: Flask's own check decides
        owner = self.owner(endpoint)
        if owner is not None and self.ledger.is_earlier_run(owner.cell, self.current.cell) and not self._redoing:
            self.current.cell.absorbed[endpoint] = [rule.rule for rule in self._awake(endpoint)]
            self.ledger.absorb(self.current.cell, owner.cell)
        present = self.views.get(endpoint)
        if present is None or same(present, view):
            return
        if not self._redoing:
            self.replaced[endpoint] = [rule.rule for rule in self._awake(endpoint)]
        self._remember_base_view(endpoint)
        self.views.put(endpoint, None)
        for rule in self._awake(endpoint):
            self.rules.sleep(rule)

    def _awake(self, endpoint: str) -> list[Rule]:
        return list(private.rules_of_endpoint(self.app.url_map).get(endpoint, ()))

    # -- a cell's run

    def open(self, cell: Cell) -> None:
        """A cell is about to run."""
        self.late = False
        self._free = set()
        mine = [entry for entry in self.entries if entry.cell is cell]
        self._links = [link for entry in mine for link in links_to(self.entries, entry)]
        super().open(cell)
        for link in self._links:
            # The cell is to wrap what it wrapped the first time, not what has been put around it since.
            shelves.write(self.app, link.path, self._preceding(link.path, cell))
            link.hold(getattr(self.app, link.path[1]))
        self._before = shelves.read(self.app)

    def _preceding(self, path: Path, cell: Cell) -> Any:
        before = [
            entry for entry in self.entries if path in entry.values and (entry.cell.order or 0) < (cell.order or 0)
        ]
        return before[-1].values[path] if before else self.base.get(path, MISSING)

    def close(self) -> None:
        """The cell has run."""
        for link in self._links:
            link.hold(getattr(self.app, link.path[1]))
        super().close()
        self._put_in_order()
        gone, fresh = self.gone(), self.fresh()
        # A cell that runs again was set up in time, in its first run.
        if self.late and self.late_cell is None and fresh and not any(entry.cell is fresh[0].cell for entry in gone):
            self.late_cell = fresh[0].cell

    def undo(self) -> bool:
        """The cell has failed."""
        for link in self._links:
            link.hold(link.inner)
        undone = super().undo()
        if undone:
            self.rules.arrange(self.rules_in_order())
        return undone

    def _retire(self, entries: list[Entry]) -> None:
        for entry in entries:
            for rule in entry.rules:
                self.rules.sleep(rule)
                self._free.add(id(rule))

    def redo(self, changed: set[flask.Blueprint]) -> None:
        """Register anew, each in its place, the blueprints that have changed. Raises what the registration raises.

        What was registered before is withdrawn, so that to Flask it is a first registration: all functions that were
        given to `Blueprint.record` and `record_once` are called again.
        """
        stale = [e for e in self.entries_in_order() if e.registration and e.registration.blueprint in changed]
        if not stale:
            return
        running = self.current
        if running is not None:
            self.cut()
            running, self.current = self.current, None
        kept = list(self.entries)
        self._remove(stale)
        self._redoing = True
        try:
            for entry in stale:
                assert entry.registration is not None
                anew = Entry(entry.cell, entry.run, registration=entry.registration)
                before, self.current = shelves.read(self.app), anew
                try:
                    blueprint, options = entry.registration.blueprint, entry.registration.options
                    type(self.app).register_blueprint(self.app, blueprint, **options)
                finally:
                    self.current = None
                    difference(anew, before, shelves.read(self.app))
                    kept = [anew if one is entry else one for one in kept]
                    self.entries = [one for one in kept if not any(one is s for s in stale)]
        finally:
            self._redoing = False
            self.current = running
        self.settle(*self.union([*stale, *self.fresh()]))
        self._put_in_order()
        if running is not None:
            self._before = shelves.read(self.app)

    def replace_blueprint(self, old: flask.Blueprint, new: flask.Blueprint) -> None:
        """Have `new` registered wherever `old` is; `redo` does it."""
        self.entries = [
            replace(entry, registration=Registration(new, entry.registration.options))
            if entry.registration is not None and entry.registration.blueprint is old
            else entry
            for entry in self.entries
        ]

    def _put_in_order(self) -> None:
        gone, fresh = sorted(self.gone(), key=place), sorted(self.fresh(), key=place)
        were = [id(rule) for entry in gone for rule in entry.rules]
        are = [id(rule) for entry in fresh for rule in entry.rules]
        recompiled = self._recompile([*gone, *fresh])
        if were == are and not recompiled:
            return  # woken rules are in their old places
        last = max((place(entry) for entry in fresh), default=0)
        standing = [entry for entry in self.entries if entry.rules and not any(entry is one for one in fresh)]
        if were or recompiled or any(place(entry) > last for entry in standing):
            self.rules.arrange(self.rules_in_order())

    def _recompile(self, entries: list[Entry]) -> bool:
        """Compile rules anew whose converter has been replaced; True where there were any."""
        swapped = [
            value
            for entry in entries
            for path, value in entry.values.items()
            if path[0] == "converters" and isinstance(value, type)
        ]
        stale = [cls for cls in swapped if cls not in self.app.url_map.converters.values()]
        return bool(stale) and self.rules.recompile(stale)

    # -- composing

    def composed(self, path: Path) -> Any:
        """What the entries make of a path; a value that wraps another one's comes before it."""
        owners = [entry for entry in self.entries if path in entry.values]
        if path[0] != "attribute" or len(owners) < 2:
            return super().composed(path)
        return max(outermost(owners, path), key=lambda entry: entry.run).values[path]

    def rules_in_order(self) -> list[Rule]:
        """The app's own rules, then each cell's; some of them may be asleep."""
        rules = [rule for rules in self.base_rules.values() for rule in rules]
        return rules + [rule for entry in self.entries_in_order() for rule in entry.rules]

    def rules_now(self) -> list[Rule]:
        """The rules that answer at this moment, those of the running cell at its place among them."""
        rules = [rule for rules in self.base_rules.values() for rule in rules]
        entries = sorted([*self.entries, *self.running()], key=place)
        rules += [rule for entry in entries for rule in entry.rules]
        return [rule for rule in rules if self.rules.is_awake(rule)]

    def settle(self, endpoints: Any, paths: Any) -> None:
        """Bring these endpoints and paths of the app to what the entries say."""
        paths = set(paths)
        for endpoint in endpoints:
            self._settle_endpoint(endpoint)
        super().settle(endpoints, paths)
        if any(path[0] == "blueprints" for path in paths):
            self._order_blueprints()

    def _settle_endpoint(self, endpoint: str) -> None:
        owner = self.owner(endpoint)
        if owner is not None:
            self.views.put(endpoint, owner.views[endpoint])
        elif endpoint in self.base_views:
            self.views.put(endpoint, self.base_views[endpoint])
        view = self.views.get(endpoint)
        claims = [(self.base_rules.get(endpoint, []), self.base_views.get(endpoint))]
        claims += [(entry.rules, entry.views.get(endpoint)) for entry in self.entries]
        for rules, claimed in claims:
            for rule in rules:
                if rule.endpoint != endpoint:
                    continue
                if claimed is None or same(claimed, view):
                    self.rules.wake(rule)
                else:
                    self.rules.sleep(rule)

    def _order_blueprints(self) -> None:
        """Among blueprints the first registered one's template wins: their order is by the cells' first runs."""
        names: list[Path] = [path for path in self.base if path[0] == "blueprints"]
        names += [path for entry in self.entries_in_order() for path in entry.values if path[0] == "blueprints"]
        blueprints = self.app.blueprints
        ordered = {name: blueprints[name] for _, name in names if name in blueprints}
        ordered |= blueprints
        blueprints.clear()
        blueprints.update(ordered)
