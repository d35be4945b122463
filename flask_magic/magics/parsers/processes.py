"""Options of the magics for processes, the live server and the `flask` command."""

from __future__ import annotations

import argparse

from ...arguments import MagicParser
from ..command_parser import CommandParser

__all__ = ["flask_cli", "flask_process", "flask_serve"]


def flask_process() -> MagicParser:
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


def flask_serve() -> MagicParser:
    parser = MagicParser(
        "%flask_serve",
        "Serve the live app on 127.0.0.1 to a real browser, in a frame below the cell and in a tab.\n"
        "What a cell changes is served at once; requests wait while a cell runs. It ends with the kernel.",
        examples="Examples:\n  %flask_serve\n  %flask_serve --port 8000 --height 600\n  %flask_serve --stop",
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="PORT", help="the port; 0 is a free one, and the same again on a re-run"
    )
    parser.add_argument("--height", type=int, default=400, metavar="H", help="pixels of the frame (default: 400)")
    parser.add_argument("--app", metavar="NAME", help="the variable of the app")
    parser.add_argument(
        "--proxy",
        action=argparse.BooleanOptionalAction,
        help="by Jupyter's own address; the default where jupyter-server-proxy is installed, unless --no-proxy",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--log", action="store_true", help="show the requests answered, and what the app logged")
    what.add_argument("--stop", action="store_true", help="stop it")
    parser.add_argument("--reveal", action="store_true", help="show the address, with its port")
    return parser


def flask_cli() -> MagicParser:
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
