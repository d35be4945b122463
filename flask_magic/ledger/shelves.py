"""What a Flask app remembers, apart from rules and views, as one flat address space.

A *path* such as `("config", "DEBUG")` or `("before_request_funcs", None)` names one value: an entry of a dictionary,
or a whole list of functions (held as a tuple). Reading gives all of them; two readings are compared by identity, and a
value can be written back to its path. Rules and views are left to `rules` and `views`, since they can be many.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from types import NoneType
from typing import Any, Final

import flask
from jinja2 import FileSystemLoader

__all__ = ["MISSING", "Path", "State", "Target", "is_list", "read", "same", "write"]

Path = tuple[Any, ...]
Target = flask.Flask | flask.Blueprint
State = dict[Path, Any]


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


#: Stands for "no such entry", as a value.
MISSING: Final = _Missing()

_LISTS = ("teardown_appcontext_funcs", "shell_context_processors", "url_build_error_handlers")
_LISTS_BY_SCOPE = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "template_context_processors",
    "url_value_preprocessors",
    "url_default_functions",
)
_BLUEPRINT_LISTS = ("deferred_functions", "_blueprints")
_MAPS = ("config", "extensions", "blueprints")
_JINJA_MAPS = ("filters", "tests", "globals")
# Attributes that are containers read elsewhere, or that Flask makes for itself on first use.
_NOT_ATTRIBUTES = frozenset(
    {
        *_LISTS,
        *_BLUEPRINT_LISTS,
        *_LISTS_BY_SCOPE,
        *_MAPS,
        "error_handler_spec",
        "view_functions",
        "url_map",
        "cli",
        "aborter",
    }
    | {"_got_first_request", "jinja_env", "logger"}
    | {
        "_flask_magic_book",
        "_check_setup_finished",
        "add_url_rule",
        "create_jinja_environment",
        "async_to_sync",
    }
)


def is_list(path: Path) -> bool:
    """Does this path hold a list of functions (a tuple in a State)?"""
    return path[0] in (*_LISTS, *_BLUEPRINT_LISTS, *_LISTS_BY_SCOPE)


def same(one: Any, other: Any) -> bool:
    """Are two values of a path the same objects? Lists are compared item by item, bound methods by what they bind."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if one is other:
        return True
    bound = getattr(one, "__self__", None)
    return bound is not None and bound is getattr(other, "__self__", None) and bool(one == other)


def read(app: Target) -> State:
    """Everything an app or a blueprint remembers now, by path."""
    lists = _BLUEPRINT_LISTS if isinstance(app, flask.Blueprint) else _LISTS
    state: State = {(name,): tuple(getattr(app, name)) for name in lists}
    for name in _LISTS_BY_SCOPE:
        for scope, functions in getattr(app, name).items():
            if functions:
                state[name, scope] = tuple(functions)
    for scope, by_code in app.error_handler_spec.items():
        for code, handlers in by_code.items():
            for exception, handler in handlers.items():
                state["error_handler_spec", scope, code, exception] = handler
    for name, mapping in _maps(app):
        for key, value in mapping.items():
            state[name, key] = value
    for key, value in vars(app).items():
        # Flask makes a FileSystemLoader for itself at the first template, or notes that there is no folder.
        if key not in _NOT_ATTRIBUTES and not (key == "jinja_loader" and type(value) in (FileSystemLoader, NoneType)):
            state["attribute", key] = value
    return state


def _maps(app: Target) -> Iterator[tuple[str, MutableMapping[Any, Any]]]:
    yield "commands", app.cli.commands
    if isinstance(app, flask.Blueprint):
        yield "view_functions", app.view_functions
        return
    for name in _MAPS:
        yield name, getattr(app, name)
    yield "converters", app.url_map.converters
    yield "aborter", app.aborter.mapping
    yield "json", vars(app.json)
    if "jinja_env" in vars(app):
        for name in _JINJA_MAPS:
            yield f"jinja_env.{name}", getattr(app.jinja_env, name)


def write(app: Target, path: Path, value: Any) -> None:
    """Put `value` back at `path`; MISSING removes it."""
    name, *keys = path
    if is_list(path):
        _write_list(app, path, () if value is MISSING else value)
    elif name == "error_handler_spec":
        scope, code, exception = keys
        _write_entry(app.error_handler_spec[scope][code], exception, value)
    elif name == "attribute":
        _write_entry(vars(app), keys[0], value)
    else:
        for mapping_name, mapping in _maps(app):
            if mapping_name == name:
                _write_entry(mapping, keys[0], value)
        if name.startswith("jinja_env") and isinstance(app, flask.Flask) and app.jinja_env.cache is not None:
            # Jinja folds what a filter gives for a constant into the compiled template.
            app.jinja_env.cache.clear()


def _write_entry(mapping: MutableMapping[Any, Any], key: Any, value: Any) -> None:
    if value is MISSING:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _write_list(app: Target, path: Path, items: tuple[Any, ...]) -> None:
    if len(path) == 1:
        getattr(app, path[0])[:] = items
        return
    name, scope = path
    by_scope = getattr(app, name)
    if items:
        by_scope[scope][:] = items
    else:
        by_scope.pop(scope, None)
