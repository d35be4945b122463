"""A live Flask workbench in a notebook: define routes in a cell, send requests, see what happened.

`%load_ext flask_magic` in a notebook loads it; `%http?` and the like show each magic's help.
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Called by `%load_ext flask_magic`. Raises UnsupportedVersion for a Flask that is not known."""
    from .extension import Extension

    if Extension.of(shell) is None:
        Extension(shell).load()


def unload_ipython_extension(shell: Any) -> None:
    """Called by `%unload_ext flask_magic`: magics, hooks, completer, patches and the scratch folder are gone."""
    from .extension import Extension

    extension = Extension.of(shell)
    if extension is not None:
        extension.unload()
