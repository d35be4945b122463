"""The imports of a project's modules, and the distributions that they come from."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

from .statements import Import

__all__ = ["dependencies", "import_lines", "imported_modules", "local_modules"]

#: What a name of a module needs besides the module's own distribution.
_NEEDS = {("wtforms.validators", "Email"): "email-validator", ("wtforms.validators", "*"): "email-validator"}


def import_lines(imports: Iterable[Import]) -> str:
    """The import statements, one a name; ruff puts together and sorts what belongs together."""
    lines = dict.fromkeys(one.line() for one in imports)
    return "\n".join(sorted(lines, key=lambda line: not line.startswith("from __future__")))


def imported_modules(source: str) -> set[str]:
    """The modules that a file imports, by their first names.

    >>> sorted(imported_modules("import os.path\\nfrom flask import Flask\\nfrom . import views"))
    ['flask', 'os']
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.partition(".")[0])
    return names


def local_modules(names: Iterable[str], folder: Path) -> dict[str, Path]:
    """Those of the modules that are files of `folder`, and those that these import in turn: name → file or package."""
    found: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        for path, sources in (
            (folder / f"{name}.py", [folder / f"{name}.py"]),
            (folder / name, sorted((folder / name).rglob("*.py")) if (folder / name / "__init__.py").is_file() else []),
        ):
            if sources and sources[0].is_file():
                found[name] = path
                for source in sources:
                    waiting += imported_modules(source.read_text(encoding="utf-8"))
                break
    return found


def dependencies(sources: Iterable[str], local: Iterable[str] = ()) -> tuple[list[str], list[str]]:
    """The requirements of some Python files (`flask>=3.1.1,<4`), and the modules that no distribution gives.

    Each bound is the version that is installed, and the next major one. `local` modules need nothing.
    """
    modules: set[str] = set()
    requirements: dict[str, str] = {}
    texts = list(sources)
    for text in texts:
        modules |= imported_modules(text)
        requirements |= {name: _requirement(name) for name in _named_needs(text)}
    by_module = packages_distributions()
    unknown = []
    for module in sorted(modules - sys.stdlib_module_names - set(local)):
        names = sorted(set(by_module.get(module, ())))
        if not names:
            unknown.append(module)
        for name in names[:1]:
            requirements[_normal(name)] = _requirement(name)
    if "flask" in requirements and any("async def" in text for text in texts):
        requirements["flask"] = requirements["flask"].replace("flask", "flask[async]", 1)
    return [requirements[name] for name in sorted(requirements)], unknown


def _named_needs(text: str) -> set[str]:
    return {
        need
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (need := _NEEDS.get((node.module or "", alias.name)))
    }


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirement(distribution: str) -> str:
    name = _normal(distribution)
    try:
        installed = version(distribution)
    except PackageNotFoundError:
        return name
    match = re.match(r"(\d+)(?:\.\d+)*", installed)
    return f"{name}>={match[0]},<{int(match[1]) + 1}" if match else name
