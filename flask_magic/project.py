"""The scratch project: a folder of its own for a notebook's templates, static files and databases."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from importlib import invalidate_caches
from importlib.util import cache_from_source
from pathlib import Path

from .errors import ProjectError

__all__ = ["Project"]


class Project:
    """A folder that is the working directory while the notebook runs.

    A scratch folder (no `folder` given) is removed by `close`. The notebook's own folder stays importable.
    Raises ProjectError for a name that cannot be a folder's.
    """

    def __init__(self, name: str = "project", folder: Path | None = None) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name):
            raise ProjectError(
                f"{name!r} cannot be a project's name.",
                todo="Use letters, digits, '-', '_' and '.', such as: tool-library",
            )
        self.name = name
        self.notebook_folder = Path.cwd()
        self._scratch = Path(tempfile.mkdtemp(prefix="flask_magic-")).resolve() if folder is None else None
        self.folder = self._scratch / name if self._scratch else (self.notebook_folder / (folder or "")).resolve()
        if self.folder == self.notebook_folder.resolve():
            raise ProjectError(
                "The project's folder would be the notebook's own.",
                todo="Name another with --dir, such as: --dir shop",
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self._on_path = [str(place) for place in (self.folder, self.notebook_folder) if str(place) not in sys.path]
        sys.path[:0] = self._on_path
        os.chdir(self.folder)

    @property
    def is_scratch(self) -> bool:
        """Is the folder gone with the kernel?"""
        return self._scratch is not None

    def empty(self) -> None:
        """Remove everything in the folder; the folder stays, and is the working directory again."""
        for entry in self.folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        os.chdir(self.folder)

    def write(self, name: str, text: str) -> Path:
        """Write a text file at a path inside the project, making its folders.

        Raises ProjectError for a path that leads out of the project.
        """
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder) or path == self.folder:
            raise ProjectError(
                f"{name!r} lies outside the project.",
                why="Files of a page stay in its project folder.",
                todo="Use a path such as templates/base.html.",
            )
        if path.is_dir():
            raise ProjectError(
                f"{name!r} is a folder.", todo=f"Name a file in it, such as {name.rstrip('/')}/index.html."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".py":
            # Two edits within a second look alike to Python's cache of compiled modules.
            Path(cache_from_source(str(path))).unlink(missing_ok=True)
        return path

    def forget_modules(self) -> None:
        """Have the project's modules imported anew, so that an edited file is seen."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file is not None and Path(file).is_relative_to(self.folder):
                del sys.modules[name]
        invalidate_caches()

    def close(self) -> None:
        """Go back to the notebook's folder, and remove a scratch folder, with what was imported from it."""
        if Path.cwd().is_relative_to(self.folder):
            os.chdir(self.notebook_folder)
        sys.path[:] = [place for place in sys.path if place not in self._on_path]
        if self._scratch is not None:
            self.forget_modules()
            shutil.rmtree(self._scratch, ignore_errors=True)
