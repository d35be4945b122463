"""Options of the magics for named clients and for the requests that were sent."""

from __future__ import annotations

import argparse
import re

from ...arguments import MagicParser
from ...errors import MagicLineError

__all__ = ["flask_clients", "flask_history", "flask_replay"]

_REVEAL = "show cookie values, tokens and other secrets"


def flask_clients() -> MagicParser:
    parser = MagicParser(
        "%flask_clients",
        "Show the named clients and their cookies: two names are two visitors. `%%http --as NAME` sends as one.",
        examples="Examples:\n  %flask_clients\n  %flask_clients ada --reset",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="this one only; it is made where it is not there")
    parser.add_argument("--app", metavar="APP", help="the variable of the app")
    parser.add_argument("--reset", action="store_true", help="forget the cookies of NAME, or of all")
    parser.add_argument(
        "--reveal", action=argparse.BooleanOptionalAction, help="show cookie values, and what a session says"
    )
    return parser


def flask_history() -> MagicParser:
    parser = MagicParser(
        "%flask_history",
        "Show the requests that were sent, by number. %config FlaskMagic.history says how many are kept.",
        examples="Examples:\n  %flask_history\n  %flask_history --reset",
    )
    parser.add_argument("--reset", action="store_true", help="forget them; the next request is number 1")
    parser.add_argument("--reveal", action=argparse.BooleanOptionalAction, help=_REVEAL)
    return parser


def flask_replay() -> MagicParser:
    parser = MagicParser(
        "%flask_replay",
        "Send requests of %%flask_history again, to the app as it is now, and compare what comes back.\n"
        "They are sent by their clients with the cookies of now. Secrets are not compared, unless --reveal.",
        examples="Examples:\n  %flask_replay\n  %flask_replay 2-4 7 --diff",
    )
    parser.add_argument("numbers", nargs="*", type=_numbers, metavar="N", help="which, such as 3 or 2-4 (default: all)")
    parser.add_argument("--diff", action="store_true", help="show what changed: status, headers, body")
    parser.add_argument("--expect-same", action="store_true", help="raise where something changed")
    parser.add_argument("--reveal", action=argparse.BooleanOptionalAction, help=_REVEAL)
    return parser


def _numbers(text: str) -> range:
    match = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text)
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise MagicLineError(
            f"{text!r} is not a request's number.",
            todo="Write numbers of %flask_history, or from-to: %flask_replay 3 5-7",
        )
    return range(int(match[1]), int(match[2] or match[1]) + 1)
