"""Magics for named clients, and for the requests that were sent."""

from __future__ import annotations

from itertools import chain

from ..clients import NamedClient
from ..display import ClientTable, HistoryTable, Note, ReplayDisplay, show
from ..errors import ResponsesChanged
from ..replay import replay
from .base import WorkbenchMagics

__all__ = ["HistoryMagics"]


class HistoryMagics(WorkbenchMagics):
    """Who sends requests, and which ones were sent."""

    def flask_clients(self, line: str) -> None:
        """Show the named clients and their cookies."""
        arguments = self._read("flask_clients", line)
        bench, name = self.workbench, arguments.name
        listed = [one for one in self._clients(arguments.app) if name in (None, one.name)]
        if name is not None and not listed:
            bench.clients.get(bench.app(arguments.app), name)
            listed = [one for one in self._clients(arguments.app) if name == one.name]
        if not arguments.reset:
            show(ClientTable(listed, bool(arguments.reveal)))
            return
        for one in listed:
            bench.clients.reset(one.client)
        names = list(dict.fromkeys(one.name for one in listed))
        show(Note([f"Without cookies now: {', '.join(names)}." if names else "No client has sent anything yet."]))

    def _clients(self, app: str | None) -> list[NamedClient]:
        bench = self.workbench
        if app is not None:
            return bench.clients.listed({app: bench.app(app)})
        apps = {bench.apps.name_of(one): one for one in bench.apps.named().values()}
        return bench.clients.listed(apps, [bench.processes.get(name) for name in bench.processes.names()])

    def flask_history(self, line: str) -> None:
        """Show the requests that were sent."""
        arguments = self._read("flask_history", line)
        history = self.workbench.history
        if arguments.reset:
            history.reset()
            show(Note(["The history is empty; the next request is number 1."]))
            return
        show(HistoryTable(list(history), bool(arguments.reveal)))

    def flask_replay(self, line: str) -> None:
        """Send requests again, and show what changed."""
        arguments = self._read("flask_replay", line)
        entries = self.workbench.history.chosen(chain.from_iterable(arguments.numbers))
        replayed = replay(self.workbench, entries, reveal=bool(arguments.reveal))
        show(ReplayDisplay(replayed, arguments.diff, bool(arguments.reveal)))
        others = [str(one.entry.number) for one in replayed if one.state != "same"]
        if others and arguments.expect_same:
            subject = f"Request {others[0]} is" if len(others) == 1 else f"Requests {', '.join(others)} are"
            raise ResponsesChanged(
                f"{subject} not answered as before.",
                todo="" if arguments.diff else f"What changed: %flask_replay {' '.join(others)} --diff",
            )
