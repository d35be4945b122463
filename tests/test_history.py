"""The requests that were sent, and how a later answer compares."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import flask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_magic.errors import UnknownName
from flask_magic.exchange import Exchange, send
from flask_magic.history import KEPT, Answer, History
from flask_magic.replay import Change, compare
from flask_magic.request_line import Request


def answered(content: Any, media_type: str = "text/plain", status: int = 200, **headers: str) -> Answer:
    """What an app answers."""
    app = flask.Flask("demo")
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    app.add_url_rule("/", "home", lambda: flask.Response(content, status, fields, content_type=media_type))
    return Answer.of(send(app, app.test_client(), Request()))


def changes(old: Answer, new: Answer, **options: bool) -> list[tuple[str, str | None, str | None]]:
    """The changes without a text's lines."""
    return [(one.where or one.part, one.old, one.new) for one in compare(old, new, **options)]


# -- the history


def test_numbers_go_on_and_the_oldest_is_forgotten() -> None:
    history = History(limit=3)
    for number in range(1, 6):
        assert history.add(Exchange(Request(path=f"/{number}"))).number == number
    assert [entry.number for entry in history] == [3, 4, 5]
    history.keep(2)
    assert [entry.request.path for entry in history] == ["/4", "/5"]
    history.reset()
    assert (len(history), history.add(Exchange(Request())).number) == (0, 1)


def test_requests_are_chosen_in_the_order_in_which_they_were_sent() -> None:
    history = History()
    for _ in range(4):
        history.add(Exchange(Request()))
    assert [entry.number for entry in history.chosen()] == [1, 2, 3, 4]
    assert [entry.number for entry in history.chosen([4, 2, 4])] == [2, 4]


def test_what_is_not_there_is_told() -> None:
    history = History(limit=2)
    with pytest.raises(UnknownName, match="No request was sent yet"):
        history.chosen()
    history.add(Exchange(Request()))
    with pytest.raises(UnknownName, match="no request 2 ") as caught:
        history.chosen(range(1, 10**9))
    assert (caught.value.why, caught.value.todo) == ("It has 1 only.", "")
    history.add(Exchange(Request()))
    history.add(Exchange(Request()))
    with pytest.raises(UnknownName, match="keeps the last 2") as caught:
        history.chosen([1])
    assert caught.value.why == "It has 2 to 3."


def test_of_a_long_body_the_beginning_is_kept() -> None:
    answer = answered("x" * (KEPT + 5))
    assert (len(answer.body), answer.size, answer.is_whole) == (KEPT, KEPT + 5, False)


# -- comparing


def test_an_answer_is_the_same_as_itself() -> None:
    for answer in (answered("x"), answered(b"\0\xff"), answered('{"a": 1}', "application/json"), Answer(error="E: x")):
        assert compare(answer, answer) == []


def test_status_error_and_redirects() -> None:
    new = replace(answered("x", status=404), error="LookupError: no such tool", hops=("302 FOUND /login",))
    assert changes(answered("x"), new) == [
        ("status", "200 OK", "404 NOT FOUND"),
        ("redirects", None, "302 FOUND /login"),
        ("error", None, "LookupError: no such tool"),
    ]
    assert changes(answered(""), Answer(error="LookupError: x"))[0] == ("status", "200 OK", "no response")


def test_headers() -> None:
    old = answered("x", X_Old="1", X_Both="1", Date="now", Allow="GET, PUT")
    new = answered("x", X_New="1", X_Both="2", Date="then", Allow="PUT, GET")
    assert changes(old, new) == [("X-Both", "1", "2"), ("X-Old", "1", None), ("X-New", None, "1")]


