"""Python as ruff leaves it: sorted imports, none unused, formatted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from ..errors import ExportError

__all__ = ["format_folder", "require_ruff"]


def require_ruff() -> str:
    """The path of ruff. Raises ExportError where it is not installed, or cannot be, in a browser."""
    if sys.platform == "emscripten":
        raise ExportError(
            "An export needs a real computer, and this notebook runs in the browser.",
            why="It formats the project and tries its tests in processes of their own.",
            todo="Download the notebook, and there: flask-magic export NOTEBOOK DIR",
        )
    if find_spec("ruff") is None:
        raise ExportError(
            "An exported project is formatted by ruff, which is not installed.",
            todo='Install it: python -m pip install "flask-magic[export]"',
        )
    from ruff import find_ruff_bin

    return str(find_ruff_bin())


def format_folder(folder: Path, made: Sequence[str]) -> None:
    """Sort the imports of all Python files in a folder, and format; in files that were `made` all safe fixes are done.

    What ruff still finds is the notebook's own style, and is marked with `noqa`. Raises ExportError where it fails.
    """
    ruff = require_ruff()
    tests = [name for name in made if name.startswith("tests/")]
    if tests:  # a check may give a name to what it does not use
        _run([ruff, "check", "--quiet", "--fix", "--unsafe-fixes", "--select=F841", *tests], folder)
    _run([ruff, "check", "--quiet", "--fix", *made], folder)
    _run([ruff, "check", "--quiet", "--fix", "--select=I", "."], folder)
    _run([ruff, "format", "--quiet", "."], folder)
    if _run([ruff, "check", "--quiet", "."], folder):
        _run([ruff, "check", "--quiet", "--add-noqa", "."], folder)
        _run([ruff, "format", "--quiet", "."], folder)


def _run(command: list[str], folder: Path) -> bool:
    """Run ruff; true where it has found something. Raises ExportError where it cannot do its work."""
    ran = subprocess.run([*command, "--no-cache"], cwd=folder, capture_output=True, text=True)
    if ran.returncode not in (0, 1):
        raise ExportError("ruff could not format the project.", why=(ran.stderr or ran.stdout).strip())
    return ran.returncode == 1
