"""Magics that register and show rules."""

from __future__ import annotations

from typing import Any

import flask

from ..display import MatchDisplay, Note, OpenStub, RegisteredDisplay, RouteTable, show
from ..errors import MagicLineError, UnknownName, did_you_mean
from ..frames import render, show_user_frames
from ..ledger import Book
from ..matching import explain, rules_of
from ..routes import (
    RouteOptions,
    candidates,
    choose_view,
    endpoint_of,
    first_answering,
    register,
    rules_by,
)
from ..stubs import has_gap
from .base import WorkbenchMagics
from .cell_body import run_body
from .sending import send_and_show

__all__ = ["RouteMagics"]


class RouteMagics(WorkbenchMagics):
    """URL rules of the live app."""

    def flask_route(self, line: str, cell: str) -> None:
        """Run the cell, and register its last function or view class under URL rules."""
        if has_gap(f"%%flask_route {line}\n{cell}"):
            show(OpenStub())
            return
        arguments = self._read("flask_route", line)
        options = RouteOptions.of(arguments)
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
            send_and_show(self.workbench, tried, tried.app or (arguments.app if tried.to is None else None))

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

    def flask_routes(self, line: str) -> None:
        """Show the URL map, or why a URL does or does not match."""
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
