"""What the reader sees: text and HTML, hostile apps, secrets, and the same twice."""

import json
from html import unescape
from html.parser import HTMLParser
from typing import Any

import flask
import pytest
from notebook_shell import Notebook

from flask_magic.display import ExchangeDisplay, MatchDisplay, Note, OpenStub, RouteTable, Stylesheet, bundle
from flask_magic.display.bodies import Body
from flask_magic.display.exchange import MEANINGS
from flask_magic.display.markup import join, tag, visible
from flask_magic.exchange import Exchange, send
from flask_magic.matching import explain
from flask_magic.request_line import Request

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&\x1b[31m"


POLICY = '<meta http-equiv="Content-Security-Policy"'


class Elements(HTMLParser):
    """The elements of a piece of HTML, with their attributes, and its text; it has to be well nested."""

    VOID = ("br", "hr", "img", "meta")

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html.encode().decode())  # a plain string, also of Markup, whose `+` escapes
        self.close()
        assert self._open == []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((name, dict(attributes)))
        if name not in self.VOID:
            self._open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self._open.pop() == name

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of this name."""
        return [attributes for one, attributes in self.elements if one == name]


def inert(html: str) -> Elements:
    """The parsed HTML, which must hold nothing that runs or loads."""
    elements = Elements(html)
    for name, attributes in elements.elements:
        assert name not in ("script", "object", "embed", "link", "form", "base"), name
        assert not [key for key in attributes if key.startswith("on")], attributes
        assert not str(attributes.get("href", "")).startswith("javascript:")
        assert str(attributes.get("src", "data:")).startswith("data:")
    for frame in elements.named("iframe"):
        assert frame["sandbox"] == ""
        assert "src" not in frame
        assert unescape(str(frame["srcdoc"])).startswith(f"{POLICY} content=\"default-src 'none';")
    assert "\x1b" not in html
    return elements


def exchange(view: Any, request: Request | None = None) -> Exchange:
    """What a view at / answers."""
    app = flask.Flask("demo", static_folder=None)
    app.secret_key = "s3cr3t"
    app.add_url_rule("/<path:rest>", "view", lambda **_: view(), methods=["GET", "POST"])
    app.add_url_rule("/", "home", view, methods=["GET", "POST"])
    return send(app, app.test_client(), request or Request())


def respond(body: str | bytes, media_type: str = "text/html", **headers: str) -> Any:
    """A view."""
    return lambda: flask.Response(
        body, content_type=media_type, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


@pytest.mark.parametrize(
    "media_type",
    ["text/html", "application/xhtml+xml", "text/plain", "application/json", "text/csv", "image/svg+xml", "image/png",
     "application/octet-stream", 'x/"><script>', "text/html; charset=nonsense"],
)  # fmt: skip
def test_a_hostile_body_is_inert(media_type: str) -> None:
    for body in (HOSTILE, json.dumps({HOSTILE: [HOSTILE] * 9}), f"a,b\n{HOSTILE},1", f"<svg>{HOSTILE}</svg>"):
        shown = bundle(ExchangeDisplay(exchange(respond(body, media_type))))
        inert(shown["text/html"])
        assert "\x1b" not in shown["text/plain"]


def test_a_hostile_stream_is_inert() -> None:
    shown = bundle(ExchangeDisplay(exchange(lambda: flask.Response(iter([HOSTILE, HOSTILE])))))
    assert len(inert(shown["text/html"]).named("li")) == 2
    assert shown["text/plain"].count("chunk ") == 2


def test_hostile_headers_and_cookies_are_inert() -> None:
    hostile = HOSTILE.replace("\x1b", "")
    view = respond("x", "text/plain", X_Odd=hostile, Location=hostile, Set_Cookie="a=<script>; Path=/<script>")
    for reveal in (False, True):
        elements = inert(bundle(ExchangeDisplay(exchange(view), reveal=reveal))["text/html"])
        assert "<script>" in elements.text


def test_hostile_requests_are_inert() -> None:
    request = Request(path=f"/{HOSTILE}", query=[("q", HOSTILE)], host=None)
    sent = exchange(respond("x"), request)
    sent.client = HOSTILE
    inert(bundle(ExchangeDisplay(sent))["text/html"])


def test_hostile_exceptions_and_logs_are_inert() -> None:
    def view() -> str:
        flask.current_app.logger.warning(HOSTILE)
        raise ValueError(HOSTILE)

    sent = exchange(view)
    for raises in (False, True):
        shown = bundle(ExchangeDisplay(sent, raises=raises))
        inert(shown["text/html"])
        assert "\x1b" not in shown["text/plain"]
    assert "log WARNING demo: <script>" in shown["text/plain"]


def test_hostile_urls_and_endpoints_are_inert() -> None:
    app = flask.Flask("demo", static_folder=None)
    app.add_url_rule("/\"'&", HOSTILE.replace(".", ""), lambda: "")
    inert(bundle(MatchDisplay(explain(app, f"/x{HOSTILE}")))["text/html"])
    inert(bundle(RouteTable(list(app.url_map.iter_rules())))["text/html"])
    inert(bundle(Note([HOSTILE]))["text/html"])


def test_a_hostile_check_is_inert(notebook: Notebook) -> None:
    notebook.run("text = " + repr(HOSTILE), "a")
    shown = notebook.run("%%flask_check x\n# hint: <script>\nassert text == '<b>', text")
    inert(shown.html)
    assert "\x1b" not in shown.text


# -- bodies


def body(content: str | bytes, media_type: str) -> Body:
    """A response's body."""
    return Body(content.encode() if isinstance(content, str) else content, media_type)


