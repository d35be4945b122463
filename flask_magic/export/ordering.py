"""The order of what is kept: each statement after what it needs, and else as near to its first place as may be."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

from .names import changed_in
from .registrations import Registration, is_configuration
from .statements import Statement

if TYPE_CHECKING:
    from .dependencies import Program

__all__ = ["in_order"]


def in_order(
    program: Program,
    registers: Mapping[Statement, Registration | None],
    edges: Mapping[Statement, Set[Statement]],
) -> list[Statement]:
    """The statements that `registers` has; `edges` are what each uses at once."""
    order = _Order(program, registers, edges)
    waiting = sorted(registers, key=order.rank)
    needed = {one: edges.get(one, frozenset()) for one in waiting}
    wanted = {one: needed[one] | order.before(one) for one in waiting}
    ordered: list[Statement] = []
    while waiting:
        done = set(ordered)
        # Where not all can be had, what a statement itself uses counts more than the rest.
        ready = next(
            (found for above in (wanted, needed) if (found := [one for one in waiting if above[one] <= done])),
            waiting,
        )
        ordered.append(ready[0])
        waiting.remove(ready[0])
    return ordered


class _Order:
    def __init__(
        self,
        program: Program,
        registers: Mapping[Statement, Registration | None],
        edges: Mapping[Statement, Set[Statement]],
    ) -> None:
        self._program = program
        self._registers = registers
        self._edges = edges

    def rank(self, statement: Statement) -> tuple[int, int]:
        """The app and its settings come first; a name that was given anew stands where it was given first."""
        if self._program.app in statement.names.binds:
            return 0, statement.place
        registration = self._registers[statement]
        if registration is not None and registration.kind == "setting" and _is_config(statement.node):
            return (2 if "jinja_" in statement.text else 1), statement.place
        if registration is None and len(statement.names.binds) == 1:
            (name,) = statement.names.binds
            return 3, min(one.place for one in self._program.binders[name] if one.imports is None)
        return 3, statement.place

    def before(self, statement: Statement) -> set[Statement]:
        """What is to stand above a statement, besides what it uses itself at once."""
        above: set[Statement] = set()
        used = self._edges.get(statement, frozenset())
        for one in used:
            above |= self._late_of(one, statement, set())  # what is called at once needs its own names at once
        # Plain Flask takes no set-up of a blueprint that is registered, be it by a function that is called here.
        functions = [one for one in used | above if one.is_definition]
        handed = {name for one in [statement, *functions] for name in self._blueprints_registered_in(one)}
        if not statement.is_definition:
            above |= {one for one, held in self._registers.items() if held is not None and held.owners & handed}
        earlier = [one for one in self._registers if one.when < statement.when]
        for name in statement.names.binds:  # an earlier meaning of the name, and who uses that
            meanings = {one for one in earlier if name in one.names.binds}
            above |= meanings | {user for user in self._registers if self._edges.get(user, set()) & meanings}
        changed = changed_in(statement.node)
        above |= {one for one in earlier if changed & one.names.binds}
        registration = self._registers[statement]
        if registration is not None and registration.kind != "setting":
            above |= {
                one
                for one, held in self._registers.items()
                if one.place < statement.place and held is not None and held.kind != "setting"
                if held.owners & registration.owners
            }
        return above - {statement}

    def _late_of(self, statement: Statement, by: Statement, seen: set[Statement]) -> set[Statement]:
        found: set[Statement] = set()
        for name in statement.names.late:
            one = self._program.reaching(name, by)
            if one is not None and one in self._registers and one not in seen:
                seen.add(one)
                found |= {one} | self._late_of(one, by, seen)
        return found

    def _blueprints_registered_in(self, statement: Statement) -> Set[str]:
        """The blueprints that code names which registers some: each by itself, or all in a loop."""
        attributes = (one.attr for one in ast.walk(statement.node) if isinstance(one, ast.Attribute))
        if "register_blueprint" not in attributes:
            return set()
        return (statement.names.now | statement.names.late) & set(self._program.blueprints)


def _is_config(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=targets):
            return all(is_configuration(one) for one in targets)
        case ast.Expr(value=ast.Call(func=function)):
            return is_configuration(function)
    return False
