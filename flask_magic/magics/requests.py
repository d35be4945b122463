"""Magics that send requests."""

from __future__ import annotations

from IPython.core.magic import line_magic, magics_class, no_var_expand

from ..exchange import Exchange
from .base import WorkbenchMagics, helped_by
from .sending import send_and_show

__all__ = ["RequestMagics"]


@magics_class
class RequestMagics(WorkbenchMagics):
    """Requests to the live app and to processes."""

    @line_magic
    @no_var_expand
    @helped_by("http")
    def http(self, line: str) -> Exchange:
        """Send a request to the live app, and show what comes back."""
        arguments = self._read("http", line)
        return send_and_show(self.workbench, arguments, arguments.app)
