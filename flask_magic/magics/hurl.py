"""`%%http`: a cell of requests in Hurl's format."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any

import flask

from ..clients import DEFAULT
from ..display import ExchangeDisplay, Hidden, OutcomeDisplay, TraceDisplay, show
from ..display.hurl import hide
from ..display.markup import Renderable
from ..errors import FlaskMagicError, HurlRunError, HurlSyntaxError, MagicLineError
from ..exchange import Exchange
from ..frames import show_user_frames
from ..hurl.outcome import Outcome
from ..hurl.parser import parse
from ..hurl.run import run
from ..hurl.templates import Variables
from ..request_line import Request
from .base import WorkbenchMagics

__all__ = ["HurlMagics"]


class HurlMagics(WorkbenchMagics):
    """Requests in Hurl's format."""

    def http(self, line: str, cell: str) -> None:
        """Send the requests of a cell, show what comes back, and raise where it is not as expected."""
        arguments = self._read("http-cells", line)
        default = arguments.to is not None and arguments.app == self.settings.app
        app = None if default else arguments.app
        if arguments.to is not None and app is not None:
            raise MagicLineError("Requests go to an app (--app) or to a process (--to), not to both.")
        if arguments.to is not None and arguments.trace:
            raise MagicLineError("Requests to a process cannot be traced.", todo="Leave out --to, or --trace.")
        text = f"\n{cell}"  # the magic's own line counts, so that errors name the lines of the cell
        file = parse(text)
        if not file.entries:
            raise MagicLineError("There is no request in the cell.", todo="Write one, such as: GET /tools")
        if arguments.to is None:
            self.workbench.app(app)
        variables = Variables(outer=self.shell.user_ns, lines=text.split("\n"))
        secrets: set[str] = set()

        def send(request: Request, follow: bool) -> Exchange:
            client = arguments.client or DEFAULT
            if arguments.to is not None:
                return self.workbench.send_to(arguments.to, request, client=client, follow=follow)
            return self.workbench.send(request, app=app, client=client, follow=follow, trace=bool(arguments.trace))

        for outcome in run(file, send, variables, reveal=bool(arguments.reveal)):
            secrets.update(str(outcome.captures[name]) for name in outcome.redacted)
            self._finish(outcome, arguments, variables, set() if arguments.reveal else secrets)

    def _finish(self, outcome: Outcome, arguments: Any, variables: Variables, secrets: set[str]) -> None:
        """Keep the captures, show the outcome, raise what it has to raise."""
        unkept = self._keep(outcome.captures)
        reveal, exchange = bool(arguments.reveal), outcome.exchange
        failure = outcome.failure(list(variables.lines))
        if secrets and isinstance(failure, FlaskMagicError) and not isinstance(failure, HurlSyntaxError):
            said = (hide(text, secrets) for text in (failure.what, failure.why, failure.todo))
            failure = type(failure)(next(said), why=next(said), todo=next(said))

        def display(one: Renderable) -> None:
            show(Hidden(one, secrets) if secrets else one)

        if not arguments.quiet or not outcome.passed:
            if exchange is not None:
                raised = exchange.error is not None and failure is exchange.error
                display(ExchangeDisplay(exchange, arguments.part, bool(arguments.time), reveal, raised))
            below = OutcomeDisplay(outcome, unkept)
            if not below.is_empty:
                display(below)
        if exchange is not None and exchange.trace is not None:
            display(TraceDisplay(exchange.trace, bool(arguments.time), reveal))
        if failure is None:
            return
        try:
            raise failure
        except Exception as error:
            if exchange is not None and error is exchange.error:
                show_user_frames(error, exchange.error_lines, reveal=reveal)
            raise

    def _keep(self, captures: Mapping[str, Any]) -> list[str]:
        """Make captures variables of the notebook; the names of those that cannot be."""
        unkept = []
        for name, value in captures.items():
            if not name.isidentifier() or keyword.iskeyword(name):
                unkept.append(name)
            elif isinstance(self.shell.user_ns.get(name), flask.Flask):
                raise HurlRunError(f"The capture {name!r} would take the place of the app {name!r}.")
            else:
                self.shell.user_ns[name] = value
        return unkept
