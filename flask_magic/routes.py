"""Registering a function, an async function or a view class under URL rules."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flask
from flask.views import View
from werkzeug.routing import Rule

from .errors import RouteError, did_you_mean
from .ledger import Book
from .matching import rules_of
from .request_line import METHODS

__all__ = [
    "RouteOptions",
    "candidates",
    "choose_view",
    "endpoint_of",
    "first_answering",
    "register",
    "rules_by",
]


@dataclass(frozen=True)
class RouteOptions:
    """What `%%flask_route` passes on to `add_url_rule`. None leaves the choice to Flask."""

    rules: Sequence[str]
    methods: Sequence[str] | None = None
    endpoint: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    strict_slashes: bool | None = None
    subdomain: str | None = None
    host: str | None = None

    @classmethod
    def of(cls, arguments: Any) -> RouteOptions:
        """Those of a line that was parsed. Raises RouteError for what is neither a method nor a rule, nor a default."""
        methods, more_rules = split_methods(arguments.methods)
        return cls(
            [*arguments.rules, *more_rules],
            methods,
            arguments.endpoint,
            parse_defaults(arguments.defaults),
            arguments.strict_slashes,
            arguments.subdomain,
            arguments.host,
        )


def split_methods(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell methods from rules that follow them, as in `-X GET POST /tools`.

    >>> split_methods(["get,post", "/tools"])
    (['GET', 'POST'], ['/tools'])

    Raises RouteError for what is neither.
    """
    methods: list[str] = []
    rules: list[str] = []
    for word in words:
        if word.startswith("/"):
            rules.append(word)
            continue
        for method in filter(None, word.upper().split(",")):
            near = did_you_mean(method, METHODS)
            if method not in METHODS and (near or not method.isalpha()):
                raise RouteError(f"{method} is not a method of HTTP.", todo=near)
            methods.append(method)
    return methods, rules


def parse_defaults(pairs: Sequence[str]) -> dict[str, Any]:
    """`["page=1", "lang=en"]` as a dictionary; a value that is JSON becomes what it says.

    Raises RouteError for a word without `=`.
    """
    defaults: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise RouteError(f"{pair!r} is not a default.", todo="Write name=value, such as: --defaults page=1")
        try:
            defaults[name] = json.loads(value)
        except ValueError:
            defaults[name] = value
    return defaults


def candidates(tree: ast.Module) -> list[str]:
    """Names of the functions and classes that a cell defines, the last one first."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in reversed(tree.body) if isinstance(node, kinds)]


def choose_view(names: Sequence[str], namespace: Mapping[str, Any]) -> Any:
    """The last function, async function or view class of a cell; other classes are passed over.

    Raises RouteError where there is none.
    """
    for name in names:
        value = namespace.get(name)
        if isinstance(value, type):
            if issubclass(value, View):
                return value
        elif callable(value):
            return value
    raise RouteError(
        "The cell defines no view function.",
        why="%%flask_route registers the last function, async function or view class of its cell.",
        todo="Define one: def index(): return 'hello'",
    )


def endpoint_of(view: Any, options: RouteOptions) -> str:
    """The endpoint that a view gets: the one named, a function's name, or a class's name in lower case.

    >>> endpoint_of(type("ToolList", (View,), {}), RouteOptions(["/tools"]))
    'tool_list'
    """
    if options.endpoint is not None:
        return options.endpoint
    name = str(view.__name__)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() if isinstance(view, type) else name


def rules_by(app: flask.Flask, blueprint: flask.Blueprint, endpoint: str) -> list[Rule]:
    """The app's rules for an endpoint of a blueprint, under every name that it is registered with."""
    endpoints = {f"{name}.{endpoint}" for name, one in app.blueprints.items() if one is blueprint}
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint in endpoints]


def register(target: flask.Flask | flask.Blueprint, view: Any, options: RouteOptions) -> list[Rule]:
    """Register `view` under the rules with `target.add_url_rule`; the app's new rules come back (a blueprint's: none).

    Raises RouteError for a rule that cannot be, and what Flask and Werkzeug raise themselves.
    """
    if not options.rules:
        raise RouteError("There is no URL rule.", todo="Write one after %%flask_route, such as: /tools/<int:tool_id>")
    for rule in options.rules:
        if not rule.startswith("/"):
            raise RouteError(f"{rule!r} is not a URL rule: a rule begins with '/'.", todo=f"Did you mean '/{rule}'?")
    endpoint = endpoint_of(view, options)
    if isinstance(view, type) and issubclass(view, View):
        view = view.as_view(endpoint)
    before = [] if isinstance(target, flask.Blueprint) else list(target.url_map.iter_rules())
    for rule in options.rules:
        try:
            target.add_url_rule(rule, endpoint, view, **_keywords(options))
        except LookupError as error:
            _explain_converter(error, target)
            raise
    if isinstance(target, flask.Blueprint):
        return []
    book = Book.of(target)
    if book is not None and book.current is not None:
        return list(book.current.rules)
    return [rule for rule in target.url_map.iter_rules() if not any(rule is one for one in before)]


def _keywords(options: RouteOptions) -> dict[str, Any]:
    keywords: dict[str, Any] = {}
    if options.methods:
        keywords["methods"] = list(options.methods)
    if options.defaults:
        keywords["defaults"] = dict(options.defaults)
    for name in ("strict_slashes", "subdomain", "host"):
        if getattr(options, name) is not None:
            keywords[name] = getattr(options, name)
    return keywords


def _explain_converter(error: LookupError, target: flask.Flask | flask.Blueprint) -> None:
    name = re.search(r"'(\w+)'", str(error))
    if name is not None and isinstance(target, flask.Flask):
        near = did_you_mean(name[1], target.url_map.converters)
        error.add_note(near or f"Converters of this app: {', '.join(target.url_map.converters)}.")


def first_answering(app: flask.Flask, rules: Sequence[Rule]) -> dict[str, str]:
    """Of these rules, those whose very URL and method another endpoint's earlier rule answers: rule → that endpoint."""
    shadowed: dict[str, str] = {}
    every = rules_of(app)
    for rule in rules:
        for other in every:
            if other is rule:
                break
            same_url = other == rule and other.endpoint != rule.endpoint
            if same_url and not other.build_only and set(other.methods or ()) & set(rule.methods or ()) - {"OPTIONS"}:
                shadowed[rule.rule] = other.endpoint
                break
    return shadowed
