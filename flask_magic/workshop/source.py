"""Reading a workshop's notebook, and making of it the notebooks that are run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from flask_magic.errors import did_you_mean
from flask_magic.pages.errors import PageError
from flask_magic.pages.notebook import Notebook, load, shown
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.prepare import LEVELS, about, exercise_names, prepare

__all__ = ["check_kernel", "is_source", "is_whole", "notebooks_by_level", "read_notebook"]


def read_notebook(path: Path) -> Notebook:
    """The notebook in the file `path`. WorkshopError where there is none."""
    try:
        notebook = load(path)
    except PageError as error:
        raise WorkshopError(error.message) from error
    if not is_whole(notebook):
        raise WorkshopError(f"{shown(path)} is not a notebook of format 4. Open it in JupyterLab to repair it.")
    return notebook


def is_whole(notebook: Notebook) -> bool:
    """Whether it has the parts of a notebook that are taken for granted here, each of its kind."""
    return (
        notebook.get("nbformat") == 4
        and isinstance(notebook.get("metadata"), dict)
        and isinstance(notebook.get("cells"), list)
        and all(map(_is_cell, notebook["cells"]))
    )


def is_source(notebook: Notebook) -> bool:
    """Whether it is a workshop from which handouts are prepared, and none of these."""
    return bool(exercise_names(notebook)) and "level" not in about(notebook)


def notebooks_by_level(source: Notebook, mode: str) -> Callable[[str], Notebook]:
    """A function from a level to the notebook that is run; each is prepared once.

    What is prepared already, or has no exercises, is run as it is, and has one level or none. Raises WorkshopError
    for a level that cannot be.
    """

    @cache
    def prepared(level: str) -> Notebook:
        if is_source(source):
            if not level:
                raise WorkshopError(f"Choose a level: --level {' | '.join(LEVELS)}, or a column `level`.")
            return prepare(source, level, mode)
        own = about(source).get("level", "")
        if level and level != own:
            what = f"is prepared for the level '{own}'" if own else "has no levels"
            raise WorkshopError(f"This notebook {what}. Leave the level out, or name the workshop's source.")
        return source

    return prepared


def check_kernel(notebook: Notebook, name: str | None) -> None:
    """WorkshopError where no kernel is named, or none of this name is installed."""
    from jupyter_client.kernelspec import KernelSpecManager

    spec = notebook["metadata"].get("kernelspec", {})
    wanted = name or (spec.get("name") if isinstance(spec, dict) else None)
    if not wanted:
        raise WorkshopError("The notebook names no kernel. Name one: -k python3")
    installed = sorted(KernelSpecManager().find_kernel_specs())
    if wanted not in installed:
        near = did_you_mean(str(wanted), installed) or f"There are: {', '.join(installed) or 'none'}."
        raise WorkshopError(f"There is no kernel '{wanted}' on this machine. {near}")


def _is_cell(cell: Any) -> bool:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return False
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("tags", []), list):
        return False
    if not isinstance(cell.get("source"), str):
        return False
    outputs = cell.get("outputs", [])
    return isinstance(outputs, list) and all(map(_is_output, outputs))


def _is_output(output: Any) -> bool:
    return isinstance(output, dict) and "output_type" in output and isinstance(output.get("data", {}), dict)
