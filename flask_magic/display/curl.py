"""How a `curl` command looks."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from .markup import tag, visible

__all__ = ["CurlDisplay"]


@dataclass(frozen=True)
class CurlDisplay:
    """A command to be copied into a shell."""

    command: str

    def text(self) -> str:
        """The command."""
        return visible(self.command)

    def html(self) -> Markup:
        """The same, preformatted."""
        return tag("pre", tag("code", self.command), class_="fm fm-curl")
