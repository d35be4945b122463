"""From cells to code, without trying and writing it."""

from __future__ import annotations

from typing import Any

from notebook_shell import Notebook

from flask_magic.export.configuration import without_secrets
from flask_magic.export.exporting import read_program
from flask_magic.export.files import Files
from flask_magic.export.package import package_modules
from flask_magic.export.single import single_module
from flask_magic.export.subject import app_of


def code_of(notebook: Notebook, app: str | None = None) -> str:
    """The app as one module, before ruff has seen it."""
    variable, live = app_of(notebook.bench, app)
    _, kept = read_program(notebook.bench, variable, live, notebook.shell._flask_magic.parsers)
    return single_module(without_secrets(kept), "An app.").modules["app.py"]


def package_of(notebook: Notebook) -> dict[str, str]:
    """The app as the package `shop`, before ruff has seen it."""
    variable, live = app_of(notebook.bench, None)
    program, kept = read_program(notebook.bench, variable, live, notebook.shell._flask_magic.parsers)
    return package_modules(without_secrets(kept), program, "shop", "An app.", Files()).modules


def lines_of(text: str) -> list[str]:
    """The lines that say something, the docstring aside."""
    return [line for line in text.splitlines()[1:] if line.strip()]


def made_by(text: str) -> dict[str, Any]:
    """The names of a module, once it is imported."""
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(text, "app.py", "exec"), names)
    return names


def texts_of(notebook: Notebook, *paths: str) -> list[str]:
    """What the exported app answers to a GET of each path."""
    client = made_by(code_of(notebook))["app"].test_client()
    return [client.get(path).text for path in paths]
