"""What a request lacks, and what JSON cannot say."""

from __future__ import annotations

import re
from typing import Any

import flask
from werkzeug.exceptions import BadRequestKeyError

from .reading import listed, local, short

__all__ = ["advise", "missing_key"]

_NOT_JSON = re.compile(r"Object of type (?P<type>\w+) is not JSON serializable")
_FLASK_KNOWS = ("date", "datetime", "Decimal", "UUID")

#: The mappings of a request that raise BadRequestKeyError.
_PARTS = {
    "args": "The query has",
    "form": "The form has",
    "files": "The request's files have",
    "cookies": "The request's cookies have",
    "values": "The query and the form have",
}


def advise(error: BaseException, _app: flask.Flask | None) -> list[str]:
    """Advice on a missing key of a request, and on a value that cannot be JSON."""
    if isinstance(error, BadRequestKeyError):
        return missing_key(error)
    found = _NOT_JSON.match(str(error)) if isinstance(error, TypeError) else None
    return [_as_json(found["type"], _refused(error))] if found else []


def _refused(error: BaseException) -> Any:
    """The value itself: the parameter of whoever refused it."""
    for function, module in (("_default", "flask.json.provider"), ("default", "json.encoder")):
        value = local(error, "o", function, module)
        if value is not None:
            return value
    return None


def _as_json(kind: str, value: Any) -> str:
    if kind in ("set", "frozenset"):
        return "JSON has no sets: `list(…)` or, in a fixed order, `sorted(…)`."
    if kind == "bytes":
        return "JSON has no bytes: text comes from `.decode()`; for other bytes send a response of their own."
    if kind in _FLASK_KNOWS:
        return f"`flask.json.dumps` and a view's dict know {kind}; the standard `json` does not."
    if hasattr(value, "_asdict"):
        return "Turn the row into a dict: `row._asdict()`, or `dict(row._mapping)`."
    if hasattr(type(value), "__mapper__"):
        columns = [column.key for column in type(value).__mapper__.columns][:2]
        pairs = ", ".join(f'"{name}": it.{name}' for name in columns)
        return f"A model is no JSON: choose what the client may see, such as `{{{pairs}}}`."
    return f"Say which of its values a client is to see: a dict made of the {kind}."


def missing_key(error: BadRequestKeyError) -> list[str]:
    """Which key is missing where, and which were sent. Inside a request."""
    mapping = local(error, "self", "__getitem__", "werkzeug.datastructures")
    key = error.args[0] if error.args else None
    if not flask.has_request_context() or not isinstance(key, str):
        return []
    request: flask.Request = flask.request._get_current_object()  # type: ignore[attr-defined]
    part = next((name for name in _PARTS if vars(request).get(name) is mapping), None)
    if part is None:
        return []
    key, keys = short(key, 30), list(dict.fromkeys(mapping))
    sent = f". Sent: {listed(short(str(one), 30) for one in keys)}." if keys else ": nothing was sent there."
    return [f"{_PARTS[part]} no '{key}'{sent}", _instead(part, key, request, bool(keys))]


def _instead(part: str, key: str, request: flask.Request, some: bool) -> str:
    if part == "form" and not some and request.is_json:
        return "The request sent JSON: read `request.json`, or send a form (`%http` with `--form`)."
    if part == "files":
        told = "" if request.mimetype == "multipart/form-data" else 'A form needs `enctype="multipart/form-data"`; '
        return f"{told}`%http` sends a file by `{key}@path`."
    return f"Where it may be missing: `request.{part}.get({key!r})`, which gives None."
