"""Reading an HTML page as a browser does, for the checks: which elements are there, with which text?"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Element", "elements"]

# These have no end tag.
VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")


@dataclass
class Element:
    """One element: its tag, its attributes, and all text in it, entities resolved."""

    tag: str
    attributes: dict[str, str | None]
    text: str = field(default="")


def elements(html: str, tag: str) -> list[Element]:
    """The elements of this tag, in the order of their start tags.

    >>> [(p.text, p.attributes) for p in elements('<p title="a &amp; b">a &lt; <b>b</b></p>', "p")]
    [('a < b', {'title': 'a & b'})]
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [element for element in reader.found if element.tag == tag]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.found.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, element in enumerate(self.open) if element.tag == tag]
        if places:
            del self.open[places[-1] :]

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data
