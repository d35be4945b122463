"""The notebook's live app on a port of 127.0.0.1, in a thread of the kernel, for a real browser.

Each request asks anew which app is meant, so a browser sees the app as the cells have it now. While a cell runs, its
registrations are taken back and made again; a request that came in between could find a hook missing. So requests
wait for the end of the cell, and are refused where that takes too long.
"""

from __future__ import annotations

import io
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response

from .errors import FlaskMagicError, ServerFailed
from .process import HOST

if TYPE_CHECKING:
    import flask
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["Doorway", "LiveServer"]

#: Seconds that a request waits for a cell to end, and a cell for the requests under way.
PATIENCE = 20.0
_GRACE = 1.0
_LINES = 200  # of the log


class Doorway:
    """Lets requests through while no cell runs.

    >>> doorway = Doorway()
    >>> doorway.close()
    >>> doorway.enter(patience=0)
    False
    >>> doorway.open()
    >>> doorway.enter()
    True
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._closed = False
        self._inside = 0

    def enter(self, patience: float = PATIENCE) -> bool:
        """Wait until no cell runs, `patience` seconds at most; was that so? Then `leave` has to follow."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._closed, patience):
                return False
            self._inside += 1
            return True

    def leave(self) -> None:
        """A request has got its response."""
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    def close(self, grace: float = 0.0) -> None:
        """A cell begins: hold requests, and give those under way `grace` seconds to end."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._inside, grace)

    def open(self) -> None:
        """The cell has ended."""
        with self._changed:
            self._closed = False
            self._changed.notify_all()


class LiveServer:
    """Serves the app that `find` gives, until `close`.

    `port` 0 is any free port. With `behind_proxy`, the path's prefix is taken from X-Forwarded-Prefix. What the app
    writes about its requests is in `log`, a line each, and not in the output of whichever cell was last.

    Raises ServerFailed where the port is taken, or in a browser, which has no sockets.
    """

    def __init__(self, find: Callable[[], flask.Flask], port: int = 0, *, behind_proxy: bool = False) -> None:
        if sys.platform == "emscripten":
            raise ServerFailed(
                "A server needs a real computer, and this notebook runs in the browser.",
                todo="%http sends requests to the app without a server.",
            )
        self.doorway = Doorway()
        self.log: list[str] = []
        self._find = find
        application: Any = ProxyFix(self._answer, x_for=0, x_proto=0, x_prefix=1) if behind_proxy else self._answer
        with _listening(port) as listener:
            self._server = _Server(HOST, port, application, handler=_QuietHandler, fd=listener.fileno())
        self._server.note = self._note
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="flask_magic-serve", daemon=True
        )
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Does it still take requests?"""
        return self._thread.is_alive()

    def close(self) -> None:
        """Close the port and all connections; no thread is left then, but of a view that hangs."""
        if not self.is_running:
            return
        self.doorway.open()
        self._server.shutdown()
        self._thread.join()
        self._server.close_connections()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self.doorway.enter():
            self._note(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} 503: a cell was running")
            yield from _REFUSAL(environ, start_response)
            return
        said = io.StringIO()
        environ["wsgi.errors"] = said  # where Flask's own log handler writes

        def started(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            self._note(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {status[:3]}")
            return start_response(status, headers, exc_info)

        try:
            with closing(_body(self._find, environ, started)) as body:
                yield from body
        finally:
            for line in said.getvalue().splitlines():
                self._note(line)
            self.doorway.leave()

    def _note(self, line: str) -> None:
        self.log.append(line)
        del self.log[:-_LINES]


def _listening(port: int) -> socket.socket:
    """A socket that listens: Werkzeug, given a port that is taken, would print that and end the kernel."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise ServerFailed(
            f"Port {port} of {HOST} cannot be used: {getattr(error, 'strerror', None) or error}.",
            todo="Leave --port out to get a free one, or stop what uses it.",
        ) from None
    return listener


def _body(find: Callable[[], flask.Flask], environ: WSGIEnvironment, started: Any) -> Generator[bytes, None, None]:
    try:
        app = find()
    except FlaskMagicError as error:  # no app, or several: the person at the notebook can choose one
        yield from Response(f"{error}\n", 503)(environ, started)
        return
    body = app(environ, started)
    try:
        yield from body
    finally:
        if hasattr(body, "close"):
            body.close()


class _Server(ThreadedWSGIServer):
    """Knows its connections, so that an idle one (browsers open them in advance) does not outlive it."""

    daemon_threads = True
    note: Callable[[str], None]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._open: dict[threading.Thread, socket.socket] = {}

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection."""
        self._open[threading.current_thread()] = request
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.pop(threading.current_thread(), None)

    def close_connections(self) -> None:
        """End those that are open, and wait for their threads."""
        until = time.monotonic() + _GRACE
        for thread, connection in list(self._open.items()):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(max(0.0, until - time.monotonic()))

    def log(self, _kind: str, message: str, *args: Any) -> None:
        """What Werkzeug would print."""
        self.note(message % args if args else message)


class _QuietHandler(WSGIRequestHandler):
    # One request a connection: a thread would wait for the next one, and a browser keeps several waiting.
    protocol_version = "HTTP/1.0"

    def log_request(self, *_: Any) -> None:
        """The server notes the response itself."""


_REFUSAL = Response(
    "A cell of the notebook is running, and requests wait until it has ended. This one has waited long enough: "
    "ask again when the cell is done. (A cell cannot ask its own server; %http asks the app.)\n",
    503,
    {"Retry-After": "5"},
)
