"""Named test clients, each with its own cookies."""

from __future__ import annotations

import weakref

import flask
from flask.testing import FlaskClient

__all__ = ["DEFAULT", "Clients"]

#: The client that `%http` uses when none is named.
DEFAULT = "default"


class Clients:
    """The test clients of each app, by name: two names are two visitors.

    >>> clients = Clients()
    >>> app = flask.Flask("demo")
    >>> clients.get(app, "ada") is clients.get(app, "ada")
    True
    """

    def __init__(self) -> None:
        self._clients: weakref.WeakKeyDictionary[flask.Flask, dict[str, FlaskClient]] = weakref.WeakKeyDictionary()

    def get(self, app: flask.Flask, name: str = DEFAULT) -> FlaskClient:
        """The client of this name, made at its first use by `app.test_client()`."""
        clients = self._clients.setdefault(app, {})
        if name not in clients:
            clients[name] = app.test_client()
        return clients[name]

    def names(self, app: flask.Flask) -> list[str]:
        """The names in use with this app, in the order of their first use."""
        return list(self._clients.get(app, {}))

    def reset(self, app: flask.Flask) -> None:
        """Forget all clients of an app, and so their cookies."""
        self._clients.pop(app, None)
