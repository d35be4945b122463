"""A larger app as a package: a factory, blueprints and models in modules of their own.

Views of the app itself stay plain functions in `views`, and `views.init_app` registers them (in Flask's documentation:
"Lazily Loading Views"), so that every endpoint keeps its name. Where the code needs the app while it is defined, all
that needs it stands within the factory.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ..errors import ExportError
from .dependencies import Kept, Program
from .factory import factory
from .files import Files
from .homes import Unfit
from .imports import import_lines
from .modules import modules_of
from .rendering import blocks
from .single import Code, head_and_rest
from .statements import Import, Statement
from .text import edited, span, unparsed

__all__ = ["package_modules", "within"]


def package_modules(kept: Kept, program: Program, name: str, docstring: str, files: Files) -> Code:
    """The app as the package `name`; imports of the project's own modules in `files` become the package's.

    Raises ExportError where the app is not made by a call of Flask.
    """
    creation = next((one for one in kept.statements if kept.app in one.names.binds), None)
    if creation is not None and not _calls_flask(creation.node):
        raise ExportError(
            f"{kept.app} is not made by Flask(…).",
            why="A package makes its app in a factory of its own, and cannot take another one apart.",
            todo="Export without --package: app.py takes it as it is.",
        )
    for path, data in list(files.items()):
        if path.endswith(".py"):
            files[path] = within(data.decode(), name, files.modules).encode()
    try:
        code = modules_of(kept, program, name, docstring)
    except Unfit:
        code = _one_factory(kept, name, docstring)
    code.modules = {path: within(text, name, files.modules) for path, text in code.modules.items()}
    return code


def _calls_flask(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name()], value=made) | ast.AnnAssign(target=ast.Name(), value=ast.expr() as made):
            return isinstance(made, ast.Call) and unparsed(made.func).rpartition(".")[2] == "Flask"
    return False


def within(source: str, package: str, modules: Iterable[str]) -> str:
    """A file in which imports of `modules` are those of the package's.

    >>> within("from fees import late_fee", "shop", ["fees"])
    'from shop.fees import late_fee'
    """
    local = set(modules)
    edits = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").partition(".")[0] in local:
            names = ", ".join(ast.unparse(alias) for alias in node.names)
            edits.append((*span(source, node), f"from {package}.{node.module} import {names}"))
        elif isinstance(node, ast.Import) and any(alias.name in local for alias in node.names):
            lines = [
                f"from {package} import {ast.unparse(alias)}" if alias.name in local else f"import {ast.unparse(alias)}"
                for alias in node.names
            ]
            edits.append((*span(source, node), "; ".join(lines)))
    return edited(source, edits)


# -- everything within the factory


def _one_factory(kept: Kept, name: str, docstring: str) -> Code:
    head, rest = head_and_rest(kept)
    needing = _needing_app(kept)
    outside = [(one, text) for one, text in rest if one not in needing]
    inside = [(one, text) for one, text in rest if one in needing]
    body = factory(kept.app, head, blocks(inside) if inside else "")
    imports = [*kept.imports, Import("flask", "Flask")] + [Import("os", None)] * bool(kept.secrets.variables)
    text = "\n\n".join([f'"""{docstring}"""', import_lines(imports), blocks(outside) if outside else "", body])
    homes = {bound: name for one, _ in outside for bound in one.names.binds}
    return Code({f"{name}/__init__.py": text}, homes)


def _needing_app(kept: Kept) -> set[Statement]:
    """What registers with the app, speaks of it, or speaks of what does."""
    found = {one for one in kept.statements if kept.registers[one] is not None or kept.app in one.names.binds}
    names = {kept.app}
    while True:
        names |= {name for one in found for name in one.names.binds}
        more = {
            one
            for one in kept.statements
            if one not in found and (one.names.now | one.names.late) & (names | {kept.app})
        }
        if not more:
            return found
        found |= more
