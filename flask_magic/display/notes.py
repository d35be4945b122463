"""Short remarks: one quiet line, or a list of what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .markup import tag

__all__ = ["Note", "Stylesheet"]


@dataclass(frozen=True)
class Note:
    """One line, or several, in a low voice."""

    lines: Sequence[str]

    def text(self) -> str:
        """The lines."""
        return "\n".join(self.lines)

    def html(self) -> Markup:
        """A paragraph a line."""
        return tag("div", *(tag("p", line) for line in self.lines), class_="fm fm-note")


@dataclass(frozen=True)
class Stylesheet:
    """The one stylesheet, put into the notebook when the extension loads."""

    def text(self) -> str:
        """Nothing to read."""
        return ""

    def html(self) -> Markup:
        """A style element."""
        from importlib.resources import files

        css = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
        return Markup("<style>\n{}</style>").format(Markup(css))
