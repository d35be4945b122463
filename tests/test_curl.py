"""The `curl` command of a request: what the app receives of it is what the test client sent."""

from __future__ import annotations

import os
import shlex
import string
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flask
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services import require
from werkzeug.serving import make_server

from flask_magic.curl import curl_command
from flask_magic.exchange import Exchange, send
from flask_magic.masking import MASK
from flask_magic.request_line import METHODS, Request, read_request

OWN = ("User-Agent", "Accept", "Host", "Content-Length")
#: Requests that a curl command says nothing of: these are other tests' subject.
BODILESS = tuple(method for method in METHODS if method not in ("CONNECT", "HEAD"))


class Shop:
    """An app that notes what it receives, and a real server that serves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.received: list[dict[str, Any]] = []
        self.app = flask.Flask("shop", static_folder=None)
        self.app.secret_key = "only for this test"
        self.app.before_request(self._note)
        self.app.after_request(self._visit)
        self.server = make_server("127.0.0.1", 0, self.app)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        """Stop the server."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def _note(self) -> flask.Response:
        request = flask.request
        headers = {name: value for name, value in request.headers.items() if name not in OWN}
        if request.mimetype == "multipart/form-data":
            headers["Content-Type"] = request.mimetype
        files = [(name, file.filename, file.mimetype, file.read()) for name, file in request.files.items(multi=True)]
        self.received.append(
            {
                "method": request.method,
                "path": request.path,
                "query": sorted(request.args.items(multi=True)),
                "headers": headers,
                "form": sorted(request.form.items(multi=True)),
                "files": files,
                "json": request.get_json(silent=True),
            }
        )
        if request.path == "/login":
            flask.session["user"] = "ada"
            return flask.make_response(flask.redirect("/basket"))
        return flask.make_response({})

    def _visit(self, response: flask.Response) -> flask.Response:
        if "visit" not in flask.request.cookies:
            response.set_cookie("visit", "a b=c;d")
        return response

    def send(self, *words: str, form: bool = False, follow: bool = False, client: Any = None) -> Exchange:
        """Send a request by a test client."""
        self.received.clear()
        request = read_request(words, form=form, folder=self.folder)
        return send(self.app, client or self.app.test_client(), request, follow=follow)

    def curl(self, exchange: Exchange, *, follow: bool = False) -> None:
        """Send it by the real curl."""
        self.received.clear()
        command = curl_command(exchange, follow=follow, reveal=True).replace(":5000", f":{self.server.port}")
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "NO_PROXY": "*", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=environment, capture_output=True, timeout=30, check=False
        )
        assert done.returncode == 0, (command, done.stderr)

    def same(self, *words: str, follow: bool = False, **options: Any) -> list[dict[str, Any]]:
        """Send it both ways; what the app received, which has to be the same."""
        exchange = self.send(*words, follow=follow, **options)
        assert exchange.error is None
        received = list(self.received)
        self.curl(exchange, follow=follow)
        assert self.received == received, curl_command(exchange, follow=follow, reveal=True)
        return received


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The app and its server."""
    require("curl")
    one = Shop(tmp_path_factory.mktemp("shop"))
    yield one
    one.close()


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
NAMES = st.text(string.ascii_letters + "é_-. &+%'\"", min_size=1, max_size=8)
SEGMENTS = st.text(string.ascii_letters + "é -._~!$&'()*+,;=:@[]{}|\"<>^`%", min_size=1, max_size=8)
PATHS = st.lists(SEGMENTS, max_size=3).map(lambda parts: "/" + "/".join(parts))
HEADERS = st.dictionaries(
    st.text(string.ascii_letters, min_size=1, max_size=6).map(lambda name: f"X-{name.title()}"),
    st.text(string.ascii_letters + string.digits + " '\"$;=!?", min_size=1, max_size=10).map(str.strip),
    max_size=2,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
anything = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def both(shop: Shop, request: Request) -> None:
    """Send a request both ways; the app has to receive the same."""
    exchange = Exchange(request)
    shop.received.clear()
    sent = send(shop.app, shop.app.test_client(), request)
    assert sent.error is None
    received = list(shop.received)
    shop.curl(exchange)
    assert shop.received == received, curl_command(exchange, reveal=True)


@anything
@given(st.sampled_from(BODILESS), PATHS, st.lists(st.tuples(NAMES, TEXT), max_size=3), HEADERS)
def test_a_request_without_a_body(
    shop: Shop, method: str, path: str, query: list[tuple[str, str]], headers: dict[str, str]
) -> None:
    both(shop, Request(method, path, query=query, headers=list(headers.items())))


@anything
@given(st.sampled_from(BODILESS), st.dictionaries(TEXT, JSON, min_size=1, max_size=3))
def test_json(shop: Shop, method: str, data: dict[str, Any]) -> None:
    both(shop, Request(method, json=data))


@anything
@given(st.sampled_from(("POST", "PUT", "PATCH")), st.lists(st.tuples(NAMES, TEXT), min_size=1, max_size=3))
def test_a_form(shop: Shop, method: str, form: list[tuple[str, str]]) -> None:
    both(shop, Request(method, form=form))


@anything
@given(
    st.text(string.ascii_letters + "é ,;'=@#", min_size=1, max_size=8).map(lambda name: f"a{name}.txt"),
    st.binary(max_size=40),
    st.lists(st.tuples(st.text(string.ascii_letters, min_size=1), TEXT), max_size=2),
)
def test_an_upload(shop: Shop, name: str, content: bytes, form: list[tuple[str, str]]) -> None:
    folder = shop.folder / "photos"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    request = read_request(["/", f"photo@photos/{name}"], folder=shop.folder)
    request.form = form
    both(shop, request)


def test_a_file_whose_name_holds_quotes(shop: Shop) -> None:
    """Werkzeug's test client breaks off such a name; curl and the app do not."""
    name = 'a "claw hammer", bent.txt'
    (shop.folder / name).write_bytes(b"bent")
    shop.curl(Exchange(read_request(["/", f"photo@{name}"], folder=shop.folder)))
    assert shop.received[0]["files"] == [("photo", name, "text/plain", b"bent")]


