"""Reading a workshop's notebook, and making of it the notebooks that are run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask_magic.errors import did_you_mean
from flask_magic.pages.errors import PageError
from flask_magic.pages.notebook import Notebook, load
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.prepare import LEVELS, about, exercise_names, prepare

__all__ = ["check_kernel", "is_source", "notebooks_by_level", "read_notebook"]


def read_notebook(path: Path) -> Notebook:
    """The notebook in the file `path`. WorkshopError where there is none."""
    try:
        return load(path)
    except PageError as error:
        raise WorkshopError(error.message) from error


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
