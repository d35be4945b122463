"""Queries, filters, predicates, placeholders."""

import gzip
import hashlib
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_magic.errors import HurlRunError
from flask_magic.exchange import Exchange
from flask_magic.hurl import paths
from flask_magic.hurl.expressions import FILTERS, PREDICATES
from flask_magic.hurl.filters import apply, apply_all
from flask_magic.hurl.options import option_value, variable_value
from flask_magic.hurl.parser import parse
from flask_magic.hurl.patterns import compile_pattern
from flask_magic.hurl.predicates import holds
from flask_magic.hurl.query import Answer, evaluate
from flask_magic.hurl.request import build
from flask_magic.hurl.templates import Variables
from flask_magic.hurl.values import NOTHING, EvaluationError, Nodes, Redirect, kind_of, settled, shown, text_of
from flask_magic.request_line import Request
from flask_magic.workbench import Workbench

HTML = "<title>Tools</title><ul><li>drill<li>saw</ul><input name=csrf_token value=abc>"


@pytest.fixture
def bench() -> Workbench:
    app = flask.Flask("shop")

    @app.get("/html")
    def html() -> str:
        return HTML

    @app.get("/json")
    def json() -> Any:
        response = flask.jsonify(id=7, tools=[{"name": "drill"}, {"name": "saw"}], none=None)
        response.set_cookie("session", "abc", max_age=60, httponly=True, samesite="Lax", path="/shop")
        response.set_cookie("old", "", expires=datetime(2024, 5, 17, tzinfo=UTC))
        response.headers.add("X-Many", "a")
        response.headers.add("X-Many", "b")
        return response

    @app.get("/xml")
    def xml() -> flask.Response:
        text = '<f xmlns="urn:a" xmlns:b="urn:b"><e>1</e><b:e>2</b:e></f>'
        return flask.Response(text, mimetype="application/xml")

    @app.get("/gzip")
    def packed() -> flask.Response:
        return flask.Response(gzip.compress(b"packed"), headers={"Content-Encoding": "gzip"})

    @app.get("/away")
    def away() -> Any:
        return flask.redirect("/html")

    return Workbench({"app": app})


def ask(bench: Workbench, path: str, query: str) -> Any:
    exchange: Exchange = bench.send(Request(path=path), follow=True)
    response = parse(f"GET /\nHTTP 200\n[Asserts]\n{query} exists").entries[0].response
    assert response is not None
    one = response.asserts[0]
    variables = Variables({"name": "id"})
    return settled(apply_all(one.filters, evaluate(one.query, Answer(exchange), variables), variables))


@pytest.mark.parametrize(
    ("path", "query", "value"),
    [
        ("/html", "status", 200),
        ("/html", "version", "1.1"),
        ("/html", "url", "http://localhost/html"),
        ("/away", "url", "http://localhost/html"),
        ("/away", "redirects", [Redirect(302, "http://localhost/html")]),
        ("/away", "redirects nth 0 location", "http://localhost/html"),
        ("/html", 'header "content-type"', "text/html; charset=utf-8"),
        ("/json", 'header "X-Many"', ["a", "b"]),
        ("/html", 'header "X-None"', NOTHING),
        ("/json", 'cookie "session"', "abc"),
        ("/json", 'cookie "session[Value]"', "abc"),
        ("/json", 'cookie "session[Max-Age]"', 60),
        ("/json", 'cookie "session[HttpOnly]"', True),
        ("/json", 'cookie "session[Secure]"', NOTHING),
        ("/json", 'cookie "session[SameSite]"', "Lax"),
        ("/json", 'cookie "session[Path]"', "/shop"),
        ("/json", 'cookie "old[Expires]"', datetime(2024, 5, 17, tzinfo=UTC)),
        ("/json", 'cookie "none"', NOTHING),
        ("/html", "body", HTML),
        ("/html", "bytes", HTML.encode()),
        ("/html", "sha256", hashlib.sha256(HTML.encode()).digest()),
        ("/html", "md5 toHex", hashlib.md5(HTML.encode()).hexdigest()),
        ("/gzip", "body", "packed"),
        ("/gzip", "rawbytes utf8Decode", EvaluationError),
        ("/html", 'xpath "string(//title)"', "Tools"),
        ("/html", 'xpath "normalize-space(//title)"', "Tools"),
        ("/html", 'xpath "//li"', ["drill", "saw"]),
        ("/html", 'xpath "//li" count', 2),
        ("/html", 'xpath "count(//li)"', 2),
        ("/html", "xpath \"string(//input[@name='csrf_token']/@value)\"", "abc"),
        ("/html", 'xpath "//input/@value"', ["abc"]),
        ("/html", 'xpath "boolean(//p)"', False),
        ("/html", 'xpath "//["', EvaluationError),
        ("/xml", 'xpath "string(//_:e)"', "1"),
        ("/xml", 'xpath "string(//b:e)"', "2"),
        ("/json", 'jsonpath "$.id"', 7),
        ("/json", 'jsonpath "$.{{name}}"', 7),
        ("/json", 'jsonpath "$.none"', None),
        ("/json", 'jsonpath "$.no"', NOTHING),
        ("/json", 'jsonpath "$.tools[*].name"', ["drill", "saw"]),
        ("/json", "jsonpath \"$.tools[?(@.name=='saw')].name\"", "saw"),
        ("/json", "jsonpath \"$.tools[?(@.name=='no')]\"", NOTHING),
        ("/json", 'jsonpath "$["', EvaluationError),
        ("/html", 'jsonpath "$"', EvaluationError),
        ("/html", 'regex "<title>(.*)</title>"', "Tools"),
        ("/html", "regex /<li>(no)/", NOTHING),
        ("/html", "regex /<li>/", EvaluationError),
        ("/html", 'variable "name"', "id"),
        ("/html", 'variable "no"', NOTHING),
    ],
)
def test_a_query_finds(bench: Workbench, path: str, query: str, value: Any) -> None:
    if value is EvaluationError:
        with pytest.raises(EvaluationError):
            ask(bench, path, query)
    else:
        found = ask(bench, path, query)
        assert found == value
        assert isinstance(found, bool) == isinstance(value, bool)


