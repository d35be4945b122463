"""The same requests sent to a notebook's app and to a server, as bytes would go over a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import flask
from flask.testing import EnvironBuilder
from werkzeug.test import run_wsgi_app

from flask_magic.exchange import _filled
from flask_magic.export.dependencies import Kept
from flask_magic.sent import Sent

Answer = tuple[int, str | None, str | None, bytes]
Send = Callable[[dict[str, Any]], tuple[int, list[tuple[str, str]], bytes]]


def answers(app: flask.Flask, sent: Iterable[Sent], send: Send) -> list[Answer]:
    """Status, content type, location and body of each request; each named client keeps its own cookies."""
    jars: dict[str, dict[str, str]] = {}
    found = []
    for one in sent:
        jar = jars.setdefault(one.entry.client, {})
        builder = _filled(partial(EnvironBuilder, app), one.entry.request)
        environ = builder.get_environ()
        if jar and "HTTP_COOKIE" not in environ:
            environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        status, headers, body = send(environ)
        builder.close()
        for name, value in headers:
            if name.lower() == "set-cookie":
                jar |= {key: morsel.coded_value for key, morsel in SimpleCookie(value).items()}
        named = {name.lower(): value for name, value in headers}
        found.append((status, named.get("content-type"), named.get("location"), body))
    return found


def by_call(app: flask.Flask) -> Send:
    """To the app, as a server calls it."""

    def send(environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        try:
            chunks, status, headers = run_wsgi_app(app, environ, buffered=True)
        except Exception:  # of a teardown, say: the server has to answer
            return 500, [], b""
        return int(status[:3]), list(headers), b"".join(chunks)

    return send


def by_socket(port: int) -> Send:
    """To a server on 127.0.0.1; the host and the scheme are said by headers, as a proxy does."""

    def send(environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers |= {name: environ[key] for name, key in _ENTITY.items() if environ.get(key)}
        if environ["wsgi.url_scheme"] == "https":
            headers["X-Forwarded-Proto"] = "https"
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            body = environ["wsgi.input"].read()
            connection.request(
                environ["REQUEST_METHOD"], environ["REQUEST_URI"].replace(" ", "%20"), body or None, headers
            )
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    return send


_ENTITY = {"Content-Type": "CONTENT_TYPE", "Content-Length": "CONTENT_LENGTH"}


def start_afresh(kept: Kept, namespace: dict[str, Any], data: dict[Path, bytes]) -> None:
    """Give the notebook's data the values that its project starts with, and `data` files their bytes."""
    for statement in kept.statements:
        holds_data = kept.registers[statement] is None and not statement.is_definition
        if holds_data and not statement.names.binds & {kept.app, *kept.blueprints}:
            exec(compile(statement.text, "<afresh>", "exec"), namespace)
    for path, content in data.items():
        path.write_bytes(content)
