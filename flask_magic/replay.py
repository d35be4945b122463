"""Sending requests again, and what is different in their answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .errors import FlaskMagicError
from .headers import shown_headers
from .history import Answer, Entry
from .masking import mask_json, mask_markup, mask_text

if TYPE_CHECKING:
    from .workbench import Workbench

__all__ = ["Change", "Replayed", "State", "compare", "replay"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
_UNREAD = object()

State = Literal["same", "changed", "failed"]


@dataclass(frozen=True)
class Change:
    """One thing that is different. `old` or `new` is None where it is not there at all.

    `part` is `status`, `redirects`, `error`, a header's name, or `body`; `where` the place in a JSON body, as in
    `tools[0].name`. A text's difference is in `lines`, each with `-`, `+` or a space before it.
    """

    part: str
    old: str | None
    new: str | None
    where: str = ""
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Replayed:
    """A request that was sent again. `failure` says why nothing came back."""

    entry: Entry
    changes: Sequence[Change] = ()
    failure: str = ""

    @property
    def state(self) -> State:
        """How the answer compares with the one in the history."""
        return "failed" if self.failure else "changed" if self.changes else "same"

    @property
    def is_safe(self) -> bool:
        """Is its method one that is not meant to change anything?"""
        return self.entry.request.method in _SAFE


def replay(workbench: Workbench, entries: Sequence[Entry], *, reveal: bool = False) -> list[Replayed]:
    """Send requests of the history again, in order, and compare.

    Each goes to what its names mean now: to the app in the variable, to the process if it runs. It is sent as its
    client with the cookies that the client has now, and what comes back is kept by the client, as ever; so a login
    that is replayed is a new login. An app that fails is an answer like any other. Nothing is added to the history.
    """
    return [_again(workbench, entry, reveal) for entry in entries]


def _again(workbench: Workbench, entry: Entry, reveal: bool) -> Replayed:
    options: dict[str, Any] = {"client": entry.client, "follow": entry.follow, "keep": False}
    try:
        if entry.process is not None:
            exchange = workbench.send_to(entry.process, entry.request, **options)
        else:
            exchange = workbench.send(entry.request, app=entry.app, **options)
    except Exception as error:  # no such app any more, a process that is stopped, a redirect to another host
        return Replayed(entry, failure=error.what if isinstance(error, FlaskMagicError) else str(error))
    return Replayed(entry, compare(entry.answer, Answer.of(exchange), reveal=reveal))


def compare(old: Answer, new: Answer, *, reveal: bool = False) -> list[Change]:
    """What is different in what `%http` would show of two answers: masked secrets are equal, unless `reveal`.

    >>> old = Answer("200 OK", content_type="application/json", body=b'{"price": 12}', size=13)
    >>> new = Answer("200 OK", content_type="application/json", body=b'{"price": 13}', size=13)
    >>> [(change.where, change.old, change.new) for change in compare(old, new)]
    [('price', '12', '13')]
    """
    parts: dict[str, list[str | None]] = {
        "status": [answer.status or "no response" for answer in (old, new)],
        "redirects": [_text(", ".join(answer.hops), reveal=reveal) or None for answer in (old, new)],
        "error": [_text(answer.error, reveal=reveal) or None for answer in (old, new)],
    }
    changes = [Change(part, was, now) for part, (was, now) in parts.items() if was != now]
    return [*changes, *_headers(old, new, reveal), *_bodies(old, new, reveal)]


def _headers(old: Answer, new: Answer, reveal: bool) -> Iterator[Change]:
    before, after = (_by_name(answer, reveal) for answer in (old, new))
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if was != now:
            yield Change(name, was, now)


def _by_name(answer: Answer, reveal: bool) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, value in shown_headers(answer.headers, reveal=reveal, port=answer.port):
        named[name] = f"{named[name]}, {value}" if name in named else value
    return named


def _bodies(old: Answer, new: Answer, reveal: bool) -> list[Change]:
    if old.same_body(new):
        return []
    before, after = (_json(answer, reveal) for answer in (old, new))
    if before is not _UNREAD and after is not _UNREAD:
        return [Change("body", was, now, where) for where, was, now in _differences("", before, after)]
    texts = [_decoded(answer, reveal) for answer in (old, new)]
    if texts[0] is None or texts[1] is None:
        return [_bytes(old, new)]
    if texts[0] == texts[1]:
        return [] if old.is_whole and new.is_whole else [_bytes(old, new)]
    from difflib import unified_diff

    diff = list(unified_diff(texts[0].splitlines(), texts[1].splitlines(), lineterm="", n=1))
    lines = ["…" if line.startswith("@@") else line for line in diff[3:]]
    return [Change("body", None, None, lines=lines) if lines else _bytes(old, new)]


def _bytes(old: Answer, new: Answer) -> Change:
    together = zip(old.body, new.body, strict=False)
    first = next((place for place, (a, b) in enumerate(together) if a != b), min(len(old.body), len(new.body)))
    note = f"the first difference is at byte {first:,}"
    return Change("body", f"{old.size:,} bytes", f"{new.size:,} bytes", lines=[note])


def _json(answer: Answer, reveal: bool) -> Any:
    if not (answer.media_type == "application/json" or answer.media_type.endswith("+json")):
        return _UNREAD
    try:
        value = json.loads(answer.body)
    except ValueError:
        return _UNREAD
    return value if reveal else mask_json(value)


def _decoded(answer: Answer, reveal: bool) -> str | None:
    if b"\0" in answer.body:
        return None
    try:
        text = answer.body.decode(answer.charset, "strict" if answer.is_whole else "ignore")
    except (UnicodeDecodeError, LookupError):
        return None
    return _text(text, reveal=reveal, markup=answer.media_type in ("text/html", "application/xhtml+xml"))


def _text(text: str, *, reveal: bool, markup: bool = False) -> str:
    return text if reveal else mask_markup(text) if markup else mask_text(text)


def _differences(where: str, old: Any, new: Any) -> Iterator[tuple[str, str | None, str | None]]:
    """Where two pieces of JSON differ: the place, and what stands there in each."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            place = _below(where, key)
            if key not in new:
                yield place, _dumped(old[key]), None
            elif key not in old:
                yield place, None, _dumped(new[key])
            else:
                yield from _differences(place, old[key], new[key])
    elif isinstance(old, list) and isinstance(new, list):
        # An item that was put in or taken out moves the others, and they are no difference.
        from difflib import SequenceMatcher

        matcher = SequenceMatcher(None, [*map(_key, old)], [*map(_key, new)], autojunk=False)
        for what, first, last, start, end in matcher.get_opcodes():
            if what != "equal":
                yield from _items(where, list(enumerate(old))[first:last], list(enumerate(new))[start:end])
    elif _key(old) != _key(new):
        yield where, _dumped(old), _dumped(new)


def _items(
    where: str, old: list[tuple[int, Any]], new: list[tuple[int, Any]]
) -> Iterator[tuple[str, str | None, str | None]]:
    paired = min(len(old), len(new))
    for (_, was), (place, now) in zip(old[:paired], new[:paired], strict=True):
        yield from _differences(f"{where}[{place}]", was, now)
    for place, was in old[paired:]:
        yield f"{where}[{place}]", _dumped(was), None
    for place, now in new[paired:]:
        yield f"{where}[{place}]", None, _dumped(now)


def _below(where: str, key: str) -> str:
    if not key.isidentifier():
        return f"{where}[{json.dumps(key, ensure_ascii=False)}]"
    return f"{where}.{key}" if where else key


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
