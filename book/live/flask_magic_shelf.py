"""Packages that are loaded when something imports them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import invalidate_caches
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from io import BytesIO
from types import ModuleType
from typing import Any
from zipfile import ZipFile

__all__ = ["Shelf"]

Part = dict[str, Any]


class Shelf(MetaPathFinder):
    """Finds the modules of packed archives, which it unpacks into `folder`. It belongs at the end of `sys.meta_path`.

    `parts` are the archives by name, each with its file's `name`, `version` and `bytes`, and the `modules` in it.
    Where two hold a module, the smaller is taken. `fetch` gives a file's bytes by its name; what it raises is what the
    import raises.
    """

    def __init__(self, parts: dict[str, Part], fetch: Callable[[str], bytes], folder: str) -> None:
        self._fetch = fetch
        self._folder = folder
        largest_first = sorted(parts.values(), key=lambda part: -int(part["bytes"]))
        self._holder = {module: part for part in largest_first for module in part["modules"]}

    def find_spec(self, fullname: str, _path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        """Where a module is, its archive unpacked; None for one that no archive holds."""
        part = self._holder.get(fullname)
        if part is None:
            return None
        with ZipFile(BytesIO(self._fetch(f"{part['name']}?v={part['version']}"))) as archive:
            archive.extractall(self._folder)
        invalidate_caches()
        return PathFinder.find_spec(fullname, [self._folder], target)
