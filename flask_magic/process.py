"""One real process: a command started in the project, its port, its log, its end."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ProcessFailed, UnknownName, did_you_mean
from .log_masking import mask_log, mask_paths, plain
from .masking import mask_text

if TYPE_CHECKING:
    import subprocess

    from werkzeug.test import Client

__all__ = ["FIELD", "HOST", "Command", "Process"]

HOST = "127.0.0.1"
#: What is filled in, in a command's words and in the files that it names by `{file:PATH}`.
FIELD = re.compile(r"\{(?:(port|python|folder)|([A-Za-z][\w-]*)\.port|file:([^{}]+))\}")
_BIN = str(Path(sys.executable).parent)
_SETTLED = 0.15  # seconds without a new line after which a log counts as written
_SHOWN = 20  # lines of a log in an error


@dataclass(frozen=True)
class Command:
    """What to start, and how to know that it is up.

    In `words`, `{port}` stands for a free port, `{NAME.port}` for another process's, `{python}` for the kernel's
    interpreter, `{folder}` for the project's folder and `{file:PATH}` for a copy of a project's file in which all of
    these are filled in. Without `{port}` a process is up when it has lived for 0.3 s; `ready` waits for a text in the
    log instead.
    """

    words: Sequence[str]
    folder: Path = field(default_factory=Path.cwd)
    notebook_folder: Path = field(default_factory=Path.cwd)
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str | None = None
    timeout: float = 15.0
    tls: bool = False
    cafile: Path | None = None

    @property
    def shown(self) -> str:
        """The command as it was written, without paths of this machine."""
        words = (f"'{word}'" if re.search(r"\s", word) or not word else word for word in self.words)
        return mask_text(mask_paths(plain(" ".join(words)), [self.folder, self.notebook_folder]))


class Process:
    """One started process; `stop` ends it and all that it started. Its log stays readable after that."""

    def __init__(self, name: str, command: Command, port: int | None, ports: Mapping[str, int]) -> None:
        import subprocess

        self.name = name
        self.command = command
        self.port = port
        self._ports = {other: number for other, number in ports.items() if number != port}
        self.stopped = False
        self.clients: dict[str, Client] = {}
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._log_text: str | None = None
        try:
            words = [self._fill(word, ports) for word in command.words]
            words[0] = _find(name, words[0], command.folder)
        except BaseException:
            self._clean_up()
            raise
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._keeper: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeper.py")), *words],
            cwd=command.folder,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        assert self._keeper.stdout is not None
        with self._keeper.stdout as said:
            said.readline()  # returns when the command is started, or could not be

    def _environment(self) -> dict[str, str]:
        command = self.command
        paths = [str(command.notebook_folder), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {
            **os.environ,
            "PATH": os.pathsep.join([_BIN, os.environ.get("PATH", os.defpath)]),
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONUNBUFFERED": "1",
            # A file that is rewritten within a second, at the same length, would be taken for its old bytecode.
            "PYTHONDONTWRITEBYTECODE": "1",
            **command.environment,
        }

    def _fill(self, text: str, ports: Mapping[str, int]) -> str:
        def value(match: re.Match[str]) -> str:
            known, other, file = match.groups()
            if known:
                return {"port": str(self.port), "python": sys.executable, "folder": str(self.command.folder)}[known]
            if other:
                if other not in ports:
                    raise UnknownName(f"No process with a port is called {other!r}.", todo=did_you_mean(other, ports))
                return str(ports[other])
            return self._filled_copy(file, ports)

        return FIELD.sub(value, text)

    def _filled_copy(self, file: str, ports: Mapping[str, int]) -> str:
        try:
            text = (self.command.folder / file).read_text(encoding="utf-8")
        except OSError as error:
            near = did_you_mean(file, (entry.name for entry in self.command.folder.iterdir()))
            raise ProcessFailed(f"The file {file!r} cannot be read: {error.strerror}.", todo=near) from None
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="flask_magic-")
        copy = Path(self._scratch.name) / Path(file).name
        copy.write_text(self._fill(text, ports), encoding="utf-8")
        return str(copy)

    # -- how it is

    @property
    def exit_code(self) -> int | None:
        """The code it ended with (128 and the signal's number where a signal ended it); None while it runs."""
        return self._keeper.poll()

    @property
    def state(self) -> str:
        """In words: answers, runs, is stopped, ended."""
        if self.stopped:
            return "is stopped"
        if self.exit_code is not None:
            return f"ended with exit code {self.exit_code}"
        return "runs" if self.port is None else "answers"

    def raw_log(self) -> str:
        """All that it printed so far, as it was printed."""
        if self._log_text is not None:
            return self._log_text
        return os.pread(self._log.fileno(), self._log_size(), 0).decode("utf-8", "replace")

    def log(self, *, reveal: bool = False) -> list[str]:
        """The lines that it printed so far, without what changes from run to run unless `reveal`."""
        text = self.raw_log()
        text = plain(text) if reveal else self.masked(text)
        return text.rstrip("\n").split("\n") if text.strip() else []

    def masked(self, text: str) -> str:
        """Text of this process without its port, process ids, times and paths."""
        folders = [self.command.folder, self.command.notebook_folder]
        if self._scratch is not None:
            folders.append(Path(self._scratch.name))
        for other, port in self._ports.items():
            text = re.sub(rf"(?<![\w.]){port}(?!\w|\.\d)", f"{{{other}.port}}", text)
        return mask_log(text, self.port, folders)

    def settle(self) -> None:
        """Wait a moment until nothing more is printed: a line about a request comes after its response."""
        seen, since, until = self._log_size(), time.monotonic(), time.monotonic() + 2
        while not self.stopped and time.monotonic() < min(until, since + _SETTLED):
            time.sleep(0.02)
            if self._log_size() != seen:
                seen, since = self._log_size(), time.monotonic()

    def _log_size(self) -> int:
        return 0 if self._log_text is not None else os.fstat(self._log.fileno()).st_size

    # -- up and down

    def wait(self) -> None:
        """Wait until it is up. Raises ProcessFailed, with the end of its log, where it is not."""
        began = time.monotonic()
        while self.exit_code is None:
            lived = time.monotonic() - began
            if self._is_up(lived):
                return
            if lived > self.command.timeout:
                self._fail_late()
            time.sleep(0.02)
        code = self.exit_code
        self.settle()
        self.stop()
        todo = (
            "A command that puts itself in the background cannot be kept: have it stay in front." if code == 0 else ""
        )
        how = "answered" if self.port is not None else "was up"
        raise ProcessFailed(
            f"{self.name} ended with exit code {code} before it {how}.", why=self.end_of_log(), todo=todo
        )

    def _is_up(self, lived: float) -> bool:
        if self.command.ready is not None:
            return self.command.ready in plain(self.raw_log())
        return lived >= 0.3 if self.port is None else _answers(self.port, self.command.tls)

    def _fail_late(self) -> None:
        self.stop()
        waited = f"{self.command.timeout:g} s"
        if self.command.ready is not None:
            what, todo = f"did not print {self.command.ready!r} within {waited}", "Its log is above."
        else:
            what, todo = f"did not answer within {waited}", "Does it listen on 127.0.0.1, at {port}?"
        raise ProcessFailed(
            f"{self.name} {what}, and was stopped.",
            why=self.end_of_log(),
            todo=f"{todo} --timeout gives it longer.",
        )

    def end_of_log(self) -> str:
        """The last lines that it printed, for an error."""
        return "\n".join(self.log()[-_SHOWN:]) or "It printed nothing."

    def stop(self) -> None:
        """End it, if it runs, with all that it started; its log is kept."""
        from subprocess import TimeoutExpired

        if self._log_text is not None:
            return
        self.stopped = self.exit_code is None
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        try:
            self._keeper.wait(10)
        except TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        self._log_text = self.raw_log()
        self._log.close()
        self._clean_up()

    def _clean_up(self) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()


def _answers(port: int, tls: bool) -> bool:
    import socket
    import ssl

    try:
        with socket.create_connection((HOST, port), 1) as connection:
            if tls:  # a connection that ends before its handshake fills a server's log with complaints
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                context.wrap_socket(connection).close()
    except ssl.SSLError:
        return True  # something answers; what is wrong with it shows with the first request
    except OSError:
        return False
    return True


def _find(name: str, word: str, folder: Path) -> str:
    found = shutil.which(folder / word) if os.sep in word else shutil.which(word, path=_search_path())
    if found is not None:
        return str(found)
    if shutil.which(name, path=_search_path()):
        todo = f"The first word is the process's name: %flask_process web {name} {word} …"
    else:
        near = did_you_mean(word, (command for command in _commands() if command[:1] == word[:1]))
        todo = near or "Is it installed? It is looked for beside Python, then on PATH."
    raise ProcessFailed(f"There is no command {word!r} here.", todo=todo)


def _search_path() -> str:
    # Servers such as nginx lie where only the administrator's PATH leads.
    return os.pathsep.join([_BIN, os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"])


def _commands() -> list[str]:
    places = [Path(place) for place in _search_path().split(os.pathsep)]
    return [entry.name for place in places if place.is_dir() for entry in place.iterdir()]
