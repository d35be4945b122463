"""A request as it is typed: HTTPie's request items after a method and a path.

The grammar is HTTPie's (https://httpie.io/docs/cli/request-items): `name=value`, `name:=json`, `name==query`,
`Header:value`, `field@file`, `name=@file`, `name:=@file`, `Header:` to unset and `Header;` to send it empty;
a backslash before a separator makes it part of the name.
"""

from __future__ import annotations

import dataclasses
import json
import mimetypes
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from .errors import MagicLineError, did_you_mean
from .masking import mask_text

__all__ = ["METHODS", "FileItem", "Request", "read_request", "request_for"]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "CONNECT")

# Longest first, as HTTPie reads them: `:=@` must not be taken for `:` or `:=`.
_SEPARATORS = (":=@", "=@", ":=", "==", "=", "@", ":", ";")
_TOKEN = re.compile(r"[A-Z][A-Z-]*\Z")


@dataclass(frozen=True)
class FileItem:
    """A file to upload: its field, name, bytes, media type, and the path as it was written."""

    field: str
    filename: str
    content: bytes
    content_type: str
    path: str = dataclasses.field(default="", compare=False)


@dataclass
class Request:
    """A request to send.

    `path` begins with `/` and may hold a query string; `host` is set where an absolute URL was given.
    `json` is the JSON body (None: no JSON body); `form` and `files` make a form body; `data` is any other body, as
    it is sent.
    """

    method: str = "GET"
    path: str = "/"
    scheme: str = "http"
    host: str | None = None
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: list[tuple[str, str | None]] = field(default_factory=list)
    json: dict[str, Any] | None = None
    form: list[tuple[str, str]] = field(default_factory=list)
    files: list[FileItem] = field(default_factory=list)
    data: bytes | None = None

    @property
    def target(self) -> str:
        """What a person would read: `/tools?q=drill`, with the host where one was given."""
        from urllib.parse import urlencode

        query = urlencode(self.query)
        joined = self.path + ("&" if "?" in self.path else "?") + query if query else self.path
        return f"{self.scheme}://{self.host}{joined}" if self.host else joined


def read_request(words: Sequence[str], *, form: bool = False, folder: Path | None = None) -> Request:
    """Read the words of a request line.

    `form` sends `name=value` items as a form rather than as JSON; files are looked up in `folder` (default: the
    working directory). Without a method it is GET, or POST where there is a body, as in HTTPie.

    >>> request = read_request(["POST", "/tools", "name=drill", "price:=12"])
    >>> request.method, request.path, request.json
    ('POST', '/tools', {'name': 'drill', 'price': 12})

    Raises MagicLineError for a word that is neither method, path nor item.
    """
    method, target, items = _method_and_target(list(words))
    request = request_for(target)
    fields: list[tuple[str, Any]] = []
    for item in items:
        _add_item(request, fields, item, folder or Path())
    if form or request.files:
        if any(not isinstance(value, str) for _, value in fields):
            raise MagicLineError("A form holds text only, and `:=` makes JSON.", todo="Write name=value.")
        request.form = fields
    elif fields:
        request.json = dict(fields)
    has_body = bool(request.json is not None or request.form or request.files)
    request.method = method or ("POST" if has_body else "GET")
    return request


def _method_and_target(words: list[str]) -> tuple[str | None, str, list[str]]:
    if not words:
        raise MagicLineError("There is no path to send the request to.", todo="Write one, such as: %http GET /tools")
    first, rest = words[0], words[1:]
    if _is_target(first):
        return None, first, rest
    if rest and _is_target(rest[0]) and _TOKEN.match(first.upper()):
        method = first.upper()
        near = did_you_mean(method, METHODS)
        if method not in METHODS and near:
            raise MagicLineError(f"{first} is not a method of HTTP.", todo=near)
        return method, rest[0], rest[1:]
    if first.upper() in METHODS and rest:
        first = rest[0]
    elif first.upper() in METHODS:
        raise MagicLineError(f"{first} needs a path.", todo=f"Write one, such as: %http {first} /tools")
    raise MagicLineError(
        f"{first!r} is not a path.",
        why="A path begins with '/', and a whole URL with http:// or https://.",
        todo=f"Did you mean '/{first}'?" if re.match(r"[\w<]", first) else "",
    )


