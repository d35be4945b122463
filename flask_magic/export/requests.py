"""Requests that were sent, as scenes for tests."""

from __future__ import annotations

import datetime
import json
import keyword
import re
from collections.abc import Iterable
from typing import Any

from ..clients import DEFAULT
from ..masking import mask_header, mask_json, mask_text
from ..request_line import FileItem, Request
from ..sent import Sent
from .cases import Case, Left, Scene
from .secrets import Secrets

__all__ = ["call_of", "scenes_of"]

#: Characters that a request may take in a test.
LONGEST = 2_000
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_TAKEN = frozenset({"app", "client", "response"})


def scenes_of(sent: Iterable[Sent], secrets: Secrets) -> tuple[list[Scene], list[Left]]:
    """The requests by the cells that sent them, as they were sent, and those that cannot be tests."""
    scenes: dict[Any, Scene] = {}
    left: list[Left] = []
    for one in sorted(sent, key=lambda one: one.entry.number):
        case = _case(one, secrets)
        if isinstance(case, Left):
            left.append(case)
        else:
            scenes.setdefault(one.cell if one.cell is not None else object(), Scene([])).cases.append(case)
    return list(scenes.values()), list(dict.fromkeys(left))


def _case(sent: Sent, secrets: Secrets) -> Case | Left:
    entry = sent.entry
    request, answer = entry.request, entry.answer
    if _is_long(request):
        return Left(f"{request.method} {mask_text(request.target[:80])}", "it is too long to write down")
    title = f"{request.method} {mask_text(request.target)}"
    if _tells_secret(request):
        return Left(title, "it carries a secret")
    client = "client" if entry.client == DEFAULT else _variable(entry.client)
    call = call_of(client, request, follow=entry.follow)
    if call is None:
        return Left(title, "a test client cannot send it as it was sent")
    if secrets.are_in(call):
        return Left(title, "it carries a secret")
    # Where the app's settings let an exception through to the client, a server would say 500.
    status = int(answer.status[:3]) if answer.status else 500
    said = _json_of(answer.body) if answer.media_type.endswith("json") and answer.is_whole else None
    location = dict(answer.headers).get("Location") if 300 <= status < 400 else None
    return Case(
        title,
        client,
        call,
        status,
        request.method in _SAFE,
        said is not None and not _passes(answer.body) and not secrets.are_in(answer.body.decode(errors="replace")),
        said[0] if said is not None else None,
        location if location is not None and mask_text(location) == location else None,
        sent.expected,
    )


def _is_long(request: Request) -> bool:
    texts = [request.target, json.dumps(request.json), *(value for pair in request.form for value in pair)]
    files = sum(len(file.content) for file in request.files if not _is_one_byte(file))
    return sum(map(len, texts)) + 4 * files > LONGEST


def _is_one_byte(file: FileItem) -> bool:
    """Is it one byte again and again, as of a file that only has to be long?"""
    return len(file.content) > 100 and len(set(file.content)) == 1


def _json_of(body: bytes) -> tuple[Any] | None:
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return (said,) if mask_json(said) == said and len(body) <= LONGEST else None


def _passes(body: bytes) -> bool:
    """Does a body speak of today? Tomorrow it will be another."""
    today = datetime.datetime.now(datetime.UTC)
    text = body.decode(errors="replace")
    return any(one in text for one in (today.date().isoformat(), f"{today:%d %b %Y}", str(int(today.timestamp()))[:6]))


def _tells_secret(request: Request) -> bool:
    if mask_text(request.target) != request.target:
        return True
    if any(value is not None and mask_header(name, value) != value for name, value in request.headers):
        return True
    fields = dict(request.form)
    return bool(mask_json(fields) != fields or mask_json(request.json) != request.json)


def _variable(name: str) -> str:
    """A client's name as a variable of the test.

    >>> _variable("ada"), _variable("the clerk"), _variable("app")
    ('ada', 'the_clerk', 'app_')
    """
    made = re.sub(r"\W", "_", name)
    if not made.isidentifier():
        made = f"client_{made}"
    return f"{made}_" if made in _TAKEN or keyword.iskeyword(made) else made


def call_of(client: str, request: Request, *, follow: bool = False) -> str | None:
    """The expression that sends a request by a test client; None where none can.

    >>> call_of("client", Request("POST", "/tools", json={"name": "drill"}))
    "client.post('/tools', json={'name': 'drill'})"
    """
    from urllib.parse import urlencode

    query = urlencode(request.query)
    path = request.path + ("&" if "?" in request.path else "?") + query if query else request.path
    words = [repr(path)]
    if request.method not in _METHODS:
        words.append(f"method={request.method!r}")
    if request.host is not None:
        words.append(f"base_url={f'{request.scheme}://{request.host}/'!r}")
    if request.json is not None:
        words.append(f"json={request.json!r}")
    elif request.form or request.files:
        words.append(f"data={_form(request)}")
    headers = [(name, value) for name, value in request.headers if value is not None]
    if len(headers) != len(request.headers):
        return None
    if any(name.lower() == "cookie" for name, _ in headers):
        client = "app.test_client(use_cookies=False)"
    if headers:
        names = [name.lower() for name, _ in headers]
        words.append(f"headers={dict(headers) if len(set(names)) == len(names) else headers!r}")
    if follow:
        words.append("follow_redirects=True")
    method = request.method.lower() if request.method in _METHODS else "open"
    return f"{client}.{method}({', '.join(words)})"


def _form(request: Request) -> str:
    fields: dict[str, list[str]] = {}
    for name, value in request.form:
        fields.setdefault(name, []).append(repr(value))
    for file in request.files:
        fields.setdefault(file.field, []).append(_file(file))
    pairs = (f"{name!r}: {_one_or_many(said)}" for name, said in fields.items())
    return "{" + ", ".join(pairs) + "}"


def _one_or_many(said: list[str]) -> str:
    return said[0] if len(said) == 1 else f"[{', '.join(said)}]"


def _file(file: FileItem) -> str:
    content = f"{file.content[:1]!r} * {len(file.content)}" if _is_one_byte(file) else repr(file.content)
    return f"(BytesIO({content}), {file.filename!r}, {file.content_type!r})"
