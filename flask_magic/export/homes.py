"""In which module of a package each statement stands."""

from __future__ import annotations

import ast
from typing import Any

from .dependencies import Kept, Program
from .statements import Statement

__all__ = ["EXTENSIONS", "FACTORY", "FORMS", "HELPERS", "MODELS", "VIEWS", "Homes", "Unfit", "homes_of"]

FACTORY, EXTENSIONS, MODELS, FORMS, HELPERS, VIEWS = "__init__", "extensions", "models", "forms", "helpers", "views"
#: From below: a module imports those before it.
_LAYERS = (EXTENSIONS, MODELS, FORMS, HELPERS)


class Unfit(Exception):
    """The statements do not fall apart into modules."""


class Homes(dict[Statement, str]):
    """The module of each statement."""

    def names(self) -> dict[str, str]:
        """The module of each name."""
        return {name: home for one, home in self.items() if home != FACTORY for name in one.names.binds}


def homes_of(kept: Kept, program: Program) -> Homes:
    """The home of each kept statement. Raises Unfit where no order of modules would do."""
    _check_names(kept)
    homes = Homes()
    for one in kept.statements:
        home = _own_home(one, kept, program)
        if home is not None:
            homes[one] = home
    users = _users(kept, homes)
    own = dict(homes)
    for one in kept.statements:
        if one not in own:
            homes[one] = _shared_home({own[user] for user in users[one] if user in own})
    _check_order(kept, homes)
    return homes


def _check_names(kept: Kept) -> None:
    names = [name for one in kept.statements for name in one.names.binds]
    if len(names) != len(set(names)):
        raise Unfit("a name is bound twice")


def _own_home(one: Statement, kept: Kept, program: Program) -> str | None:
    """The home that a statement has by what it is; None for one that goes with those that use it."""
    registration = kept.registers[one]
    if kept.app in one.names.binds:
        return FACTORY
    for blueprint in kept.blueprints:
        if blueprint in one.names.binds:
            return blueprint
    if registration is not None:
        owners = registration.owners
        if registration.kind in ("setting", "block") or (registration.kind == "call" and not one.names.binds):
            return next(iter(owners)) if len(owners) == 1 and owners <= set(kept.blueprints) else FACTORY
        if registration.kind == "call":
            return EXTENSIONS
        blueprints = owners & set(kept.blueprints)
        if blueprints and kept.app not in owners and len(blueprints) == 1:
            return next(iter(blueprints))
        return VIEWS
    if not one.names.binds:
        return None if not isinstance(one.node, ast.With) else FACTORY
    value = program.namespace.get(next(iter(one.names.binds)))
    return _kind_of(one, value)


def _kind_of(one: Statement, value: Any) -> str | None:
    if isinstance(one.node, ast.Assign) and hasattr(type(value), "init_app"):
        return EXTENSIONS
    if isinstance(value, type):
        if "__mapper__" in vars(value):
            return MODELS
        if any(base.__module__.partition(".")[0] == "wtforms" for base in value.__mro__):
            return FORMS
    return None


def _users(kept: Kept, homes: Homes) -> dict[Statement, set[Statement]]:
    """Who uses a statement's names, directly or through others that have no home of their own."""
    by_name = {name: one for one in kept.statements for name in one.names.binds}
    direct: dict[Statement, set[Statement]] = {one: set() for one in kept.statements}
    for one in kept.statements:
        for name in one.names.now | one.names.late:
            if name in by_name and by_name[name] is not one:
                direct[by_name[name]].add(one)
    changing = [one for one in kept.statements if not one.names.binds and kept.registers[one] is None]
    for one in changing:  # a change of data goes with the data
        for name in one.names.now:
            if name in by_name:
                direct[one] |= {by_name[name], *direct[by_name[name]]} - {one}
                direct[by_name[name]].discard(one)
    found: dict[Statement, set[Statement]] = {}
    for one in kept.statements:
        seen: set[Statement] = set()
        waiting = list(direct[one])
        while waiting:
            user = waiting.pop()
            if user not in seen:
                seen.add(user)
                waiting += direct[user] if user not in homes else ()
        found[one] = seen
    return found


def _shared_home(homes: set[str]) -> str:
    """The one module that all users can import from."""
    if len(homes) == 1:
        return next(iter(homes))
    return next((layer for layer in _LAYERS if layer in homes), HELPERS)


def _check_order(kept: Kept, homes: Homes) -> None:
    """Raises Unfit where modules would import each other, or a function would give another module's name a value."""
    by_name = {name: one for one in kept.statements for name in one.names.binds}
    imports: dict[str, set[str]] = {}
    for one in kept.statements:
        for name in one.names.now | one.names.late:
            used = by_name.get(name)
            if used is not None and homes[used] != homes[one]:
                if homes[used] == FACTORY:
                    if name != kept.app or (name in one.names.now and homes[one] not in (VIEWS, EXTENSIONS)):
                        raise Unfit(f"{name} is made in the factory")
                    continue
                imports.setdefault(homes[one], set()).add(homes[used])
        for node in ast.walk(one.node):
            if isinstance(node, ast.Global) and any(
                name in by_name and homes[by_name[name]] != homes[one] for name in node.names
            ):
                raise Unfit("a function binds a name of another module")
    _check_no_circle(imports)


def _check_no_circle(imports: dict[str, set[str]]) -> None:
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        if module in above:
            raise Unfit("modules would import each other")
        if module not in done:
            for other in imports.get(module, ()):
                visit(other, (*above, module))
            done.add(module)

    for module in list(imports):
        visit(module, ())
