"""The magic for exercises."""

from __future__ import annotations

from ..display import CHECK_MIME, CheckDisplay, show
from .base import WorkbenchMagics

__all__ = ["ExerciseMagics"]


class ExerciseMagics(WorkbenchMagics):
    """Checks of exercises."""

    def flask_check(self, line: str, cell: str) -> None:
        """Run an exercise's check."""
        arguments = self._read("flask_check", line)
        result = self.workbench.check(arguments.name, cell, arguments.app)
        show(CheckDisplay(result), {CHECK_MIME: result.data()})
