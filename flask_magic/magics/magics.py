"""The magics class: it reads lines and delegates."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand

from ..arguments import MagicParser
from ..clients import DEFAULT
from ..display import (
    CHECK_MIME,
    CheckDisplay,
    CommandDisplay,
    ExchangeDisplay,
    LogDisplay,
    MatchDisplay,
    Note,
    OpenStub,
    ProcessTable,
    RegisteredDisplay,
    RouteTable,
    show,
)
from ..errors import CliFailed, MagicLineError, UnknownName, did_you_mean
from ..exchange import Exchange
from ..frames import render, show_user_frames
from ..ledger import Book
from ..matching import explain, rules_of
from ..request_line import read_request
from ..routes import (
    RouteOptions,
    candidates,
    choose_view,
    endpoint_of,
    first_answering,
    parse_defaults,
    register,
    rules_by,
    split_methods,
)
from ..stubs import has_gap
from ..workbench import Workbench
from .cell_body import run_body
from .parsers import parsers
from .rerun import run_left_behind

__all__ = ["FlaskMagics"]


def _documented(name: str) -> Callable[[Any], Any]:
    """Give a magic its parser's help as docstring, which `%magic?` shows."""

    def decorate(method: Any) -> Any:
        method.__doc__ = parsers()[name].format_help()
        return method

    return decorate


