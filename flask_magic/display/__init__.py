"""What the reader sees: one renderable a module, each with a form in text and one in HTML, and one stylesheet."""

from .checks import CHECK_MIME, CheckDisplay, OpenStub
from .exchange import ExchangeDisplay
from .markup import bundle, show
from .notes import Note, Stylesheet
from .routes import MatchDisplay, RegisteredDisplay, RouteTable

__all__ = [
    "CHECK_MIME",
    "CheckDisplay",
    "ExchangeDisplay",
    "MatchDisplay",
    "Note",
    "OpenStub",
    "RegisteredDisplay",
    "RouteTable",
    "Stylesheet",
    "bundle",
    "show",
]
