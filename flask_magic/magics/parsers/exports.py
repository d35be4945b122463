"""Options of the magic that turns a notebook into a project."""

from __future__ import annotations

from ...arguments import MagicParser

__all__ = ["flask_export"]


def flask_export() -> MagicParser:
    parser = MagicParser(
        "%flask_export",
        "Turn the notebook's app into a real project with tests, in a folder beside the notebook.\n"
        "An earlier export is brought up to date; a file that was changed since is not overwritten.",
        examples="Examples:\n  %flask_export shop\n  %flask_export tool_library --package",
    )
    parser.add_argument("dir", metavar="DIR", help="the folder, relative to the notebook")
    parser.add_argument(
        "--package", action="store_true", help="a package with an application factory, instead of app.py"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="write into a folder that has other files in it, too; what is in the way is kept as NAME.orig",
    )
    parser.add_argument("--app", metavar="NAME", help="the variable of the app")
    return parser