def test_headers_that_come_twice_are_one() -> None:
    old = answered("x")
    two = (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=1; Path=/"))
    assert changes(old, replace(old, headers=(*old.headers, *two))) == [
        ("Set-Cookie", None, "a=•••; Path=/, b=•••; Path=/")
    ]


def test_what_is_masked_is_no_change_unless_it_is_revealed() -> None:
    expires = "Expires=Mon, 23 Nov 2026 03:02:{:02} GMT"
    old, new = (
        answered(
            json.dumps({"access_token": text, "page": "/?token=" + text}),
            "application/json",
            Set_Cookie=f"session={text}; {expires.format(number)}; Path=/",
        )
        for number, text in ((1, "abc"), (2, "xyz"))
    )
    assert compare(old, new) == []
    assert [where for where, _, _ in changes(old, new, reveal=True)] == ["Set-Cookie", "access_token", "page"]
    forms = [answered(f'<form><input name="csrf_token" value="{text}x">', "text/html") for text in ("abc", "xyz")]
    assert compare(*forms) == []
    assert len(compare(*forms, reveal=True)) == 1


def test_a_cookie_that_is_deleted_is_a_change() -> None:
    old = answered("x", Set_Cookie="a=1; Expires=Mon, 23 Nov 2026 03:02:00 GMT; Path=/")
    new = answered("x", Set_Cookie="a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/")
    assert changes(old, new) == [
        ("Set-Cookie", "a=•••; Expires=•••; Path=/", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/")
    ]


def test_the_port_of_a_process_that_started_anew_is_no_change() -> None:
    old, new = (replace(answered("x", Location=f"http://127.0.0.1:{n}/"), port=n) for n in (4321, 4322))
    assert compare(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 2}, [("a", "1", "2")]),
        ({"a": 1}, {"a": True}, [("a", "1", "true")]),
        ({"a": 1}, {"b": 1}, [("a", "1", None), ("b", None, "1")]),
        ({"a": {"b": [1, {"c": "x"}]}}, {"a": {"b": [1, {"c": "y"}]}}, [("a.b[1].c", '"x"', '"y"')]),
        ({"claw hammer": 1}, {"claw hammer": 2}, [('["claw hammer"]', "1", "2")]),
        ([1, 2, 3], [0, 1, 2, 3], [("[0]", None, "0")]),
        ([1, 2, 3], [1, 3], [("[1]", "2", None)]),
        ([1, 2], [3, 4, 5], [("[0]", "1", "3"), ("[1]", "2", "4"), ("[2]", None, "5")]),
        ({"a": [1]}, {"a": {"b": 1}}, [("a", "[1]", '{"b": 1}')]),
        (1, 2, [("body", "1", "2")]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
    ],
)
def test_json_is_compared_by_its_structure(old: Any, new: Any, expected: list[Any]) -> None:
    answers = [answered(json.dumps(data, indent=indent), "application/json") for data, indent in ((old, 1), (new, 2))]
    assert changes(*answers) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["x", "y", "z"]), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(JSON, JSON)
def test_json_has_no_changes_exactly_where_it_is_equal(old: Any, new: Any) -> None:
    def dumped(value: Any) -> str:
        return json.dumps(value, sort_keys=True)

    answers = [
        Answer("200 OK", content_type="application/json", body=dumped(v).encode(), size=len(dumped(v)))
        for v in (old, new)
    ]
    assert bool(compare(*answers)) == (dumped(old) != dumped(new))


def test_text_is_compared_by_lines() -> None:
    old, new = "\n".join("abcdefgh"), "\n".join("abXdefgh") + "\n--- i"
    assert compare(answered(old), answered(new)) == [
        Change("body", None, None, lines=[" b", "-c", "+X", " d", "…", " h", "+--- i"])
    ]
    assert compare(answered("--a"), answered("--b"))[0].lines == ["---a", "+--b"]


def test_what_shows_in_no_line_shows_in_the_bytes() -> None:
    assert changes(answered("a\nb"), answered("a\r\nb")) == [("body", "3 bytes", "4 bytes")]


def test_bytes_are_compared_by_size_and_first_difference() -> None:
    assert compare(answered(b"\0ab"), answered(b"\0xbcd")) == [
        Change("body", "3 bytes", "5 bytes", lines=["the first difference is at byte 1"])
    ]
    assert changes(answered("text"), answered(b"\xff\xfe")) == [("body", "4 bytes", "2 bytes")]


def test_a_difference_beyond_what_is_kept_is_seen() -> None:
    old, new = answered("é" * KEPT), answered("é" * KEPT + "x")
    assert compare(old, new) == [
        Change("body", "200,000 bytes", "200,001 bytes", lines=["the first difference is at byte 100,000"])
    ]


def test_json_that_is_too_long_is_compared_as_text() -> None:
    old, new = (answered(json.dumps(["x" * KEPT, n], indent=1), "application/json") for n in (1, 2))
    assert [one.part for one in compare(old, new)] == ["body"]
    first, second = (answered(json.dumps([n, "x" * KEPT], indent=1), "application/json") for n in (1, 2))
    assert "- 1," in compare(first, second)[0].lines


def test_another_media_type_is_compared_as_text() -> None:
    old, new = answered('{"a": 1}', "application/json"), answered("<h1>a</h1>", "text/html")
    assert [one.part for one in compare(old, new)] == ["Content-Type", "body"]
    assert compare(old, new)[1].lines == ['-{"a": 1}', "+<h1>a</h1>"]


def test_json_that_is_none_is_compared_as_text() -> None:
    old, new = answered("{a", "application/json"), answered("{b", "application/json")
    assert compare(old, new)[0].lines == ["-{a", "+{b"]
