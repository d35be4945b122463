"""Why a URL matched, or did not: every rule is asked by itself, and told what it would have needed.

Werkzeug gives the verdict; the reasons come from its public API alone. Each rule is put into a map of its own and
asked again with its method, its final slash, its converters or its host relaxed: the smallest set of these that
makes it match is the reason.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

import flask
from flask.testing import EnvironBuilder
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import BaseConverter, Map, MapAdapter, RequestRedirect, Rule

from .ledger import Book

__all__ = ["Match", "Trial", "explain", "rules_of", "shown_methods", "shown_rule", "status_line"]


@dataclass(frozen=True)
class Trial:
    """One rule's answer. `missed` names what kept it from matching (empty: it fits); `why` says it in words."""

    rule: Rule
    missed: tuple[str, ...]
    why: str
    chosen: bool = False


@dataclass(frozen=True)
class Match:
    """What Flask answers for one method and path: `status` 200 stands for "calls the view of `endpoint` with
    `values`".
    """

    method: str
    path: str
    status: int
    endpoint: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    location: str | None = None
    allowed: list[str] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)


def rules_of(app: flask.Flask) -> list[Rule]:
    """The app's rules as they were defined: its own first, then by cell."""
    book = Book.of(app)
    if book is None:
        return list(app.url_map.iter_rules())
    return book.rules_now()


def explain(app: flask.Flask, url: str, method: str = "GET") -> Match:
    """Ask the URL map for `url`, and each rule for its reason.

    >>> app = flask.Flask("demo", static_folder=None)
    >>> @app.get("/tools/<int:tool_id>")
    ... def tool(tool_id): ...
    >>> explain(app, "/tools/drill").trials[0].why
    "int does not take 'drill'"
    """
    parts = urlsplit(url)
    path, method = unquote(parts.path) or "/", method.upper()
    adapter = _bind(app, app.url_map, parts.netloc, app.subdomain_matching)
    trials: list[Trial] = []
    chosen: Rule | None = None
    match: dict[str, Any]
    try:
        chosen, values = adapter.match(path, method, return_rule=True)
        match = {"status": 200, "endpoint": chosen.endpoint, "values": dict(values)}
    except RequestRedirect as redirect:
        match = {"status": redirect.code, "location": redirect.new_url}
    except MethodNotAllowed as error:
        match = {"status": 405, "allowed": sorted(error.valid_methods or ())}
    except HTTPException as error:
        match = {"status": error.code or 404}
    for rule in rules_of(app):
        trials.append(_try(app, rule, path, method, parts.netloc, rule is chosen))
    if match["status"] in (404, 405):
        # Werkzeug stops at the first rule whose pattern fits; if its converter refuses the value, nobody else is asked.
        ended = "fits, and is not asked: a rule before it ended the search"
        trials = [trial if trial.missed else replace(trial, why=ended) for trial in trials]
    return Match(method, path, trials=trials, **match)


def _bind(app: flask.Flask, url_map: Map, host: str, subdomain_matching: bool) -> MapAdapter:
    # As `Flask.create_url_adapter` does. No context is pushed: that would run the app's own functions.
    builder = EnvironBuilder(app, "/", base_url=f"http://{host}/" if host else None)
    server = None if url_map.host_matching else app.config["SERVER_NAME"]
    subdomain = None if url_map.host_matching or subdomain_matching else url_map.default_subdomain or ""
    try:
        return url_map.bind_to_environ(builder.get_environ(), server_name=server, subdomain=subdomain)
    finally:
        builder.close()


def _try(app: flask.Flask, rule: Rule, path: str, method: str, host: str, chosen: bool) -> Trial:
    if rule.build_only:
        return Trial(rule, ("build-only",), "only builds URLs, answers none")
    asked = _Single(app, rule, host)
    outcome = asked.match(path, method)
    if outcome is not None:
        return Trial(rule, (), "answers" if chosen else "fits too, and another is asked first", chosen)
    kinds = ["method", "slash", "value"]
    if rule.host or rule.subdomain or app.url_map.host_matching or app.subdomain_matching:
        kinds.append("host")
    for size in range(1, len(kinds) + 1):
        for relaxed in itertools.combinations(kinds, size):
            values = asked.match_relaxed(path, method, relaxed)
            if values is not None:
                return Trial(rule, relaxed, _reasons(rule, relaxed, values, path, method))
    return Trial(rule, ("path",), "another path")


def _reasons(rule: Rule, relaxed: tuple[str, ...], values: dict[str, Any], path: str, method: str) -> str:
    reasons = []
    if "value" in relaxed:
        reasons.append(_refusals(rule, values))
    if "slash" in relaxed:
        if path.endswith("/"):
            reasons.append("the rule has no slash at its end")
        elif relaxed == ("slash",):
            reasons.append("the rule ends with a slash: the client is sent there")
        else:
            reasons.append("the rule ends with a slash")
    if "method" in relaxed:
        reasons.append(f"takes {', '.join(shown_methods(rule)) or 'no method'}, not {method}")
    if "host" in relaxed:
        reasons.append(_host(rule))
    return "; ".join(reasons)


