"""Options of the magics for apps, projects and files."""

from __future__ import annotations

from ...arguments import MagicParser

__all__ = ["flask_app", "flask_file", "flask_project"]


def flask_app() -> MagicParser:
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


def flask_project() -> MagicParser:
    parser = MagicParser(
        "%flask_project",
        "Make a scratch project folder the working directory; it is gone with the kernel. Comes before the app.",
        examples="Examples:\n  %flask_project\n  %flask_project shop --dir my-shop",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the folder's name (default: project)")
    parser.add_argument("--dir", metavar="DIR", help="a folder that stays, relative to the notebook")
    return parser


def flask_file() -> MagicParser:
    parser = MagicParser(
        "%%flask_file",
        "Write the cell into a file of the project, making its folders; the next request sees it.",
        examples="Examples:\n  %%flask_file templates/base.html\n  %%flask_file static/site.css",
    )
    parser.add_argument("path", metavar="PATH", help="a path inside the project")
    return parser
