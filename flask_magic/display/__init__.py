"""What the reader sees: one renderable a module, each with a form in text and one in HTML, and one stylesheet."""

from .checks import CHECK_MIME, CheckDisplay, OpenStub
from .clients import ClientTable, SideBySide
from .curl import CurlDisplay
from .exchange import ExchangeDisplay
from .history import HistoryTable, ReplayDisplay
from .markup import bundle, show
from .notes import Note, Stylesheet
from .processes import CommandDisplay, LogDisplay, ProcessTable
from .routes import MatchDisplay, RegisteredDisplay, RouteTable
from .trace import TraceDisplay

__all__ = [
    "CHECK_MIME",
    "CheckDisplay",
    "ClientTable",
    "CommandDisplay",
    "CurlDisplay",
    "ExchangeDisplay",
    "HistoryTable",
    "LogDisplay",
    "MatchDisplay",
    "Note",
    "OpenStub",
    "ProcessTable",
    "RegisteredDisplay",
    "ReplayDisplay",
    "RouteTable",
    "SideBySide",
    "Stylesheet",
    "TraceDisplay",
    "bundle",
    "show",
]
