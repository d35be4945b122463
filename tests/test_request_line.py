"""The request line: HTTPie's items."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_magic.arguments import split_words
from flask_magic.errors import MagicLineError
from flask_magic.request_line import FileItem, Request, read_request


def read(line: str, **options: object) -> Request:
    """A request line as it is typed."""
    return read_request(split_words(line), **options)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/tools", Request()),
        ("GET /tools", Request()),
        ("delete /tools", Request("DELETE")),
        ("PROPFIND /tools", Request("PROPFIND")),
        ("/tools name=drill", Request("POST", json={"name": "drill"})),
        ("PUT /tools price:=12 tags:='[1, 2]'", Request("PUT", json={"price": 12, "tags": [1, 2]})),
        ("/tools q==drill q==saw", Request(query=[("q", "drill"), ("q", "saw")])),
        ("/tools X-One:1 X-Two: X-Three;", Request(headers=[("X-One", "1"), ("X-Two", None), ("X-Three", "")])),
        (r"/tools a\=b=c", Request("POST", json={"a=b": "c"})),
        (r"/tools a\:b=c", Request("POST", json={"a:b": "c"})),
        ("/tools name='claw hammer'", Request("POST", json={"name": "claw hammer"})),
        ("/tools url=http://x/?a=b", Request("POST", json={"url": "http://x/?a=b"})),
        ("/tools Referer:http://x/?a=b", Request(headers=[("Referer", "http://x/?a=b")])),
    ],
)
def test_items(line: str, expected: Request) -> None:
    expected.path = "/tools"
    assert read(line) == expected


@pytest.mark.parametrize(
    ("line", "path", "scheme", "host", "target"),
    [
        ("/a?b=c#d", "/a?b=c", "http", None, "/a?b=c"),
        ("?b=c", "/?b=c", "http", None, "/?b=c"),
        ("https://shop.test:8000/a?b=c", "/a?b=c", "https", "shop.test:8000", "https://shop.test:8000/a?b=c"),
        ("http://shop.test", "/", "http", "shop.test", "http://shop.test/"),
        ("/a?b=c d==e", "/a?b=c", "http", None, "/a?b=c&d=e"),
        ("/a d=='e f'", "/a", "http", None, "/a?d=e+f"),
    ],
)
def test_targets(line: str, path: str, scheme: str, host: str | None, target: str) -> None:
    request = read(line)
    assert (request.path, request.scheme, request.host, request.target) == (path, scheme, host, target)


def test_a_form(tmp_path: Path) -> None:
    assert read("/tools a=1 a=2", form=True).form == [("a", "1"), ("a", "2")]
    (tmp_path / "drill.png").write_bytes(b"png")
    request = read("/tools photo@drill.png name=drill", folder=tmp_path)
    assert request.files == [FileItem("photo", "drill.png", b"png", "image/png")]
    assert request.form == [("name", "drill")]
    assert (request.method, request.json) == ("POST", None)
    typed = read("/tools photo@drill.png;type=text/x-odd", folder=tmp_path)
    assert typed.files[0].content_type == "text/x-odd"


def test_values_from_files(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "data.json").write_text('{"a": 1}')
    assert read("/x text=@text.txt data:=@data.json", folder=tmp_path).json == {"text": "hello", "data": {"a": 1}}


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("", "no path to send"),
        ("GET", "GET needs a path"),
        ("tools", "'tools' is not a path. Did you mean '/tools'?"),
        ("GET tools", "'tools' is not a path. Did you mean '/tools'?"),
        ("GTE /tools", "GTE is not a method of HTTP. Did you mean 'GET'?"),
        ("/tools drill", "'drill' is not a request item"),
        ("/tools a:=drill", "not JSON"),
        ("/tools a:=1 --form", "not a request item"),
        ("/tools a;b", "takes no value"),
        ("/tools a@none.txt", "'none.txt' cannot be read: No such file"),
        ("/tools =b", "not a request item"),
    ],
)
def test_errors(line: str, match: str, tmp_path: Path) -> None:
    with pytest.raises(MagicLineError) as caught:
        read(line, folder=tmp_path)
    assert match in str(caught.value)


def test_a_form_takes_no_json() -> None:
    with pytest.raises(MagicLineError, match="A form holds text only"):
        read("/x a:=1", form=True)


def test_a_file_that_is_nearly_named_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "drill.png").touch()
    with pytest.raises(MagicLineError, match=r"Did you mean 'drill\.png'\?"):
        read("/x a@dril.png", folder=tmp_path)


@pytest.mark.parametrize("separator", ["=@", ":=@"])
def test_a_file_that_is_not_text_is_refused(separator: str, tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(MagicLineError, match="not text"):
        read(f"/x a{separator}bytes", folder=tmp_path)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40), st.booleans())
def test_any_line_is_read_or_refused(line: str, form: bool) -> None:
    try:
        request = read("/x " + line, form=form)
    except MagicLineError as error:
        assert error.what  # noqa: PT017
    else:
        assert request.path == "/x"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(alphabet="GETPOSX/ab=:@;\\?&'\" -{}[]1\n#%", max_size=12), max_size=5))
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    try:
        request = read_request(words)
    except MagicLineError as error:
        assert error.what  # noqa: PT017
    else:
        assert request.path.startswith("/")
        assert request.method == request.method.upper()


def escaped(name: str) -> str:
    """A name as it is typed, its separators protected."""
    return "".join(f"\\{letter}" if letter in "\\=:@;" else letter for letter in name)


_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
_NAMES = _TEXT.filter(bool)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(_NAMES, _TEXT.filter(lambda text: not text.startswith(("=", "@")))),
    st.lists(st.tuples(_NAMES, _TEXT)),
    st.lists(st.tuples(_NAMES, _TEXT.filter(lambda text: text and text[0] not in "=@"))),
)
def test_items_that_are_printed_are_read_back(
    fields: dict[str, str], query: list[tuple[str, str]], headers: list[tuple[str, str]]
) -> None:
    words = [f"{escaped(name)}={value}" for name, value in fields.items()]
    words += [f"{escaped(name)}=={value}" for name, value in query]
    words += [f"{escaped(name)}:{value}" for name, value in headers]
    request = read_request(["/x", *words])
    assert (request.json or {}, request.query, request.headers) == (fields, query, headers)


def test_who_asks_is_no_part_of_the_host() -> None:
    request = read_request(["http://ada:a%40b@shop.example:8080/tools"])
    assert (request.host, request.target) == ("shop.example:8080", "http://shop.example:8080/tools")
    assert request.headers == [("Authorization", "Basic YWRhOmFAYg==")]
