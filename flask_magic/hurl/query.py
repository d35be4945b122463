"""What an assert or a capture looks at in a response."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from werkzeug.test import TestResponse

from .expressions import COOKIE_ATTRIBUTES
from .templates import Variables
from .tree import Query
from .values import NOTHING, EvaluationError, Redirect

if TYPE_CHECKING:
    from ..exchange import Exchange

__all__ = ["Answer", "can_unpack_brotli", "evaluate"]


@dataclass
class Answer:
    """An exchange's response, with what queries ask of it. The exchange has a response."""

    exchange: Exchange

    @property
    def response(self) -> TestResponse:
        """The response."""
        assert self.exchange.response is not None
        return self.exchange.response

    @cached_property
    def content(self) -> bytes:
        """The body, unpacked where Content-Encoding says that it is packed. Raises EvaluationError."""
        content = self.response.get_data()
        for encoding in reversed(self.response.headers.get("Content-Encoding", "").lower().split(",")):
            content = _unpacked(content, encoding.strip())
        return content

    @cached_property
    def text(self) -> str:
        """The body as text. Raises EvaluationError."""
        charset = self.response.mimetype_params.get("charset", "utf-8")
        try:
            return self.content.decode(charset)
        except (UnicodeDecodeError, LookupError):
            raise EvaluationError(f"the body is not text in {charset}") from None

    @property
    def version(self) -> str:
        """The version of HTTP, such as `1.1`."""
        return str(self.response.request.environ.get("SERVER_PROTOCOL", "HTTP/1.1")).removeprefix("HTTP/")

    @property
    def redirects(self) -> list[Redirect]:
        """The redirects that were followed."""
        return [
            Redirect(step.status_code, urljoin(step.request.url, step.headers.get("Location", "")))
            for step in self.response.history
        ]

    def headers(self, name: str) -> list[str]:
        """The values of a header."""
        return self.response.headers.getlist(name)

    def cookie(self, asked: str) -> Any:
        """The value of a cookie that the response sets, or one of its attributes: `session[Max-Age]`."""
        match = re.fullmatch(r"([^\[\]]+)(?:\[([A-Za-z-]+)\])?", asked)
        if match is None:
            raise EvaluationError(f"{asked!r} is no cookie's name; an attribute is written as session[HttpOnly]")
        attribute = (match[2] or "Value").lower()
        if attribute not in _ATTRIBUTES:
            raise EvaluationError(f"a cookie has no attribute {match[2]!r}; it is one of Value, Expires, Max-Age, …")
        for header in reversed(self.headers("Set-Cookie")):
            pair, *rest = header.split(";")
            name, _, value = pair.partition("=")
            if name.strip() == match[1]:
                said = {key.strip().lower(): text for key, _, text in (one.partition("=") for one in rest)}
                return value.strip() if attribute == "value" else _attribute(attribute, said)
        return NOTHING


_ATTRIBUTES = frozenset(map(str.lower, COOKIE_ATTRIBUTES))


def _attribute(name: str, said: dict[str, str]) -> Any:
    if name not in said:
        return NOTHING
    text = said[name].strip()
    match name:
        case "secure" | "httponly":
            return True
        case "max-age":
            return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text
        case "expires":
            try:
                return parsedate_to_datetime(text)
            except ValueError:
                return text
    return text


def _unpacked(content: bytes, encoding: str) -> bytes:
    try:
        match encoding:
            case "" | "identity":
                return content
            case "gzip" | "x-gzip":
                return zlib.decompress(content, wbits=31) if content else content
            case "deflate":
                bare = content[:1] != b"\x78"  # some servers leave out the wrapping of zlib
                return zlib.decompress(content, wbits=-15 if bare else 15) if content else content
            case "br" if can_unpack_brotli():
                return import_module("brotli").decompress(content) if content else content
    except Exception as error:  # each library has its own
        raise EvaluationError(f"the body is not {encoding}: {error}") from None
    also = "; br needs the package brotli" if encoding == "br" else "; gzip, deflate and br are"
    raise EvaluationError(f"the body's encoding {encoding} is not implemented{also}")


def can_unpack_brotli() -> bool:
    """Is the package there that unpacks `Content-Encoding: br`?"""
    return find_spec("brotli") is not None


def evaluate(query: Query, answer: Answer, variables: Variables) -> Any:
    """The value of a query; NOTHING where there is none. Raises EvaluationError, HurlRunError."""
    from . import paths

    match query.name:
        case "status":
            return answer.response.status_code
        case "version":
            return answer.version
        case "url":
            return answer.response.request.url
        case "redirects":
            return answer.redirects
        case "body":
            return answer.text
        case "bytes":
            return answer.content
        case "rawbytes":
            return answer.response.get_data()
        case "sha256":
            return hashlib.sha256(answer.content).digest()
        case "md5":
            return hashlib.md5(answer.content, usedforsecurity=False).digest()
        case "duration":
            return round(answer.exchange.seconds * 1000)
    assert query.argument is not None
    if query.name == "regex":
        found = variables.pattern(query.argument).search(answer.text)
        return paths.group_of(found)
    argument = variables.value(query.argument)
    match query.name:
        case "header":
            values = answer.headers(argument)
            return NOTHING if not values else values[0] if len(values) == 1 else values
        case "cookie":
            return answer.cookie(argument)
        case "variable":
            return variables.get(argument, NOTHING)
        case "jsonpath":
            return paths.jsonpath(argument, answer.text, coerce=variables.coerce)
        case "xpath":
            return paths.xpath(argument, answer.text, html="html" in (answer.response.mimetype or ""))
    raise AssertionError(query.name)
