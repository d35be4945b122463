"""A live Flask workbench in a notebook: define routes in a cell, send requests, see what happened.

`%load_ext flask_magic` in a notebook loads it; `%http?` and the like show each magic's help. What the magics call can
be used without them: the names in `__all__`, whose modules are imported when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .curl import curl_command
    from .errors import FlaskMagicError
    from .exchange import Exchange
    from .history import History
    from .matching import Match, explain
    from .request_line import Request, read_request
    from .server import LiveServer
    from .session_cookie import session_payload
    from .trace import Trace, Tracer
    from .workbench import Workbench

__version__ = "0.1.0"

__all__ = [
    "Exchange",
    "FlaskMagicError",
    "History",
    "LiveServer",
    "Match",
    "Request",
    "Trace",
    "Tracer",
    "Workbench",
    "curl_command",
    "explain",
    "load_ipython_extension",
    "read_request",
    "session_payload",
    "unload_ipython_extension",
]

_HOMES = {
    "Exchange": "exchange",
    "FlaskMagicError": "errors",
    "History": "history",
    "LiveServer": "server",
    "Match": "matching",
    "Request": "request_line",
    "Trace": "trace",
    "Tracer": "trace",
    "Workbench": "workbench",
    "curl_command": "curl",
    "explain": "matching",
    "read_request": "request_line",
    "session_payload": "session_cookie",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def load_ipython_extension(shell: Any) -> None:
    """Called by `%load_ext flask_magic`. Raises UnsupportedVersion for a Flask that is not known."""
    from .extension import Extension

    if Extension.of(shell) is None:
        Extension(shell).load()


def unload_ipython_extension(shell: Any) -> None:
    """Called by `%unload_ext flask_magic`: magics, hooks, completer, patches and the scratch folder are gone."""
    from .extension import Extension

    extension = Extension.of(shell)
    if extension is not None:
        extension.unload()
