"""A cell taken apart into the statements at its top, as Python, with the comments that stand right above them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.views import View

from ..arguments import MagicParser
from ..routes import RouteOptions
from ..stubs import has_gap
from .names import Names, names_in, root_of
from .sources import CellSource

__all__ = ["Import", "Route", "Statement", "statements_of"]

#: Cell magics whose cells are Python, and run as if the line were not there.
_PYTHON_CELLS = frozenset({"capture", "time", "timeit", "prun", "flask_route"})


@dataclass(frozen=True)
class Import:
    """One name of an import statement: `from module import attribute as name`, or `import module as name`."""

    module: str
    attribute: str | None
    alias: str | None = None
    level: int = 0

    @property
    def name(self) -> str:
        """The name that is bound."""
        return self.alias or self.attribute or self.module.partition(".")[0]

    def line(self) -> str:
        """The statement.

        >>> Import("flask", "Flask").line()
        'from flask import Flask'
        """
        end = f" as {self.alias}" if self.alias else ""
        if self.attribute is None:
            return f"import {self.module}{end}"
        return f"from {'.' * self.level}{self.module} import {self.attribute}{end}"


@dataclass(frozen=True)
class Route:
    """What a `%%flask_route` line says of the function below it; `blueprint` is a variable, None for the app."""

    options: RouteOptions
    blueprint: str | None = None


@dataclass(eq=False)
class Statement:
    """A statement at the top of a cell.

    `text` is its source with the comments above it, `node` its syntax tree (of `text`), `cell` where it comes from,
    `line` its first line there. `from_magic` says that it holds what only IPython runs. Compared by identity.
    """

    text: str
    node: ast.stmt
    cell: CellSource
    line: int
    names: Names
    imports: Import | None = None
    route: Route | None = None
    from_magic: bool = False
    place: int = field(default=-1)

    @property
    def end(self) -> int:
        """Its last line in the cell."""
        return self.line + self.text.count("\n")

    @property
    def when(self) -> tuple[int, int]:
        """Told by this, a later statement has run later: cells can be run in any order."""
        return self.cell.run, self.place

    @property
    def is_definition(self) -> bool:
        """Is it a function or a class?"""
        return isinstance(self.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def statements_of(
    cell: CellSource, parsers: Mapping[str, MagicParser], namespace: Mapping[str, Any]
) -> Iterator[Statement]:
    """The statements of a cell: those of its Python, and what its magics say of the app.

    A cell magic that holds no Python gives none, nor does a cell that is not Python.
    """
    head, _, body = cell.text.lstrip("\n").partition("\n")
    route: Route | None = None
    if head.startswith("%%"):
        magic, _, line = head[2:].partition(" ")
        if magic not in _PYTHON_CELLS:
            return
        if magic == "flask_route":
            if has_gap(cell.text):
                return
            route = _route_of(parsers["flask_route"], line, namespace)
    else:
        body = cell.text
    found = list(_split(body, cell, parsers, namespace))
    if route is not None:
        view = next((one for one in reversed(found) if _is_view(one.node, namespace)), None)
        if view is not None:
            view.route = route
    yield from found


def _is_view(node: ast.stmt, namespace: Mapping[str, Any]) -> bool:
    """Is it what `%%flask_route` registers, where it is the last one in its cell?"""
    if isinstance(node, ast.ClassDef):
        made = namespace.get(node.name)
        return isinstance(made, type) and issubclass(made, View)
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))


def _route_of(parser: MagicParser, line: str, namespace: Mapping[str, Any]) -> Route:
    arguments = parser.read(line, namespace)
    return Route(RouteOptions.of(arguments), arguments.blueprint)


def _split(
    body: str, cell: CellSource, parsers: Mapping[str, MagicParser], namespace: Mapping[str, Any]
) -> Iterator[Statement]:
    from IPython.core.inputtransformer2 import TransformerManager

    source: str = TransformerManager().transform_cell(body)  # type: ignore[no-untyped-call]
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        tree = compile(source, "<cell>", "exec", flags)
    except SyntaxError:
        return
    assert isinstance(tree, ast.Module)
    lines = source.splitlines()
    for position, node in enumerate(tree.body):
        before = tree.body[position - 1].end_lineno or 0 if position else 0
        after = tree.body[position + 1].lineno if position + 1 < len(tree.body) else len(lines) + 1
        text, line = _text_of(source, lines, node, before, after)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from _imports(node, text, cell, line)
            continue
        try:
            alone = compile(text, "<cell>", "exec", flags)
        except SyntaxError:
            continue
        assert isinstance(alone, ast.Module)
        names = names_in(text)
        magic = "get_ipython" in names.now | names.late or _awaits(alone)
        if magic and (settings := _settings(alone.body[0], parsers, namespace)):
            for setting in settings:
                yield Statement(setting, ast.parse(setting).body[0], cell, line, names_in(setting))
            continue
        yield Statement(text, alone.body[0], cell, line, names, from_magic=magic)


def _text_of(source: str, lines: list[str], node: ast.stmt, before: int, after: int) -> tuple[str, int]:
    """The text of a statement with the comments right above it, and the line that it begins in."""
    assert node.end_lineno is not None
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    if before >= first or after <= node.end_lineno:  # it shares a line
        return ast.get_source_segment(source, node) or "", first
    above = first - 1
    while above > before and lines[above - 1].startswith("#"):
        above -= 1
    return "\n".join(lines[above : node.end_lineno]), above + 1


def _imports(node: ast.Import | ast.ImportFrom, text: str, cell: CellSource, line: int) -> Iterator[Statement]:
    for alias in node.names:
        if isinstance(node, ast.Import):
            one = Import(alias.name, None, alias.asname)
        else:
            one = Import(node.module or "", alias.name, alias.asname, node.level)
        names = Names(binds=frozenset({one.name}))
        yield Statement(text, node, cell, line, names, imports=one)


def _awaits(tree: ast.Module) -> bool:
    """Does it await at its top?"""
    try:
        compile(tree, "<cell>", "exec")
    except SyntaxError:
        return True
    return False


def _settings(node: ast.stmt, parsers: Mapping[str, MagicParser], namespace: Mapping[str, Any]) -> list[str]:
    """What `%flask_app … --config KEY=VALUE` sets, as statements."""
    call = node.value if isinstance(node, ast.Expr) else None
    match call:
        case ast.Call(
            func=ast.Attribute(attr="run_line_magic"), args=[ast.Constant("flask_app"), ast.Constant(str() as line)]
        ) if root_of(call) == "get_ipython":
            arguments = parsers["flask_app"].read(line, namespace)
            name = arguments.target if arguments.target and ":" not in arguments.target else None
            pairs = [pair.partition("=")[::2] for pair in arguments.config]
            return [f"{name or 'app'}.config[{key!r}] = {_value(value)!r}" for key, value in pairs]
    return []


def _value(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text
