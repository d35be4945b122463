"""Which app is exported, and whether it can be a project, and where, and under which name."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import flask

from ..errors import AppError, ExportError
from ..ledger import Book
from ..matching import rules_of
from ..workbench import Workbench

__all__ = ["app_of", "check_place", "project_name", "refuse_without_app"]

#: Names of modules that a package of this name would hide from itself, or from its tests.
_TAKEN = frozenset({"test", "tests", "app", "conftest", "flask", "static", "templates"})
_MAKES_APP = re.compile(r"\bFlask\(|\bcreate_app\b|^%%flask_route\b|^%flask_app\s+\S*\w:\w", re.MULTILINE)


def refuse_without_app(cells: Iterable[str]) -> None:
    """Raises ExportError where no cell of a notebook can make an app, so that it need not be run to know."""
    files = []
    for text in cells:
        magic, _, rest = text.lstrip().partition("\n")[0].partition(" ")
        if magic == "%%flask_file":
            files.append(rest.strip())
        elif (magic == "%%flask_route" or not magic.startswith("%%")) and _MAKES_APP.search(text):
            return
    raise _no_app(files)


def _no_app(files: list[str] | None = None) -> ExportError:
    written = [name for name in files or () if name.endswith(".py")]
    return ExportError(
        "The notebook has no app to export: no cell makes one.",
        why=f"It writes files ({', '.join(dict.fromkeys(written))}), and these are a project already."
        if written
        else "",
        todo="Define a route: %%flask_route /" if not written else "%flask_project NAME --dir DIR keeps such files.",
    )


def app_of(workbench: Workbench, name: str | None) -> tuple[str, flask.Flask]:
    """The app to export, and its variable.

    Raises ExportError where there is none, or where it is a project already; AppError where several are there.
    """
    apps = workbench.apps
    if name is None and not apps.named():
        raise _no_app()
    app = workbench.app(name)
    variable = name or (apps.chosen if apps.chosen in apps.named() else apps.name_of(app))
    module = app.import_name.partition(".")[0]
    if app.import_name != "__main__" and (module in sys.modules or _exists(module)):
        raise ExportError(
            f"{variable} comes from the module {app.import_name}: it is a project already.",
            todo="Export an app whose routes are defined in cells.",
        )
    if all(rule.endpoint == "static" for rule in rules_of(app)):
        book = Book.of(app)
        if book is None or not book.cells():
            raise _no_app()
    if not variable.isidentifier() or keyword.iskeyword(variable):
        raise AppError(f"{variable!r} is no variable.")
    return variable, app


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def check_place(workbench: Workbench, target: Path) -> None:
    """Raises ExportError for a folder that goes with the kernel."""
    project = workbench.project
    if project is not None and project.is_scratch and target.resolve().is_relative_to(project.folder.parent):
        raise ExportError(
            "The folder lies in the scratch project, which is gone with the kernel.",
            todo="Name a folder beside the notebook, such as: %flask_export shop",
        )


def project_name(target: Path, *, package: bool) -> str:
    """The name of the project in a folder; with `package` also that of its package, in which `-` becomes `_`.

    >>> project_name(Path("tool-library"), package=True)
    'tool_library'

    Raises ExportError for a name that cannot be one.
    """
    name = target.name
    if not package:
        if re.fullmatch(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?", name):
            return name
        raise ExportError(
            f"{name!r} cannot be the name of a project.",
            todo="Use letters, digits, '-', '_' and '.', such as: tool-library",
        )
    module = name.replace("-", "_")
    if not module.isidentifier() or not module.isascii() or keyword.iskeyword(module) or keyword.issoftkeyword(module):
        raise ExportError(
            f"{name!r} cannot be the name of a package.",
            why="Python imports it by this name.",
            todo="Use letters, digits and '_', a letter first, such as: tool_library",
        )
    if module in _TAKEN or module in sys.stdlib_module_names or (_exists(module) and not _is_in(module, target)):
        raise ExportError(
            f"A package called {module!r} would stand in the way of the module {module}.",
            todo=f"Choose another folder, such as: {name}-web",
        )
    return module


def _is_in(module: str, target: Path) -> bool:
    """Is the module of this name the one that an earlier export has put there, or the folder itself?"""
    spec = importlib.util.find_spec(module)
    places = [*(spec.submodule_search_locations or ()), spec.origin or ""] if spec is not None else []
    return any(place and Path(place).resolve().is_relative_to(target.resolve()) for place in places)
