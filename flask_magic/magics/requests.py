"""Magics that send requests."""

from __future__ import annotations

from ..display import Note, show
from ..errors import MagicLineError
from ..exchange import Exchange, Exchanges
from ..masking import mask_text
from .base import WorkbenchMagics
from .sending import send_and_show

__all__ = ["RequestMagics"]


class RequestMagics(WorkbenchMagics):
    """Requests to the live app and to processes."""

    def http(self, line: str) -> Exchange | Exchanges:
        """Send a request to the live app, and show what comes back."""
        arguments = self._read("http", line)
        # The app of %config FlaskMagic is a default: --to has the last word.
        default = arguments.to is not None and arguments.app == self.settings.app
        return send_and_show(self.workbench, arguments, None if default else arguments.app)

    def flask_trace(self, line: str) -> None:
        """Send a request to the live app, and show its life."""
        arguments = self._read("flask_trace", line)
        arguments.trace = True
        last = None if arguments.words else self.workbench.history.chosen()[-1]
        if last is None:
            send_and_show(self.workbench, arguments, arguments.app)
            return
        if last.process is not None:
            raise MagicLineError(
                f"The last request went to the process {last.process}, and a process cannot be traced.",
                todo="Name a request: %flask_trace /path",
            )
        arguments.follow = arguments.follow or last.follow
        if arguments.client in (None, self.settings.client):
            arguments.client = last.client
        show(Note([f"Sent again: {last.request.method} {mask_text(last.request.target)}"]))
        send_and_show(self.workbench, arguments, arguments.app or last.app, last.request)
