"""Everything that the extension holds for one notebook; it needs no IPython."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask

from . import asynchronous
from .apps import Apps
from .clients import DEFAULT, Clients
from .errors import AppError, ProjectError, ServerFailed, UnexpectedStatus
from .ledger import Cell, CellReport, Ledger
from .project import Project
from .stubs import Stubs

if TYPE_CHECKING:  # what only some cells need is imported by the first of them: loading costs little
    from .checks import CheckResult, Checks
    from .commands import CommandResult
    from .exchange import Exchange
    from .history import History
    from .process import Process
    from .processes import Processes
    from .request_line import Request
    from .sent import SentRequests
    from .server import LiveServer
    from .trace import Tracer

__all__ = ["Workbench"]


class Workbench:
    """Apps, clients, project, exercises and the ledger of one notebook.

    `namespace` is the notebook's variables, `environment` the environment's as they were at first. `open` starts
    watching, `close` leaves nothing behind.

    >>> from flask_magic.request_line import Request
    >>> bench = Workbench(namespace := {})
    >>> bench.send(Request(path="/")).status_code
    404
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.environment = dict(os.environ)
        self.ledger = Ledger(namespace)
        self.apps = Apps(namespace, self.ledger)
        self.clients = Clients()
        self.stubs = Stubs()
        self.project: Project | None = None
        self.server: LiveServer | None = None
        self.runs = 0
        self._kept = 100

    @cached_property
    def history(self) -> History:
        """The requests that were sent."""
        from .history import History

        return History(self._kept)

    def keep_history(self, limit: int) -> None:
        """Keep so many requests."""
        self._kept = limit
        if "history" in vars(self):
            self.history.keep(limit)

    @cached_property
    def sent(self) -> SentRequests:
        """The requests that the cells send to apps in their latest runs."""
        from .sent import SentRequests

        return SentRequests()

    @cached_property
    def checks(self) -> Checks:
        """The exercises' checks."""
        from .checks import Checks

        return Checks(self.stubs)

    @cached_property
    def processes(self) -> Processes:
        """The processes of `%flask_process`."""
        from .processes import Processes

        return Processes()

    @cached_property
    def tracer(self) -> Tracer:
        """What traces requests."""
        from .trace import Tracer

        return Tracer()

    def open(self) -> None:
        """Start watching. Raises UnsupportedVersion."""
        self.ledger.install()

    def close(self) -> None:
        """Stop watching: no process, server, scratch folder; plain apps, Flask and working directory as before."""
        self.stop_server()
        for used in ("processes", "tracer"):
            if used in vars(self):
                getattr(self, used).close()
        for app in self.ledger.apps():
            asynchronous.uninstall(app)
        self.ledger.uninstall()
        if self.project is not None:
            self.project.close()
            self.project = None

    # -- cells

    def begin_cell(self, source: str, cell_id: str | None = None, metadata: dict[str, Any] | None = None) -> Cell:
        """A cell is about to run."""
        self.runs += 1
        if self.server is not None:
            self.server.doorway.close(grace=1.0)
        cell = self.ledger.begin(source, cell_id, metadata)
        self.stubs.saw(cell)
        return cell

    def end_cell(self, failed: bool) -> CellReport | None:
        """The cell has run; None where none was running."""
        try:
            return self._end_cell(failed)
        finally:
            if self.server is not None:
                self.server.doorway.open()

    def _end_cell(self, failed: bool) -> CellReport | None:
        if self.ledger.cell is None:
            return None
        report = self.ledger.fail() if failed else self.ledger.finish()
        for app in self.ledger.apps():
            asynchronous.install(app)
        return report

    # -- requests

    def app(self, name: str | None = None) -> flask.Flask:
        """The app that is meant (see `Apps.find`), ready for async views."""
        app = self.apps.find(name)
        if not self.ledger.is_plain(app):
            asynchronous.install(app)
        return app

    def send(
        self,
        request: Request,
        *,
        app: str | None = None,
        client: str = DEFAULT,
        follow: bool = False,
        trace: bool = False,
        keep: bool = True,
        expected: str | None = None,
    ) -> Exchange:
        """Send a request to an app of the notebook by one of the named clients; `trace` tells its life as well.

        `keep` notes it in the history, with the status that the cell expects.
        """
        from .exchange import send

        target = self.app(app)
        plain = self.ledger.is_plain(target)
        if plain:  # an event loop runs in every cell; that is the notebook's doing, not the app's
            asynchronous.install(target)
        try:
            tracer = self.tracer if trace else None
            sender = self.clients.get(target, client)
            exchange = send(target, sender, request, follow=follow, name=client, tracer=tracer)
        finally:
            if plain:
                asynchronous.uninstall(target)
        self.clients.count(sender)
        if keep:
            name = self.apps.name_of(target)
            entry = self.history.add(exchange, app=name, follow=follow, cell=self._cell_title)
            self.sent.add(self.ledger.cell, entry, expected)
        return self._shown_once(exchange)

    def send_to(
        self, process: str, request: Request, *, client: str = DEFAULT, follow: bool = False, keep: bool = True
    ) -> Exchange:
        """Send a request to a running process over a real socket. Raises UnknownName, ProcessFailed."""
        from .exchange import send_to
        from .socket_client import client_of

        target = self.processes.running(process)
        sender = client_of(target, client)
        exchange = send_to(target, sender, request, follow=follow, name=client)
        self.clients.count(sender)
        if keep:
            self.history.add(exchange, follow=follow, cell=self._cell_title)
        return self._shown_once(exchange)

    @property
    def _cell_title(self) -> str:
        cell = self.ledger.cell
        return cell.title if cell is not None and "%http" not in cell.source else ""

    def _shown_once(self, exchange: Exchange) -> Exchange:
        shown_in = self.runs

        def on_display(shown: Exchange) -> None:
            if self.runs != shown_in:
                from .display import ExchangeDisplay, show

                show(ExchangeDisplay(shown))

        exchange.on_display = on_display
        return exchange

    def settle(self, exchange: Exchange, expected: str | None) -> None:
        """Raise what a finished exchange has to raise: the app's own exception, or UnexpectedStatus."""
        from .expecting import leaves_with_error, status_fits

        if exchange.error is not None and leaves_with_error(exchange, expected):
            raise exchange.error
        if expected and exchange.response is not None and not status_fits(exchange.response.status_code, expected):
            from .masking import mask_text

            asked = f"{exchange.sent.method} {mask_text(exchange.sent.target)}"
            raise UnexpectedStatus(
                f"{asked} answered {exchange.status}, and {expected} was expected.",
                todo=self._rolled_back(),
            )

    def _rolled_back(self) -> str:
        registered = any(book.running() for book in self.ledger.books())
        return "This cell also set something up; as the cell has failed, that is taken back." if registered else ""

    # -- the project

    def open_project(self, name: str | None = None, folder: str | None = None) -> Project:
        """The project of this notebook: a new one, or the one it has, emptied if it is a scratch folder.

        Raises ProjectError where an app was made before, since its templates would not be found in the project.
        """
        if self.project is not None and name in (None, self.project.name) and self._is_project(folder):
            if self.project.is_scratch:
                self.project.empty()
            return self.project
        made = [name for name, app in self.apps.named().items() if app.import_name == "__main__"]
        if made:
            raise ProjectError(
                f"The notebook has an app already ({', '.join(made)}), and it looks for its files elsewhere.",
                why="An app notes its folder when it is made.",
                todo="Put %flask_project before the cell that makes the app, and restart the kernel.",
            )
        if self.project is not None:
            self.project.close()
        self.project = Project(name or "project", Path(folder) if folder else None)
        return self.project

    @property
    def notebook_folder(self) -> Path:
        """The notebook's own folder: paths of what stays are relative to it."""
        return self.project.notebook_folder if self.project is not None else Path.cwd()

    def _is_project(self, folder: str | None) -> bool:
        assert self.project is not None
        if folder is None:
            return self.project.is_scratch
        return (self.project.notebook_folder / folder).resolve() == self.project.folder

    def write_file(self, name: str, text: str) -> Path:
        """Write a file of the project, making a project where there is none; the next request sees it."""
        if self.project is None:
            self.open_project()
        assert self.project is not None
        path = self.project.write(name, text)
        for app in self.ledger.apps():
            if "jinja_env" in vars(app) and app.jinja_env.cache is not None:
                app.jinja_env.cache.clear()
        return path

    # -- processes

    def start_process(self, name: str, words: list[str], **options: Any) -> Process:
        """Start a command in the project's folder, or in the working directory where there is none.

        `options` are those of `Command`. Raises ProcessFailed where it does not come up.
        """
        from .process import Command

        folder = self.project.folder if self.project is not None else Path.cwd()
        notebook_folder = self.project.notebook_folder if self.project is not None else folder
        return self.processes.start(name, Command(words, folder, notebook_folder, **options))

    def serve(self, port: int = 0, app: str | None = None, *, behind_proxy: bool = False) -> LiveServer:
        """Serve an app to a browser; a server that ran before is stopped, and its port taken again where none is asked.

        The app is looked up for each request: a new one under the same name is served at once. Raises ServerFailed.
        """
        from .server import LiveServer

        self.app(app)
        old = self.stop_server()
        try:
            self.server = LiveServer(lambda: self.app(app), port or (old.port if old else 0), behind_proxy=behind_proxy)
        except ServerFailed:
            if port or old is None:
                raise
            self.server = LiveServer(lambda: self.app(app), behind_proxy=behind_proxy)
        if self.ledger.cell is not None:
            self.server.doorway.close()
        return self.server

    def stop_server(self) -> LiveServer | None:
        """Stop the live server; the one that was stopped."""
        stopped, self.server = self.server, None
        if stopped is not None:
            stopped.close()
        return stopped

    def run_command(
        self, words: list[str], app: str | None = None, *, reveal: bool = False
    ) -> tuple[CommandResult, str]:
        """Run the `flask` command against an app of the notebook: its result, and its output as it may be shown."""
        from .commands import run_command
        from .frames import mask_messages, render
        from .log_masking import mask_paths, mask_times
        from .masking import mask_text

        result = run_command(self.app(app), words)
        said = render(result.error) if result.error is not None else []
        if reveal:
            return result, result.output + "\n".join(said)
        output = mask_times(mask_text(result.output)) + "\n".join(mask_messages(said))
        folders = [self.project.folder, self.project.notebook_folder] if self.project is not None else [Path.cwd()]
        return result, mask_paths(output, folders)

    # -- exercises

    def check(self, name: str, source: str, app: str | None = None) -> CheckResult:
        """Run an exercise's check."""
        try:
            target = self.app(app)
        except AppError:
            if app is not None:
                raise
            target = list(self.apps.named().values())[-1]
        return self.checks.run(name, source, target, self.namespace)
