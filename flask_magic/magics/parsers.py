"""The options of each magic, with their help and examples."""

from __future__ import annotations

import argparse
import re

from ..arguments import MagicParser
from ..errors import MagicLineError
from .command_parser import CommandParser

__all__ = ["parsers"]


def parsers() -> dict[str, MagicParser]:
    """A parser for each magic, by its name without `%`."""
    made = (
        _http(),
        _flask_route(),
        _flask_routes(),
        _flask_app(),
        _flask_project(),
        _flask_file(),
        _flask_check(),
        _flask_process(),
        _flask_cli(),
    )
    return {parser.prog.lstrip("%"): parser for parser in made}


def _status(text: str) -> str:
    if not re.fullmatch(r"[1-5][\dxX]{2}(,[1-5][\dxX]{2})*", text):
        raise MagicLineError(
            f"{text!r} is not a status.",
            todo="Write a number such as 404, a class such as 4xx, or several: 200,201",
        )
    return text


def _http() -> MagicParser:
    parser = MagicParser(
        "%http",
        "Send a request to the live app through Werkzeug's test client, and show what comes back.\n"
        "Items are written as in HTTPie: name=value  name:=json  name==query  Header:value  field@file",
        examples="Examples:\n  %http /tools/7\n  %http POST /tools name=drill price:=12 --expect 201",
    )
    parser.add_argument(
        "words", nargs="*", metavar="METHOD PATH ITEM", help="the request; GET where no method is named"
    )
    parser.add_argument("--form", "-f", action="store_true", help="send name=value items as a form, not as JSON")
    parser.add_argument(
        "--as", dest="client", metavar="CLIENT", help="the named client that sends it, with its own cookies"
    )
    parser.add_argument("--app", metavar="NAME", help="the variable of the app")
    parser.add_argument("--to", metavar="NAME", help="send it over a real socket to this process of %%flask_process")
    parser.add_argument("--follow", "-F", action="store_true", help="follow redirects, and show the chain")
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
    parser.add_argument("--time", action="store_true", help="show how long it took")
    parser.add_argument("--reveal", action="store_true", help="show cookie values, tokens and other secrets")
    parser.add_argument("-q", "--quiet", action="store_true", help="show nothing")
    parser.set_defaults(part="all")
    return parser


def _flask_route() -> MagicParser:
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


def _flask_routes() -> MagicParser:
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


def _flask_app() -> MagicParser:
    parser = MagicParser(
        "%flask_app",
        "Choose the app that the magics mean, list the apps, or set one up.",
        examples="Examples:\n  %flask_app shop\n  %flask_app mypackage:create_app --config DEBUG=true",
    )
    parser.add_argument(
        "target", nargs="?", metavar="NAME or module:app", help="a variable, or where to import the app from"
    )
    parser.add_argument("--list", action="store_true", help="list the notebook's apps")
    parser.add_argument("--reset", action="store_true", help="put a new, empty app in its place")
    parser.add_argument(
        "--rerun",
        action="store_true",
        help="run again the cells whose registrations stayed with the app that was replaced",
    )
    parser.add_argument("--plain", action="store_true", help="leave the app wholly to Flask: no re-run safety")
    parser.add_argument(
        "--config",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="set configuration; a value that is JSON becomes what it says",
    )
    return parser


def _flask_project() -> MagicParser:
    parser = MagicParser(
        "%flask_project",
        "Make a scratch project folder the working directory; it is gone with the kernel. Comes before the app.",
        examples="Examples:\n  %flask_project\n  %flask_project shop --dir my-shop",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the folder's name (default: project)")
    parser.add_argument("--dir", metavar="DIR", help="a folder that stays, relative to the notebook")
    return parser


def _flask_file() -> MagicParser:
    parser = MagicParser(
        "%%flask_file",
        "Write the cell into a file of the project, making its folders; the next request sees it.",
        examples="Examples:\n  %%flask_file templates/base.html\n  %%flask_file static/site.css",
    )
    parser.add_argument("path", metavar="PATH", help="a path inside the project")
    return parser


def _flask_check() -> MagicParser:
    parser = MagicParser(
        "%%flask_check",
        "Run an exercise's check: each assert is one row. `app` and a new `client` are at hand.",
        examples="Examples:\n  %%flask_check loan\n  %%flask_check loan --app shop",
    )
    parser.add_argument("name", metavar="NAME", help="the exercise")
    parser.add_argument("--app", metavar="APP", help="the variable of the app")
    return parser


def _flask_process() -> MagicParser:
    parser = CommandParser(
        "%flask_process",
        "Run a real process in the project's folder, on 127.0.0.1; it ends with the kernel.\n"
        "Everything after NAME is the command. {port} in it becomes a free port, {NAME.port} another process's,\n"
        "{python} the kernel's Python, {folder} the project's folder, {file:PATH} a copy of a file with these in it.",
        examples="Examples:\n  %flask_process web gunicorn -b 127.0.0.1:{port} app:app\n  %flask_process web --stop",
        names=1,
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the process's name, for `%%http --to NAME`")
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="the command, with its own options")
    parser.add_argument(
        "--env", action="append", default=[], metavar="KEY=VALUE", help="set environment variables; takes several"
    )
    parser.add_argument(
        "--ready", metavar="TEXT", help="it is up when its log holds this text, not when {port} answers"
    )
    parser.add_argument("--timeout", type=float, default=15.0, metavar="S", help="seconds to wait for it (default: 15)")
    parser.add_argument("--tls", action="store_true", help="it speaks TLS: `%%http --to NAME` does so, too")
    parser.add_argument("--cafile", metavar="FILE", help="the certificate that `%%http --to NAME` trusts; means --tls")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--log", action="store_true", help="show what it printed so far")
    what.add_argument("--stop", action="store_true", help="stop it; without NAME, all")
    what.add_argument("--list", action="store_true", help="list the processes")
    parser.add_argument("--reveal", action="store_true", help="with --log: ports, times, process ids and paths, too")
    return parser


def _flask_cli() -> MagicParser:
    parser = CommandParser(
        "%flask_cli",
        "Run the `flask` command against the live app. Options of the magic come before the command.",
        examples="Examples:\n  %flask_cli routes\n  %flask_cli --expect 2 db upgrade --nonsense",
        lenient=True,
    )
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="the command, with its own options")
    parser.add_argument("--app", metavar="NAME", help="the variable of the app")
    parser.add_argument(
        "--expect", type=int, default=0, metavar="CODE", help="raise where the exit code is another (default: 0)"
    )
    parser.add_argument("--reveal", action="store_true", help="show paths in full")
    return parser
