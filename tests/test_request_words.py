"""A request is written as it could be typed."""

import string
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flask_magic.arguments import split_words
from flask_magic.masking import MASK
from flask_magic.request_line import METHODS, FileItem, Request, read_request
from flask_magic.request_words import line_of, words_of

NAMES = st.text(string.ascii_letters + "é_-. &%'\"\\=:@;[]", min_size=1, max_size=8).filter(
    lambda name: not name.startswith("-")  # that is an option
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=10)
# What HTTPie's items cannot say: a form's value, or a header's, that begins so.
PLAIN = TEXT.filter(lambda text: not text.startswith(("=", "@")))
JSON = st.none() | st.booleans() | st.integers() | st.lists(TEXT, max_size=2) | st.dictionaries(TEXT, TEXT, max_size=2)
PATHS = st.text(string.ascii_letters + "é -._~?&=%[]'\"", max_size=10).map(lambda text: f"/{text}")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(METHODS),
    PATHS,
    st.lists(st.tuples(NAMES, TEXT), max_size=2),
    st.lists(st.tuples(NAMES, st.none() | PLAIN), max_size=2),
    st.dictionaries(NAMES, TEXT | JSON, min_size=1, max_size=3) | st.none(),
    st.lists(st.tuples(NAMES, PLAIN), max_size=2),
)
def test_what_is_written_reads_as_the_request(
    method: str,
    path: str,
    query: list[tuple[str, str]],
    headers: list[tuple[str, str | None]],
    json: dict[str, Any] | None,
    form: list[tuple[str, str]],
) -> None:
    request = Request(method, path, query=query, headers=headers, json=json, form=[] if json else form)
    line = line_of(request, reveal=True)
    assert read_request(split_words(line), form=bool(request.form)) == request, line


def test_a_host_and_files() -> None:
    files = [
        FileItem("photo", "drill.png", b"", "image/png", "photos/drill.png"),
        FileItem("note", "a", b"", "text/plain", "a"),
    ]
    request = Request("POST", "/tools", "https", "shop.test", files=files)
    assert line_of(request) == "POST https://shop.test/tools photo@photos/drill.png note@a;type=text/plain"


def test_secrets_are_masked() -> None:
    words = ["POST", "/?token=s3cr3t", "api_key==s3cr3t", "Authorization:Bearer s3cr3t", "Cookie:a=s3cr3t"]
    for form in (False, True):
        request = read_request([*words, "password=s3cr3t", "name=ada"], form=form)
        line = line_of(request)
        assert "s3cr3t" not in line
        assert line.count(MASK) == 5
        assert "name=ada" in line


def test_what_is_another_one_on_each_machine_is_masked() -> None:
    asked = [
        "/site.css",
        'If-None-Match:"1795400000.5-33-2711", "abc"',
        "If-Modified-Since:Mon, 23 Nov 2026 04:00:00 GMT",
    ]
    assert words_of(read_request(asked))[2:] == ['If-None-Match:•••, "abc"', "If-Modified-Since:•••"]
