"""Makes Pyodide's Python one for JupyterLite's kernel, and that kernel one for flask_magic. It runs there only."""

from __future__ import annotations

import sys
from collections.abc import Callable
from site import getsitepackages
from types import ModuleType
from typing import Any

from flask_magic_kernel import Compiler
from flask_magic_shelf import Shelf
from pyodide_kernel import ipython_shell
from pyodide_kernel.interpreter import Interpreter

__all__ = ["prepare"]

INSTALLS_NOTHING = (
    "Nothing can be installed here, for nothing is loaded from another host. What the pages use is there: import it."
)
# Modules that Pyodide lacks, and of which the kernel makes empty ones. Packages know what to do without them.
EMPTY = ("fcntl", "pexpect", "resource", "termios", "tornado", "tornado.gen")


def prepare(parts: dict[str, dict[str, Any]], fetch: Callable[[str], Any]) -> None:
    """Make importable what pages use, and the kernel's shell one that flask_magic knows.

    `parts` are the packages besides those of every page, as `files.json` lists them; `fetch` gets a file by its name,
    at once, as a Uint8Array.
    """
    sys.meta_path.append(Shelf(parts, lambda name: bytes(fetch(name).to_bytes()), getsitepackages()[0]))
    _stand_in_for_piplite()
    for name in EMPTY:
        sys.modules.pop(name, None)
    ipython_shell.__class__ = _Shell
    ipython_shell.compile = Compiler()


class _Shell(Interpreter):
    def get_parent(self) -> dict[str, Any]:
        """The request that runs now, as ipykernel's shell gives it: flask_magic reads its metadata."""
        return getattr(self.kernel, "_parent_header", {})

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        # JupyterLite lets no cell run after one that failed, even where the cell is tagged to fail. So such a cell
        # shows its traceback, and ends well.
        if "raises-exception" in self.get_parent().get("metadata", {}).get("tags", []):
            self.display_pub.publish({"application/vnd.jupyter.stderr": "\n".join(stb)})
        else:
            super()._showtraceback(etype, evalue, stb)


def _stand_in_for_piplite() -> None:
    """Stand in for JupyterLite's installer, which the kernel sets up, and `%pip` calls."""

    async def install(*_: object, **__: object) -> None:
        raise RuntimeError(INSTALLS_NOTHING)

    async def get_transformed_code(_: list[str]) -> str:
        return f"raise RuntimeError({INSTALLS_NOTHING!r})\n"

    package, settings, command = (ModuleType(name) for name in ("piplite", "piplite.piplite", "piplite.cli"))
    vars(package).update(install=install, piplite=settings, cli=command, __path__=[])
    vars(command).update(get_transformed_code=get_transformed_code)
    sys.modules.update({module.__name__: module for module in (package, settings, command)})
