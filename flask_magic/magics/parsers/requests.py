"""Options of the magics that send requests."""

from __future__ import annotations

import argparse
import re
from typing import Any

from ...arguments import MagicParser
from ...errors import MagicLineError

__all__ = ["flask_trace", "http", "http_cells"]


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
        "--as",
        dest="client",
        action=_Names,
        metavar="CLIENT",
        help="the named client that sends it, with its own cookies; may be given again, to see two side by side",
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
    _add_parts(parser)
    parser.add_argument("--trace", action=switch, help="show the life of the request, too")
    parser.add_argument("--time", action=switch, help="show how long it took; with --trace, each part")
    parser.add_argument("--reveal", action=switch, help="show cookie values, tokens and other secrets")
    parser.add_argument("--curl", action="store_true", help="show a curl command that sends the same")
    parser.add_argument("-q", "--quiet", action="store_true", help="show nothing")
    return parser


def http_cells() -> MagicParser:
    parser = MagicParser(
        "%%http",
        "Send the requests of a cell in Hurl's format (https://hurl.dev), and try what each answers.\n"
        "Captures become variables of the notebook; {{name}} takes captures and variables.",
        examples=(
            "Examples:\n"
            '  %%http\n  POST /tools\n  {"name": "drill"}\n  HTTP 201\n  [Captures]\n  tool_id: jsonpath "$.id"\n\n'
            "  %%http --as ada\n  GET /tools/{{tool_id}}\n  HTTP 200\n  [Asserts]\n"
            '  jsonpath "$.name" == "drill"\n  header "Content-Type" startsWith "application/json"'
        ),
    )
    switch = argparse.BooleanOptionalAction
    parser.add_argument("--as", dest="client", metavar="CLIENT", help="the named client that sends all requests")
    parser.add_argument("--app", metavar="NAME", help="the variable of the app")
    parser.add_argument("--to", metavar="NAME", help="send them over a real socket to this process of %%flask_process")
    _add_parts(parser)
    parser.add_argument("--trace", action=switch, help="show the life of each request, too")
    parser.add_argument("--time", action=switch, help="show how long each took; with --trace, each part")
    parser.add_argument("--reveal", action=switch, help="show cookie values, tokens and other secrets")
    parser.add_argument("-q", "--quiet", action="store_true", help="show only what is not as expected")
    return parser


def _add_parts(parser: MagicParser) -> None:
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--head", action="store_const", const="head", dest="part", help="show status and all headers only"
    )
    part.add_argument("--body", action="store_const", const="body", dest="part", help="show status and body only")
    parser.set_defaults(part="all")


def flask_trace() -> MagicParser:
    parser = MagicParser(
        "%flask_trace",
        "Send a request to the live app, and show its life: what Flask called, in its order, and what came of it.\n"
        "Without a request the last one is sent again.",
        examples="Examples:\n  %flask_trace /tools/7\n  %flask_trace POST /tools name=drill --time",
    )
    parser.add_argument("words", nargs="*", metavar="METHOD PATH ITEM", help="the request, as for %%http")
    switch = argparse.BooleanOptionalAction
    parser.add_argument("--form", "-f", action=switch, help="send name=value items as a form, not as JSON")
    parser.add_argument("--as", dest="client", metavar="CLIENT", help="the named client that sends it")
    parser.add_argument("--app", metavar="NAME", help="the variable of the app")
    parser.add_argument("--follow", "-F", action=switch, help="follow redirects: each has a life of its own")
    parser.add_argument("--expect", type=_status, metavar="STATUS", help="raise where the status is another")
    parser.add_argument("--time", action=switch, help="show how long each part took, tracing included")
    parser.add_argument("--reveal", action=switch, help="show tokens and other secrets")
    parser.set_defaults(trace=True, quiet=True, to=None, part="all", curl=None)
    return parser


class _Names(argparse.Action):
    """`--as ada --as bob`: both names, in the place of the default."""

    def __call__(self, _parser: Any, namespace: argparse.Namespace, value: Any, _option: str | None = None) -> None:
        named = getattr(namespace, self.dest)
        setattr(namespace, self.dest, [*(named if isinstance(named, list) else []), value])


def _status(text: str) -> str:
    if not re.fullmatch(r"[1-5][\dxX]{2}(,[1-5][\dxX]{2})*", text):
        raise MagicLineError(
            f"{text!r} is not a status.",
            todo="Write a number such as 404, a class such as 4xx, or several: 200,201",
        )
    return text
