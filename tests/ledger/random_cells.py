"""Cells with random registrations, and the app that they ought to make: built afresh, by plain Flask alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import flask

URLS = ("/a", "/a/", "/b", "/b/", "/c/1", "/c/x", "/c/1/", "/c", "/files/x", "/static/x", "/none")
METHODS = ("GET", "POST", "PUT")
_RULES = ("/a", "/a/", "/b", "/c/<int:n>", "/c/<n>", "/c/<path:n>", "/<any(b,c):n>", "/files/<n>")
_ENDPOINTS = ("one", "two", "three", "four", "static")


@dataclass(frozen=True)
class Statement:
    """One registration. `owned` names what it sets where that can have one owner only; hooks have none."""

    source: str
    owned: tuple[str, str] | None = None


@dataclass(frozen=True)
class Source:
    """A cell's source, statement by statement. One that `fails` raises ZeroDivisionError at its end."""

    statements: tuple[Statement, ...]
    fails: bool = False

    @property
    def text(self) -> str:
        """What is typed into the cell."""
        return "\n".join([*(statement.source for statement in self.statements), "1/0" if self.fails else "pass"])


def random_source(pick: random.Random, tag: str) -> Source:
    """Up to four registrations, each telling `tag` when it is at work."""
    endpoints = pick.sample(_ENDPOINTS, len(_ENDPOINTS))
    statements = tuple(_statement(pick, f"{tag}_{n}", endpoints) for n in range(pick.choice((0, 1, 1, 2, 2, 3, 4))))
    return Source(statements, fails=pick.random() < 0.2)


def _statement(pick: random.Random, tag: str, endpoints: list[str]) -> Statement:
    kind = pick.choice(("route", "route", "route", "hook", "handler", "config", "filter", "context", "wrap"))
    match kind:
        case "route":
            endpoint = endpoints.pop()
            methods = pick.choice((["GET"], ["GET"], ["POST"], ["GET", "POST"], ["PUT"]))
            rules = pick.sample(_RULES, pick.choice((1, 1, 2)))
            strict = pick.choice(("", "", ", strict_slashes=False"))
            lines = [f"@app.route({rule!r}, endpoint={endpoint!r}, methods={methods}{strict})" for rule in rules]
            return Statement("\n".join([*lines, f"def {tag}(**values): return '{tag}'"]), ("endpoint", endpoint))
        case "hook":
            decorator, parameter, answer = pick.choice(
                (
                    ("before_request", "", "None"),
                    ("after_request", "response", "response"),
                    ("teardown_request", "error", "None"),
                    ("teardown_appcontext", "error", "None"),
                )
            )
            return Statement(f"@app.{decorator}\ndef {tag}({parameter}):\n    log.append('{tag}')\n    return {answer}")
        case "handler":
            code = pick.choice((404, 405))
            return Statement(
                f"@app.errorhandler({code})\ndef {tag}(error): return '{tag}', {code}", ("handler", str(code))
            )
        case "config":
            key = pick.choice(("PRICE", "TESTING", "SECRET_KEY"))
            return Statement(f"app.config['{key}'] = '{tag}'", ("config", key))
        case "filter":
            return Statement(f"@app.template_filter('loud')\ndef {tag}(text): return '{tag}'", ("filter", "loud"))
        case "context":
            return Statement(f"@app.context_processor\ndef {tag}(): return {{'who': '{tag}'}}")
        case _:
            return Statement(f"app.motto = '{tag}'", ("attribute", "motto"))


@dataclass
class Oracle:
    """What has run: each cell's latest successful source, when it first ran well, and when it last did."""

    sources: dict[str, Source] = field(default_factory=dict)  # in the order of first successful runs
    last_run: dict[str, int] = field(default_factory=dict)
    runs: int = 0

    def ran(self, cell: str, source: Source) -> None:
        """A cell ran; one that failed changes nothing."""
        self.runs += 1
        if not source.fails:
            self.sources[cell] = source
            self.last_run[cell] = self.runs

    def app(self, log: list[str]) -> flask.Flask:
        """The app that the sources make."""
        owner = {
            statement.owned: cell
            for cell in sorted(self.sources, key=lambda cell: self.last_run[cell])
            for statement in self.sources[cell].statements
        }
        has_static = ("endpoint", "static") not in owner
        app = flask.Flask("__main__", static_folder="static" if has_static else None)
        for cell, source in self.sources.items():
            last = {statement.owned: statement for statement in source.statements}
            for statement in source.statements:
                if statement.owned is None or (owner[statement.owned] == cell and last[statement.owned] is statement):
                    exec(statement.source, {"app": app, "log": log})
        return app


def verdicts(app: flask.Flask) -> Iterator[tuple[str, Any]]:
    """What the URL map says to every URL and method, and which URLs it builds."""
    adapter = app.url_map.bind("localhost")
    for url in URLS:
        for method in METHODS:
            try:
                yield f"{method} {url}", adapter.match(url, method)
            except Exception as error:
                more = getattr(error, "valid_methods", None) or getattr(error, "new_url", None)
                yield f"{method} {url}", (type(error), sorted(more) if isinstance(more, list) else more)
    for endpoint in _ENDPOINTS:
        for values in ({}, {"n": 1}):
            try:
                yield f"build {endpoint} {values}", adapter.build(endpoint, values)
            except Exception as error:
                yield f"build {endpoint} {values}", type(error)


def described(app: flask.Flask) -> dict[str, Any]:
    """Everything else of an app that cells set, by the names of the functions."""
    lists = ("before_request", "after_request", "teardown_request", "template_context_processors")
    names = {
        kind: [function.__name__ for function in getattr(app, kind if "template" in kind else f"{kind}_funcs")[None]]
        for kind in lists
        if getattr(app, kind if "template" in kind else f"{kind}_funcs").get(None)
    }
    handlers = {
        code: [handler.__name__ for handler in by_class.values()]
        for code, by_class in app.error_handler_spec[None].items()
        if by_class
    }
    views = {endpoint: view.__name__ for endpoint, view in app.view_functions.items() if endpoint != "static"}
    return {
        "hooks": names,
        "teardown": [function.__name__ for function in app.teardown_appcontext_funcs],
        "handlers": handlers,
        "views": views,
        "config": dict(app.config),
        "filters": {name: f.__name__ for name, f in app.jinja_env.filters.items() if name == "loud"},
        "motto": getattr(app, "motto", None),
    }


EVERY = tuple((method, url) for url in URLS for method in METHODS)


def answers(app: flask.Flask, log: list[str], asked: Sequence[tuple[str, str]] = EVERY) -> list[Any]:
    """What a client gets for each pair of method and URL, and what the hooks told in doing so."""
    got = []
    client = app.test_client()
    for method, url in asked:
        log.clear()
        response = client.open(url, method=method)
        allow = sorted(response.headers.get("Allow", "").split(", "))
        got.append((method, url, response.status_code, response.text, allow, list(log)))
    return got
