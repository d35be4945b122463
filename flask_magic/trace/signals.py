"""Signals with receivers, and flashed messages, which Flask tells by a signal."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction
from typing import Any

import flask

from .functions import caller, name_of, place, text_of
from .recorder import At, Phase, here, note, span

__all__ = ["watched_send"]


def watched_send(send: Callable[..., Any]) -> Callable[..., Any]:
    """`blinker.Signal.send`, telling of signals that somebody listens to, and of each receiver as it is called."""

    def watched(signal: Any, sender: Any = None, /, **kwargs: Any) -> Any:
        at = here()
        if at is None or signal.is_muted:
            return send(signal, sender, **kwargs)
        if signal is flask.appcontext_popped and at.contexts is not None:
            at.contexts.tell(at)  # the signal says that it has been
        if signal is flask.message_flashed:
            _tell_flash(at, **kwargs)
        heard = _Heard(signal, sender)
        if not heard.names:
            return send(signal, sender, **kwargs)
        if (wrapper := kwargs.get("_async_wrapper")) is not None:
            kwargs["_async_wrapper"] = lambda receiver: heard.telling(receiver, wrapper(receiver))
        with span(at, "signal", str(getattr(signal, "name", "a signal"))) as event:
            event.says = "→ " + ", ".join(heard.names)
            answers = send(heard, sender, **kwargs)
        return [(heard.plain.get(id(receiver), receiver), answer) for receiver, answer in answers]

    return watched


def _tell_flash(at: At, message: Any = "", category: Any = "message", **_: Any) -> None:
    note(at, "flash", text_of(category), says=text_of(message), place=caller())


class _Heard:
    """Stands for a signal while it is sent: its receivers tell when they are called."""

    def __init__(self, signal: Any, sender: Any) -> None:
        self._signal = signal
        self._receivers = list(signal.receivers_for(sender))
        #: The receivers by what stands for them.
        self.plain: dict[int, Callable[..., Any]] = {}
        self.names = [name_of(receiver) for receiver in self._receivers if not _is_ours(receiver)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._signal, name)

    def receivers_for(self, _sender: Any) -> Iterator[Callable[..., Any]]:
        for receiver in self._receivers:
            # Of a coroutine function, what the sender's wrapper makes of it is what is called.
            told = receiver if iscoroutinefunction(receiver) else self.telling(receiver, receiver)
            self.plain[id(told)] = receiver
            yield told

    def telling(self, receiver: Callable[..., Any], call: Callable[..., Any]) -> Callable[..., Any]:
        if _is_ours(receiver):
            return call

        @functools.wraps(receiver, updated=())
        def telling(*args: Any, **kwargs: Any) -> Any:
            at = here()
            if at is None:
                return call(*args, **kwargs)
            # An async one comes by `ensure_sync` besides, which has nothing more to tell.
            phase = Phase("receiver", [("", receiver)])
            with span(at, "receiver", name_of(receiver), place=place(receiver), phase=phase):
                return call(*args, **kwargs)

        return telling


def _is_ours(receiver: Any) -> bool:
    return str(getattr(receiver, "__module__", "")).startswith("flask_magic.")
