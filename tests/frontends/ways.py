"""The ways in which frontends hand cells to IPython. Each is a function of cells and the folder they run in.

What differs is what a frontend tells of a cell: JupyterLab its id and all of its metadata, VS Code its id alone,
the others nothing. These two can run one cell twice; to the others an edited cell is one more cell.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import nbformat
import papermill
from nbclient import NotebookClient
from papermill.exceptions import PapermillExecutionError

from flask_magic.pages.driver import Execution, PageKernel
from flask_magic.pages.notebook import Cell, code_cells, load, save, tags_of

Outputs: TypeAlias = list[dict[str, Any]]
Way: TypeAlias = Callable[[list[Cell], Path], list[Outputs]]

MARK = "\x1e"
PROMPT = re.compile(r"^(?:In \[\d+\]: | +\.\.\.: |Out\[\d+\]: )+", re.MULTILINE)
IPYTHON = ["--simple-prompt", "--colors=NoColor", "--no-banner", "--no-confirm-exit", "--HistoryManager.enabled=False"]


def jupyterlab(cells: list[Cell], folder: Path) -> list[Outputs]:
    """JupyterLab: `flask_magic.pages.driver` does what it does."""
    with PageKernel(folder) as kernel:
        return [kernel.run(cell).outputs for cell in cells]


class Requests(PageKernel):
    """A kernel whose execute requests carry the metadata that `told` makes of a cell, and nothing else."""

    def __init__(self, folder: Path, told: Callable[[Cell], dict[str, Any]]) -> None:
        super().__init__(folder)
        self.told = told

    def run(self, cell: Cell, source: str | None = None) -> Execution:
        content = {"code": source or cell["source"], "silent": False, "store_history": True, "allow_stdin": False}
        message = self._client.session.msg(
            "execute_request", {**content, "user_expressions": {}, "stop_on_error": True}, metadata=self.told(cell)
        )
        self._client.shell_channel.send(message)
        return self._collect(message["header"]["msg_id"])

    def completions(self, line: str) -> list[str]:
        """What TAB offers at the end of a line."""
        reply = self._client.complete(line, reply=True, timeout=self.timeout)
        matches: list[str] = reply["content"]["matches"]
        return matches


def vscode(cells: list[Cell], folder: Path) -> list[Outputs]:
    """VS Code: its own id of a cell, which is a URI of the document, and no other metadata."""
    document = f"vscode-notebook-cell:{folder.as_posix()}/page.ipynb"
    with Requests(folder, lambda cell: {"cellId": f"{document}#{cell['id']}sZmlsZQ%3D%3D"}) as kernel:
        return [kernel.run(cell).outputs for cell in cells]


def jupyterlite(cells: list[Cell], folder: Path) -> list[Outputs]:
    """JupyterLite, and consoles on a kernel: an execute request without metadata."""
    with Requests(folder, lambda _: {}) as kernel:
        return [kernel.run(cell).outputs for cell in cells]


def nbclient(cells: list[Cell], folder: Path) -> list[Outputs]:
    """nbclient, hence nbconvert, nbmake, Jupyter Book."""
    notebook = nbformat.from_dict(_notebook(cells))
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell["outputs"] for cell in notebook["cells"]]


def by_papermill(cells: list[Cell], folder: Path) -> list[Outputs]:
    """Papermill. It reports the tagged exceptions of a page at its end, and has run every cell by then."""
    with tempfile.TemporaryDirectory() as place:
        given, done = Path(place, "given.ipynb"), Path(place, "done.ipynb")
        save(given, _notebook(cells))
        meant = any("raises-exception" in tags_of(cell) for cell in cells)
        try:
            papermill.execute_notebook(given, done, cwd=folder, progress_bar=False, kernel_name="python3")
            assert not meant, "papermill reports any exception"
        except PapermillExecutionError:
            assert meant
        return [cell["outputs"] for cell in code_cells(load(done))]


def terminal(cells: list[Cell], folder: Path) -> list[str]:
    """A terminal: a real `ipython` that reads the cells line by line; what it prints, without prompts.

    Two empty lines end a cell magic. Plain statements are a cell each, as when they are typed.
    """
    typed = "".join(f"{cell['source']}\n\n\nprint({MARK!r})\n" for cell in cells)
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-m", "IPython", *IPYTHON],
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
            timeout=120,
            cwd=folder,
            env={**os.environ, "IPYTHONDIR": home, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"},
        )
    assert done.stderr == ""
    *shown, _ = done.stdout.split(MARK)
    return [PROMPT.sub("", text) for text in shown]


def _notebook(cells: list[Cell]) -> dict[str, Any]:
    """A notebook of these cells, not yet run. No two have one id: these frontends run each cell once."""
    fresh = [{**cell, "id": uuid4().hex[:8], "outputs": [], "execution_count": None} for cell in cells]
    spec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {"cells": fresh, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
