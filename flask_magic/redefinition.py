"""A line more in the cells that define a SQLAlchemy model again.

Other cells' models that are related to it are defined again right after it, before the cell's next line can use them.
The line is put in by IPython, as it does with any AST transformer.
"""

from __future__ import annotations

import ast
from typing import Any

from .ledger import Ledger

__all__ = ["DefineAgain"]

_NAME = "_flask_magic_define_again"


class DefineAgain(ast.NodeTransformer):
    """An AST transformer for one shell. Cells that define no model again pass unchanged."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def close(self) -> None:
        """Leave nothing in the notebook's namespace."""
        self.ledger.namespace.pop(_NAME, None)

    def visit_Module(self, node: ast.Module) -> Any:
        """Put the line after the last statement that defines one of the cell's own models."""
        names = self.ledger.models.own_names()
        places = [index for index, statement in enumerate(node.body) if names & _bound(statement)]
        if places:
            self.ledger.namespace[_NAME] = self.ledger.models.define_again
            call = ast.Expr(ast.Call(ast.Name(_NAME, ast.Load()), [], []))
            ast.copy_location(call, node.body[places[-1]])
            node.body.insert(places[-1] + 1, ast.fix_missing_locations(call))
        return node


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Assign):
        return {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return set()