@pytest.mark.parametrize(
    ("content", "media_type", "text"),
    [
        ("", "text/plain", ""),
        ('{"b":1,"a":"ä"}', "application/json", '{"b": 1, "a": "ä"}'),
        ("[1", "application/json", "[1"),
        ('{"a":1}', "application/problem+json", '{"a": 1}'),
        ("a,b\n1,2", "text/csv", "a,b\n1,2"),
        ("\n<p>x</p>\n", "text/html", "<p>x</p>"),
        (b"\x00\xff", "application/octet-stream", f"2 bytes\n0000  {'00 ff':<47}  .."),
        (b"\x89PNG", "image/png", f"4 bytes\n0000  {'89 50 4e 47':<47}  .PNG"),
    ],
)
def test_a_body_as_text(content: str | bytes, media_type: str, text: str) -> None:
    assert body(content, media_type).text() == text


def test_long_json_is_indented_and_foldable() -> None:
    data = {"tools": [{"name": f"tool {n}", "price": n} for n in range(9)]}
    shown = body(json.dumps(data), "application/json")
    assert json.loads(shown.text()) == data
    assert shown.text().startswith('{\n  "tools": [\n')
    assert len(inert(shown.html()).named("details")) == 2


def test_csv_is_a_table() -> None:
    elements = inert(body("name,price\ndrill,12\nsaw,7", "text/csv").html())
    assert (len(elements.named("th")), len(elements.named("td"))) == (2, 4)
    long = body("n\n" + "\n".join(map(str, range(200))), "text/csv").html()
    assert len(Elements(long).named("td")) == 100
    assert "and 100 more rows" in long


def test_an_image_is_an_image() -> None:
    (image,) = inert(body(b"\x89PNG", "image/png").html()).named("img")
    assert image == {"src": "data:image/png;base64,iVBORw==", "alt": "the response's image, image/png"}


def test_html_is_a_preview_and_its_source() -> None:
    elements = inert(body("<h1>Tools</h1>", "text/html").html())
    (frame,) = elements.named("iframe")
    assert str(frame["srcdoc"]).endswith("<h1>Tools</h1>")
    assert "<h1>Tools</h1>" in elements.text


def test_long_bodies_fold_and_are_cut() -> None:
    assert Elements(body("x\n" * 99, "text/plain").html()).named("details")
    assert not Elements(body("x\n" * 9, "text/plain").html()).named("details")
    assert "10,000 characters more" in body("x" * 30_000, "text/plain").text()


def test_werkzeugs_own_page_is_one_line() -> None:
    app = flask.Flask("demo")
    shown = ExchangeDisplay(send(app, app.test_client(), Request(path="/none")))
    assert "(Werkzeug's own page: 404 Not Found)" in shown.text().splitlines()


# -- exchanges