def test_a_duration_is_in_milliseconds(bench: Workbench) -> None:
    assert isinstance(ask(bench, "/html", "duration"), int)


TODAY = datetime.now(UTC)
APPLIED: list[tuple[str, tuple[Any, ...], Any, Any]] = [
    ("count", (), [1, 2], 2),
    ("nth", (1,), ["a", "b"], "b"),
    ("nth", (2,), ["a", "b"], NOTHING),
    ("first", (), ["a", "b"], "a"),
    ("last", (), ["a", "b"], "b"),
    ("last", (), [], NOTHING),
    ("regex", (compile_pattern("(b+)"),), "abbc", "bb"),
    ("replace", ("a", "b"), "aa", "bb"),
    ("replaceRegex", (compile_pattern(r"(\d)(\d)"), "$2-${1}x"), "12", "2-1x"),
    ("replaceRegex", (compile_pattern("a"), r"\1$9"), "a", r"\1"),
    ("split", (", ",), "a, b", ["a", "b"]),
    ("toInt", (), "+7", 7),
    ("toInt", (), 7.9, 7),
    ("toInt", (), "7.5", EvaluationError),
    ("toInt", (), True, EvaluationError),
    ("toFloat", (), "1.5", 1.5),
    ("toFloat", (), "x", EvaluationError),
    ("toString", (), 7, "7"),
    ("toString", (), True, "true"),
    ("toString", (), b"x", EvaluationError),
    ("toHex", (), b"\x00\xff", "00ff"),
    ("toDate", ("%Y-%m-%d",), "2024-05-17", datetime(2024, 5, 17, tzinfo=UTC)),
    ("toDate", ("%+",), "2024-05-17T08:00:00Z", datetime(2024, 5, 17, 8, tzinfo=UTC)),
    ("toDate", ("%Y-%m-%dT%H:%M:%S%.fZ",), "2024-05-17T08:00:00.5Z", datetime(2024, 5, 17, 8, 0, 0, 500000, UTC)),
    ("toDate", ("%H:%M:%S%.f",), "08:00:00", datetime(1900, 1, 1, 8, tzinfo=UTC)),
    ("toDate", ("%Y",), "no", EvaluationError),
    ("dateFormat", ("%S%.fZ",), datetime(2024, 5, 17, 0, 0, 1, 500000, UTC), "01.500Z"),
    ("dateFormat", ("%S%.fZ",), datetime(2024, 5, 17, 0, 0, 1, 0, UTC), "01Z"),
    ("dateFormat", ("%d.%m.",), datetime(2024, 5, 17, tzinfo=UTC), "17.05."),
    ("format", ("%+",), datetime(2024, 5, 17, tzinfo=UTC), "2024-05-17T00:00:00+00:00"),
    ("daysAfterNow", (), TODAY + timedelta(days=3, hours=1), 3),
    ("daysBeforeNow", (), TODAY - timedelta(days=3, hours=1), 3),
    ("decode", ("latin-1",), b"\xe9", "é"),
    ("decode", ("utf-8",), b"\xe9", EvaluationError),
    ("charsetDecode", ("no-such",), b"\xe9", EvaluationError),
    ("htmlEscape", (), "<a>", "&lt;a&gt;"),
    ("htmlUnescape", (), "&lt;", "<"),
    ("jsonpath", ("$.a",), {"a": 1}, 1),
    ("jsonpath", ("$.a",), '{"a": 1}', 1),
    ("xpath", ("string(//b)",), "<a><b>x</b></a>", "x"),
    ("xpath", ("string(//b)",), "<p>no <b>xml", "xml"),
    ("urlEncode", (), "a/b c?", "a/b%20c%3F"),
    ("urlDecode", (), "a%20b", "a b"),
    ("urlQueryParam", ("q",), "http://a/?p=1&q=x%20y", "x y"),
    ("urlQueryParam", ("z",), "http://a/?p=1", NOTHING),
    ("base64Encode", (), b"\xfb\xff", "+/8="),
    ("base64Decode", (), "+/8=", b"\xfb\xff"),
    ("base64Decode", (), "*", EvaluationError),
    ("base64UrlSafeEncode", (), b"\xfb\xff", "-_8"),
    ("base64UrlSafeDecode", (), "-_8", b"\xfb\xff"),
    ("utf8Encode", (), "é", b"\xc3\xa9"),
    ("utf8Decode", (), b"\xc3\xa9", "é"),
    ("location", (), Redirect(302, "/x"), "/x"),
]


