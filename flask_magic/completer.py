"""The matcher that IPython's completer asks at TAB."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .arguments import MagicParser

if TYPE_CHECKING:
    from .workbench import Workbench

__all__ = ["Completer"]


class Completer:
    """A matcher for IPython's completer (its API version 2)."""

    matcher_api_version = 2
    matcher_identifier = "flask_magic"

    def __init__(self, workbench: Workbench, parsers: Mapping[str, MagicParser]) -> None:
        self.workbench = workbench
        self.parsers = parsers
        # IPython reads it of every matcher, and an instance does not have its class's.
        self.__qualname__ = type(self).__qualname__

    def __call__(self, context: Any) -> dict[str, Any]:
        from IPython.core.completer import SimpleCompletion

        from .completion import complete

        line: str = context.text_until_cursor
        word = re.split(r"\s", line)[-1]
        found = complete(line, word, self.workbench, self.parsers)
        completions = [SimpleCompletion(text=text, type="magic") for text in found]
        return {"completions": completions, "matched_fragment": word, "suppress": bool(completions)}
