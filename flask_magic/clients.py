"""Named test clients, each with its own cookies."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import flask

from .ledger.private import cookies_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import Client

    from .process import Process

__all__ = ["DEFAULT", "Clients", "NamedClient"]

#: The client that `%http` uses when none is named.
DEFAULT = "default"


@dataclass(frozen=True)
class NamedClient:
    """One client: its name, the variable of its app or the name of its process, and how many requests it has sent.

    `session` is the name of the cookie that holds the app's session.
    """

    name: str
    to: str
    sent: int
    client: Client = field(repr=False)
    session: str = "session"


class Clients:
    """The test clients of each app, by name: two names are two visitors.

    >>> clients = Clients()
    >>> app = flask.Flask("demo")
    >>> clients.get(app, "ada") is clients.get(app, "ada")
    True
    """

    def __init__(self) -> None:
        self._clients: weakref.WeakKeyDictionary[flask.Flask, dict[str, FlaskClient]] = weakref.WeakKeyDictionary()
        self._sent: weakref.WeakKeyDictionary[Client, int] = weakref.WeakKeyDictionary()

    def get(self, app: flask.Flask, name: str = DEFAULT) -> FlaskClient:
        """The client of this name, made at its first use by `app.test_client()`."""
        clients = self._clients.setdefault(app, {})
        if name not in clients:
            clients[name] = app.test_client()
        return clients[name]

    def names(self, app: flask.Flask) -> list[str]:
        """The names in use with this app, in the order of their first use."""
        return list(self._clients.get(app, {}))

    def count(self, client: Client) -> None:
        """Note that a client, of an app or of a process, has sent a request."""
        self._sent[client] = self._sent.get(client, 0) + 1

    def listed(self, apps: Mapping[str, flask.Flask], processes: Iterable[Process] = ()) -> list[NamedClient]:
        """The clients of these apps, by the variables that hold them, and of these processes."""
        of_apps = [
            NamedClient(name, variable, self._sent.get(client, 0), client, app.session_interface.get_cookie_name(app))
            for variable, app in apps.items()
            for name, client in self._clients.get(app, {}).items()
        ]
        of_processes = [
            NamedClient(name, process.name, self._sent.get(client, 0), client)
            for process in processes
            for name, client in process.clients.items()
        ]
        return of_apps + of_processes

    def reset(self, client: Client) -> None:
        """Forget a client's cookies, and that it has sent anything."""
        for cookie in cookies_of(client):
            client.delete_cookie(cookie.decoded_key, domain=cookie.domain, path=cookie.path)
        self._sent.pop(client, None)
