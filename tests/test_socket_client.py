"""Requests over a real socket, to servers that answer byte by byte what a test wants."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from flask_magic.display import ExchangeDisplay
from flask_magic.errors import ProcessFailed
from flask_magic.exchange import Exchange, send_to
from flask_magic.request_line import Request, read_request
from flask_magic.socket_client import client_of

Answer = Callable[[bytes], bytes]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


class Server:
    """A server in this process, passed off as one of the notebook's; `asked` are the requests, as they came."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None, cafile: Path | None) -> None:
        self.asked: list[bytes] = []
        self.answer = answer
        self.closing = False
        self.tls = tls
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.name = "web"
        self.command = SimpleNamespace(tls=tls is not None, cafile=cafile, folder=Path())
        self.clients: dict[str, Any] = {}
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            with connection:
                try:
                    stream = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
                    with stream:
                        asked = self._read(stream)
                        if self.closing:
                            return
                        stream.sendall(self.answer(asked))
                except OSError:
                    continue

    def _read(self, stream: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = stream.recv(65536)
            if not piece or piece.startswith(b"\x16\x03"):  # the end, or TLS where none is spoken
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
        while len(body) < length:
            body += stream.recv(65536)
        self.asked.append(head + b"\r\n\r\n" + body)
        return self.asked[-1]

    def close(self) -> None:
        self.closing = True
        self.tls = None
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        self.thread.join()
        self.listener.close()

    def settle(self) -> None:
        pass

    def end_of_log(self) -> str:
        return "the last line"

    def send(self, line: str | Request, *, client: str = "default", follow: bool = False) -> Exchange:
        """Send a request line."""
        request = read_request(line.split()) if isinstance(line, str) else line
        process: Any = self
        return send_to(process, client_of(process, client), request, follow=follow, name=client)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Makes servers."""
    made: list[Server] = []

    def make(answer: Answer | bytes, tls: ssl.SSLContext | None = None, cafile: Path | None = None) -> Server:
        made.append(Server(answer if callable(answer) else lambda _: answer, tls, cafile))
        return made[-1]

    yield make
    for one in made:
        one.close()


def fixed(body: bytes, *headers: bytes) -> bytes:
    """An answer of known length."""
    return OK + b"".join(h + b"\r\n" for h in headers) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_what_is_sent_is_what_was_typed(serve: Callable[..., Server]) -> None:
    server = serve(fixed(b"lent"))
    exchange = server.send("POST /tools%2F7/ä?q=a%20b name=drill page==2 X-Counter:3")
    head, _, body = server.asked[0].partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    assert first == b"POST /tools%2F7/%C3%A4?q=a%20b&page=2 HTTP/1.1"
    assert sorted(headers) == [
        b"Connection: close",
        b"Content-Length: 17",
        b"Content-Type: application/json",
        b"Host: localhost",
        b"User-Agent: flask-magic",
        b"X-Counter: 3",
    ]
    assert body == b'{"name": "drill"}'
    assert (exchange.status_code, exchange.text) == (200, "lent")


def test_it_is_shown_like_any_response_without_what_varies(serve: Callable[..., Server]) -> None:
    server = serve(
        lambda _: fixed(
            b"lent",
            b"Server: demo",
            b"Date: Sat, 31 Jan 2026 08:00:00 GMT",
            b"Keep-Alive: timeout=5",
            b"Connection: close",
            b"Location: http://127.0.0.1:%d/tools" % server.port,
        )
    )
    exchange = server.send("/tools", client="ada")
    shown = ExchangeDisplay(exchange)
    assert shown.text() == (
        "GET /tools   as ada   to web\n200 OK\n"
        "Content-Type: text/plain\nLocation: http://127.0.0.1:{port}/tools\n\nlent"
    )
    assert "{port}" in shown.html()
    assert str(server.port) not in shown.html()
    assert exchange.headers["Location"].endswith(f":{server.port}/tools"), "the object itself is not masked"
    assert str(server.port) in ExchangeDisplay(exchange, reveal=True).text()


def test_chunks_come_as_they_were_sent(serve: Callable[..., Server]) -> None:
    large = b"x" * 40_000
    answer = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n%x\r\n%s\r\n3\r\ntwo\r\n0\r\n\r\n" % (
        len(large),
        large,
    )
    exchange = serve(answer).send("/stream")
    assert exchange.chunks == [b"one", large, b"two"]
    assert "Transfer-Encoding" not in ExchangeDisplay(exchange).text()


def test_a_body_that_ends_with_the_connection(serve: Callable[..., Server]) -> None:
    exchange = serve(b"HTTP/1.0 200 OK\r\n\r\nall of it").send("/")
    assert exchange.text == "all of it"
    assert exchange.chunks is None


def test_no_body_where_there_is_none(serve: Callable[..., Server]) -> None:
    assert serve(OK + b"Content-Length: 4\r\n\r\n").send("HEAD /").text == ""
    assert serve(b"HTTP/1.1 304 Not Modified\r\n\r\n").send("/").status == "304 Not Modified"


def test_each_client_has_its_own_cookies(serve: Callable[..., Server]) -> None:
    server = serve(lambda asked: fixed(b"", b"Set-Cookie: who=" + asked.split()[1][1:]))
    for client, path in (("ada", "/ada"), ("ben", "/ben"), ("ada", "/")):
        server.send(path, client=client)
    assert b"Cookie: who=ada\r\n" in server.asked[2]
    assert b"Cookie:" not in server.asked[1]


def test_redirects_are_followed_only_when_asked(serve: Callable[..., Server]) -> None:
    def answer(asked: bytes) -> bytes:
        if b" /old%2F1" in asked:
            return b"HTTP/1.1 302 FOUND\r\nLocation: /new?page=2\r\nContent-Length: 0\r\n\r\n"
        return fixed(asked.split()[1])

    server = serve(answer)
    assert server.send("/old%2F1").status_code == 302
    followed = server.send("/old%2F1", follow=True)
    assert followed.text == "/new?page=2"
    assert [step.status_code for step in followed.history] == [302]


def test_tls_is_checked_against_the_certificate_that_is_named(serve: Callable[..., Server], tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "shop.test").configure_cert(context)
    trusted = serve(fixed(b"over TLS"), context, tmp_path / "ca.pem")
    assert trusted.send("/").text == "over TLS"
    assert trusted.send("https://shop.test/tools").text == "over TLS"
    assert b"Host: shop.test\r\n" in trusted.asked[-1]
    with pytest.raises(ProcessFailed, match="certificate that is not trusted: Hostname mismatch"):
        trusted.send("https://other.test/tools")
    with pytest.raises(ProcessFailed, match="web speaks https, and the request is for http"):
        trusted.send("http://shop.test/tools")
    with pytest.raises(ProcessFailed, match=r"not trusted: .*certificate.*--cafile names whom to trust"):
        serve(fixed(b""), context).send("/")
    with pytest.raises(ProcessFailed, match=r"certificate 'none.pem' of --cafile is not there"):
        serve(fixed(b""), context, Path("none.pem")).send("/")
    plain = serve(b"HTTP/1.1 400 BAD REQUEST\r\n\r\n")
    plain.command.tls = True
    with pytest.raises(ProcessFailed, match="web does not speak TLS"):
        plain.send("/")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "web closed the connection before it had answered"),
        (b"220 mail.test ESMTP\r\n", r"web sent something that is not HTTP \(BadStatusLine\)"),
        (OK + b"Content-Length: 10\r\n\r\nfour", "web broke off in the middle of its answer"),
    ],
)
def test_no_answer_at_all(serve: Callable[..., Server], answer: bytes, message: str) -> None:
    with pytest.raises(ProcessFailed, match=message) as caught:
        serve(answer).send("/")
    assert caught.value.why == "the last line"
    assert "%flask_process web --log" in caught.value.todo


def test_nobody_there(serve: Callable[..., Server]) -> None:
    server = serve(fixed(b""))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        there, server.port = server.port, free.getsockname()[1]
        with pytest.raises(ProcessFailed, match="web takes no connection"):
            server.send("/")
        server.port = there


def test_one_that_hangs(serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()

    def hang(_: bytes) -> bytes:
        done.wait(20)
        return b""

    monkeypatch.setattr("flask_magic.socket_client._TIMEOUT", 0.2)
    server = serve(hang)
    with pytest.raises(ProcessFailed, match=r"did not answer within 0.2 s"):
        server.send("/")
    done.set()