def _is_target(word: str) -> bool:
    return word.startswith(("/", "http://", "https://", "?"))


def request_for(target: str) -> Request:
    """A request for a path or a whole URL; what stands before its host is who asks.

    >>> request_for("http://shop.test/tools?page=2").target
    'http://shop.test/tools?page=2'
    """
    if target.startswith("?"):
        target = "/" + target
    if target.startswith("/"):
        return Request(path=target.split("#", 1)[0])
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    user, at, host = parts.netloc.rpartition("@")
    # As HTTPie and browsers do: what stands before the host is no part of it, but who asks.
    headers = [("Authorization", f"Basic {b64encode(unquote_to_bytes(user)).decode()}")] if at else []
    return Request(path=path, scheme=parts.scheme, host=host, headers=[*headers])


def _split_item(item: str) -> tuple[str, str, str] | None:
    """Name, separator and value, or None where there is no separator; a backslash protects one."""
    name = ""
    position = 0
    while position < len(item):
        if item[position] == "\\" and item[position + 1 : position + 2] in tuple("\\=:@;"):
            name += item[position + 1]
            position += 2
            continue
        for separator in _SEPARATORS:
            if item.startswith(separator, position) and name:
                return name, separator, item[position + len(separator) :]
        name += item[position]
        position += 1
    return None


def _add_item(request: Request, fields: list[tuple[str, Any]], item: str, folder: Path) -> None:
    parts = _split_item(item)
    if parts is None:
        raise MagicLineError(
            f"{item!r} is not a request item.",
            why="Items are name=value, name:=json, name==query, Header:value and field@file.",
            todo=did_you_mean(item, ["--expect", "--follow", "--form"]) if item.startswith("-") else "",
        )
    name, separator, value = parts
    match separator:
        case "=":
            fields.append((name, value))
        case ":=":
            fields.append((name, _json_value(item, value)))
        case "==":
            request.query.append((name, value))
        case "=@":
            fields.append((name, _read_text(value, folder)))
        case ":=@":
            fields.append((name, _json_value(item, _read_text(value, folder))))
        case "@":
            path, _, media_type = value.partition(";type=")
            guessed = media_type or mimetypes.guess_type(path)[0] or "application/octet-stream"
            request.files.append(FileItem(name, Path(path).name, _read_file(path, folder), guessed, path))
        case ":":
            request.headers.append((name, value or None))
        case _:
            if value:
                raise MagicLineError(f"{item!r}: `Header;` sends an empty header and takes no value.")
            request.headers.append((name, ""))


def _json_value(item: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        shown = mask_text(item)
        raise MagicLineError(
            f"{shown!r}: what follows `:=` is not JSON ({error.msg}).",
            why=f"{text}\n{' ' * error.pos}^" if shown == item else "",
            todo="Text needs quotes in JSON; for plain text write name=value with one `=`.",
        ) from None


def _read_file(name: str, folder: Path) -> bytes:
    path = folder / name
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        near = did_you_mean(name, (entry.name for entry in folder.iterdir())) if folder.is_dir() else ""
        reason = getattr(error, "strerror", None) or str(error)
        raise MagicLineError(f"The file {name!r} cannot be read: {reason}.", todo=near) from None


def _read_text(name: str, folder: Path) -> str:
    try:
        return _read_file(name, folder).decode()
    except UnicodeDecodeError:
        raise MagicLineError(f"The file {name!r} is not text in UTF-8.", todo=f"Upload it: field@{name}") from None
