"""What is not shown unless it is asked for."""

import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_magic.masking import MASK, mask_cookie, mask_header, mask_json, mask_markup, mask_pieces, mask_text

#: Long enough to be in nothing by accident.
_SECRETS = st.text(string.ascii_letters + string.digits + "=+/.-_ ", min_size=8).map(lambda text: f"s3cr3t{text}s3cr3t")


@settings(max_examples=100, deadline=None)
@given(_SECRETS, st.sampled_from(["Authorization", "proxy-authorization", "X-API-Key", "X-CSRFToken", "Cookie"]))
def test_a_header_keeps_its_secret(secret: str, name: str) -> None:
    values = [f"a={secret}", f"a={secret}; b={secret}"]
    if name != "Cookie":
        values += [secret, f"Bearer {secret}", f"Basic  {secret}"]
    for value in values:
        assert "s3cr3t" not in mask_header(name, value)


@settings(max_examples=100, deadline=None)
@given(_SECRETS)
def test_a_cookie_keeps_its_value(secret: str) -> None:
    shown = mask_cookie(f"session={secret}; HttpOnly; Path=/")
    assert shown == f"session={MASK}; HttpOnly; Path=/"


@settings(max_examples=100, deadline=None)
@given(_SECRETS, st.sampled_from(["token", "access_token", "PASSWORD", "api_key", "client-secret", "tokens"]))
def test_json_keeps_its_secrets(secret: str, key: str) -> None:
    shown = mask_json({"a": [{key: secret, "n": 1}], key: secret})
    assert "s3cr3t" not in json.dumps(shown)
    assert shown["a"][0]["n"] == 1


@settings(max_examples=100, deadline=None)
@given(_SECRETS, st.booleans(), st.sampled_from(['"', "'"]))
def test_a_form_keeps_its_csrf_token(secret: str, name_first: bool, quote: str) -> None:
    name, value = f"name={quote}csrf_token{quote}", f"value={quote}{secret}{quote}"
    attributes = f"{name} {value}" if name_first else f"{value} {name}"
    assert "s3cr3t" not in mask_markup(f'<form><input type="hidden" {attributes}></form>')


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Content-Type", "text/html", "text/html"),
        ("Authorization", "Bearer abc", f"Bearer {MASK}"),
        ("Authorization", "abc", MASK),
        ("Authorization", "my secret", MASK),
        ("X-API-Key", "my secret", MASK),
        ("Cookie", "a=1; b=2", f"a={MASK}; b={MASK}"),
        ("Cookie", "secret", MASK),
    ],
)
def test_headers(name: str, value: str, shown: str) -> None:
    assert mask_header(name, value) == shown


def test_a_deleted_cookie_shows_as_empty() -> None:
    assert mask_cookie("session=; Max-Age=0") == "session=; Max-Age=0"


def test_a_cookie_without_a_name_is_all_value() -> None:
    assert mask_cookie("secret; Path=/") == f"{MASK}; Path=/"


def test_what_is_no_secret_stays() -> None:
    data = {"tokenizer": "a", "secretary": "b", "token": 7, "password": "", "name": "c"}
    assert mask_json(data) == data
    assert mask_markup('<input name="q" value="drill">') == '<input name="q" value="drill">'


def test_data_is_copied() -> None:
    data = {"token": "abc"}
    mask_json(data)
    assert data == {"token": "abc"}


@pytest.mark.parametrize(
    "text",
    [
        "Password: at least 8 characters",
        "<label for=password>Password:</label> <input type=password>",
        '<input type="submit" name="reset_password" value="Reset password">',
        '<input name="token" value="7">',
        '<meta name="csrf-param" content="authenticity">',
        ".token:hover, .password:focus { color: red }",
        '{"token_count": 3, "max_tokens": 100, "token": null}',
        "Basic authentication, and Bearer authentication",
        'WWW-Authenticate: Basic realm="Authentication Required"',
        "/tools?page=2&author=ada&monkey=1&secretary=7",
        "http://localhost:5000/members/@ada http://localhost:5000?mail=ada@localhost ada@localhost",
        "tools.shop.endpoint  08:30:00  1.2.3",
        "Cookie: the browser sends it back",
        "the token is missing",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert mask_text(text) == text
    assert mask_markup(text) == text


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"password": ["This field is required."]}, {"password": ["This field is required."]}),
        ({"tokens": ["abc", "def"]}, {"tokens": [MASK, MASK]}),
        ({"Authorization": "Bearer abc", "Cookie": "a=b"}, {"Authorization": f"Bearer {MASK}", "Cookie": f"a={MASK}"}),
        (["see http://ada:abc@shop/"], [f"see http://ada:{MASK}@shop/"]),
        ("?token=abc", f"?token={MASK}"),
    ],
)
def test_fields_and_texts_of_json(data: object, shown: object) -> None:
    assert mask_json(data) == shown


@settings(max_examples=100, deadline=None)
@given(_SECRETS, st.data())
def test_pieces_keep_a_secret_that_is_cut(secret: str, data: st.DataObject) -> None:
    text = f'before {{"password": "{secret}"}} after'
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[first:last] for first, last in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    shown = mask_pieces(pieces)
    assert len(shown) == len(pieces)
    assert "".join(shown).replace(MASK, "") == 'before {"password": ""} after'
