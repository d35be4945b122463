"""Magics for apps, projects and files."""

from __future__ import annotations

import json
from typing import Any

import flask

from ..display import Note, show
from ..errors import MagicLineError
from ..matching import rules_of
from .base import WorkbenchMagics
from .rerun import run_left_behind

__all__ = ["AppMagics"]


class AppMagics(WorkbenchMagics):
    """Which app is meant, and where its files are."""

    def flask_app(self, line: str) -> None:
        """Choose, list, reset or configure apps."""
        arguments = self._read("flask_app", line)
        bench = self.workbench
        if arguments.list:
            show(Note(self._list_of_apps()))
            return
        if arguments.target and bench.project is not None:
            bench.project.forget_modules()
        app = bench.apps.choose(arguments.target) if arguments.target else bench.app()
        if arguments.reset:
            app = bench.apps.reset(bench.apps.name_of(app))
        if arguments.plain:
            bench.ledger.leave_plain(app)
        for pair in arguments.config:
            key, equals, value = pair.partition("=")
            if not equals or not key.isupper():
                raise MagicLineError(
                    f"{pair!r} is not a configuration value.",
                    todo="Write KEY=VALUE, the key in capitals: DEBUG=true",
                )
            app.config[key] = _json_or_text(value)
        name = bench.apps.name_of(app)
        told = [f"{name} is the app that the magics mean." if arguments.target else f"{name}: {_described(app)}"]
        if arguments.plain:
            told.append("It is left wholly to Flask: a cell that registers something runs once.")
        if arguments.reset:
            told.append("It is new and empty.")
        if arguments.rerun:
            told += run_left_behind(self.shell, bench)
        show(Note(told))

    def _list_of_apps(self) -> list[str]:
        apps = self.workbench.apps
        return [
            f"{name}: {_described(app)}" + (" (chosen)" if name == apps.chosen else "")
            for name, app in apps.named().items()
        ] or ["There is no Flask app yet. %%flask_route makes one, and so does app = Flask(__name__)."]

    def flask_project(self, line: str) -> None:
        """Make a scratch project folder the working directory."""
        arguments = self._read("flask_project", line)
        project = self.workbench.open_project(arguments.name, arguments.dir)
        kind = "gone with the kernel" if project.is_scratch else "it stays"
        show(Note([f"Project folder {project.folder.name}/ is the working directory ({kind})."]))

    def flask_file(self, line: str, cell: str) -> None:
        """Write the cell into a file of the project."""
        arguments = self._read("flask_file", line)
        path = self.workbench.write_file(arguments.path, cell)
        assert self.workbench.project is not None
        lines = len(cell.splitlines())
        shown = path.relative_to(self.workbench.project.folder).as_posix()
        show(Note([f"{shown}: {lines} line{'' if lines == 1 else 's'} written."]))


def _described(app: flask.Flask) -> str:
    rules = len([rule for rule in rules_of(app) if rule.endpoint != "static"])
    return f"Flask app {app.name!r} with {rules} rule{'' if rules == 1 else 's'}"


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
