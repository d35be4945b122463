"""The notebook's own server, asked over real sockets."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import flask
import pytest

from flask_magic import server as server_module
from flask_magic.errors import AppError, ServerFailed
from flask_magic.server import Doorway, LiveServer


@pytest.fixture
def app() -> flask.Flask:
    app = flask.Flask("library")
    # Where the root logger has a handler, as in a test, Flask does not add its own.
    app.logger.addHandler(flask.logging.default_handler)

    @app.route("/", methods=["GET", "POST"])
    def home() -> str:
        return f"home {flask.request.method} {flask.url_for('home')}"

    @app.get("/broken")
    def broken() -> str:
        raise ValueError("no such tool")

    @app.get("/pieces")
    def pieces() -> Iterator[str]:
        yield "one "
        yield "two"

    return app


@pytest.fixture
def server(app: flask.Flask) -> Iterator[LiveServer]:
    with closing(LiveServer(lambda: app)) as one:
        yield one


def ask(server: LiveServer, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with closing(connection):
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


def threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one is not threading.main_thread()]


def test_it_answers_requests(server: LiveServer) -> None:
    assert ask(server) == (200, "home GET /")
    assert ask(server, method="POST") == (200, "home POST /")
    assert ask(server, "/pieces") == (200, "one two")
    assert ask(server, "/nowhere")[0] == 404


def test_the_log_has_requests_and_what_the_app_said_and_stderr_has_nothing(
    server: LiveServer, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ask(server, "/broken")[0] == 500
    server.close()
    assert server.log[0] == "GET /broken 500"
    assert "ValueError: no such tool" in server.log
    assert capfd.readouterr() == ("", "")


def test_another_app_is_served_at_once() -> None:
    apps = [flask.Flask("one")]
    apps[0].get("/")(lambda: "one")
    with closing(LiveServer(lambda: apps[-1])) as server:
        assert ask(server) == (200, "one")
        apps.append(flask.Flask("two"))
        apps[-1].get("/")(lambda: "two")
        assert ask(server) == (200, "two")


def test_without_an_app_it_says_so() -> None:
    def find() -> flask.Flask:
        raise AppError("The notebook has 2 Flask apps.", todo="Choose one.")

    with closing(LiveServer(find)) as server:
        assert ask(server) == (503, "The notebook has 2 Flask apps. Choose one.\n")


def test_requests_wait_while_a_cell_runs(server: LiveServer) -> None:
    server.doorway.close()
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(ask, server) for _ in range(5)]
        time.sleep(0.2)
        assert not any(one.done() for one in waiting)
        server.doorway.open()
        assert {one.result() for one in waiting} == {(200, "home GET /")}


def test_a_request_that_waits_too_long_is_refused(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doorway.enter, "__defaults__", (0.05,))
    server.doorway.close()
    status, text = ask(server)
    assert status == 503
    assert "A cell of the notebook is running" in text


def test_a_cell_waits_for_the_requests_under_way() -> None:
    began, go_on = threading.Event(), threading.Event()
    app = flask.Flask("slow")

    @app.get("/")
    def slow() -> str:
        began.set()
        go_on.wait(20)
        return "slow"

    with closing(LiveServer(lambda: app)) as server, ThreadPoolExecutor() as pool:
        asked = pool.submit(ask, server)
        began.wait(20)
        closing_door = pool.submit(server.doorway.close, 20)
        time.sleep(0.1)
        assert not closing_door.done()
        go_on.set()
        closing_door.result()
        assert asked.result() == (200, "slow")


def test_many_starts_leave_no_thread_and_no_port(app: flask.Flask) -> None:
    before = threads()
    port = 0
    for _ in range(20):
        server = LiveServer(lambda: app, port)
        assert port in (0, server.port)
        port = server.port
        idle = socket.create_connection(("127.0.0.1", port))  # as a browser opens in advance
        assert ask(server)[0] == 200
        server.close()
        server.close()
        with closing(idle):
            assert idle.recv(1) == b""
    assert threads() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_waiting_request_does_not_outlive_the_server(server: LiveServer) -> None:
    before = [name for name in threads() if "process_request" in name]
    server.doorway.close()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(ask, server)
        time.sleep(0.1)
        server.close()
        assert waiting.exception() is None or isinstance(waiting.exception(), OSError | http.client.HTTPException)
    assert [name for name in threads() if "process_request" in name] == before


@pytest.mark.parametrize(("port", "reason"), [(None, "in use"), (99999, "0-65535")])
def test_a_port_that_cannot_be_had_is_an_error(app: flask.Flask, port: int | None, reason: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken, pytest.raises(ServerFailed, match=reason) as caught:
        LiveServer(lambda: app, taken.getsockname()[1] if port is None else port)
    assert caught.value.todo.startswith("Leave --port out")


def test_behind_a_proxy_urls_have_its_prefix(app: flask.Flask, server: LiveServer) -> None:
    prefix = {"X-Forwarded-Prefix": "/user/ada/proxy/8000"}
    assert ask(server, **prefix) == (200, "home GET /")
    with closing(LiveServer(lambda: app, behind_proxy=True)) as proxied:
        assert ask(proxied, **prefix) == (200, "home GET /user/ada/proxy/8000/")


def test_in_a_browser_it_says_why_not(app: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module.sys, "platform", "emscripten")
    with pytest.raises(ServerFailed, match="needs a real computer"):
        LiveServer(lambda: app)
