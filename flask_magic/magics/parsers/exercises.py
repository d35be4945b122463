"""Options of the magic for exercises."""

from __future__ import annotations

from ...arguments import MagicParser

__all__ = ["flask_check"]


def flask_check() -> MagicParser:
    parser = MagicParser(
        "%%flask_check",
        "Run an exercise's check: each assert is one row. `app` and a new `client` are at hand.",
        examples="Examples:\n  %%flask_check loan\n  %%flask_check loan --app shop",
    )
    parser.add_argument("name", metavar="NAME", help="the exercise")
    parser.add_argument("--app", metavar="APP", help="the variable of the app")
    return parser
