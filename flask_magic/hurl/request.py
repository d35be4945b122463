"""An entry's request as it is sent."""

from __future__ import annotations

import json
import mimetypes
import re
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

from ..errors import HurlRunError
from ..request_line import FileItem, request_for
from ..request_line import Request as Sent
from .query import can_unpack_brotli
from .templates import Variables
from .tree import Body, BytesValue, FileField, FileValue, JsonBody, KeyValue, MultiLine, Quoted, Request, XmlBody

__all__ = ["Additions", "build", "content_of"]

_TYPES = {"json": "application/json", "graphql": "application/json", "xml": "application/xml"}


@dataclass
class Additions:
    """What an entry's options add to its request: headers as they are written, who asks, what may be packed."""

    headers: list[str] = field(default_factory=list)
    user: str = ""
    compressed: bool = False
    path_as_is: bool = False


def build(request: Request, variables: Variables, additions: Additions | None = None) -> Sent:
    """The request with its placeholders filled. Raises HurlRunError.

    >>> from flask_magic.hurl.parser import parse
    >>> entry = parse('POST /tools\\n{"name": "{{name}}"}').entries[0]
    >>> build(entry.request, Variables({"name": "saw"})).data
    b'{"name": "saw"}'
    """
    url = variables.text(request.url)
    if not url.startswith(("/", "?", "http://", "https://")):
        raise HurlRunError(
            f"line {request.at.line}: {url!r} is not a URL.",
            todo="A path begins with '/', and a whole URL with http:// or https://.",
        )
    try:
        sent = request_for(url)
        if sent.host is not None:
            _check_host(urlsplit(url))
    except ValueError as error:
        raise HurlRunError(f"line {request.at.line}: {url!r} is not a URL: {error}.") from None
    additions = additions or Additions()
    path, mark, query = sent.path.partition("?")
    if not additions.path_as_is and "/." in path:
        sent.path = urljoin("/", path) + mark + query
    text = variables.text
    sent.method = request.method
    sent.headers += [_header(header, variables) for header in request.headers]
    sent.query = [(text(pair.key), text(pair.value)) for pair in request.query]
    sent.form = [(text(pair.key), text(pair.value)) for pair in request.form]
    if request.cookies:
        sent.headers.append(("Cookie", "; ".join(f"{text(one.key)}={text(one.value)}" for one in request.cookies)))
    if request.basic_auth is not None:
        sent.headers.append(_basic(f"{text(request.basic_auth.key)}:{text(request.basic_auth.value)}"))
    elif additions.user:
        sent.headers.append(_basic(additions.user))
    sent.headers += [_checked(*_halves(header), request.at.line) for header in additions.headers]
    if additions.compressed:
        sent.headers.append(("Accept-Encoding", "gzip, deflate, br" if can_unpack_brotli() else "gzip, deflate"))
    if request.multipart:
        _add_multipart(sent, request, variables)
    if request.body is not None:
        sent.data = content_of(request.body, variables)
        _say_type(sent, _type_of(request.body))
    return sent


def _check_host(parts: SplitResult) -> None:
    """Raise ValueError for a host that no client could ask."""
    host, _ = parts.hostname or "", parts.port  # reading the port raises where it is no number
    if not re.fullmatch(r"[^\x00-\x20\x7f-\x9f<>\"\\^`{|}%]+", host):
        raise ValueError(f"{host!r} is no host")
    host.encode("idna")


def _header(header: KeyValue, variables: Variables) -> tuple[str, str]:
    return _checked(variables.text(header.key), variables.text(header.value), header.key.at.line)


def _basic(pair: str) -> tuple[str, str]:
    return "Authorization", f"Basic {b64encode(pair.encode()).decode()}"


def _halves(header: str) -> tuple[str, str]:
    name, _, value = header.partition(":")
    return name.strip(), value.strip()


def _checked(name: str, value: str, line: int) -> tuple[str, str]:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(r"[\x00-\x08\n-\x1f]", value):
        raise HurlRunError(
            f"line {line}: this cannot be a header.",
            why="Its name is one word of ASCII, and its value one line.",
        )
    return name, value


def _add_multipart(sent: Sent, request: Request, variables: Variables) -> None:
    for part in request.multipart:
        key = variables.text(part.key)
        if isinstance(part, FileField):
            name, content = variables.file(part.name)
            said = variables.text(part.content_type) if part.content_type is not None else ""
            kind = said or mimetypes.guess_type(name)[0] or "application/octet-stream"
            sent.files.append(FileItem(key, Path(name).name, content, kind, name))
        else:
            sent.form.append((key, variables.text(part.value)))
    if not sent.files:
        _say_type(sent, "multipart/form-data")


def _say_type(sent: Sent, kind: str) -> None:
    if kind and not any(name.lower() == "content-type" for name, _ in sent.headers):
        sent.headers.append(("Content-Type", kind))


def _type_of(body: Body) -> str:
    match body:
        case JsonBody():
            return "application/json"
        case XmlBody():
            return "application/xml"
        case MultiLine(kind=kind):
            return _TYPES.get(kind, "")
    return ""


def content_of(body: Body, variables: Variables) -> bytes:
    """The bytes of a body. Raises HurlRunError."""
    match body:
        case JsonBody(text):
            filled = variables.text(text)
            try:
                json.loads(filled)
            except (ValueError, RecursionError) as error:
                raise HurlRunError(
                    f"line {text.at.line}: with its variables filled in, the body is no JSON: {error}.",
                    todo='Text needs quotes: "{{name}}"',
                ) from None
            return filled.encode()
        case XmlBody(xml):
            return xml.encode()
        case Quoted(text):
            return variables.text(text).encode()
        case MultiLine():
            content = variables.several_lines(body)
            return content if isinstance(content, bytes) else content.encode()
        case BytesValue(value):
            return value
        case FileValue(name):
            return variables.file(name)[1]
