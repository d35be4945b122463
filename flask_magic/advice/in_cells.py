"""Advice for an exception in a plain cell: a note on the exception, put there before IPython shows it."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

__all__ = ["AdviceInCells"]


class AdviceInCells:
    """Comes before one shell's `showtraceback`, which then shows the exception as ever, its notes included.

    IPython's `set_custom_exc` is no way: it also takes what does not compile, and there is one for everybody.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    def install(self) -> None:
        """Come before it."""
        self._before = vars(self.shell).get("showtraceback")
        self._show = self.shell.showtraceback
        self.shell.showtraceback = self._noted

    def uninstall(self) -> None:
        """Go, unless somebody else has come before it since."""
        if vars(self.shell).get("showtraceback") == self._noted:
            del self.shell.showtraceback
            if self._before is not None:
                self.shell.showtraceback = self._before

    def _noted(self, exc_tuple: Any = None, *arguments: Any, **options: Any) -> None:
        with suppress(Exception):  # an exception may be as odd as its author likes
            _note(exc_tuple[1] if exc_tuple else sys.exc_info()[1])
        self._show(exc_tuple, *arguments, **options)


def _note(error: BaseException | None) -> None:
    if error is None or hasattr(error, "_render_traceback_"):
        return  # what is rendered by itself has its advice already
    from .errors import advise

    notes = getattr(error, "__notes__", [])
    for line in advise(error):
        if f"→ {line}" not in notes:
            error.add_note(f"→ {line}")