@magics_class
class FlaskMagics(Magics):
    """The magics of one shell, around its workbench."""

    shell: Any

    def __init__(self, shell: Any, workbench: Workbench) -> None:
        super().__init__(shell)
        self.workbench = workbench
        self.parsers: dict[str, MagicParser] = parsers()

    def _read(self, magic: str, line: str) -> Any:
        return self.parsers[magic].read(line, self.shell.user_ns)

    # -- requests

    @line_magic
    @no_var_expand
    @_documented("http")
    def http(self, line: str) -> Exchange:
        arguments = self._read("http", line)
        return self._send(arguments, arguments.app)

    def _send(self, arguments: Any, app: str | None) -> Exchange:
        request = read_request(arguments.words, form=arguments.form)
        client, follow = arguments.client or DEFAULT, arguments.follow
        if arguments.to is None:
            exchange = self.workbench.send(request, app=app, client=client, follow=follow)
        elif app is not None:
            raise MagicLineError("A request goes to an app (--app) or to a process (--to), not to both.")
        else:
            exchange = self.workbench.send_to(arguments.to, request, client=client, follow=follow)
        expected = arguments.expect
        raises = exchange.error is not None and not (exchange.response is not None and expected and "5" in expected)
        if not arguments.quiet:
            show(ExchangeDisplay(exchange, arguments.part, arguments.time, arguments.reveal, raises))
        try:
            self.workbench.settle(exchange, expected)
        except Exception as error:
            if error is exchange.error:
                show_user_frames(error, exchange.error_lines)
            raise
        return exchange

    # -- routes

    @cell_magic
    @no_var_expand
    @_documented("flask_route")
    def flask_route(self, line: str, cell: str) -> None:
        if has_gap(f"%%flask_route {line}\n{cell}"):
            show(OpenStub())
            return
        arguments = self._read("flask_route", line)
        methods, more_rules = split_methods(arguments.methods)
        options = RouteOptions(
            [*arguments.rules, *more_rules],
            methods,
            arguments.endpoint,
            parse_defaults(arguments.defaults),
            arguments.strict_slashes,
            arguments.subdomain,
            arguments.host,
        )
        app = self.workbench.app(arguments.app)  # before the cell runs: it may speak of `app`
        try:
            tree = run_body(self.shell, f"%%flask_route {line}", cell)
        except Exception as error:
            show_user_frames(error, render(error))
            raise
        view = choose_view(candidates(tree), self.shell.user_ns)
        app = self.workbench.app(arguments.app)
        target = self._blueprint(arguments.blueprint) if arguments.blueprint else app
        rules = register(target, view, options)
        if isinstance(target, flask.Blueprint):
            self.workbench.ledger.flush()
            rules = rules_by(app, target, endpoint_of(view, options))
        self._show_registered(app, target, rules, options)
        for request in arguments.tries:
            tried = self.parsers["http"].read(request, self.shell.user_ns)
            self._send(tried, tried.app or (arguments.app if tried.to is None else None))

    def _show_registered(
        self, app: flask.Flask, target: flask.Flask | flask.Blueprint, rules: list[Any], options: RouteOptions
    ) -> None:
        if isinstance(target, flask.Blueprint) and not rules:
            where = ", ".join(options.rules)
            show(Note([f"{where} → blueprint {target.name}: answers once the blueprint is registered on an app."]))
            return
        book = Book.of(app)
        replaced = {}
        if book is not None and book.current is not None:
            endpoints = {rule.endpoint for rule in rules}
            taken = {**book.current.cell.absorbed, **book.replaced}
            replaced = {endpoint: old for endpoint, old in taken.items() if endpoint in endpoints}
            book.told |= set(replaced)
        show(RegisteredDisplay(rules, replaced, first_answering(app, rules)))

    def _blueprint(self, name: str) -> flask.Blueprint:
        value = self.shell.user_ns.get(name)
        if isinstance(value, flask.Blueprint):
            return value
        blueprints = [n for n, v in self.shell.user_ns.items() if isinstance(v, flask.Blueprint)]
        raise UnknownName(f"The notebook has no blueprint called {name!r}.", todo=did_you_mean(name, blueprints))

    @line_magic
    @no_var_expand
    @_documented("flask_routes")
    def flask_routes(self, line: str) -> None:
        arguments = self._read("flask_routes", line)
        app = self.workbench.app(arguments.app)
        if arguments.match is not None:
            if not arguments.match.startswith(("/", "http://", "https://")):
                raise MagicLineError(f"{arguments.match!r} is not a path.", todo=f"Did you mean '/{arguments.match}'?")
            show(MatchDisplay(explain(app, arguments.match, arguments.method or "GET")))
            return
        rules = rules_of(app)
        if arguments.method:
            rules = [rule for rule in rules if arguments.method.upper() in (rule.methods or ())]
        if arguments.sort != "definition":
            rules.sort(key=lambda rule: str(getattr(rule, arguments.sort)))
        show(RouteTable(rules))

    # -- apps and files

    @line_magic
    @no_var_expand
    @_documented("flask_app")
    def flask_app(self, line: str) -> None:
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

    @line_magic
    @no_var_expand
    @_documented("flask_project")
    def flask_project(self, line: str) -> None:
        arguments = self._read("flask_project", line)
        project = self.workbench.open_project(arguments.name, arguments.dir)
        kind = "gone with the kernel" if project.is_scratch else "it stays"
        show(Note([f"Project folder {project.folder.name}/ is the working directory ({kind})."]))

    @cell_magic
    @no_var_expand
    @_documented("flask_file")
    def flask_file(self, line: str, cell: str) -> None:
        arguments = self._read("flask_file", line)
        path = self.workbench.write_file(arguments.path, cell)
        assert self.workbench.project is not None
        lines = len(cell.splitlines())
        shown = path.relative_to(self.workbench.project.folder).as_posix()
        show(Note([f"{shown}: {lines} line{'' if lines == 1 else 's'} written."]))

    # -- processes and commands

    @line_magic
    @no_var_expand
    @_documented("flask_process")
    def flask_process(self, line: str) -> None:
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

    @line_magic
    @no_var_expand
    @_documented("flask_cli")
    def flask_cli(self, line: str) -> None:
        arguments = self._read("flask_cli", line)
        result, output = self.workbench.run_command(arguments.command, arguments.app, reveal=arguments.reveal)
        show(CommandDisplay(result, output))
        if result.exit_code == arguments.expect:
            return
        if result.error is not None:
            show_user_frames(result.error)
            raise result.error
        raise CliFailed(
            f"`flask {' '.join(result.words)}` ended with exit code {result.exit_code}"
            + (f", and {arguments.expect} was expected." if arguments.expect else "."),
        )

    # -- exercises

    @cell_magic
    @no_var_expand
    @_documented("flask_check")
    def flask_check(self, line: str, cell: str) -> None:
        arguments = self._read("flask_check", line)
        result = self.workbench.check(arguments.name, cell, arguments.app)
        show(CheckDisplay(result), {CHECK_MIME: result.data()})


def _described(app: flask.Flask) -> str:
    rules = len([rule for rule in rules_of(app) if rule.endpoint != "static"])
    return f"Flask app {app.name!r} with {rules} rule{'' if rules == 1 else 's'}"


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


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
