"""Real processes beside the notebook: started in the project, reached on 127.0.0.1, ended with the kernel."""

from __future__ import annotations

import re
import sys
import time

from .errors import MagicLineError, ProcessFailed, UnknownName, did_you_mean
from .process import FIELD, HOST, Command, Process

__all__ = ["Command", "Process", "Processes", "free_port"]


class Processes:
    """The processes of one notebook, by name.

    >>> processes = Processes()
    >>> web = processes.start("web", Command(["{python}", "-m", "http.server", "--bind", "127.0.0.1", "{port}"]))
    >>> web.state
    'answers'
    >>> processes.close()
    """

    def __init__(self) -> None:
        self._processes: dict[str, Process] = {}

    def start(self, name: str, command: Command) -> Process:
        """Start a command under a name and wait until it is up; what ran under the name is stopped first.

        Raises ProcessFailed where it does not come up, MagicLineError for a name that cannot be one.
        """
        if sys.platform == "emscripten":
            raise ProcessFailed(
                "A process needs a real computer, and this notebook runs in the browser.",
                todo="Open the page in JupyterLab on your own machine to run this cell.",
            )
        if sys.platform == "win32":
            raise ProcessFailed(
                "%flask_process runs on Linux and macOS, and this is Windows.",
                todo="Open the page in WSL, the Linux inside Windows.",
            )
        if not re.fullmatch(r"[A-Za-z][\w-]*", name):
            raise MagicLineError(
                f"{name!r} cannot be a process's name.", todo="A name comes before the command: web, cache, proxy-1"
            )
        old = self._processes.get(name)
        if old is not None:
            old.stop()
        port = None
        if self._wants_port(command):
            port = free_port(old.port if old is not None else None)
        ports = {other: process.port for other, process in self._processes.items() if process.port is not None}
        process = self._processes[name] = Process(name, command, port, ports)
        try:
            process.wait()
        except BaseException:  # an interrupt of the cell, too
            process.stop()
            raise
        return process

    def _wants_port(self, command: Command) -> bool:
        files = [match[3] for word in command.words for match in FIELD.finditer(word) if match[3]]
        paths = [command.folder / file for file in files]
        texts = [path.read_text(encoding="utf-8") for path in paths if path.is_file()]
        return any("{port}" in text for text in (*command.words, *texts))

    def names(self) -> list[str]:
        """The names in use, in the order of their first start."""
        return list(self._processes)

    def get(self, name: str) -> Process:
        """The process of this name, whether it still runs or not. Raises UnknownName."""
        if name not in self._processes:
            raise UnknownName(
                f"No process is called {name!r}.",
                todo=did_you_mean(name, self._processes) or f"Start it: %flask_process {name} COMMAND",
            )
        return self._processes[name]

    def running(self, name: str) -> Process:
        """The process of this name, with a port. Raises UnknownName, ProcessFailed where it cannot be reached."""
        process = self.get(name)
        if process.stopped or process.exit_code is not None:
            raise ProcessFailed(
                f"{name} {process.state}.",
                why="" if process.stopped else process.end_of_log(),
                todo="Run the cell again that starts it. Its log: %flask_process --log " + name,
            )
        if process.port is None:
            raise ProcessFailed(
                f"{name} has no port to send to.", todo="Write {port} in its command where the port belongs."
            )
        return process

    def stop(self, name: str | None = None) -> list[str]:
        """Stop one process, or all; the names. Stopping twice is no error."""
        chosen = [self.get(name)] if name is not None else list(self._processes.values())
        for process in chosen:
            process.stop()
        return [process.name for process in chosen]

    def close(self) -> None:
        """Stop and forget all."""
        self.stop()
        self._processes.clear()


def free_port(wanted: int | None = None) -> int:
    """A free port of 127.0.0.1: the one that is wanted, if it is free within a second."""
    import socket

    until = time.monotonic() + 1
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1 if wanted else 0)
            try:
                probe.bind((HOST, wanted or 0))
                return int(probe.getsockname()[1])
            except OSError:
                if wanted is None:
                    raise
                if time.monotonic() > until:
                    wanted = None
        time.sleep(0.02)
