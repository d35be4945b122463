"""What the reader sees: one renderable a module, each with a form in text and one in HTML, and one stylesheet.

A module is imported when one of its names is first asked for: most cells show few of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checks import CHECK_MIME, CheckDisplay, OpenStub
    from .clients import ClientTable, SideBySide
    from .curl import CurlDisplay
    from .exchange import ExchangeDisplay
    from .history import HistoryTable, ReplayDisplay
    from .hurl import Hidden, OutcomeDisplay
    from .markup import bundle, show
    from .notes import Note, Stylesheet
    from .processes import CommandDisplay, LogDisplay, ProcessTable
    from .routes import MatchDisplay, RegisteredDisplay, RouteTable
    from .server import ServerDisplay, ServerLog
    from .trace import TraceDisplay

__all__ = [
    "CHECK_MIME",
    "CheckDisplay",
    "ClientTable",
    "CommandDisplay",
    "CurlDisplay",
    "ExchangeDisplay",
    "Hidden",
    "HistoryTable",
    "LogDisplay",
    "MatchDisplay",
    "Note",
    "OpenStub",
    "OutcomeDisplay",
    "ProcessTable",
    "RegisteredDisplay",
    "ReplayDisplay",
    "RouteTable",
    "ServerDisplay",
    "ServerLog",
    "SideBySide",
    "Stylesheet",
    "TraceDisplay",
    "bundle",
    "show",
]

_HOMES = {
    **dict.fromkeys(("CHECK_MIME", "CheckDisplay", "OpenStub"), "checks"),
    **dict.fromkeys(("ClientTable", "SideBySide"), "clients"),
    **dict.fromkeys(("CurlDisplay",), "curl"),
    **dict.fromkeys(("ExchangeDisplay",), "exchange"),
    **dict.fromkeys(("HistoryTable", "ReplayDisplay"), "history"),
    **dict.fromkeys(("Hidden", "OutcomeDisplay"), "hurl"),
    **dict.fromkeys(("bundle", "show"), "markup"),
    **dict.fromkeys(("Note", "Stylesheet"), "notes"),
    **dict.fromkeys(("CommandDisplay", "LogDisplay", "ProcessTable"), "processes"),
    **dict.fromkeys(("MatchDisplay", "RegisteredDisplay", "RouteTable"), "routes"),
    **dict.fromkeys(("ServerDisplay", "ServerLog"), "server"),
    **dict.fromkeys(("TraceDisplay",), "trace"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
