"""Options of the magics that register and show rules."""

from __future__ import annotations

import argparse

from ...arguments import MagicParser

__all__ = ["flask_route", "flask_routes"]


def flask_route() -> MagicParser:
    parser = MagicParser(
        "%%flask_route",
        "Run the cell, and register its last function, async function or view class under the rules.",
        examples="Examples:\n  %%flask_route /tools/<int:tool_id>\n"
        "  %%flask_route /tools -X GET POST --try 'GET /tools'",
    )
    parser.add_argument("rules", nargs="*", metavar="RULE", help="a URL rule; quotes where it holds a space")
    parser.add_argument(
        "-X",
        "--methods",
        nargs="+",
        action="extend",
        default=[],
        metavar="METHOD",
        help="the methods that the rules take (default: GET)",
    )
    parser.add_argument("--endpoint", metavar="E", help="the endpoint (default: the function's name)")
    parser.add_argument(
        "--defaults",
        nargs="+",
        action="extend",
        default=[],
        metavar="K=V",
        help="values for arguments that the rule does not give",
    )
    parser.add_argument(
        "--strict-slashes",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="whether /tools and /tools/ are told apart",
    )
    parser.add_argument("--subdomain", metavar="S", help="answer on this subdomain only")
    parser.add_argument("--host", metavar="H", help="answer on this host only (app with host_matching)")
    parser.add_argument("--blueprint", metavar="BP", help="register on this blueprint (a variable)")
    parser.add_argument("--app", metavar="NAME", help="the variable of the app")
    parser.add_argument(
        "--try",
        dest="tries",
        action="append",
        default=[],
        metavar="'GET /path'",
        help="send this request at once; may be given again",
    )
    return parser


def flask_routes() -> MagicParser:
    parser = MagicParser(
        "%flask_routes",
        "Show the URL map, or with --match the way of one URL through it.",
        examples="Examples:\n  %flask_routes\n  %flask_routes --match /tools/drill",
    )
    parser.add_argument("--match", metavar="PATH", help="ask each rule why it does or does not match this URL")
    parser.add_argument(
        "--method",
        "-X",
        metavar="M",
        help="only rules that take this method; with --match, the method to ask for",
    )
    parser.add_argument(
        "--sort",
        choices=("definition", "endpoint", "rule"),
        default="definition",
        help="the order of the table",
    )
    parser.add_argument("--app", metavar="NAME", help="the variable of the app")
    return parser
