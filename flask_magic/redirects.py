"""Redirects that a test client follows."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urljoin, urlsplit

from werkzeug.test import Client, TestResponse

from .overriding import overriding

__all__ = ["LeavesTheApp", "following"]


class LeavesTheApp(RuntimeError):
    """A redirect leads to another host."""


def following(client: Client) -> AbstractContextManager[None]:
    """Have a client follow redirects as browsers do, while the block runs.

    Werkzeug's takes a location such as `../next` for a path, and sends the body of a request that 307 and 308 repeat
    from where the app has left off reading: as an empty one.

    >>> import flask
    >>> app = flask.Flask("demo")
    >>> _ = app.post("/a/b", endpoint="b")(lambda: flask.redirect("c", 307))
    >>> _ = app.post("/a/c", endpoint="c")(lambda: flask.request.data)
    >>> with following(client := app.test_client()):
    ...     client.post("/a/b", data=b"drill", follow_redirects=True).text
    'drill'

    A redirect to another host raises LeavesTheApp.
    """

    def prepare(response: TestResponse, **_: Any) -> None:
        location = response.headers["Location"]
        parts = urlsplit(location)
        host = urlsplit(response.request.url).hostname
        below = client.allow_subdomain_redirects and f".{parts.hostname}".endswith(f".{host}")
        if parts.hostname not in (None, host) and not below:
            raise LeavesTheApp(f"A redirect leads to {parts.netloc}, which is not this app: {location}")
        if not parts.netloc and not location.startswith("/"):
            response.headers["Location"] = urljoin(response.request.path, location)
        body = response.request.environ["wsgi.input"]
        if body.seekable():
            body.seek(0)

    return overriding(client, "resolve_redirect", prepare)
