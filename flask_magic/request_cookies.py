"""Cookies that one request names in its own `Cookie` header."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.http import parse_cookie
from werkzeug.test import Client

from .ledger.private import cookies_of

__all__ = ["sending_cookies"]


@contextmanager
def sending_cookies(client: Client, headers: list[str], host: str) -> Iterator[None]:
    """Have the client send these `Cookie` headers to `host` while the block runs, beside the cookies that it has.

    Werkzeug's test client sends its own cookies only, and drops a `Cookie` header without a word. Afterwards it has
    the cookies that it had, and those that responses have set in the meantime.

    >>> client = Client(lambda environ, start: [start("200 OK", []), environ["HTTP_COOKIE"].encode()][1:])
    >>> with sending_cookies(client, ["theme=dark"], "localhost"):
    ...     client.get("/").text
    'theme=dark'
    """
    named = {name: value for header in headers for name, value in parse_cookie(header).items()}
    if not named:
        yield
        return
    domain = host.rpartition(":")[0] or host
    had = {
        cookie.decoded_key: cookie for cookie in cookies_of(client) if cookie.domain == domain and cookie.path == "/"
    }
    for name, value in named.items():
        client.set_cookie(name, value, domain=domain)
    lent = {name: client.get_cookie(name, domain) for name in named}
    try:
        yield
    finally:
        for name, cookie in lent.items():
            if client.get_cookie(name, domain) is not cookie:
                continue  # a response has set it anew
            client.delete_cookie(name, domain=domain)
            if name in had:
                old = had[name]
                client.set_cookie(
                    name,
                    old.decoded_value,
                    domain=domain,
                    expires=old.expires,
                    max_age=old.max_age,
                    secure=old.secure,
                    httponly=old.http_only,
                    samesite=old.same_site,
                )
