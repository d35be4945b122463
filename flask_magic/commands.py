"""The `flask` command against the live app, inside the kernel."""

from __future__ import annotations

import contextvars
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import flask

from .errors import CliFailed
from .log_masking import plain
from .logs import kept_logging

__all__ = ["CommandResult", "command_names", "run_command"]

_INSTEAD = {
    "run": "A server is a process of its own: %flask_process web flask run --port {port}",
    "shell": "This notebook is a shell already: write `with app.app_context():` in a cell.",
}


@dataclass(frozen=True)
class CommandResult:
    """What a command printed, both streams in the order of printing, and how it ended.

    `error` is the exception that it did not handle.
    """

    words: Sequence[str]
    output: str
    exit_code: int
    error: BaseException | None = None


def run_command(app: flask.Flask, words: Sequence[str]) -> CommandResult:
    """Run `flask WORDS…` with this app: Flask's own commands, those of installed packages, and the app's.

    >>> app = flask.Flask("demo")
    >>> @app.cli.command()
    ... def greet(): print("hello")
    >>> run_command(app, ["greet"]).output
    'hello\\n'

    Raises CliFailed for `run` and `shell`, which have no place inside a kernel.
    """
    from flask.cli import FlaskGroup, ScriptInfo

    class Group(FlaskGroup):
        def main(self, *args: Any, **kwargs: Any) -> Any:
            # As in a terminal: what is printed comes before what is logged after it.
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(line_buffering=True)
            return super().main(*args, **kwargs)

    command = next((word for word in words if not word.startswith("-")), "")
    if command in _INSTEAD and "--help" not in words:
        raise CliFailed(f"`flask {command}` does not run inside a notebook.", todo=_INSTEAD[command])
    info = ScriptInfo(create_app=lambda: app, set_debug_flag=False, load_dotenv_defaults=False)
    # A context that a command pushes and leaves is left in the copy. The width decides where help texts break.
    with _as_it_was():
        result = contextvars.copy_context().run(
            app.test_cli_runner().invoke,
            Group(load_dotenv=False, set_debug_flag=False),
            list(words) or ["--help"],
            obj=info,
            prog_name="flask",
            terminal_width=80,
        )
    error = None if isinstance(result.exception, SystemExit) else result.exception
    return CommandResult(words, plain(result.output), result.exit_code, error)


def command_names(app: flask.Flask) -> list[str]:
    """The commands that `run_command` takes, as far as they are known without loading other packages.

    >>> command_names(flask.Flask("demo"))
    ['routes']
    """
    return sorted({"routes", *app.cli.commands})


@contextmanager
def _as_it_was() -> Iterator[None]:
    """A command runs in a process of its own usually: environment and logging it may leave as it likes."""
    environment = dict(os.environ)
    try:
        with kept_logging():
            yield
    finally:
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ.update(environment)
