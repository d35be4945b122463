"""Reading a magic's line: words, options, `{{name}}` variables.

Standard `argparse` does the reading. What differs: an error raises `MagicLineError` (with "did you mean") and
never exits; a backslash is an ordinary character, as HTTPie's items need it; options may stand anywhere.
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Mapping
from typing import Any, NoReturn

from .errors import MagicLineError, UnknownName, did_you_mean

__all__ = ["MagicParser", "expand_variables", "split_words"]

#: A parser remembers so many lines.
REMEMBERED = 64
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")


def split_words(line: str) -> list[str]:
    """Split a line at spaces, with quotes as in a shell, and a backslash as itself.

    >>> split_words("POST /tools name='claw hammer' price:=12")
    ['POST', '/tools', 'name=claw hammer', 'price:=12']

    Raises MagicLineError for a quote that is not closed.
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.escape = ""
    try:
        return list(lexer)
    except ValueError:
        raise MagicLineError(
            "A quote is opened and not closed.",
            why=f"{line}\n{' ' * _unclosed_quote(line)}^",
            todo="Close it, or put the whole word in the other kind of quotes.",
        ) from None


def _unclosed_quote(line: str) -> int:
    quote, start = "", 0
    for index, character in enumerate(line):
        if quote:
            if character == quote:
                quote = ""
        elif character in "'\"":
            quote, start = character, index
    return start


def expand_variables(word: str, namespace: Mapping[str, Any]) -> str:
    """Put the notebook's variables where `{{name}}` stands.

    >>> expand_variables("/tools/{{tool_id}}", {"tool_id": 7})
    '/tools/7'

    Raises UnknownName where the notebook has no such variable.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in namespace:
            raise UnknownName(
                f"{{{{{name}}}}} stands for a variable of the notebook, and there is none called {name!r}.",
                todo=did_you_mean(name, (n for n in namespace if not n.startswith("_"))),
            )
        return str(namespace[name])

    return _VARIABLE.sub(value, word)


class MagicParser(argparse.ArgumentParser):
    """An `ArgumentParser` for one magic.

    >>> parser = MagicParser("%http", "Send a request.")
    >>> _ = parser.add_argument("words", nargs="*")
    >>> _ = parser.add_argument("--follow", action="store_true")
    >>> parser.read("/tools --follow").words
    ['/tools']
    """

    def __init__(self, prog: str, description: str = "", *, examples: str = "") -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=examples,
            add_help=False,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        # argparse takes longer than a request; a line that is run again is not read again.
        self._remembered: dict[str, tuple[Mapping[str, Any] | None, argparse.Namespace]] = {}

    @property
    def option_names(self) -> list[str]:
        """Every option as it is written: `['--expect', '-q', …]`."""
        return sorted(self._option_string_actions)

    def read(
        self, line: str, namespace: Mapping[str, Any] | None = None, defaults: Mapping[str, Any] | None = None
    ) -> argparse.Namespace:
        """Parse a line; `{{name}}` is filled from `namespace` after the words are split.

        `defaults` are values of options that the line does not name. Raises MagicLineError for what the magic does
        not take, UnknownName for an unknown variable.
        """
        remembered = self._remembered.get(line)
        if remembered is None or remembered[0] is not defaults:
            words = split_words(line)
            if namespace is not None:
                words = [expand_variables(word, namespace) for word in words]
            remembered = defaults, self.read_words(words, defaults or {})
            if "{{" not in line:
                self._remembered[line] = remembered
                if len(self._remembered) > REMEMBERED:
                    del self._remembered[next(iter(self._remembered))]
        return argparse.Namespace(**vars(remembered[1]))

    def read_words(self, words: list[str], defaults: Mapping[str, Any]) -> argparse.Namespace:
        """Parse words that are split already."""
        own = {action.dest for action in self._actions}
        namespace = argparse.Namespace(**{name: value for name, value in defaults.items() if name in own})
        try:
            arguments, rest = self.parse_known_intermixed_args(words, namespace)
        except argparse.ArgumentError as error:
            raise MagicLineError(
                f"{self.prog}: {error}.", why=self.usage_line(), todo=f"{self.prog}? shows its help."
            ) from None
        if rest:
            self._refuse(rest[0])
        return arguments

    def _refuse(self, word: str) -> NoReturn:
        if word.startswith("-"):
            name = word.split("=", 1)[0]
            raise MagicLineError(
                f"{self.prog} has no option {name}.",
                why="Its options: " + ", ".join(self.option_names) if self.option_names else "",
                todo=did_you_mean(name, self.option_names),
            )
        raise MagicLineError(f"{self.prog} does not take {word!r}.", why=self.usage_line())

    def usage_line(self) -> str:
        """The usage on one line, `usage: %http METHOD PATH …`."""
        return " ".join(self.format_usage().split())

    def error(self, message: str) -> NoReturn:
        # Not a MagicLineError yet: while argparse is at work, its usage cannot be asked for.
        raise argparse.ArgumentError(None, message)
