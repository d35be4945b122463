"""Clients, history, replay and curl commands in text and HTML: whatever an app or a reader sends stays inert."""

import flask
from werkzeug.test import Client

from display.test_display import HOSTILE, Elements, inert
from flask_magic.clients import NamedClient
from flask_magic.curl import curl_command
from flask_magic.display import (
    ClientTable,
    CurlDisplay,
    ExchangeDisplay,
    HistoryTable,
    ReplayDisplay,
    SideBySide,
    bundle,
)
from flask_magic.exchange import Exchange, send
from flask_magic.history import Answer, Entry
from flask_magic.masking import MASK
from flask_magic.replay import Change, Replayed
from flask_magic.request_line import FileItem, Request

REQUEST = Request(
    "POST",
    f"/{HOSTILE}",
    query=[(HOSTILE, HOSTILE)],
    headers=[(f"X{HOSTILE}", HOSTILE)],
    form=[(HOSTILE, HOSTILE)],
    files=[FileItem(HOSTILE, HOSTILE, b"", HOSTILE, HOSTILE)],
)


def entry(number: int = 1, request: Request | None = None, **more: str | bool) -> Entry:
    """A request that was sent."""
    return Entry(number, request or Request(), Answer("200 OK"), **{"client": "default", **more})  # type: ignore[arg-type]


def test_hostile_requests_are_inert() -> None:
    entries = [entry(1, REQUEST, client=HOSTILE, cell=HOSTILE), entry(2, process=HOSTILE, app=HOSTILE)]
    for shown in (bundle(HistoryTable(entries)), bundle(HistoryTable(entries, reveal=True))):
        assert len(inert(shown["text/html"]).named("tr")) == 3
        assert "\x1b" not in shown["text/plain"]


def test_hostile_changes_are_inert() -> None:
    changes = [Change(HOSTILE, HOSTILE, HOSTILE), Change("body", None, None, lines=[HOSTILE] * 50)]
    replayed = [Replayed(entry(1, REQUEST), changes), Replayed(entry(2), failure=HOSTILE)]
    shown = bundle(ReplayDisplay(replayed, diff=True))
    inert(shown["text/html"])
    assert "\x1b" not in shown["text/plain"]
    assert "… 10 more lines" in shown["text/plain"]


def test_hostile_cookies_and_sessions_are_inert() -> None:
    app = flask.Flask("demo")
    app.secret_key = "only for this test"
    client = app.test_client()
    with client.session_transaction() as session:
        session[HOSTILE] = HOSTILE
    client.set_cookie("a", "<script>", path=f"/{HOSTILE}")
    for reveal in (False, True):
        shown = bundle(ClientTable([NamedClient(HOSTILE, HOSTILE, 1, client)], reveal))
        elements = inert(shown["text/html"])
        assert "\x1b" not in shown["text/plain"]
        assert ("the session says" in elements.text) == reveal


def test_a_hostile_curl_command_is_inert() -> None:
    shown = bundle(CurlDisplay(curl_command(Exchange(REQUEST), reveal=True)))
    assert inert(shown["text/html"]).text == shown["text/plain"]


def test_what_stands_in_html_stands_in_the_text() -> None:
    replayed = [
        Replayed(entry(1, client="ada", follow=True), [Change("status", "200 OK", "404 NOT FOUND")]),
        Replayed(entry(2, Request("DELETE", "/tools"), process="web"), [Change("body", "1", None, "tools[0]")]),
        Replayed(entry(3)),
        Replayed(entry(4), failure="web is stopped."),
    ]
    displays = [
        HistoryTable([one.entry for one in replayed]),
        ReplayDisplay(replayed, diff=True),
        ReplayDisplay(replayed),
        ClientTable([NamedClient("ada", "app", 1, Client(flask.Flask("demo")))]),
        HistoryTable([]),
        ClientTable([]),
    ]
    for display in displays:
        text, words = display.text().split(), Elements(str(display.html())).text
        assert [word for word in text if word not in words] == []
    assert "Among them 1 DELETE" in displays[1].text()


def test_a_cookie_s_attributes() -> None:
    client = Client(flask.Flask("demo"))
    client.set_cookie("seat", "7", path="/hall", domain="shop.test", origin_only=False, secure=True, samesite="Strict")
    one = [NamedClient("ada", "app", 0, client)]
    attributes = "Domain=shop.test; Path=/hall; Secure; SameSite=Strict"
    assert ClientTable(one).text().endswith(f"seat={MASK}; {attributes}")
    assert ClientTable(one, reveal=True).text().endswith(f"seat=7; {attributes}")


def test_exchanges_beside_each_other_are_what_they_are_alone() -> None:
    app = flask.Flask("demo")
    alone = [ExchangeDisplay(send(app, app.test_client(), Request(), name=name)) for name in ("ada", "bob")]
    together = SideBySide(alone)
    assert together.text() == "\n\n".join(one.text() for one in alone)
    assert all(str(one.html()) in str(together.html()) for one in alone)
    inert(str(together.html()))
