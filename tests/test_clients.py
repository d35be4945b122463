"""Named clients, and what a session cookie says."""

from types import SimpleNamespace
from typing import Any

import flask
from flask.sessions import SecureCookieSessionInterface
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from flask_magic.clients import Clients
from flask_magic.ledger.private import cookies_of
from flask_magic.session_cookie import session_payload


def test_clients_are_kept_by_app_and_name() -> None:
    clients, app, other = Clients(), flask.Flask("a"), flask.Flask("b")
    assert clients.get(app, "ada") is not clients.get(app, "bob")
    assert clients.get(app, "ada") is not clients.get(other, "ada")
    assert (clients.names(app), clients.names(flask.Flask("c"))) == (["ada", "bob"], [])


def test_clients_are_listed_with_what_they_sent() -> None:
    clients, app = Clients(), flask.Flask("a")
    app.config["SESSION_COOKIE_NAME"] = "seat"
    ada = clients.get(app, "ada")
    clients.count(ada)
    clients.count(ada)
    process: Any = SimpleNamespace(name="web", clients={"bob": Client(app)})
    clients.count(process.clients["bob"])
    listed = clients.listed({"shop": app, "other": flask.Flask("b")}, [process])
    assert [(one.name, one.to, one.sent, one.session) for one in listed] == [
        ("ada", "shop", 2, "seat"),
        ("bob", "web", 1, "session"),
    ]


def test_a_reset_takes_every_cookie_of_one_client() -> None:
    clients, app = Clients(), flask.Flask("a")
    ada, bob = clients.get(app, "ada"), clients.get(app, "bob")
    for client in (ada, bob):
        client.set_cookie("a", "1")
        client.set_cookie("b", "2", path="/tools", domain="shop.test", origin_only=False)
        clients.count(client)
    clients.reset(ada)
    assert (cookies_of(ada), len(cookies_of(bob))) == ([], 2)
    assert [one.sent for one in clients.listed({"app": app})] == [0, 1]


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.lists(st.booleans()), min_size=1))
def test_a_session_is_read_without_the_key(payload: dict[str, Any]) -> None:
    app = flask.Flask("demo")
    app.secret_key = "only for this test"
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    signed = serializer.dumps(payload)
    text = signed.decode() if isinstance(signed, bytes) else signed
    assert session_payload(text) == payload
    assert session_payload(text[:-3] + "xyz") == payload, "the signature is not checked"


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_any_other_cookie_is_no_session(value: str) -> None:
    assert session_payload(value) is None
