"""Statements as they stand in a project: with the decorators that `%%flask_route` stands for, and no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ..routes import RouteOptions, endpoint_of
from .dependencies import Kept
from .names import root_of
from .statements import Statement
from .text import Edit, edited, span

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

__all__ = ["blocks", "is_of", "rendered", "route_arguments", "rule_lines", "without_decorators"]


def rendered(statement: Statement, kept: Kept) -> str:
    """The source of a kept statement.

    A `%%flask_route` cell's function gets its decorators, a view class its `add_url_rule`; what is kept for its name
    alone loses the decorators that would register it.
    """
    node, text = statement.node, statement.text
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return text
    if kept.registers[statement] is None:
        return without_decorators(text, node, {kept.app, *kept.blueprints})
    route = statement.route
    if route is None:
        return text
    owner = route.blueprint or kept.app
    if isinstance(node, ast.ClassDef):
        return "\n\n\n".join([text, "\n".join(rule_lines(owner, node, route.options))])
    # Decorators work from below: the last one is the first rule.
    decorators = [f"@{owner}.route({route_arguments(route.options, rule)})" for rule in reversed(route.options.rules)]
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1
    lines = text.splitlines()
    return "\n".join([*lines[:first], *decorators, *lines[first:]])


def route_arguments(options: RouteOptions, rule: str) -> str:
    """What stands in the parentheses of `route`.

    >>> route_arguments(RouteOptions(["/tools"], ["POST"]), "/tools")
    "'/tools', methods=['POST']"
    """
    endpoint = [f"endpoint={options.endpoint!r}"] if options.endpoint else []
    return ", ".join([repr(rule), *endpoint, *_keywords(options)])


def rule_lines(
    owner: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, options: RouteOptions
) -> list[str]:
    """The calls of `add_url_rule` that a `%%flask_route` line stands for, one a rule; a view class is one view."""
    if not isinstance(node, ast.ClassDef):
        view = f"view_func={node.name}"
        named = [f"endpoint={options.endpoint!r}"] * bool(options.endpoint)
        return [_rule_line(owner, [repr(rule), *named, view], options) for rule in options.rules]
    endpoint = endpoint_of(type(node.name, (), {}), options)
    made = f"{node.name}.as_view({endpoint!r})"
    if len(options.rules) == 1:
        return [_rule_line(owner, [repr(options.rules[0]), f"view_func={made}"], options)]
    name = re.sub(r"\W", "_", f"{endpoint}_view")
    rules = [_rule_line(owner, [repr(rule), f"view_func={name}"], options) for rule in options.rules]
    return [f"{name} = {made}", *rules]


def _rule_line(owner: str, words: list[str], options: RouteOptions) -> str:
    return f"{owner}.add_url_rule({', '.join([*words, *_keywords(options)])})"


def _keywords(options: RouteOptions) -> list[str]:
    words = []
    if options.methods:
        words.append(f"methods={list(options.methods)!r}")
    if options.defaults:
        words.append(f"defaults={dict(options.defaults)!r}")
    for name in ("strict_slashes", "subdomain", "host"):
        value = getattr(options, name)
        if value is not None:
            words.append(f"{name}={value!r}")
    return words


def without_decorators(text: str, node: ast.stmt, owners: set[str]) -> str:
    """The text of a definition without the decorators that register it with one of `owners`."""
    edits: list[Edit] = []
    for decorator in getattr(node, "decorator_list", ()):
        if is_of(decorator, owners):
            start, end = span(text, decorator)
            edits.append((text.encode().rindex(b"@", 0, start), end + 1, ""))  # the line with its end
    return edited(text, edits)


def is_of(decorator: ast.expr, owners: set[str]) -> bool:
    """Does a decorator register with one of `owners`: is it a method of one, or called with one?"""
    handed = isinstance(decorator, ast.Call) and any(
        isinstance(one, ast.Name) and one.id in owners for one in decorator.args
    )
    return root_of(decorator) in owners or handed


def blocks(pieces: Iterable[tuple[Statement, str]]) -> str:
    """The pieces below each other: close together where they are simple and stood so, else two lines apart."""
    return "".join(_spaced(pieces)).strip() + "\n"


def _spaced(pieces: Iterable[tuple[Statement, str]]) -> Iterator[str]:
    previous: Statement | None = None
    for statement, text in pieces:
        if previous is not None:
            together = previous.cell is statement.cell and 0 <= statement.line - previous.end <= 1
            simple = not (previous.is_definition or statement.is_definition)
            yield "\n" if together and simple else "\n\n" if simple else "\n\n\n"
        yield text
        previous = statement
