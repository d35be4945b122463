"""What of a notebook its app needs: the statements that register something, and those whose names these use.

A name that is used at once, or in a function that is called at once, means the definition that came before; one that
is used later, within a function, means the last definition. So a notebook that defines a helper twice keeps both only
where both are in use.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

import flask

from ..errors import ExportError
from .keys import Key, view_of
from .names import changed_in, root_of
from .ordering import in_order
from .registrations import Registration, Roots, registration_of, sets_up
from .secrets import Secrets
from .statements import Import, Statement

__all__ = ["Kept", "Program"]

#: Values that a statement changes in place, rather than registers something with.
_DATA = (dict, list, set, frozenset, str, bytes, int, float, tuple, type(None), FunctionType, ModuleType, type)


@dataclass
class Kept:
    """What a project holds of a notebook, in order; `imports` are the names that come from elsewhere.

    `registers` tells for each statement whether it is there to register, or for its names alone, `secrets` what was
    hidden of them.
    """

    statements: list[Statement]
    registers: dict[Statement, Registration | None]
    imports: list[Import]
    app: str
    blueprints: list[str] = field(default_factory=list)
    secrets: Secrets = field(default_factory=Secrets)


class Program:
    """All statements of a notebook's cells, in the order of the cells.

    `app` is the variable of the app, `blueprints` those of its blueprints, `namespace` the notebook's variables.
    """

    def __init__(
        self, statements: Iterable[Statement], app: str, blueprints: Iterable[str], namespace: Mapping[str, Any]
    ) -> None:
        self.statements = list(statements)
        self.app = app
        self.namespace = namespace
        self.blueprints = list(blueprints)
        for place, statement in enumerate(self.statements):
            statement.place = place
        self.binders: dict[str, list[Statement]] = {}
        for statement in self.statements:
            for name in statement.names.binds:
                self.binders.setdefault(name, []).append(statement)
        self._edges: dict[Statement, set[Statement]] = {}
        self._imports: dict[Import, None] = {}
        self._registers: dict[Statement, Registration | None] = {}

    # -- names

    def final(self, name: str) -> Statement | None:
        """The statement that gives a name its value in the end: the one that ran last, of those that succeeded."""
        found = self.binders.get(name, [])
        succeeded = [one for one in found if not one.cell.failed]
        return max(succeeded or found, key=lambda one: one.when, default=None)

    def reaching(self, name: str, statement: Statement) -> Statement | None:
        """The statement whose value of a name is there when `statement` runs."""
        before = [one for one in self.binders.get(name, []) if one.when < statement.when and not one.cell.failed]
        return max(before, key=lambda one: one.when) if before else self.final(name)

    # -- what is kept

    def kept(self) -> Kept:
        """What the app needs. Raises ExportError for a name that only a magic gives."""
        owners = frozenset({self.app, *self.blueprints})
        creation, registrars = self.final(self.app), self._registrars(owners)
        self._need(self.app, by=None)
        for one in self.statements:  # nothing names it, and what stands below it means another thing without it
            if one.imports is not None and one.imports.module == "__future__":
                self._imports[one.imports] = None
        while True:
            before = len(self._registers)
            modules = frozenset(one.name for one in self._imports)
            bound, defined = frozenset(self._bound()), frozenset(self.binders)
            roots = Roots(self.app, owners, self._objects(), registrars, bound, modules, defined)
            for statement, registration in self._standing(roots, creation):
                if registration.owners & ({self.app} | self._bound()):
                    self._keep(statement, registration)
            for statement in self._belonging():
                self._keep(statement, None)
            if len(self._registers) == before:
                break
        used = [name for name in self.blueprints if name in self._bound()]
        return Kept(in_order(self, self._registers, self._edges), self._registers, list(self._imports), self.app, used)

    def _bound(self) -> set[str]:
        return {name for one in self._registers for name in one.names.binds}

    def _objects(self) -> frozenset[str]:
        """Names of what is kept that others register with: extensions, signals, and the like."""
        values = {name: self.namespace[name] for name in self._bound() if name in self.namespace}
        others = (*_DATA, flask.Flask, flask.Blueprint)
        return frozenset(name for name, value in values.items() if not isinstance(value, others) and not _is_own(value))

    def _registrars(self, owners: frozenset[str]) -> frozenset[str]:
        return frozenset(
            name
            for one in self.statements
            if isinstance(one.node, (ast.FunctionDef, ast.AsyncFunctionDef)) and sets_up(one.node, owners)
            for name in one.names.binds
            if not one.node.decorator_list
        )

    def _standing(self, roots: Roots, creation: Statement | None) -> Iterator[tuple[Statement, Registration]]:
        """The registrations that hold: with the app that there is now, and not replaced by another cell's."""
        since = creation.when if creation is not None else (-1, -1)
        found = [
            (statement, registration)
            for statement in self.statements
            if not statement.cell.failed and statement is not creation
            if (registration := registration_of(statement, roots)) is not None
            if statement.when > since or self.app not in registration.owners
        ]
        winners: dict[Key, Statement] = {}
        for statement, registration in found:
            for key in registration.keys:
                if key not in winners or winners[key].when < statement.when:
                    winners[key] = statement
        for statement, registration in found:
            held = [winners[key] for key in registration.keys]
            if not held or any(one is statement or self._is_same_view(one, statement) for one in held):
                yield statement, registration

    def _is_same_view(self, one: Statement, other: Statement) -> bool:
        """Do both register the same view? Then it has several rules, and all of them stand."""
        view = self._view(one)
        return view is not None and view is self._view(other)

    def _view(self, statement: Statement) -> Statement | None:
        """The definition that a statement registers, be it itself, or what it hands to `add_url_rule`."""
        if statement.is_definition:
            return statement
        name = view_of(statement.node.value) if isinstance(statement.node, ast.Expr) else None
        return self.reaching(name, statement) if name is not None else None

    def _belonging(self) -> Iterator[Statement]:
        """What completes what is kept: changes of data, models of a kept base, tables that are made."""
        for statement in self.statements:
            if statement in self._registers or statement.from_magic or statement.cell.failed:
                continue
            if self._is_model(statement) or self._changes_kept_data(statement) or self._makes_tables(statement):
                yield statement

    def _is_model(self, statement: Statement) -> bool:
        if not isinstance(statement.node, ast.ClassDef) or self.final(statement.node.name) is not statement:
            return False
        made = self.namespace.get(statement.node.name)
        if not isinstance(made, type) or "__mapper__" not in vars(made):
            return False
        return any(root_of(base) in self._bound() for base in statement.node.bases)

    def _changes_kept_data(self, statement: Statement) -> bool:
        names = changed_in(statement.node)
        for name in names & self._bound():
            binder = self.final(name)
            if binder not in self._registers or not isinstance(self.namespace.get(name), _DATA):
                continue
            if binder is not None and statement.when > binder.when:
                return statement.cell is binder.cell or self._is_data_cell(statement)
        return False

    def _is_data_cell(self, statement: Statement) -> bool:
        cell = [one for one in self.statements if one.cell is statement.cell]
        return not any(
            one.from_magic or (isinstance(one.node, ast.Expr) and not changed_in(one.node)) for one in cell
        ) and not any("clear" in one.text for one in cell)

    def _makes_tables(self, statement: Statement) -> bool:
        """`with app.app_context(): db.create_all()`, and nothing else."""
        match statement.node:
            case ast.With(items=[ast.withitem(context_expr=context)], body=body) if root_of(context) == self.app:
                return all(
                    isinstance(one, ast.Expr)
                    and isinstance(one.value, ast.Call)
                    and isinstance(one.value.func, ast.Attribute)
                    and one.value.func.attr == "create_all"
                    and root_of(one.value) in self._bound()
                    for one in body
                )
        return False

    def _need(self, name: str, by: Statement | None, *, now: bool = False) -> None:
        found = self.reaching(name, by) if now and by is not None else self.final(name)
        if found is None or found is by:
            found = self.final(name) if found is None else None
        if found is None:
            self._need_unbound(name, by)
            return
        if found.imports is not None:
            self._imports[found.imports] = None
            return
        if by is not None and now:
            self._edges.setdefault(by, set()).add(found)
        if found not in self._registers:
            if found.from_magic:
                raise ExportError(
                    f"{name} is needed by the app, and what gives it is a magic: {_first_line(found)}",
                    why=f"{_first_line(by)} uses it." if by is not None else "",
                    todo="Give it a value in plain Python, in a cell of its own.",
                )
            self._keep(found, None)

    def _need_unbound(self, name: str, by: Statement | None) -> None:
        if hasattr(builtins, name) or (name.startswith("__") and name.endswith("__")):
            return
        if name not in self.namespace or (by is not None and name in by.names.binds):
            return  # its own, or what would fail in the notebook too
        for statement in self.statements:  # `from module import *`
            if statement.imports is not None and statement.imports.attribute == "*":
                self._imports[Import(statement.imports.module, name, None, statement.imports.level)] = None
                return
        if name == self.app:
            return
        raise ExportError(
            f"{name} is needed by the app, and no cell gives it a value.",
            why=f"{_first_line(by)} uses it." if by is not None else "",
            todo="Its cell was changed or deleted, or a magic gave it. Define it in a cell, and run that.",
        )

    def _keep(self, statement: Statement, registration: Registration | None) -> None:
        known = statement in self._registers
        if not known or (registration is not None and self._registers[statement] is None):
            self._registers[statement] = registration
        if known:
            return
        for name in sorted(statement.names.now):
            self._need(name, statement, now=True)
        for name in sorted(self._called(statement.names.now, statement, set())):
            self._need(name, statement, now=True)
        for name in sorted(statement.names.late):
            self._need(name, statement)

    def _called(self, names: Iterable[str], by: Statement, seen: set[str]) -> set[str]:
        """Names that were there when a statement ran, in functions that it may call at once: `def view(x=f()): …`."""
        for name in names:
            found = self.reaching(name, by)
            if found is None or found is by or found.when > by.when:
                continue
            inner = {one for one in found.names.late if any(had.when < by.when for had in self.binders.get(one, []))}
            new = inner - seen
            seen |= new
            self._called(new, by, seen)
        return seen


def _is_own(value: Any) -> bool:
    """Is it of a class of the notebook: data, whose attributes a demonstration may change?"""
    return type(value).__module__ == "__main__"


def _first_line(statement: Statement) -> str:
    lines = statement.text.splitlines()
    return next((line.strip() for line in lines if line.strip() and not line.startswith(("#", "@"))), "")
