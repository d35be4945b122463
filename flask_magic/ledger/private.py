"""The private names of Flask and Werkzeug that re-running needs, in one place.

Flask has no public way to withdraw a route. Each name here is checked when the extension loads, so that a release
that renames one is met with a sentence and not with a wrong answer.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.routing import Map, Rule
from werkzeug.routing.matcher import StateMachineMatcher

from ..errors import UnsupportedVersion
from ..overriding import overriding

if TYPE_CHECKING:
    from werkzeug.test import Client, Cookie

__all__ = [
    "adding_cookies",
    "check",
    "cookies_of",
    "error_handler_for",
    "rebuild_matcher",
    "rules_of_endpoint",
    "served_a_request",
]


def check() -> None:
    """Raise UnsupportedVersion where a needed name is gone."""
    app = flask.Flask("flask_magic_probe", static_folder=None)
    needed: list[tuple[Any, str]] = [
        (app, "_check_setup_finished"),
        (app, "_got_first_request"),
        (app, "_find_error_handler"),
        (app.url_map, "_matcher"),
        (app.url_map, "_remap"),
        (app.url_map, "_rules_by_endpoint"),
    ]
    missing = [f"{type(owner).__name__}.{name}" for owner, name in needed if not hasattr(owner, name)]
    if missing:
        raise _unsupported(missing, "flask_magic withdraws what a cell registered through these names.")


def _unsupported(missing: list[str], why: str) -> UnsupportedVersion:
    from importlib.metadata import version

    return UnsupportedVersion(
        f"Flask {version('flask')} with Werkzeug {version('werkzeug')} lacks {', '.join(missing)}.",
        why=why,
        todo="Install the versions of the lock file, or a newer flask-magic.",
    )


def served_a_request(app: flask.Flask) -> bool:
    """Has the app answered a request? From then on plain Flask refuses set-up."""
    return app._got_first_request


def rules_of_endpoint(url_map: Map) -> dict[Any, list[Rule]]:
    """The map's rules by endpoint: what `url_for` and `iter_rules` look through."""
    return url_map._rules_by_endpoint


def rebuild_matcher(url_map: Map, rules: list[Rule], asleep: Container[int] = ()) -> None:
    """Give the map a matcher of these bound rules, in this order, without compiling them again.

    Rules whose `id()` is in `asleep` keep a place in the matcher and are left out of `url_for` and `iter_rules`.
    """
    matcher = StateMachineMatcher(url_map.merge_slashes)
    by_endpoint: dict[Any, list[Rule]] = {}
    for rule in rules:
        if not rule.build_only:
            matcher.add(rule)
        if id(rule) not in asleep:
            by_endpoint.setdefault(rule.endpoint, []).append(rule)
    url_map._matcher = matcher
    url_map._rules_by_endpoint = by_endpoint
    url_map._remap = True


def error_handler_for(app: flask.Flask, error: Exception, blueprints: list[str]) -> Any:
    """The handler that Flask would choose for `error`, or None."""
    return app._find_error_handler(error, blueprints)


def cookies_of(client: Client) -> list[Cookie]:
    """The cookies that a test client has, in the order in which they were set."""
    if not hasattr(client, "_cookies"):
        raise _unsupported(["Client._cookies"], "A client's cookies are shown and reset through it.")
    return list((client._cookies or {}).values())


def adding_cookies(client: Client, add: Callable[[dict[str, Any]], None]) -> AbstractContextManager[None]:
    """Have `add` called with the environ of each request of a test client, when its own cookies are in it."""
    name = "_add_cookies_to_wsgi"
    if not hasattr(client, name):
        raise _unsupported([f"Client.{name}"], "Cookies of a single request are sent through it.")
    return overriding(client, name, add, after=True)
