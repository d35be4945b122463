"""Cookies that one request names in its own `Cookie` header."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import Client
from werkzeug.wsgi import get_current_url

from .ledger.private import adding_cookies

__all__ = ["sending_cookies"]


@contextmanager
def sending_cookies(client: Client, headers: list[str], host: str) -> Iterator[None]:
    """Have the client send these `Cookie` headers to `host` while the block runs, before the cookies that it has.

    Werkzeug's test client sends its own cookies only, and drops a `Cookie` header without a word. As with curl, a
    name that both have is sent twice (Flask reads the first), texts are sent as they are written, and a redirect to
    another host gets none.

    >>> client = Client(lambda environ, start: [start("200 OK", []), environ["HTTP_COOKIE"].encode()][1:])
    >>> with sending_cookies(client, ["theme=dark"], "localhost"):
    ...     client.get("/").text
    'theme=dark'
    """
    domain = urlsplit(f"//{host}").hostname

    def add(environ: dict[str, Any]) -> None:
        if urlsplit(get_current_url(environ)).hostname == domain:
            own = [environ["HTTP_COOKIE"]] if "HTTP_COOKIE" in environ else []
            named = [header.encode().decode("latin-1") for header in headers]  # as WSGI wants it
            environ["HTTP_COOKIE"] = "; ".join([*named, *own])

    with adding_cookies(client, add):
        yield