@pytest.mark.parametrize(("name", "arguments", "value", "result"), APPLIED)
def test_a_filter_makes(name: str, arguments: tuple[Any, ...], value: Any, result: Any) -> None:
    if result is EvaluationError:
        with pytest.raises(EvaluationError):
            apply(name, value, *arguments)
    else:
        assert apply(name, value, *arguments) == result


def test_every_filter_that_is_read_is_tried_here_and_refuses_what_it_does_not_take() -> None:
    assert {name for name, *_ in APPLIED} == set(FILTERS)
    for name in set(FILTERS) - {"toString"}:
        with pytest.raises(EvaluationError, match=f"{name} does not take"):
            apply(name, None, "x", "y")


HELD: list[tuple[str, Any, Any, Any]] = [
    ("==", 200, 200, True),
    ("==", 1, 1.0, True),
    ("==", 1, True, False),
    ("==", "1", 1, False),
    ("==", None, None, True),
    ("==", [1, {"a": 1}], [1, {"a": 1.0}], True),
    ("==", [1], [True], False),
    ("!=", 1, 2, True),
    ("!=", 1, 1, False),
    ("<", 1, 2, True),
    ("<=", "a", "a", True),
    (">", 1, 2, False),
    (">=", 2, 2, True),
    (">", "a", 1, EvaluationError),
    ("startsWith", "abc", "ab", True),
    ("startsWith", b"abc", b"b", False),
    ("startsWith", 7, "7", EvaluationError),
    ("endsWith", "abc", "bc", True),
    ("contains", "abc", "b", True),
    ("contains", b"abc", b"x", False),
    ("contains", ["a", 1], 1, True),
    ("includes", ["a"], "b", False),
    ("includes", "a", "a", EvaluationError),
    ("matches", "abc", compile_pattern("b."), True),
    ("matches", 1, compile_pattern("1"), EvaluationError),
    ("exists", None, None, True),
    ("exists", Nodes(), None, False),
    ("isEmpty", [], None, True),
    ("isEmpty", "a", None, False),
    ("isEmpty", 0, None, EvaluationError),
    ("isInteger", 1, None, True),
    ("isInteger", True, None, False),
    ("isInteger", 1.0, None, False),
    ("isFloat", 1.0, None, True),
    ("isNumber", 1, None, True),
    ("isNumber", "1", None, False),
    ("isString", "1", None, True),
    ("isBoolean", False, None, True),
    ("isCollection", {}, None, True),
    ("isCollection", "a", None, False),
    ("isList", [], None, True),
    ("isObject", [], None, False),
    ("isDate", TODAY, None, True),
    ("isIsoDate", "2024-05-17T08:00:00Z", None, True),
    ("isIsoDate", "2024-05-17", None, False),
    ("isIsoDate", "2024-15-17T08:00:00Z", None, False),
    ("isIpv4", "127.0.0.1", None, True),
    ("isIpv4", "::1", None, False),
    ("isIpv6", "::1", None, True),
    ("isUuid", "123e4567-e89b-12d3-a456-426614174000", None, True),
    ("isUuid", "123e4567", None, False),
    ("isUuid", 7, None, EvaluationError),
]


