"""Entries that are sent: order, captures, options, what is raised."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from flask_magic.errors import HurlAssertsFailed, HurlRunError
from flask_magic.exchange import Exchange
from flask_magic.hurl.outcome import Outcome
from flask_magic.hurl.parser import parse
from flask_magic.hurl.run import run
from flask_magic.hurl.templates import Variables
from flask_magic.request_line import Request
from flask_magic.workbench import Workbench

FILES = Path(__file__).parent / "files"
Play = Callable[..., list[Outcome]]


@pytest.fixture
def waits() -> list[float]:
    """How long was waited, without waiting."""
    return []


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> Play:
    shop = ModuleType("shop")
    monkeypatch.setitem(sys.modules, "shop", shop)  # taken out again: other tests have a module of that name
    exec(compile((FILES / "shop.py").read_text(encoding="utf-8"), "shop.py", "exec"), vars(shop))
    bench = Workbench({"app": shop.create_app()})

    def send(request: Request, follow: bool) -> Exchange:
        return bench.send(request, follow=follow)

    def played(text: str, values: dict[str, Any] | None = None, **options: Any) -> list[Outcome]:
        variables = Variables(values if values is not None else {}, folder=FILES, lines=text.split("\n"))
        return list(run(parse(text), send, variables, sleep=waits.append, **options))

    return played


@pytest.mark.parametrize(
    ("name", "entries", "variables"),
    [
        ("login", 5, {}),
        ("tools", 6, {"host": "http://localhost:5000", "name": 'a "drill"', "price": 12.5}),
        ("other", 3, {}),
    ],
)
def test_files_in_the_style_of_public_ones_pass(play: Play, name: str, entries: int, variables: dict[str, Any]) -> None:
    text = (FILES / f"{name}.hurl").read_text()
    if name == "tools":
        variables = variables | {"name": "drill"}
    outcomes = play(text, variables)
    assert [outcome.failure(text.split("\n")) for outcome in outcomes] == [None] * entries
    assert all(outcome.rows for outcome in outcomes)


def test_captures_serve_later_entries_and_the_caller(play: Play) -> None:
    values: dict[str, Any] = {}
    play('POST /api/tools\n{"name": "saw"}\nHTTP 201\n[Captures]\nid: jsonpath "$.id"', values)
    assert values == {"id": 1}


def test_a_capture_that_finds_nothing_is_told_beside_the_asserts(play: Play) -> None:
    text = 'GET /api/tools\nHTTP 200\n[Captures]\na: jsonpath "$.no"'
    (outcome,) = play(text)
    failure = outcome.failure(text.split("\n"))
    assert type(failure) is HurlRunError
    assert "line 4: a cannot be captured" in str(failure)
    text = text.replace("200", "404")
    failure = play(text)[0].failure(text.split("\n"))
    assert type(failure) is HurlAssertsFailed
    assert "a cannot be captured" in failure.why
    assert failure.why.startswith("line 2: expected 404, came 200\nHTTP 404\n^")
    (outcome,) = play('GET /login\nHTTP 200\n[Captures]\na: xpath "//input/@name"')
    assert outcome.captures == {"a": ["csrf_token", "user", "password"]}


def test_options_skip_repeat_delay_and_set_variables(play: Play) -> None:
    outcomes = play(
        "GET /api/tools\n[Options]\nskip: true\n\nGET {{path}}\n[Options]\nvariable: path=/api/tools\n"
        "repeat: 2\ndelay: 1ms\n\nGET /slow\n[Options]\nrepeat: 0"
    )
    assert [outcome.skipped for outcome in outcomes] == [True, False, False, True]
    assert [outcome.title for outcome in outcomes[1:3]] == ["GET /api/tools"] * 2


def test_retries_end(play: Play, waits: list[float]) -> None:
    text = 'GET /slow\n[Options]\nretry: 1\nretry-interval: 2s\nHTTP 200\n[Asserts]\njsonpath "$.state" == "ready"'
    (outcome,) = play(text)
    assert (outcome.passed, outcome.tries) == (False, 2)
    assert waits == [2.0]
    assert play(text)[0].tries == 1, "the third time it is ready"


def test_redirects_are_followed_when_asked_and_counted(play: Play) -> None:
    assert play("GET /\nHTTP 302")[0].passed
    assert play("GET /\n[Options]\nlocation: true\nHTTP 200")[0].passed
    (outcome,) = play("GET /\n[Options]\nlocation: true\nmax-redirs: 0\nHTTP 200")
    assert "more than 0 redirects" in str(outcome.error)


def test_an_exception_is_kept_unless_the_text_asks_for_its_status(play: Play) -> None:
    assert type(play("GET /boom")[0].error) is KeyError
    assert type(play("GET /boom\nHTTP 200")[0].error) is KeyError
    assert type(play("GET /boom\nHTTP *")[0].error) is KeyError
    assert play("GET /boom\nHTTP 500")[0].passed
    assert play("GET /boom\nHTTP *\n[Asserts]\nstatus == 500")[0].passed


def test_entries_are_chosen_by_number(play: Play) -> None:
    text = "GET /slow\n\nGET /login\n\nGET /"
    assert [outcome.number for outcome in play(text, first=2, last=2)] == [2]
    assert [outcome.number for outcome in play(text, first=2)] == [2, 3]


@pytest.mark.parametrize(
    ("text", "expected", "came"),
    [
        ("HTTP/2 200", "HTTP/2", "HTTP/1.1"),
        ("HTTP 200\nX-No: a", "a", "nothing"),
        ("HTTP 200\n[Asserts]\nstatus not == 200", "not 200", "200"),
        ("HTTP 200\n[Asserts]\nstatus > 200", "> 200", "200"),
        ('HTTP 200\n[Asserts]\njsonpath "$.x" == 1', "1", "nothing"),
        (
            'HTTP 200\n[Asserts]\njsonpath "$.total" startsWith "a"',
            'startsWith "a"',
            "0 (startsWith cannot be tried of",
        ),
        ("HTTP 200\n[Asserts]\nbody matches /zzz/", 'matches "zzz"', '"{'),
        ('HTTP 200\n{"tools": [], "total": 1}', '{"tools": [], "total": 1}', '{"tools": [], "total": 0}'),
        ("HTTP 200\nhex,00;", '"\\u0000"', '"{'),
        ("HTTP 200\nfile,none.txt;", "None", "The file 'none.txt' cannot be read"),
        ('HTTP 200\n[Asserts]\njsonpath "$.total" == {{no}}', "{{no}}", "There is no variable 'no'"),
    ],
)
def test_a_failed_row_says_what_was_expected_and_what_came(play: Play, text: str, expected: str, came: str) -> None:
    (outcome,) = play(f"GET /api/tools\n{text}")
    (failed,) = [row for row in outcome.rows if row.failed]
    assert expected in str(failed.check.expected) or not failed.check.expected
    assert came in str(failed.check.came)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("[BasicAuth]\nada: a b", ("Authorization", "Basic YWRhOmEgYg==")),
        ("[Cookies]\na: 1\nb: 2", ("Cookie", "a=1; b=2")),
        ("<a/>", ("Content-Type", "application/xml")),
        ("```xml\n<a/>\n```", ("Content-Type", "application/xml")),
        ("[Multipart]\na: b", ("Content-Type", "multipart/form-data")),
        ("Content-Type: text/x\n{}", ("Content-Type", "text/x")),
    ],
)
def test_sections_and_bodies_become_headers(play: Play, text: str, sent: tuple[str, str]) -> None:
    (outcome,) = play(f"POST /upload\n{text}\nHTTP *")
    assert outcome.exchange is not None
    assert outcome.exchange.sent.headers == [sent]
    assert outcome.exchange.response is not None
    environ = outcome.exchange.response.request.environ
    key = {"Authorization": "HTTP_AUTHORIZATION", "Cookie": "HTTP_COOKIE"}.get(sent[0], "CONTENT_TYPE")
    assert environ[key].startswith(sent[1])
