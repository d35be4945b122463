"""What only one registration can hold: an endpoint, a filter's name, one setting; the cell that ran last has it."""

from __future__ import annotations

import ast

from ..routes import RouteOptions, endpoint_of
from .names import callee, root_of
from .text import unparsed

__all__ = ["Key", "call_keys", "decorator_keys", "route_key", "setting_key", "view_of"]

Key = tuple[str, ...]

_ROUTES = frozenset({"route", "get", "post", "put", "patch", "delete"})
_HANDLERS = {"errorhandler": "error", "app_errorhandler": "app error"}
_BY_NAME = {
    "template_filter": "filter",
    "app_template_filter": "filter",
    "template_test": "test",
    "app_template_test": "test",
    "template_global": "global",
    "app_template_global": "global",
    "command": "command",
}
#: Containers within which one entry is set; the last to set it holds.
_TABLES = frozenset({"config", "filters", "tests", "globals", "converters", "extensions"})


def route_key(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, options: RouteOptions, owner: str) -> Key:
    """The endpoint that a `%%flask_route` cell's function or class has."""
    kind = type(node.name, (), {}) if isinstance(node, ast.ClassDef) else type("view", (), {"__name__": node.name})()
    return "endpoint", owner, endpoint_of(kind, options)


def decorator_keys(decorator: ast.expr, function: str, owners: frozenset[str]) -> list[Key]:
    """What a decorator of an app or a blueprint gives to the function of this name.

    >>> decorator_keys(ast.parse("app.get('/')", mode="eval").body, "home", frozenset({"app"}))
    [('endpoint', 'app', 'home')]
    """
    method, owner = callee(decorator), root_of(decorator) or ""
    if not isinstance(method, ast.Attribute) or owner not in owners:
        return []
    first = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
    keywords = {one.arg: one.value for one in decorator.keywords} if isinstance(decorator, ast.Call) else {}
    if method.attr in _ROUTES:
        endpoint = keywords.get("endpoint")
        return [("endpoint", owner, str(endpoint.value) if isinstance(endpoint, ast.Constant) else function)]
    if method.attr in _HANDLERS and first is not None:
        return [(_HANDLERS[method.attr], owner, unparsed(first))]
    if method.attr in _BY_NAME:
        named = first or keywords.get("name")
        name = named.value if isinstance(named, ast.Constant) else function
        return [(_BY_NAME[method.attr], owner, str(name))]
    return []


def setting_key(target: ast.expr) -> Key:
    """What an assignment sets."""
    # `app.secret_key` and `app.config["SECRET_KEY"]` are one.
    return "setting", unparsed(target).replace(".secret_key", ".config['SECRET_KEY']")


def call_keys(node: ast.Call) -> list[Key]:
    """What a call of a method of an app or a blueprint registers or sets."""
    assert isinstance(node.func, ast.Attribute)
    owner, name = root_of(node) or "", node.func.attr
    if name == "setLevel":
        return [("setting", unparsed(node.func))]
    if name == "add_url_rule":
        endpoint, view = _argument(node, 1, "endpoint"), view_of(node)
        if isinstance(endpoint, ast.Constant) and isinstance(endpoint.value, str):
            return [("endpoint", owner, endpoint.value)]
        return [("endpoint", owner, view)] if view is not None else []
    if name == "register_error_handler" and node.args:
        return [("error", owner, unparsed(node.args[0]))]
    if name == "update" and isinstance(node.func.value, ast.Attribute) and node.func.value.attr in _TABLES:
        table = unparsed(node.func.value)
        names = [one.arg for one in node.keywords]
        if not node.args and None not in names:
            return [("setting", f"{table}[{name!r}]") for name in names]
    return []


def view_of(node: ast.expr) -> str | None:
    """The variable that `add_url_rule` registers as a view; None for another call, or another expression.

    >>> view_of(ast.parse("app.add_url_rule('/', view_func=home)", mode="eval").body)
    'home'
    """
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_url_rule"):
        return None
    view = _argument(node, 2, "view_func")
    return view.id if isinstance(view, ast.Name) else None


def _argument(node: ast.Call, position: int, name: str) -> ast.expr | None:
    if len(node.args) > position:
        return node.args[position]
    return next((one.value for one in node.keywords if one.arg == name), None)
