"""SQLAlchemy models and tables of the notebook: which cell defined them, and what else must be defined again with them.

A table that is defined twice is refused, and a model that is defined again leaves the models related to it with the
old one. So before a cell runs again, its models and tables are hidden, and with them those of other cells that refer
to them; right after its own definitions the statements of those other cells are run again, in order (`define_again`,
called from a line that IPython is given to run there; at the cell's end at the latest). A disposed mapper cannot come
back: the old ones are only disposed of once the cell has succeeded.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import private_models as private
from .cells import Cell

__all__ = ["Models"]


@dataclass(eq=False)
class _Definition:
    """One statement of a cell that defines a model or a table: its name, its code, what it made."""

    cell: Cell
    name: str
    code: Any
    made: Any


@dataclass
class _Run:
    """What has been hidden for the running cell."""

    cell: Cell
    hidden: list[_Definition] = field(default_factory=list)
    pending: list[_Definition] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    redefined: list[_Definition] = field(default_factory=list)
    #: Each collection of tables, with the tables that it had.
    tables: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)
    #: Each registry, with the classes that it knew by name.
    classes: list[tuple[Any, set[type]]] = field(default_factory=list)


class Models:
    """Watches the models of one notebook. Does nothing until the notebook has imported SQLAlchemy."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self._definitions: list[_Definition] = []
        self._run: _Run | None = None
        self._orphans: list[Cell] = []

    # -- a cell's run

    def open(self, cell: Cell) -> None:
        """A cell is about to run: hide what it had defined, and what refers to that."""
        self._run = _Run(cell)
        if "sqlalchemy" not in sys.modules:
            return
        self._orphans = self.orphans()
        self._run.tables = [(one, dict(one.tables)) for one in private.metadatas(self.namespace)]
        self._run.classes = private.named_classes(self.namespace)
        mine = [definition for definition in self._definitions if definition.cell is cell]
        if not mine:
            return
        self._run.hidden = self._with_relatives(mine)
        self._run.pending = [definition for definition in self._run.hidden if definition.cell is not cell]
        for definition in self._run.hidden:
            self._run.names[definition.name] = self.namespace.get(definition.name)
            private.hide(definition.made)

    def close(self) -> None:
        """The cell has run: define again what was hidden with it. Raises what such a statement raises."""
        assert self._run is not None
        self.define_again()

    def commit(self) -> None:
        """The cell has succeeded: the old models are done with, the new ones belong to it."""
        run, self._run = self._run, None
        if run is None:
            return
        for definition in run.hidden:
            private.dispose(definition.made)
        hidden = {id(definition) for definition in run.hidden}
        self._definitions = [one for one in self._definitions if id(one) not in hidden and one.cell is not run.cell]
        self._definitions += run.redefined
        known = {id(definition.made) for definition in self._definitions}
        self._definitions += [one for one in self._defined_by(run.cell) if id(one.made) not in known]

    def undo(self) -> None:
        """The cell has failed: the old models are back, and what it defined is gone."""
        run, self._run = self._run, None
        if run is None or "sqlalchemy" not in sys.modules:
            return
        known = {id(definition.made) for definition in self._definitions}
        for definition in (*self._defined_by(run.cell), *run.redefined):
            if id(definition.made) not in known:
                private.hide(definition.made)
                private.dispose(definition.made)
        for metadata, tables in run.tables:
            for table in [table for key, table in metadata.tables.items() if tables.get(key) is not table]:
                metadata.remove(table)  # a class statement that failed leaves its table, and its name
        before = {id(registry): classes for registry, classes in run.classes}
        for registry, classes in private.named_classes(self.namespace):
            for cls in classes - before.get(id(registry), classes):
                registry._dispose_cls(cls)
        for definition in run.hidden:
            private.show(definition.made)
        self.namespace.update(run.names)

    def left_behind(self, cell: Cell) -> dict[str, list[Cell]]:
        """A base's or database's name that `cell` has bound anew → the cells whose models stayed with the old one."""
        if not self._definitions:
            return {}
        cells = [one for one in self.orphans() if one is not cell and one not in self._orphans]
        names = [name for name, _ in _statements(cell.source) if private.metadatas({name: self.namespace.get(name)})]
        return {names[-1]: cells} if names and cells else {}

    def orphans(self) -> list[Cell]:
        """The cells whose models no base or database of the notebook holds any more."""
        if not self._definitions:
            return []
        held = {id(metadata) for metadata in private.metadatas(self.namespace)}
        return list(
            dict.fromkeys(one.cell for one in self._definitions if id(private.metadata_of(one.made)) not in held)
        )

    def own_names(self) -> set[str]:
        """Names that the running cell had defined before, if other cells' statements wait to be run again with it."""
        run = self._run
        if run is None or not run.pending:
            return set()
        return {definition.name for definition in run.hidden if definition.cell is run.cell}

    # -- what belongs together

    def _with_relatives(self, definitions: list[_Definition]) -> list[_Definition]:
        """These, and all that refer to them or are referred to by relationships, in the order of definition."""
        chosen = list(definitions)
        while True:
            tables = {id(private.table_of(one.made)) for one in chosen}
            classes = [one.made for one in chosen if isinstance(one.made, type)]
            more = [one for one in self._definitions if one not in chosen and private.refers(one.made, classes, tables)]
            if not more:
                return [one for one in self._definitions if one in chosen]
            chosen += more

    def define_again(self) -> None:
        """Run the statements of the other cells whose models were hidden, in order."""
        run = self._run
        while run is not None and run.pending:
            definition = run.pending.pop(0)
            exec(definition.code, self.namespace)
            made = self.namespace[definition.name]
            run.redefined.append(_Definition(definition.cell, definition.name, definition.code, made))

    # -- what a cell defines

    def _defined_by(self, cell: Cell) -> Iterator[_Definition]:
        if "sqlalchemy" not in sys.modules:
            return
        for name, statement in _statements(cell.source):
            made = self.namespace.get(name)
            if private.is_model(made) or private.is_table(made):
                code = compile(ast.Module([statement], []), f"<cell “{cell.title}”>", "exec")
                yield _Definition(cell, name, code, made)


def _statements(source: str) -> Iterator[tuple[str, ast.stmt]]:
    """The class statements and simple assignments at the top of a cell, with the name that each binds."""
    body = source.partition("\n")[2] if source.lstrip().startswith("%%") else source
    lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in body.splitlines()]
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node
