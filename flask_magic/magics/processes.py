"""Magics for processes, the live server and the `flask` command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..display import CommandDisplay, LogDisplay, Note, ProcessTable, ServerDisplay, ServerLog, show
from ..errors import CliFailed, MagicLineError
from ..frames import show_user_frames
from ..masking import mask_text
from ..reach import Address
from .base import WorkbenchMagics

__all__ = ["ProcessMagics"]


class ProcessMagics(WorkbenchMagics):
    """Real processes in the project, the live server, and the app's own commands."""

    def flask_process(self, line: str) -> None:
        """Run a real process in the project's folder."""
        arguments = self._read("flask_process", line)
        processes = self.workbench.processes
        if (arguments.stop or arguments.log or arguments.list) and arguments.command:
            raise MagicLineError(
                "--stop, --log and --list take no command.", todo="An option of the command comes after its first word."
            )
        if arguments.log and arguments.name:
            process = processes.get(arguments.name)
            process.settle()
            show(LogDisplay(process, arguments.reveal))
        elif arguments.stop:
            stopped = processes.stop(arguments.name)
            show(Note([f"{name} {processes.get(name).state}." for name in stopped] or ["No process runs."]))
        elif arguments.list or (arguments.name is None and not arguments.log):
            show(ProcessTable([processes.get(name) for name in processes.names()]))
        elif arguments.name is None or not arguments.command:
            raise MagicLineError(
                "There is no name." if arguments.name is None else f"There is no command for {arguments.name} to run.",
                why=self.parsers["flask_process"].usage_line(),
                todo="Such as: %flask_process web gunicorn -b 127.0.0.1:{port} app:app",
            )
        else:
            show(ProcessTable([self.workbench.start_process(arguments.name, arguments.command, **_options(arguments))]))

    def flask_serve(self, line: str) -> None:
        """Serve the live app to a real browser."""
        arguments = self._read("flask_serve", line)
        bench = self.workbench
        if arguments.stop:
            show(Note(["The live server is stopped." if bench.stop_server() else "No live server runs."]))
            return
        if arguments.log:
            show(ServerLog(bench.server.log if bench.server is not None else [], arguments.reveal))
            return
        behind_proxy = Address.of(0, proxy=arguments.proxy).proxied
        port = bench.serve(arguments.port, arguments.app, behind_proxy=behind_proxy).port
        name = arguments.app or bench.apps.name_of(bench.app())
        show(ServerDisplay(name, Address.of(port, proxy=arguments.proxy), arguments.height, arguments.reveal))

    def flask_cli(self, line: str) -> None:
        """Run the `flask` command against the live app."""
        arguments = self._read("flask_cli", line)
        result, output = self.workbench.run_command(arguments.command, arguments.app, reveal=arguments.reveal)
        show(CommandDisplay(result, output))
        if result.exit_code == arguments.expect:
            return
        if result.error is not None:
            show_user_frames(result.error, reveal=arguments.reveal)
            raise result.error
        raise CliFailed(
            f"`flask {mask_text(' '.join(result.words))}` ended with exit code {result.exit_code}"
            + (f", and {arguments.expect} was expected." if arguments.expect else "."),
        )


def _options(arguments: Any) -> dict[str, Any]:
    """The options of `%flask_process` as those of a Command."""
    environment = {}
    for pair in arguments.env:
        key, equals, value = pair.partition("=")
        if not equals:
            raise MagicLineError(f"{pair!r} is not an environment variable.", todo=f"Write {key}=VALUE.")
        environment[key] = value
    return {
        "environment": environment,
        "ready": arguments.ready,
        "timeout": arguments.timeout,
        "tls": arguments.tls or arguments.cafile is not None,
        "cafile": Path(arguments.cafile) if arguments.cafile else None,
    }
