"""Ways into the collection besides its order: a map of all topics, a page for each tag, tags below each page.

All of it is made from the outline and from what the pages say of themselves. The pages are made like Sphinx's own
index, without a source of their own: templates in `_templates`, filled with what is found here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup
from sphinx.application import Sphinx

from flask_magic.pages.exercises import exercises
from flask_magic.pages.index import chapter_heading
from flask_magic.pages.notebook import load
from flask_magic.pages.outline import Outline, Topic, plain, read_outline, slug

ROW = 2.0  # rem, the height of a row of the map
RAIL = 4.5  # rem, the width of what is drawn beside it
OBJECTIVES = re.compile(r"^You can, at the end[^\n]*\n((?:\d+\. [^\n]+\n?)+)", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """A topic as a reader of the map sees it. `address` is its page on the site, empty while it is not written."""

    topic: Topic
    row: int
    address: str = ""
    minutes: int = 0
    level: str = ""
    tags: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    objectives: tuple[Markup, ...] = ()
    exercises: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its name without code and parentheses."""
        return plain(self.topic.title)


@dataclass(frozen=True)
class Part:
    """A chapter of the map: the row of its heading, and its pages."""

    title: str
    row: int
    address: str
    pages: tuple[Page, ...]


class Atlas:
    """What the collection in `folder` holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.outline: Outline = read_outline(folder)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The chapters, in order."""
        found, row = [], 0
        for chapter in self.outline.chapters:
            pages = tuple(self._page(topic, row + number) for number, topic in enumerate(chapter.topics, 1))
            written = any(page.address for page in pages)
            address = f"{self.folder.name}/{chapter.folder}/index" if written else ""
            found.append(Part(chapter_heading(chapter), row, address, pages))
            row += len(pages) + 1
        return tuple(found)

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """All topics, in order."""
        return tuple(page for part in self.parts for page in part.pages)

    @cached_property
    def by_address(self) -> dict[str, Page]:
        """The written pages by their place on the site."""
        return {page.address: page for page in self.pages if page.address}

    @cached_property
    def tags(self) -> dict[str, list[Page]]:
        """The written pages of each tag, by the tag in alphabetical order."""
        found: dict[str, list[Page]] = {}
        for page in self.by_address.values():
            for tag in page.tags:
                found.setdefault(tag, []).append(page)
        return dict(sorted(found.items(), key=lambda pair: pair[0].lower()))

    def _page(self, topic: Topic, row: int) -> Page:
        path = self.folder / topic.path
        if not path.is_file():
            return Page(topic, row)
        notebook = load(path)
        held = notebook["metadata"].get("flask_magic", {})
        first = notebook["cells"][0]["source"] if notebook["cells"] else ""
        listed = OBJECTIVES.search(first)
        return Page(
            topic,
            row,
            f"{self.folder.name}/{topic.path.removesuffix('.ipynb')}",
            held.get("minutes", 0),
            held.get("level", ""),
            tuple(held.get("tags", ())),
            tuple(held.get("prerequisites", ())),
            tuple(map(_inline, re.findall(r"^\d+\. (.+)$", listed[1], re.MULTILINE))) if listed else (),
            tuple(exercise.name for exercise in exercises(notebook)),
        )

    def arcs(self) -> Iterator[tuple[Page, Page]]:
        """Each prerequisite of a page, and the page."""
        by_value = {page.topic.value: page for page in self.pages}
        for page in self.pages:
            for value in page.prerequisites:
                if value in by_value:
                    yield by_value[value], page

    @property
    def rows(self) -> int:
        """How many rows the map has."""
        return sum(len(part.pages) + 1 for part in self.parts)

    def drawing(self) -> Markup:
        """What is drawn beside the map: a line from each prerequisite to the page that builds on it.

        The idea is that of an arc diagram: everything has its place on one line, and the further away two things are,
        the wider the arc. One unit is one rem, as the rows of the list beside it have it.
        """
        longest = max((page.row - before.row for before, page in self.arcs()), default=1)
        lines = [_arc(before, page, longest) for before, page in self.arcs()]
        dots = [f'<circle cx="{RAIL - 0.5}" cy="{_middle(page)}" r=".22"/>' for page in self.pages]
        size = f'viewBox="0 0 {RAIL} {self.rows * ROW}"'
        return Markup(f'<svg class="map-arcs" {size} aria-hidden="true">{"".join(lines + dots)}</svg>')


def _middle(page: Page) -> float:
    return (page.row + 0.5) * ROW


def _arc(before: Page, page: Page, longest: int) -> str:
    start, end, x = _middle(before), _middle(page), RAIL - 0.5
    # Half an arc's width grows with the root of its length: with the length itself the short ones could not be seen.
    wide = 0.4 + (RAIL - 1.0) * (abs(page.row - before.row) / longest) ** 0.5
    names = f'data-from="{before.row}" data-to="{page.row}"'
    return f'<path {names} d="M{x} {start}C{x - wide:.2f} {start} {x - wide:.2f} {end} {x} {end}"/>'


def _inline(text: str) -> Markup:
    """One line of a page's Markdown, as HTML."""
    return Markup(MarkdownIt("commonmark", {"html": False}).renderInline(text.rstrip(",.")))


def tag_page(tag: str) -> str:
    """The address of a tag's page.

    >>> tag_page("API Design")
    'tags/api-design'
    """
    return f"tags/{slug(tag)}"


class Pages:
    """What Sphinx asks for."""

    def __init__(self, app: Sphinx) -> None:
        self.atlas = Atlas(Path(app.confdir) / "notebooks")

    def collect(self, _: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
        """The pages that have no source."""
        atlas = self.atlas
        yield "map", {"title": "Map", "atlas": atlas, "drawing": atlas.drawing()}, "map.html"
        yield "tags/index", {"title": "Tags", "tags": atlas.tags, "tag_page": tag_page}, "tags.html"
        for tag, pages in atlas.tags.items():
            yield tag_page(tag), {"title": f"Tag: {tag}", "tag": tag, "pages": pages}, "tag.html"

    def add_tags(self, app: Sphinx, name: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
        """Put a page's tags below it."""
        page = self.atlas.by_address.get(name)
        if page is None or not page.tags:
            return
        relative = app.builder.get_relative_uri
        links = [Markup('<a href="{}">{}</a>').format(relative(name, tag_page(tag)), tag) for tag in page.tags]
        nav = Markup('<nav class="tags" aria-label="Tags of this page">Tags: {}</nav>').format(Markup(", ").join(links))
        context["body"] += str(nav)  # the body is no Markup, and would be escaped as part of one


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""

    def begin(app: Sphinx) -> None:
        pages = Pages(app)
        app.connect("html-collect-pages", pages.collect)
        app.connect("html-page-context", pages.add_tags)

    app.connect("builder-inited", begin)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
