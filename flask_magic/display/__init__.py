"""What the reader sees: one renderable a module, each with a form in text and one in HTML, and one stylesheet."""

from .checks import CHECK_MIME, CheckDisplay, OpenStub
from .exchange import ExchangeDisplay
from .markup import bundle, show
from .notes import Note, Stylesheet
from .processes import CommandDisplay, LogDisplay, ProcessTable
from .routes import MatchDisplay, RegisteredDisplay, RouteTable

__all__ = [
    "CHECK_MIME",
    "CheckDisplay",
    "CommandDisplay",
    "ExchangeDisplay",
    "LogDisplay",
    "MatchDisplay",
    "Note",
    "OpenStub",
    "ProcessTable",
    "RegisteredDisplay",
    "RouteTable",
    "Stylesheet",
    "bundle",
    "show",
]
