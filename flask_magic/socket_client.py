"""A test client whose requests go over a real socket to a process of the notebook.

Werkzeug's client does what a visitor's browser does: cookies, redirects. What it calls here is no app but a relay
that passes each request on by `http.client`.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import EnvironHeaders
from werkzeug.test import Client

from .errors import ProcessFailed
from .process import HOST, Process

if TYPE_CHECKING:
    import ssl

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["client_of"]

_TIMEOUT = 30.0  # seconds without a byte after which a process counts as hanging


def client_of(process: Process, name: str) -> Client:
    """The client of this name for a process, made at its first use; its cookies end with the process."""
    if name not in process.clients:
        process.clients[name] = Client(_Relay(process))
    return process.clients[name]


class _Relay:
    """A WSGI application that lets the process answer."""

    def __init__(self, process: Process) -> None:
        self.process = process

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        scheme = "https" if self.process.command.tls else "http"
        if environ["wsgi.url_scheme"] != scheme:
            raise ProcessFailed(
                f"{self.process.name} speaks {scheme}, and the request is for {environ['wsgi.url_scheme']}.",
                todo="" if self.process.command.tls else "%flask_process has --tls for a process that speaks TLS.",
            )
        try:
            connection = self._connect(environ["HTTP_HOST"])
            try:
                response = _exchange(connection, environ)
                start_response(f"{response.status} {response.reason}".rstrip(), response.getheaders())
                return _pieces(response)
            finally:
                connection.close()
        except ConnectionRefusedError:
            raise self._failure("takes no connection") from None
        except TimeoutError:
            raise self._failure(f"did not answer within {_TIMEOUT:g} s") from None
        except OSError as error:
            raise self._failure(_why_tls(error) or "closed the connection before it had answered") from error
        except http.client.IncompleteRead as error:
            raise self._failure("broke off in the middle of its answer") from error
        except http.client.HTTPException as error:
            raise self._failure(f"sent something that is not HTTP ({type(error).__name__})") from error

    def _connect(self, host: str) -> http.client.HTTPConnection:
        import socket

        connection = http.client.HTTPConnection(host, timeout=_TIMEOUT)
        connection.sock = socket.create_connection((HOST, self.process.port or 0), _TIMEOUT)
        if self.process.command.tls:
            try:
                context = self._trusting()
                connection.sock = context.wrap_socket(connection.sock, server_hostname=host.partition(":")[0])
            except BaseException:
                connection.close()
                raise
        return connection

    def _trusting(self) -> ssl.SSLContext:
        import ssl

        command = self.process.command
        if command.cafile is None:
            return ssl.create_default_context()
        cafile = command.folder / command.cafile
        if not cafile.is_file():
            raise ProcessFailed(f"The certificate {str(command.cafile)!r} of --cafile is not there.")
        return ssl.create_default_context(cafile=cafile)

    def _failure(self, what: str) -> ProcessFailed:
        self.process.settle()
        return ProcessFailed(
            f"{self.process.name} {what}.",
            why=self.process.end_of_log(),
            todo=f"All it printed: %flask_process {self.process.name} --log",
        )


def _why_tls(error: OSError) -> str:
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        return f"shows a certificate that is not trusted: {error.verify_message} (--cafile names whom to trust)"
    return "does not speak TLS" if isinstance(error, ssl.SSLError) else ""


def _exchange(connection: http.client.HTTPConnection, environ: WSGIEnvironment) -> http.client.HTTPResponse:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    connection.putrequest(environ["REQUEST_METHOD"], _target(environ), skip_host=True, skip_accept_encoding=True)
    headers: dict[str, Any] = {"User-Agent": "flask-magic", **EnvironHeaders(environ), "Connection": "close"}
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body or None)
    return connection.getresponse()


def _target(environ: WSGIEnvironment) -> str:
    from urllib.parse import quote, unquote_to_bytes

    plain = environ["PATH_INFO"].encode("latin-1")
    path = environ["REQUEST_URI"].partition("?")[0]
    # As it was typed, `%2F` and all; after a redirect the environ still holds the URI of the first request.
    as_typed = unquote_to_bytes(path.encode("latin-1")) == plain
    path = quote(path if as_typed else plain, safe="/:@!$&'()*+,;=~-._" + "%" * as_typed, encoding="latin-1")
    query = quote(environ.get("QUERY_STRING", ""), safe="/:@!$&'()*+,;=~-._?%", encoding="latin-1")
    return f"{path}?{query}" if query else path


def _pieces(response: http.client.HTTPResponse) -> list[bytes]:
    """The body: as the chunks it was sent in, or in one piece."""
    if not response.chunked:
        return [response.read()]
    chunks, parts = [], []
    while part := response.read1():
        parts.append(part)
        if not response.chunk_left:  # a chunk larger than the buffer comes in parts
            chunks.append(b"".join(parts))
            parts = []
    return chunks