@pytest.mark.parametrize(("name", "value", "expected", "result"), HELD)
def test_a_predicate_holds(name: str, value: Any, expected: Any, result: Any) -> None:
    if result is EvaluationError:
        with pytest.raises(EvaluationError):
            holds(name, value, expected)
        with pytest.raises(EvaluationError):
            holds(name, value, expected, negated=True)
    else:
        assert holds(name, value, expected) is result
        assert holds(name, value, expected, negated=True) is not result


def test_every_predicate_is_tried_here_and_of_nothing_none_holds_but_with_not() -> None:
    assert {name for name, *_ in HELD} == set(PREDICATES)
    assert holds("exists", NOTHING, negated=True)
    for name in set(PREDICATES) - {"exists"}:
        assert holds(name, NOTHING, None, negated=True)
        with pytest.raises(EvaluationError, match="nothing came"):
            holds(name, NOTHING, None)


def test_placeholders_take_captures_first_then_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP", "corner")
    text = 'GET /{{a}}/{{b}}/{{getEnv "SHOP"}}\n[Query]\nid: {{newUuid}}\nat: {{newDate}}'
    sent = build(parse(text).entries[0].request, Variables({"a": 1}, {"a": 2, "b": True}))
    assert sent.path == "/1/true/corner"
    query = dict(sent.query)
    assert holds("isUuid", query["id"])
    assert holds("isIsoDate", query["at"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("GET /{{nmae}}", "There is no variable 'nmae'. Did you mean 'name'?"),
        ("GET /{{zzz}}", "--variable"),
        ('GET /{{getEnv "NO_SUCH_NAME"}}', "NO_SUCH_NAME"),
        ("GET /{{bytes}}", "bytes cannot stand in a text"),
        ("GET {{name}}", "is not a URL"),
        ('GET /\n{"a": {{name}}}', "the body is no JSON"),
        ("GET /\nX-Tool: a\\nb", "line 2: this cannot be a header"),
        ("GET http:///x", "is not a URL: '' is no host"),
        ("GET http://a\\u{80}/x", "is not a URL"),
        ("GET http://a:b/x", "is not a URL"),
        ("GET http://[/x", "is not a URL"),
        ("GET /\nfile,no.txt;", "'no.txt' cannot be read"),
        ("GET /\n```hex\n0g\n```", "this is not hex"),
    ],
)
def test_what_cannot_be_filled_is_told(text: str, said: str) -> None:
    lines = text.split("\n")
    with pytest.raises(HurlRunError) as caught:
        build(parse(text).entries[0].request, Variables({"name": "x", "bytes": b"x"}, lines=lines))
    assert said in str(caught.value)


def test_a_value_within_a_json_string_is_escaped() -> None:
    request = parse('POST /\n{"a": "{{text}}", "b": {{list}}}').entries[0].request
    assert build(request, Variables({"text": 'a "b"\n', "list": [1, None]})).json is None
    sent = build(request, Variables({"text": 'a "b"\n', "list": [1, None]}))
    assert sent.data == b'{"a": "a \\"b\\"\\n", "b": [1, null]}'
    assert ("Content-Type", "application/json") in sent.headers


def test_graphql_is_sent_as_json() -> None:
    request = parse('POST /\n```graphql\n{ a }\nvariables {"n": {{n}}}\n```').entries[0].request
    sent = build(request, Variables({"n": 3}))
    assert sent.data == b'{"query":"{ a }","variables":{"n":3}}'


