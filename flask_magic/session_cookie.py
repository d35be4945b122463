"""What a Flask session cookie says, read as anybody can read it: without the key."""

from __future__ import annotations

from typing import Any

from flask.json.tag import TaggedJSONSerializer
from itsdangerous import URLSafeTimedSerializer

__all__ = ["session_payload"]


def session_payload(value: str) -> dict[str, Any] | None:
    """The session that a cookie's value holds, or None where it is none of Flask's own.

    The signature is not checked, so a forged cookie reads just as well; the app, which has the key, refuses it.

    >>> import flask
    >>> app = flask.Flask("demo")
    >>> app.secret_key = "nobody's business"
    >>> client = app.test_client()
    >>> with client.session_transaction() as session:
    ...     session["user"] = "ada"
    >>> cookie = client.get_cookie("session")
    >>> session_payload(cookie.value if cookie else "")
    {'user': 'ada'}
    """
    reader = URLSafeTimedSerializer("", serializer=TaggedJSONSerializer())
    _, payload = reader.loads_unsafe(value)
    return payload if isinstance(payload, dict) else None
