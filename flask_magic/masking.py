"""What is not shown unless it is asked for: cookie values, credentials, tokens."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["MASK", "mask_cookie", "mask_header", "mask_json", "mask_markup"]

#: Stands where a secret was.
MASK = "•••"

_SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "x-csrftoken", "x-csrf-token"}
)
_SCHEMES = frozenset({"apikey", "basic", "bearer", "digest", "jwt", "negotiate", "token"})
_SECRET_KEYS = re.compile(r"(?:^|[_-])(?:token|secret|password|passwd|api_?key)s?$", re.IGNORECASE)
_HIDDEN_TOKEN = re.compile(r"<input\b[^>]*\bname=[\"']?[\w-]*csrf[\w-]*[\"']?[^>]*>", re.IGNORECASE)
_VALUE = re.compile(r"(\bvalue=)(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)


def mask_header(name: str, value: str) -> str:
    """A header's value; of a credential only its scheme is left.

    >>> mask_header("Authorization", "Bearer abc.def")
    'Bearer •••'
    """
    if name.lower() not in _SECRET_HEADERS:
        return value
    if name.lower() == "cookie":
        pairs = [pair.strip().partition("=") for pair in value.split(";")]
        return "; ".join(f"{cookie}={MASK}" if equals else MASK for cookie, equals, _ in pairs)
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and scheme.lower() in _SCHEMES else MASK


def mask_cookie(set_cookie: str) -> str:
    """A Set-Cookie header with its attributes and without its value.

    >>> mask_cookie("session=eyJ1; HttpOnly; Path=/")
    'session=•••; HttpOnly; Path=/'
    """
    pair, semicolon, attributes = set_cookie.partition(";")
    name, equals, value = pair.partition("=")
    shown = f"{name}={MASK if value else ''}" if equals else MASK
    return f"{shown}{semicolon}{attributes}"


def mask_json(value: Any) -> Any:
    """A copy of JSON data in which fields that are named like a secret hold the mask."""
    if isinstance(value, dict):
        return {
            key: MASK if isinstance(item, str) and item and _SECRET_KEYS.search(str(key)) else mask_json(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [mask_json(item) for item in value]
    return value


def mask_markup(text: str) -> str:
    """HTML in which the value of a hidden CSRF field is masked."""
    return _HIDDEN_TOKEN.sub(lambda field: _VALUE.sub(rf'\1"{MASK}"', field[0]), text)
