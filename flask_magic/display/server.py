"""How the live server looks: the app in a frame, and a link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..log_masking import mask_paths, mask_times, plain
from ..masking import mask_text
from ..reach import Address
from .markup import tag, visible

__all__ = ["LIVE", "ServerDisplay", "ServerLog"]

#: What of the display leads to the server, and is of no use once that is gone.
LIVE = re.compile(r'<(a|iframe|p) class="fm-live".*?</\1>', re.DOTALL)
# Another port is another origin, which cannot reach into the notebook. Through Jupyter's proxy the app has the
# notebook's own origin: there no script of it runs in the frame.
_OWN_ORIGIN = "allow-downloads allow-forms allow-modals allow-popups allow-same-origin allow-scripts"
_NOTEBOOK_S_ORIGIN = "allow-downloads allow-forms allow-popups allow-same-origin"


@dataclass(frozen=True)
class ServerDisplay:
    """An app that is served. The address is in the links alone, unless `reveal`.

    Links and frame have a class of their own, by which stored pages leave them out.
    """

    app: str
    address: Address
    height: int = 400
    reveal: bool = False

    def _sentence(self) -> str:
        return f"{self.app} is served live, until `%flask_serve --stop` or the end of the kernel"

    def text(self) -> str:
        """One line."""
        where = f": {self.address.url}" if self.reveal else ". `%flask_serve --reveal` shows its address"
        return f"{self._sentence()}{where}"

    def html(self) -> Markup:
        """A link and a frame."""
        link = tag("a", "open it in a tab", class_="fm-live", href=self.address.url, target="_blank", rel="noopener")
        parts = [tag("strong", self.app), self._sentence().removeprefix(self.app), " ", link]
        if self.reveal:
            parts += [" ", tag("code", self.address.url)]
        frame = tag(
            "iframe",
            class_="fm-live",
            src=self.address.url,
            title=f"{self.app}, live",
            sandbox=_NOTEBOOK_S_ORIGIN if self.address.proxied else _OWN_ORIGIN,
            style=f"height: {self.height}px",
        )
        note = [tag("p", "In this frame no script of the app runs: in a tab it does.", class_="fm-live")]
        title = tag("p", *parts, class_="fm-request")
        return tag("section", title, *(note if self.address.proxied else []), frame, class_="fm fm-exchange fm-served")


@dataclass(frozen=True)
class ServerLog:
    """The requests that the live server answered, and what the app logged."""

    lines: Sequence[str]
    reveal: bool = False

    def _lines(self) -> list[str]:
        lines = [plain(line) for line in self.lines] or ["(nothing so far)"]
        if self.reveal:
            return lines
        return mask_paths(mask_text(mask_times("\n".join(lines))), []).splitlines()

    def text(self) -> str:
        """Line by line."""
        return visible("\n".join(["log of the live server", *self._lines()]))

    def html(self) -> Markup:
        """The same, preformatted."""
        title = tag("p", "log of the live server", class_="fm-request")
        return tag("section", title, tag("pre", "\n".join(self._lines())), class_="fm fm-exchange fm-log")
