"""Options of the magics that send requests."""

from __future__ import annotations

import argparse
import re

from ...arguments import MagicParser
from ...errors import MagicLineError

__all__ = ["http"]


def http() -> MagicParser:
    parser = MagicParser(
        "%http",
        "Send a request to the live app through Werkzeug's test client, and show what comes back.\n"
        "Items are written as in HTTPie: name=value  name:=json  name==query  Header:value  field@file",
        examples="Examples:\n  %http /tools/7\n  %http POST /tools name=drill price:=12 --expect 201",
    )
    parser.add_argument(
        "words", nargs="*", metavar="METHOD PATH ITEM", help="the request; GET where no method is named"
    )
    switch = argparse.BooleanOptionalAction  # so that a line can say no to a default of %config FlaskMagic
    parser.add_argument("--form", "-f", action=switch, help="send name=value items as a form, not as JSON")
    parser.add_argument(
        "--as", dest="client", metavar="CLIENT", help="the named client that sends it, with its own cookies"
    )
    parser.add_argument("--app", metavar="NAME", help="the variable of the app")
    parser.add_argument("--to", metavar="NAME", help="send it over a real socket to this process of %%flask_process")
    parser.add_argument("--follow", "-F", action=switch, help="follow redirects, and show the chain")
    parser.add_argument(
        "--expect",
        type=_status,
        metavar="STATUS",
        help="raise where the status is another: 404, 4xx, 200,201",
    )
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--head", action="store_const", const="head", dest="part", help="show status and all headers only"
    )
    part.add_argument("--body", action="store_const", const="body", dest="part", help="show status and body only")
    parser.add_argument("--time", action=switch, help="show how long it took")
    parser.add_argument("--reveal", action=switch, help="show cookie values, tokens and other secrets")
    parser.add_argument("-q", "--quiet", action="store_true", help="show nothing")
    parser.set_defaults(part="all")
    return parser


def _status(text: str) -> str:
    if not re.fullmatch(r"[1-5][\dxX]{2}(,[1-5][\dxX]{2})*", text):
        raise MagicLineError(
            f"{text!r} is not a status.",
            todo="Write a number such as 404, a class such as 4xx, or several: 200,201",
        )
    return text