@pytest.mark.parametrize(
    "words",
    [
        ["HEAD", "/tools"],
        ["/tools?page=2&tag=a[]&sort=name%20up", "page==3"],
        ["/a/../b/./c"],
        ["/100%", "q==50%"],
        ["/tools", "X-Empty;", "Accept-Language:de, en;q=0.5"],
        ["POST", "/tools", "Content-Type:text/plain", "name=drill"],
        ["DELETE", "/tools/7", 'If-Match:"a\'b"'],
        ["GET", "/tools", "name=drill"],
    ],
)
def test_requests_as_they_are_typed(shop: Shop, words: list[str]) -> None:
    assert len(shop.same(*words)) == 1


def test_a_host(shop: Shop) -> None:
    hosts = []
    note: Callable[[], None] = lambda: hosts.append(flask.request.host)  # noqa: E731
    shop.app.before_request_funcs[None].insert(0, note)
    try:
        shop.same("http://tools.test:81/x")
    finally:
        shop.app.before_request_funcs[None].remove(note)
    assert hosts == ["tools.test:81"] * 2


def test_the_client_s_cookies(shop: Shop) -> None:
    client = shop.app.test_client()
    shop.send("/", client=client)
    exchange = shop.send("/again", client=client)
    received = list(shop.received)
    assert "visit=" in received[0]["headers"]["Cookie"]
    shop.curl(exchange)
    assert shop.received == received


def test_a_redirect_that_is_followed(shop: Shop) -> None:
    for words in (["POST", "/login"], ["POST", "/login", "name=ada"], ["/login"]):
        exchange = shop.send(*words, follow=True)
        sent = [(one["method"], one["path"]) for one in shop.received]
        assert [path for _, path in sent] == ["/login", "/basket"]
        content_type = shop.received[0]["headers"].get("Content-Type")
        shop.curl(exchange, follow=True)
        assert [(one["method"], one["path"]) for one in shop.received] == sent
        assert shop.received[0]["headers"].get("Content-Type") == content_type
        assert "session=" in shop.received[1]["headers"]["Cookie"]


# -- what is shown


def test_secrets_are_masked_unless_they_are_revealed() -> None:
    app = flask.Flask("shop")
    client = app.test_client()
    client.set_cookie("session", "s3cr3t")
    words = ["POST", "/?token=s3cr3t", "Authorization:Bearer s3cr3t", "api_key==s3cr3t", "password=s3cr3t", "name=ada"]
    for form in (False, True):
        exchange = send(app, client, read_request(words, form=form))
        shown, revealed = curl_command(exchange), curl_command(exchange, reveal=True)
        assert "s3cr3t" not in shown
        assert shown.count(MASK) == revealed.count("s3cr3t") == 5
        assert shlex.split(shown)[0] == "curl"


def test_a_short_command_is_one_line_and_a_long_one_a_line_an_option() -> None:
    assert curl_command(Exchange(Request())) == "curl http://127.0.0.1:5000/"
    shown = curl_command(Exchange(Request("PATCH", "/tools", json={"name": "x" * 60})), follow=True)
    first, *rest = shown.splitlines()
    assert first == "curl -L -X PATCH http://127.0.0.1:5000/tools \\"
    assert [line.split()[0] for line in rest] == ["-H", "-b", "-d"]


def process(**command: Any) -> Any:
    """What the command asks of a process."""
    return SimpleNamespace(port=4321, command=SimpleNamespace(**{"tls": False, "cafile": None, **command}))


def test_a_process_is_asked_where_it_listens() -> None:
    exchange = Exchange(Request(), process=process())
    assert curl_command(exchange) == "curl 'http://127.0.0.1:{port}/'"
    assert curl_command(exchange, reveal=True) == "curl http://127.0.0.1:4321/"
    over_tls = Exchange(Request(), process=process(tls=True, cafile=Path("ca.pem")))
    assert curl_command(over_tls, reveal=True) == "curl https://localhost:4321/ --cacert ca.pem"
    named = Exchange(Request(host="shop.test"), process=process(tls=True))
    assert curl_command(named, reveal=True) == "curl https://shop.test/ --connect-to ::127.0.0.1:4321"


def test_a_response_that_never_came_has_no_cookies() -> None:
    assert curl_command(Exchange(Request(), error=LookupError())) == "curl http://127.0.0.1:5000/"
