"""What a workshop's `parameters` cell declares, read from its syntax and never run."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from flask_magic.pages.notebook import Notebook, tags_of
from flask_magic.workshop.errors import WorkshopError

__all__ = ["Parameter", "parameters_of", "read_parameters"]


@dataclass(frozen=True)
class Parameter:
    """One parameter: `type` is its annotation as written, or the type of its default."""

    name: str
    type: str
    default: Any


def parameters_of(notebook: Notebook) -> list[Parameter]:
    """The parameters of a notebook.

    Raises WorkshopError where it has no cell, or several, with the tag `parameters`, and for what
    `read_parameters` refuses.
    """
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and "parameters" in tags_of(cell)]
    if len(cells) != 1:
        raise WorkshopError(
            f"A workshop has one code cell with the tag `parameters`; this notebook has {len(cells) or 'none'}."
            + ("" if cells else " Give the tag to the cell that sets the default values.")
        )
    return read_parameters(cells[0]["source"])


def read_parameters(source: str) -> list[Parameter]:
    """The parameters in the source of a cell, in order.

    >>> read_parameters('theme: str = "tools"\\nseed = 1')
    [Parameter(name='theme', type='str', default='tools'), Parameter(name='seed', type='int', default=1)]

    Raises WorkshopError, naming the line, for anything but `name: type = value` or `name = value` with a literal
    value, and for a name that stands there twice.
    """
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise WorkshopError(f"The parameters cell is not Python: line {error.lineno}: {error.msg}.") from error
    found: dict[str, Parameter] = {}
    for statement in body:
        parameter = _parameter(statement)
        if parameter.name in found:
            raise WorkshopError(f"Line {statement.lineno} of the parameters cell sets `{parameter.name}` again.")
        found[parameter.name] = parameter
    return list(found.values())


def _parameter(statement: ast.stmt) -> Parameter:
    written = f"line {statement.lineno} of the parameters cell, `{ast.unparse(statement)}`,"
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value):
            kind = ast.unparse(annotation)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            kind = ""
        case _:
            raise WorkshopError(f"{written[0].upper()}{written[1:]} is no parameter. Write: name: type = value")
    try:
        default = ast.literal_eval(value)
    except ValueError as error:
        raise WorkshopError(
            f"The value in {written} has to be run to be known. Write a plain value: a number, a text, True, None."
        ) from error
    return Parameter(name, kind or type(default).__name__, default)
