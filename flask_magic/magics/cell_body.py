"""Running the body of a cell magic as IPython runs a cell, with the lines that the reader sees."""

from __future__ import annotations

import ast
from typing import Any

from ..errors import CellSyntaxError

__all__ = ["run_body"]


def run_body(shell: Any, magic_line: str, body: str) -> ast.Module:
    """Run `body` in the notebook's namespace and give back what was run, as a syntax tree.

    The code is compiled under the cell's own name and with the magic's line counted, so that a traceback points
    into the cell. Line magics and `!commands` in it work; a last expression is displayed. What the code raises
    passes through; CellSyntaxError where it is not Python.
    """
    source = f"{magic_line}\n{body}"
    transformed = "\n" + shell.transform_cell(body)
    name = shell.compile.cache(source, shell.execution_count, source)
    try:
        tree: ast.Module = shell.transform_ast(shell.compile.ast_parse(transformed, filename=name))
    except SyntaxError as error:
        raise CellSyntaxError.of(error) from error
    last = tree.body[-1:] if tree.body and isinstance(tree.body[-1], ast.Expr) else []
    first = tree.body[: len(tree.body) - len(last)]
    namespace = shell.user_ns
    exec(compile(ast.Module(first, []), name, "exec"), namespace)
    for node in last:
        exec(compile(ast.Interactive([node]), name, "single"), namespace)
    return tree
