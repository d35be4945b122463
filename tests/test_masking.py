"""What is not shown unless it is asked for."""

import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_magic.masking import MASK, mask_cookie, mask_header, mask_json, mask_markup

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