def _host(rule: Rule) -> str:
    if rule.host or rule.subdomain:
        return f"answers under the {'host' if rule.host else 'subdomain'} {rule.host or rule.subdomain} only"
    return "answers under no subdomain"


def shown_methods(rule: Rule) -> list[str]:
    """A rule's methods in a fixed order, without those that Flask adds by itself.

    HEAD comes with GET; OPTIONS is Flask's where the rule says so.
    """
    methods = set(rule.methods or ())
    if "GET" in methods:
        methods.discard("HEAD")
    if getattr(rule, "provide_automatic_options", False):
        methods.discard("OPTIONS")
    return sorted(methods)


def shown_rule(rule: Rule) -> str:
    """A rule as Werkzeug writes it, behind its host or its subdomain where it has one.

    >>> shown_rule(Rule("/tools", subdomain="shop")), shown_rule(Rule("/tools"))
    ('shop|/tools', '/tools')
    """
    where = rule.host or rule.subdomain
    return f"{where}|{rule.rule}" if where else rule.rule


def _refusals(rule: Rule, values: dict[str, Any]) -> str:
    said = []
    for name, written in _converter_texts(rule.rule).items():
        raw, converter = values.get(name), rule._converters.get(name)
        if converter is None or not isinstance(raw, str):
            continue
        fits = re.fullmatch(converter.regex, raw) is not None
        try:
            refused = not fits or converter.to_python(raw) is None
        except (ValueError, HTTPException):  # a converter may abort, as Flask-PyMongo's does
            refused = True
        if refused:
            said.append(f"{written} does not take {raw!r}")
    return " and ".join(said) or "a converter does not take its value"


_PART = re.compile(r"<(?:(?P<converter>[A-Za-z_]\w*(?:\([^<>]*\))?):)?(?P<name>[A-Za-z_]\w*)>")


def _converter_texts(rule: str) -> dict[str, str]:
    return {part["name"]: part["converter"] or "string" for part in _PART.finditer(rule)}


class _Single:
    """One rule in a map of its own."""

    def __init__(self, app: flask.Flask, rule: Rule, host: str) -> None:
        self.app, self.rule, self.host = app, rule, host

    def match(self, path: str, method: str) -> dict[str, Any] | None:
        return self._ask(self._map(), path, method, self.app.subdomain_matching)

    def match_relaxed(self, path: str, method: str, relaxed: tuple[str, ...]) -> dict[str, Any] | None:
        if "method" in relaxed:
            methods = sorted(self.rule.methods or ())
            if not methods or method in methods:
                return None
            method = methods[0]
        paths = [path]
        if "slash" in relaxed:
            paths = [path.rstrip("/") or "/", path.rstrip("/") + "/"]
            paths = [one for one in paths if one != path]
        converters = _relaxed_converters(self.app.url_map) if "value" in relaxed else None
        any_host = "host" in relaxed
        url_map = self._map(converters, any_host=any_host)
        for one in paths:
            values = self._ask(url_map, one, method, self.app.subdomain_matching and not any_host)
            if values is not None:
                return values
        return None

    def _map(self, converters: dict[str, Any] | None = None, *, any_host: bool = False) -> Map:
        old, rule = self.app.url_map, self.rule
        url_map = Map(
            default_subdomain=old.default_subdomain,
            strict_slashes=old.strict_slashes,
            merge_slashes=old.merge_slashes,
            redirect_defaults=False,
            host_matching=old.host_matching and not any_host,
            converters=converters or old.converters,
        )
        url_map.add(
            Rule(
                rule.rule,
                defaults=rule.defaults,
                subdomain=None if any_host else rule.subdomain,
                methods=rule.methods,
                endpoint=rule.endpoint,
                strict_slashes=rule.strict_slashes,
                merge_slashes=rule.merge_slashes,
                redirect_to=rule.redirect_to,
                host=None if any_host else rule.host,
                websocket=rule.websocket,
            )
        )
        return url_map

    def _ask(self, url_map: Map, path: str, method: str, subdomain_matching: bool) -> dict[str, Any] | None:
        try:
            _, values = _bind(self.app, url_map, self.host, subdomain_matching).match(path, method)
        except (NotFound, MethodNotAllowed, RequestRedirect):
            return None
        return dict(values)


def _relaxed_converters(url_map: Map) -> dict[str, Any]:
    return {name: _relaxed(converter) for name, converter in url_map.converters.items()}


def _relaxed(original: type[BaseConverter]) -> Any:
    isolating = getattr(original, "part_isolating", True)

    class Anything(BaseConverter):
        regex = "[^/]+" if isolating else ".+?"
        part_isolating = isolating

        def __init__(self, url_map: Map, *_args: Any, **_kwargs: Any) -> None:
            super().__init__(url_map)

    return Anything


def status_line(status: int) -> str:
    """A status with its phrase, as Werkzeug writes it: `404 NOT FOUND`."""
    return f"{status} {HTTP_STATUS_CODES.get(status, 'UNKNOWN').upper()}"
