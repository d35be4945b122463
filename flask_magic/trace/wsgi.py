"""A request as the WSGI server sees it: the call, the start of the response, its body piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import flask

from .events import Event, Outcome, Stage
from .recorder import At, enter, note, opened, span, told_error

__all__ = ["wsgi_app"]


def wsgi_app(_app: flask.Flask, plain: Callable[..., Any]) -> Callable[..., Any]:
    """`Flask.wsgi_app`, with the middleware around it."""

    def watched(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        at = opened()
        if at is None:
            return plain(environ, start_response)  # type: ignore[no-any-return]
        path = environ.get("PATH_INFO", "/")
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        request = note(at, "request", f"{environ.get('REQUEST_METHOD', 'GET')} {path}{query}")
        inside = At(at.trace, request, Stage.OPEN, request=request)
        for name in _middleware(plain):
            note(inside, "middleware", name)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            request.says = status
            note(inside, "start_response", status, stage=Stage.RESPONSE, says=_counted(len(headers), "header"))
            return start_response(status, headers, *rest)

        try:
            with enter(inside):
                return _Body(plain(environ, start), inside)
        except BaseException as error:
            request.outcome = Outcome.RAISED
            request.says = f"raises {told_error(error)}"
            raise

    return watched


def _middleware(wsgi_app: Any) -> Iterator[str]:
    """What is put around Flask's own `wsgi_app`, the outermost first, as far as it can be told."""
    seen: list[Any] = []
    while callable(wsgi_app) and not hasattr(wsgi_app, "__func__") and wsgi_app not in seen:
        seen.append(wsgi_app)
        yield getattr(wsgi_app, "__name__", None) or type(wsgi_app).__name__
        inner = [getattr(wsgi_app, name, None) for name in ("wsgi_app", "app", "application", "__wrapped__")]
        wsgi_app = next((one for one in inner if callable(one) and not isinstance(one, flask.Flask)), None)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


class _Body:
    """A response's body, telling of each piece that is sent, and of what happens when it is closed."""

    def __init__(self, body: Iterable[bytes], opening: At) -> None:
        self._body = body
        self._pieces = iter(body)
        self._opening = opening
        self._at = At(opening.trace, opening.parent, Stage.BODY, request=opening.request)

    def __iter__(self) -> _Body:
        return self

    def __next__(self) -> bytes:
        request = self._at.request
        if request is not None and not request.says:  # a middleware that is a generator calls Flask only now
            with enter(self._opening):
                piece = next(self._pieces, _END)
            if piece is not _END:
                note(self._at, "chunk", _counted(len(piece), "byte"))
        else:
            with enter(self._at), span(self._at, "chunk", "end") as event:
                piece = next(self._pieces, _END)
                if piece is not _END:
                    event.name = _counted(len(piece), "byte")
            if piece is _END:
                self._forget(event)
        if piece is _END:
            raise StopIteration
        return piece

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is None:
            return
        with enter(self._at), span(self._at, "close", "end") as event:
            close()
        self._forget(event)

    def _forget(self, event: Event) -> None:
        """An end at which nothing else happened is nothing to tell."""
        parent = self._at.parent
        if not event.items and parent is not None and parent.items and parent.items[-1] is event:
            parent.items.pop()


_END: Any = object()
