"""Tracing an app for the time of a request, and leaving it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import blinker
import flask

from ..logs import LogLine
from ..matching import explain, rules_of
from .app_methods import WRAPPERS
from .events import Stage, Trace
from .functions import caller, shortened
from .patches import Patch, Patches
from .recorder import CURRENT, At, here, note
from .registries import WatchedRegistry
from .sessions import watched_open, watched_save
from .signals import watched_send
from .sql import SqlWatch
from .templates import template_patches

__all__ = ["Tracer"]

#: In a larger map, a URL is not asked of each rule by itself: that takes some tenths of a millisecond a rule.
RULES = 300
_REGISTRIES = {"url_value_preprocessors": "url_value_preprocessor", "url_default_functions": "url_defaults"}


class Tracer:
    """Traces requests to apps. Where nothing is traced, nothing is patched; `close` takes away what stays between
    traces (listening to SQLAlchemy).

    >>> app, tracer = flask.Flask("demo"), Tracer()
    >>> with tracer.trace(app) as trace:
    ...     _ = app.test_client().get("/nowhere")
    >>> trace.find("match")[0].says
    '404 Not Found'
    >>> tracer.close()
    """

    def __init__(self) -> None:
        self._sql = SqlWatch()
        self._patches = Patches()

    @contextmanager
    def trace(self, app: flask.Flask) -> Iterator[Trace]:
        """Trace the requests that the block sends to `app`; those of other threads are not told of."""
        trace = Trace()
        self._sql.open()
        with self._patches.installed(_patches(app)):
            token = CURRENT.set(At(trace, None, Stage.OPEN))
            try:
                yield trace
            finally:
                CURRENT.reset(token)
                trace.closed = True
        _explain(app, trace)

    def close(self) -> None:
        """Leave nothing behind."""
        self._sql.close()

    @staticmethod
    def tell_log(line: LogLine) -> None:
        """Write a log record down where it was made."""
        at = here()
        if at is not None:
            note(at, "log", line.level, says=shortened(line.message), details=[("logger", line.logger)], place=caller())


def _patches(app: flask.Flask) -> list[Patch]:
    patches = [Patch(app, name, partial(wrap, app)) for name, wrap in WRAPPERS.items()]
    patches += [Patch(app, name, partial(WatchedRegistry, kind)) for name, kind in _REGISTRIES.items()]
    interface: Any = app.session_interface
    owner = interface if hasattr(interface, "__dict__") else type(interface)
    patches.append(Patch(owner, "open_session", watched_open))
    patches.append(Patch(owner, "save_session", watched_save))
    patches.append(Patch(blinker.Signal, "send", watched_send))
    return patches + template_patches()


def _explain(app: flask.Flask, trace: Trace) -> None:
    """Ask every rule about the URLs that were asked for, outside of their requests."""
    if len(rules_of(app)) > RULES:
        return
    for event in trace.find("match"):
        if event.asked is not None:
            try:
                event.match = explain(app, *event.asked)
            except Exception:  # a converter of the app's own, which may need its request or its database
                return
