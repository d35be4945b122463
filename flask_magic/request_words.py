"""A request as the words that `%http` reads: the way back from `request_line`."""

from __future__ import annotations

import json
import mimetypes
import re
import shlex
from typing import Any

from .headers import header_value
from .masking import mask_json, mask_text
from .request_line import FileItem, Request

__all__ = ["line_of", "mask_named", "words_of"]


def words_of(request: Request, *, reveal: bool = False) -> list[str]:
    """The words of a request, secrets masked unless `reveal`.

    >>> words_of(Request("POST", "/login", json={"name": "ada", "password": "abc", "days": 7}))
    ['POST', '/login', 'name=ada', 'password=•••', 'days:=7']
    """
    path = f"{request.scheme}://{request.host}{request.path}" if request.host else request.path
    words = [request.method, path if reveal else mask_text(path)]
    words += [f"{_escaped(name)}=={mask_named(name, value, reveal)}" for name, value in request.query]
    for name, text in request.headers:
        shown = text if reveal or not text else header_value(name, text)
        words.append(f"{_escaped(name)};" if shown == "" else f"{_escaped(name)}:{shown or ''}")
    for name, value in request.form:
        words.append(f"{_escaped(name)}={mask_named(name, value, reveal)}")
    for name, value in (request.json or {}).items():
        shown = mask_named(name, value, reveal)
        plain = isinstance(shown, str) and not shown.startswith(("=", "@"))  # with these, `=` is another separator
        words.append(_escaped(name) + (f"={shown}" if plain else f":={json.dumps(shown, ensure_ascii=False)}"))
    words += _data(request.data, reveal)
    return words + [_file(file) for file in request.files]


def line_of(request: Request, *, reveal: bool = False) -> str:
    """The words in one line, with quotes where a word needs them.

    >>> line_of(Request("POST", "/tools", json={"name": "claw hammer"}))
    "POST /tools 'name=claw hammer'"
    """
    words = words_of(request, reveal=reveal)
    return " ".join(shlex.quote(word) if re.search(r"[\s'\"]", word) else word for word in words)


def _data(data: bytes | None, reveal: bool) -> list[str]:
    """The items of a body that is a JSON object; another body cannot be written in words, and is told by its size."""
    if not data:
        return []
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    return words_of(Request(json=value), reveal=reveal)[2:] if isinstance(value, dict) else [f"<{len(data)} bytes>"]


def mask_named(name: str, value: Any, reveal: bool = False) -> Any:
    """The value of a field, masked if the field's name or the value itself tells of a secret."""
    return value if reveal else mask_json({name: value})[name]


def _file(file: FileItem) -> str:
    usual = mimetypes.guess_type(file.path)[0] or "application/octet-stream"
    return f"{_escaped(file.field)}@{file.path}" + (f";type={file.content_type}" if file.content_type != usual else "")


def _escaped(name: str) -> str:
    return re.sub(r"([\\=:@;])", r"\\\1", name)