@pytest.mark.parametrize("library", ["jsonpath", "elementpath", "html5lib"])
def test_a_missing_library_names_the_command(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(HurlRunError, match=rf"the package {library}. pip install 'flask-magic\[hurl\]'"):
        paths.jsonpath("$", "{}") if library == "jsonpath" else paths.xpath("//a", "<a>", html=True)


def test_options_and_variables_are_read() -> None:
    assert option_value("delay", "2s") == 2.0
    assert option_value("delay", "200") == 0.2
    assert option_value("retry", "-1") == -1
    assert option_value("variable", "a=7") == ("a", 7)
    for name, text in [("repeat", "-1"), ("location", "yes"), ("delay", "soon"), ("variable", "a"), ("retry", "x")]:
        with pytest.raises(HurlRunError, match=f"The option {name} is '{text}', and takes"):
            option_value(name, text)
    assert [variable_value(text) for text in ("7", "1.5", "true", "null", '"7"', "x")] == [7, 1.5, True, None, "7", "x"]


def test_values_are_written_in_words_and_cut() -> None:
    assert shown("x" * 200).endswith("…")
    assert shown(NOTHING) == "nothing"
    assert shown(b"\x00") == "hex,00;"
    assert shown(Nodes(["a"])) == 'a set of 1 node: ["a"]'
    assert kind_of([1, 2]) == "a list of 2"
    assert text_of(None) == "null"


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a$", "a\n", False),
        (r"a\z", "a", True),
        ("(?m)a$", "a\nb", True),
        ("[$]$", "1$", True),
        ("(?<year>[0-9]{4})-(?P<month>..)", "2024-05", True),
        ("(?<=a)b(?<!c)", "ab", True),
        ("^[[:alpha:]_]+[^[:space:]]$", "ab_1", True),
        ("[]a]b", "]b", True),
        ("[[]b", "[b", True),
        (r"\x{e9}\u{1F600}", "é😀", True),
        (r"[\]$]x", "$x", True),
        (r"\$1", "$1", True),
    ],
)
def test_what_rust_writes_otherwise_is_read(pattern: str, text: str, found: bool) -> None:
    assert bool(compile_pattern(pattern).search(text)) is found


@pytest.mark.parametrize(
    ("text", "pattern", "shown"),
    [
        ("Fri, 17 May 2024 08:00:00 GMT", "%a, %d %b %Y %H:%M:%S GMT", "2024-05-17T08:00:00+00:00"),
        ("2024-05-17T08:00:00.123456789Z", "%Y-%m-%dT%H:%M:%S%.fZ", "2024-05-17T08:00:00.123456+00:00"),
        ("2024-05-17T08:00:00Z", "%Y-%m-%dT%H:%M:%S%.fZ", "2024-05-17T08:00:00+00:00"),
        ("2024-05-17 10:00 +02:00", "%F %R %:z", "2024-05-17T08:00:00+00:00"),
        ("17.05.2024 08:00:00.5", "%d.%m.%Y %H:%M:%S%.f", "2024-05-17T08:00:00.500000+00:00"),
        ("17.05.2024 08:00:00.123456789", "%d.%m.%Y %H:%M:%S.%9f", "2024-05-17T08:00:00.123456+00:00"),
        ("05/17/24", "%D", "2024-05-17T00:00:00+00:00"),
        ("0", "%s", "1970-01-01T00:00:00+00:00"),
    ],
)
def test_a_date_is_read_in_patterns_of_rust(text: str, pattern: str, shown: str) -> None:
    assert apply("dateFormat", apply("toDate", text, pattern), "%+") == shown


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("%e/%k/%P", " 7/ 8/am"),
        ("%T%.f", "08:05:09.007"),
        ("%3f %6f %.9f %f", "007 007000 .007000000 007000000"),
        ("%h %C 100%%", "May 20 100%"),
        ("%:z %s", "+00:00 1715069109"),
    ],
)
def test_a_date_is_written_in_patterns_of_rust(pattern: str, shown: str) -> None:
    assert apply("format", datetime(2024, 5, 7, 8, 5, 9, 7000, UTC), pattern) == shown


def test_values_are_tried_as_hurl_does() -> None:
    assert holds("isList", b"")
    assert not holds("isList", Nodes(["a"]))
    assert holds("isObject", Nodes(["a"]))
    assert holds("isIsoDate", "1990-12-31T23:59:60Z")
    assert not holds("isIsoDate", "1990-12-31T24:59:61Z")
    for uuid in ("01cc0f5488854a1d9121ae5d316a33c5", "{01cc0f54-8885-4a1d-9121-ae5d316a33c5}"):
        assert holds("isUuid", uuid)
        assert not holds("isUuid", uuid[:-1])
    assert (apply("count", "é"), apply("replaceRegex", "a1", compile_pattern(r"(\w)(\d)"), "$2${1}$$")) == (2, "1a$")
    for name, value in (("toInt", " 7"), ("toFloat", "1_0"), ("toFloat", "nan"), ("toString", [1])):
        with pytest.raises(EvaluationError):
            apply(name, value)


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))
def test_a_date_that_is_written_is_read(date: datetime) -> None:
    for pattern in ("%+", "%F %T%.6f %z", "%Y-%m-%dT%H:%M:%S%.fZ"):
        assert apply("toDate", apply("format", date, pattern), pattern) == date


def test_blanks_behind_the_body_are_no_part_of_it() -> None:
    assert paths.xpath("string(//body)", "<html><body>saw </body>\n</html>\n", html=True) == "saw "
