"""The book of one blueprint, registered or not: its deferred functions and hooks, by cell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import flask

from ..frames import show_user_frames
from . import shelves
from .base import ATTRIBUTE, BaseBook
from .cells import Cell
from .entry import Entry, ListChange
from .shelves import Path, same

if TYPE_CHECKING:
    from .ledger import Ledger

__all__ = ["BlueprintBook"]

_OVERRIDES = ("_check_setup_finished", "add_url_rule")
_DEFERRED = ("deferred_functions",)
#: What a registration writes on the blueprint itself; it sets up nothing.
_REGISTERED = ("attribute", "_got_registered_once")


class BlueprintBook(BaseBook):
    """Watches `blueprint` for `ledger`. Made by `Ledger.adopt_blueprint`.

    `born_in` is the cell whose run made it. A registered blueprint takes set-up, too: the apps that have it register
    it anew (`Book.redo`).
    """

    def __init__(self, blueprint: flask.Blueprint, ledger: Ledger) -> None:
        super().__init__(blueprint, ledger)
        self.blueprint = blueprint
        self.born_in: Cell | None = ledger.cell
        #: `id()` of a deferred function → that function, and the endpoint and view that it registers.
        self._routes: dict[int, tuple[Any, str, Any]] = {}
        vars(blueprint).update({name: getattr(self, f"_blueprint_{name.lstrip('_')}") for name in _OVERRIDES})

    @staticmethod
    def of(blueprint: flask.Blueprint) -> BlueprintBook | None:
        """The book of a blueprint, or None where it is left to plain Flask."""
        return vars(blueprint).get(ATTRIBUTE)

    def uninstall(self) -> None:
        """Leave a plain blueprint."""
        for name in (ATTRIBUTE, *_OVERRIDES):
            vars(self.blueprint).pop(name, None)

    @property
    def changed(self) -> bool:
        """Has the running cell changed the blueprint so far?"""
        entries = [*self.gone(), *self.fresh(), *self.running()]
        return any(entry.views or entry.paths - {_REGISTERED} for entry in entries)

    # -- what takes the place of the blueprint's own methods

    def _blueprint_check_setup_finished(self, f_name: str) -> None:
        # What a module does while it is imported, and what belongs to an app that was left plain, is Flask's to judge.
        if self.current is None or self.importing() or self.ledger.has_plain(self.blueprint):
            type(self.blueprint)._check_setup_finished(self.blueprint, f_name)
        if self.current is None:
            return
        self.note_import()
        self.ledger.note_late(self.blueprint)

    def _blueprint_add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **options: Any
    ) -> None:
        name = endpoint or getattr(view_func, "__name__", None)
        watched = self.current is not None and name is not None and view_func is not None and not self.importing()
        if watched:
            self._claim(str(name), view_func)
        functions = self.blueprint.deferred_functions
        count = len(functions)
        try:
            type(self.blueprint).add_url_rule(self.blueprint, rule, endpoint, view_func, *args, **options)
        except Exception as error:
            show_user_frames(error)
            raise
        if watched and self.current is not None:
            self.current.views[str(name)] = view_func
            for function in functions[count:]:
                self._routes[id(function)] = function, str(name), view_func

    # -- one owner for an endpoint

    def _claim(self, endpoint: str, view: Any) -> None:
        assert self.current is not None
        if any(endpoint in entry.views for entry in (*self._done, self.current)):
            return
        owner = self.owner(endpoint)
        if owner is None or same(owner.views[endpoint], view):
            return
        if self.ledger.is_earlier_run(owner.cell, self.current.cell):
            self.current.cell.absorbed[f"{self.blueprint.name}.{endpoint}"] = []
            self.ledger.absorb(self.current.cell, owner.cell)
            return
        self.replaced[f"{self.blueprint.name}.{endpoint}"] = []
        # The running cell owns it from now on: a registration in this very run must not meet both.
        losing = [function for function in self.blueprint.deferred_functions if self._loses(function, endpoint, view)]
        kept = [
            function for function in self.blueprint.deferred_functions if not any(function is one for one in losing)
        ]
        self.blueprint.deferred_functions[:] = kept
        before = self._before.get(_DEFERRED, ())
        self._before[_DEFERRED] = tuple(function for function in before if not any(function is one for one in losing))

    def _loses(self, function: Any, endpoint: str, view: Any) -> bool:
        _, name, claimed = self._routes.get(id(function), (None, None, None))
        return name == endpoint and not same(claimed, view)

    def composed(self, path: Path) -> Any:
        """What the entries make of a path; of two cells' views for one endpoint, only the owner's is deferred.

        Two views of one cell both are: as in plain Flask, the registration refuses them.
        """
        value = super().composed(path)
        if path != _DEFERRED:
            return value
        kept = []
        for function in value:
            _, endpoint, view = self._routes.get(id(function), (None, None, None))
            owner = self.owner(endpoint) if endpoint is not None else None
            if endpoint is None or owner is None or same(owner.views[endpoint], view) or _defers(owner, function):
                kept.append(function)
        return tuple(kept)

    def commit(self) -> None:
        """What has happened in this run stays."""
        super().commit()
        held = [change for entry in self.entries for path, change in entry.lists.items() if path == _DEFERRED]
        functions = {id(function) for change in held for function in (*change.front, *change.back)}
        self._routes = {key: route for key, route in self._routes.items() if key in functions}

    def settle(self, endpoints: Any, paths: Any) -> None:
        """Bring the blueprint to what the entries say."""
        super().settle(endpoints, {*paths, _DEFERRED} if endpoints else paths)

    # -- a blueprint made anew by its cell

    def succeed(self, old: BlueprintBook, cell: Cell) -> None:
        """Take over what the other cells had given to the blueprint that `cell` has replaced by this one."""
        taken = [entry for entry in old.entries if entry.cell is not cell]
        self._routes |= old._routes
        self.entries += taken
        self.settle(*self.union(taken))

    def replace_child(self, old: flask.Blueprint, new: flask.Blueprint) -> bool:
        """Nest `new` wherever `old` is nested; True where it was."""
        path = ("_blueprints",)
        swapped = False
        for index, entry in enumerate(self.entries):
            change = entry.lists.get(path)
            if change is None or not any(child is old for child, _ in (*change.front, *change.back)):
                continue
            self.entries[index] = _with_child(entry, path, old, new)
            swapped = True
        if swapped:
            shelves.write(self.blueprint, path, self.composed(path))
        return swapped


def _defers(entry: Entry, function: Any) -> bool:
    change = entry.lists.get(_DEFERRED, ListChange())
    return any(function is one for one in (*change.front, *change.back))


def _with_child(entry: Entry, path: Path, old: flask.Blueprint, new: flask.Blueprint) -> Entry:
    def renewed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple((new, options) if child is old else (child, options) for child, options in items)

    change = entry.lists[path]
    return replace(
        entry, lists={**entry.lists, path: replace(change, front=renewed(change.front), back=renewed(change.back))}
    )
