"""Lines that end in a command with options of its own."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import Any

from ..arguments import MagicParser

__all__ = ["CommandParser"]

_PAIR = re.compile(r"[A-Za-z_]\w*=")


class CommandParser(MagicParser):
    """A parser that leaves the words of a command alone: they are in `command`.

    `names` words come before the command, and the magic's own options before it, too. An option that is not the
    magic's is refused, or with `lenient` begins the command.

    >>> parser = CommandParser("%flask_process", names=1)
    >>> _ = parser.add_argument("name", nargs="?")
    >>> _ = parser.add_argument("--tls", action="store_true")
    >>> parser.read("web --tls gunicorn --tls app:app").command
    ['gunicorn', '--tls', 'app:app']
    """

    def __init__(
        self, prog: str, description: str = "", *, examples: str = "", names: int = 0, lenient: bool = False
    ) -> None:
        super().__init__(prog, description, examples=examples)
        self._names = names
        self._lenient = lenient

    def read_words(self, words: list[str], defaults: Mapping[str, Any]) -> argparse.Namespace:
        """Parse words that are split already."""
        own, command = self._split(words)
        arguments = super().read_words(own, defaults)
        arguments.command = command
        return arguments

    def _split(self, words: list[str]) -> tuple[list[str], list[str]]:
        own: list[str] = []
        rest = list(words)
        names = 0
        while rest:
            word = rest[0]
            if word == "--":
                return own, rest[1:]
            option = self._option_string_actions.get(word.partition("=")[0])
            if not word.startswith("-"):
                if names == self._names:
                    break
                names += 1
            elif option is None and self._lenient:
                break
            own.append(rest.pop(0))
            if option is not None and option.nargs is None and "=" not in word and rest:
                own.append(rest.pop(0))
                while option.metavar == "KEY=VALUE" and rest and _PAIR.match(rest[0]):
                    own += [word, rest.pop(0)]
        return own, rest
