"""The outline of the collection: which topics there are, and where the page of each belongs.

`notebooks/outline.md` has a chapter for each `##` heading and a topic for each `###` heading. The topic
"Common Extensions Overview" stands for its bullets: each extension without a chapter of its own is a topic.

**The one form of a topic's name** (in a page's metadata, its prerequisites, everywhere) is the heading as it
is written, up to its first ` #`: "Routing / Basic Routing (`@app.route`)". `Outline.find` also takes it in
any case and without backticks and parentheses ("routing / basic routing"), since people type that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask_magic.errors import did_you_mean
from flask_magic.pages.errors import PageError

__all__ = ["Chapter", "Outline", "Topic", "plain", "read_outline"]

OVERVIEW = "Common Extensions Overview"
WITH_CHAPTER = ("Flask-SQLAlchemy", "Flask-Migrate", "Flask-WTF")


@dataclass(frozen=True)
class Topic:
    """One topic, hence one page.

    `value` is its full name, `title` the last part of it, `tags` those of the outline, `path` the page's
    place relative to the folder of the notebooks. Where the outline gives no tags, `tagged` is false, and the
    page chooses its own.
    """

    value: str
    title: str
    tags: tuple[str, ...]
    path: str
    tagged: bool = True


@dataclass(frozen=True)
class Chapter:
    """A chapter and its topics, in the order of the outline.

    `folder` is the place of its pages, relative to that of the notebooks. `about` holds the sentences below its
    heading, in which it says what it is for; it may be empty.
    """

    title: str
    topics: tuple[Topic, ...]
    folder: str
    about: str = ""

    @property
    def opener(self) -> str:
        """Where the page that opens the chapter belongs, relative to the folder of the notebooks."""
        return f"{self.folder}/index.ipynb"


@dataclass(frozen=True)
class Outline:
    r"""All chapters, in order.

    >>> outline = parse("## Routing #URL\n### Basic Routing (`@app.route`) #Decorator\n")
    >>> outline.topics[0].value, outline.topics[0].path
    ('Routing / Basic Routing (`@app.route`)', '01-routing/01-basic-routing.ipynb')
    """

    chapters: tuple[Chapter, ...]

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic, in order."""
        return tuple(topic for chapter in self.chapters for topic in chapter.topics)

    @cached_property
    def by_value(self) -> dict[str, Topic]:
        """The topics by their full names, as they are written."""
        return {topic.value: topic for topic in self.topics}

    @cached_property
    def by_path(self) -> dict[str, Topic]:
        """The topics by the places of their pages."""
        return {topic.path: topic for topic in self.topics}

    def find(self, name: str) -> Topic:
        """The topic called `name`, in any case, with or without backticks and parentheses.

        Raises PageError, with the nearest name, for a topic that the outline does not have.
        """
        known = {plain(topic.value).lower(): topic for topic in self.topics}
        wanted = plain(name).lower()
        if wanted in known:
            return known[wanted]
        names = [plain(topic.value) for topic in self.topics]
        chapterless = {plain(topic.title).lower(): plain(topic.value) for topic in self.topics}
        if wanted in chapterless:
            hint = f"Did you mean '{chapterless[wanted]}'?"
        else:
            by_lower = {value.lower(): value for value in names}
            hint = did_you_mean(wanted, by_lower)
            hint = re.sub("'(.*)'", lambda match: f"'{by_lower[match[1]]}'", hint)
        raise PageError(f"The outline has no topic '{name}'. {hint or 'Names look like this: ' + repr(names[0]) + '.'}")


def plain(text: str) -> str:
    """`text` without parentheses (and what is in them) and without backticks.

    >>> plain("Standard HTTP Errors (`abort()`)")
    'Standard HTTP Errors'
    """
    text, found = text.replace("`", ""), 1
    while found:
        text, found = re.subn(r"\([^()]*\)", "", text)
    return " ".join(text.split())


def slug(text: str) -> str:
    """The lower-case words of `text`, joined by "-".

    >>> slug("What is Flask?")
    'what-is-flask'
    """
    return "-".join(re.findall(r"[a-z0-9]+", plain(text).lower()))


def read_outline(folder: Path) -> Outline:
    """The outline of the collection in `folder`; PageError where the file is missing."""
    path = folder / "outline.md"
    if not path.is_file():
        raise PageError(f"{path} does not exist. Name the folder of the notebooks, the one with outline.md.")
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Outline:
    """The outline that the Markdown `text` holds."""
    chapters = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return Outline(tuple(_chapter(number, body) for number, body in enumerate(chapters, 1)))


def _chapter(number: int, body: str) -> Chapter:
    title, _ = _heading(body)
    folder = f"{number:02}-{slug(plain(title).split(' and ')[0])}"
    found: list[tuple[str, str, tuple[str, ...], bool]] = []
    for part in re.split(r"^### ", body, flags=re.MULTILINE)[1:]:
        topic, tags = _heading(part)
        if topic == OVERVIEW:
            found += [(f"{topic} / {name}", name, (), False) for name in _extensions(part)]
        else:
            found.append((topic, topic, tags, True))
    topics = (
        Topic(f"{title} / {value}", name, tags, f"{folder}/{place:02}-{slug(name)}.ipynb", tagged)
        for place, (value, name, tags, tagged) in enumerate(found, 1)
    )
    return Chapter(title, tuple(topics), folder, _about(body))


def _about(body: str) -> str:
    """What stands between a chapter's heading and its first topic, without tags."""
    lines = re.split(r"^### ", body, maxsplit=1, flags=re.MULTILINE)[0].splitlines()[1:]
    return "\n".join(line.strip() for line in (re.sub(r"(?:^|\s)#\w.*$", "", line) for line in lines)).strip()


def _heading(part: str) -> tuple[str, tuple[str, ...]]:
    line = part.partition("\n")[0]
    text, _, tags = line.partition(" #")
    return text.strip(), tuple(tag.strip() for tag in tags.split("#") if tag.strip())


def _extensions(part: str) -> list[str]:
    names = [plain(line) for line in re.findall(r"^\* +(.*)$", part, flags=re.MULTILINE)]
    return [name for name in names if name not in WITH_CHAPTER]
