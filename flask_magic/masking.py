"""What is not shown unless it is asked for: cookie values, credentials, tokens.

A secret is known by the name it stands under (`password`, `X-API-Key`, `?token=`), by its place (`user:HERE@host`), or
by its form (a signed token).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["MASK", "mask_cookie", "mask_header", "mask_json", "mask_markup", "mask_pieces", "mask_text"]

#: Stands where a secret was.
MASK = "•••"

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_SCHEMES = frozenset({"apikey", "basic", "bearer", "digest", "jwt", "negotiate", "token"})

# How the name of a secret ends: `token`, `access_token`, `csrfToken`, and not `token_count`.
_NAME = (
    r"(?:token|secret|passw(?:or)?d|passphrase|pwd|(?:api|secret|private|access)[_-]?key"
    r"|csrf|xsrf|jwt|session[_-]?id)s?"
)
_SECRET_NAME = re.compile(rf"{_NAME}\Z", re.IGNORECASE)
# What stands under such a name and tells nothing.
_ORDINARY = re.compile(r"\d{0,4}|true|false|null|none", re.IGNORECASE)

# A quote as it is written in a text, within a JSON string, and in HTML.
_QUOTE = r"(?:\\?[\"']|&(?:\#34|\#39|\#x22|\#x27|quot|apos);)"
_CREDENTIALS = rf"(?:{'|'.join(sorted(_SCHEMES))})[ ]+"
_IN_TEXT = [
    re.compile(pattern, re.IGNORECASE | re.MULTILINE | re.VERBOSE)
    for pattern in (
        # "token": "…", token='…'
        rf"(?:{_NAME}|authorization) {_QUOTE}? \s* [:=][=>]? \s* b?(?P<quote>{_QUOTE})"
        rf"(?P<secret> (?: (?!(?P=quote)) (?:\\.|[^\n]) )+ )",
        # token=…, in a query, in a form, in a DSN
        rf"{_NAME} :?==? (?P<secret> [^\s&'\"<>,;]+ (?<![)\]}}.]) )",
        # token: …, where one word is all that is said of it
        rf"(?:{_NAME}|authorization) {_QUOTE}? : [ \t]+ (?P<secret> [^\s&'\"<>,;(\[{{]+ (?<![)\]}}.]) )"
        r"(?= [ \t]*(?:$|[,;)}\]\r<]) )",
        # --token …, an option of a command
        rf"(?<![\w-]) --[\w-]* {_NAME} [ ]+ (?P<secret> [^\s-]\S* )",
        # scheme://user:…@host
        r":// [^\s/:@?\#'\"<>]* : (?P<secret> [^\s/?\#'\"<>]+ ) (?=@)",
        # Authorization: Bearer …
        rf"authorization {_QUOTE}? \s* [:=] \s* {_CREDENTIALS} (?P<secret> [^\s'\"<>,;]+ )",
        r"\b (?:basic|bearer) [ ]+ (?P<secret> (?=[\w.~+/-]*(?:\d|(?-i:[a-z][A-Z]))) [\w.~+/-]{12,} =* )",
        # A JSON Web Token; what ItsDangerous signs, with the time: sessions, CSRF tokens, links to reset a password
        r"(?P<secret> (?<![\w-]) (?-i:eyJ) [\w-]+ \. [\w-]+ \. [\w-]+ )",
        r"(?P<secret> (?<![\w-]) [\w-]+ \. [\w-]{6} \. [\w-]{27} (?![\w-]) )",
    )
]
_COOKIES = re.compile(r"\b(?P<set>set-)?cookie[\"']?\s*:\s*[\"']?(?P<pairs>[\w.-]+=[^\"'\r\n]*)", re.IGNORECASE)
_PAIR = re.compile(r"=(?P<secret>[^;\s]+)")
_TAG = re.compile(r"<[a-z][\w-]*\s(?:\"[^\"]*\"|'[^']*'|[^'\"<>])*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_LABELS = frozenset({"submit", "button", "reset", "image", "checkbox", "radio"})  # their value is no input


def mask_header(name: str, value: str) -> str:
    """A header's value; of a credential only its scheme is left.

    >>> mask_header("Authorization", "Bearer abc.def")
    'Bearer •••'
    >>> mask_header("Location", "/reset?token=abc")
    '/reset?token=•••'
    """
    if name.lower() == "set-cookie":
        return mask_cookie(value)
    if name.lower() == "cookie":
        pairs = [pair.strip().partition("=") for pair in value.split(";")]
        return "; ".join(f"{cookie}={MASK}" if equals else MASK for cookie, equals, _ in pairs)
    if not _is_secret(name):
        return mask_text(value)
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and scheme.lower() in _SCHEMES else _hidden(value)


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
    """A copy of JSON data in which fields that are named like a secret hold the mask, and texts hold no secret.

    >>> mask_json({"api_key": "abc", "token_count": 3, "next": "/reset?token=abc"})
    {'api_key': '•••', 'token_count': 3, 'next': '/reset?token=•••'}
    """
    if isinstance(value, dict):
        return {key: _mask_field(str(key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask_json(item) for item in value]
    return mask_text(value) if isinstance(value, str) else value


def _mask_field(name: str, value: Any) -> Any:
    if isinstance(value, str) and _is_secret(name):
        return mask_header(name, value) if name.lower() in _SECRET_HEADERS else value and MASK
    if isinstance(value, list) and _is_secret(name):
        # A list of words is one of secrets; sentences are what a validator says of a password.
        words = all(isinstance(item, str) and " " not in item for item in value)
        return [MASK if words else mask_json(item) for item in value]
    return mask_json(value)


def mask_text(text: str) -> str:
    """Text (a URL, a log message, an exception's) in which what is a secret by its name, place or form is masked.

    >>> mask_text("GET /tools?token=abc&page=2 from postgresql://shop:abc@db/tools")
    'GET /tools?token=•••&page=2 from postgresql://shop:•••@db/tools'
    """
    return mask_pieces([text])[0]


def mask_markup(text: str) -> str:
    """HTML in which, besides, the values of inputs and meta elements that are named like a secret are masked.

    >>> mask_markup('<meta name="csrf-token" content="abc">')
    '<meta name="csrf-token" content="•••">'
    """
    return mask_pieces([text], markup=True)[0]


def mask_pieces(pieces: Sequence[str], *, markup: bool = False) -> list[str]:
    """The pieces of one text, masked; a secret may begin in one and end in another.

    >>> mask_pieces(["?tok", "en=ab", "c&page=2"])
    ['?tok', 'en=•••', '•••&page=2']
    """
    text = "".join(pieces)
    found = [*_secrets_of_markup(text), *_secrets(text)] if markup else _secrets(text)
    spans = _merged(found)
    shown, end = [], 0
    for piece in pieces:
        start, end = end, end + len(piece)
        parts = []
        for first, last in spans:
            if first < end and last > start:
                parts += [text[start:first], MASK]
                start = min(last, end)
        shown.append("".join([*parts, text[start:end]]))
    return shown


def _is_secret(name: str) -> bool:
    return name.lower() in _SECRET_HEADERS or _SECRET_NAME.search(name) is not None


def _hidden(value: str) -> str:
    return value if _ORDINARY.fullmatch(value) else MASK


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    """Where secrets stand in a text."""
    for pattern in _IN_TEXT:
        for match in pattern.finditer(text):
            if not _ORDINARY.fullmatch(match["secret"]):
                yield match.span("secret")
    for cookies in _COOKIES.finditer(text):
        for pair in _PAIR.finditer(text, *cookies.span("pairs")):
            yield pair.span("secret")
            if cookies["set"]:
                break


def _secrets_of_markup(text: str) -> Iterator[tuple[int, int]]:
    """Where the value of an input, or the content of a meta element, is a secret."""
    for tag in _TAG.finditer(text):
        attributes = {match[1].lower(): match for match in _ATTRIBUTE.finditer(text, *tag.span())}
        said = {name: "".join(filter(None, match.groups()[1:])) for name, match in attributes.items()}
        kind = said.get("type", "").lower()
        named = any(_SECRET_NAME.search(said.get(name, "")) for name in ("name", "property"))
        if kind == "password" or (named and kind not in _LABELS):
            for name in ("value", "content"):
                if name in attributes and not _ORDINARY.fullmatch(said[name]):
                    yield attributes[name].span(attributes[name].lastindex or 0)


def _merged(spans: Iterator[tuple[int, int]] | Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged
