"""The magic for exercises."""

from __future__ import annotations

from IPython.core.magic import cell_magic, magics_class, no_var_expand

from ..display import CHECK_MIME, CheckDisplay, show
from .base import WorkbenchMagics, helped_by

__all__ = ["ExerciseMagics"]


@magics_class
class ExerciseMagics(WorkbenchMagics):
    """Checks of exercises."""

    @cell_magic
    @no_var_expand
    @helped_by("flask_check")
    def flask_check(self, line: str, cell: str) -> None:
        """Run an exercise's check."""
        arguments = self._read("flask_check", line)
        result = self.workbench.check(arguments.name, cell, arguments.app)
        show(CheckDisplay(result), {CHECK_MIME: result.data()})