def test_headers_come_in_a_fixed_order() -> None:
    view = respond("x", "text/plain", X_B="1", X_A="2", ETag="e", Date="today", Server="me")
    shown = ExchangeDisplay(exchange(view)).text().splitlines()
    assert shown == [
        "GET /", "200 OK", "Content-Type: text/plain", "ETag: e", "X-A: 2", "X-B: 1", "", "x",
    ]  # fmt: skip


def test_a_files_etag_is_hidden_without_its_date_too() -> None:
    tag = '"1795406791.6542563-20-1020007662"'  # a 304 comes without Last-Modified
    view = respond("", ETag=tag)
    assert "ETag: •••" in ExchangeDisplay(exchange(view)).text()
    assert f"ETag: {tag}" in ExchangeDisplay(exchange(view), reveal=True).text()


def test_allow_is_sorted() -> None:
    assert "Allow: A, B, C" in ExchangeDisplay(exchange(respond("", Allow="C, A, B"))).text()


def test_a_status_has_its_meaning() -> None:
    shown = bundle(ExchangeDisplay(exchange(lambda: ("", 404))))
    assert f"404 NOT FOUND · {MEANINGS[404]}" in shown["text/plain"]
    assert MEANINGS[404] in Elements(shown["text/html"]).text


def test_secrets_are_masked_unless_revealed() -> None:
    def view() -> flask.Response:
        flask.session["user"] = "ada"
        response = flask.jsonify(token="s3cr3t-a", name="drill")
        response.headers["Authorization"] = "Bearer s3cr3t-b"
        response.set_cookie("n", "s3cr3t-c", httponly=True)
        return response

    sent = exchange(view)
    hidden, shown = bundle(ExchangeDisplay(sent)), bundle(ExchangeDisplay(sent, reveal=True))
    assert "s3cr3t" not in hidden["text/plain"] + hidden["text/html"]
    assert "n=•••; HttpOnly" in hidden["text/plain"]
    assert "session=•••" in hidden["text/plain"]
    for secret in ("s3cr3t-a", "s3cr3t-b", "s3cr3t-c"):
        assert secret in shown["text/plain"]
        assert secret in shown["text/html"]


def test_a_csrf_token_in_a_page_is_masked() -> None:
    view = respond('<form><input name="csrf_token" type="hidden" value="s3cr3t"></form>')
    hidden = bundle(ExchangeDisplay(exchange(view)))
    assert "s3cr3t" not in hidden["text/plain"] + hidden["text/html"]
    assert "s3cr3t" in ExchangeDisplay(exchange(view), reveal=True).text()


def test_the_same_twice(notebook: Notebook) -> None:
    cells = (
        "%%flask_route /tools/<int:n> --try /tools/7\ndef tool(n):\n    return {'n': n, 's': str({1, 2})}",
        "%http /tools/x",
        "%http OPTIONS /tools/7",
        "%flask_routes",
        "%flask_routes --match /tools/x",
        "%flask_app --list",
    )
    first = [notebook.run(source, source).displays for source in cells]
    assert [notebook.run(source, source).displays for source in cells] == first
    for displays in first:
        for one in displays:
            assert one.keys() == {"text/plain", "text/html"}
            inert(one["text/html"])
            assert " at 0x" not in one["text/plain"]


def test_small_displays() -> None:
    assert "..." in bundle(OpenStub())["text/plain"]
    assert Elements(bundle(Note(["a", "b"]))["text/html"]).text == "ab"
    assert bundle(Stylesheet())["text/plain"] == ""
    assert bundle(RouteTable([]))["text/plain"] == "No rules yet."


# -- markup


def test_tags_escape() -> None:
    assert (
        tag("p", "<", tag("b", "&"), title='"', hidden=True, id=None) == '<p title="&#34;" hidden>&lt;<b>&amp;</b></p>'
    )
    assert join("<", tag("br")) == "&lt;<br>"
    assert visible("a\x00\x1b\x7f\n\t") == "a␀␛␡\n\t"


def test_an_uploaded_file_reaches_the_view(notebook: Notebook) -> None:
    notebook.run("%%flask_file drill.txt\nhello")
    notebook.run(
        "%%flask_route /up -X POST\ndef up():\n    from flask import request\n    file = request.files['f']\n"
        "    return [file.filename, file.mimetype, file.read().decode()]"
    )
    assert notebook.run("%http -q /up f@drill.txt").result.json == ["drill.txt", "text/plain", "hello\n"]
