"""The page that opens a chapter: what the chapter is for, which pages it has, and where to go first.

It is made from the outline and from what the pages say of themselves, has no code cell, and is no topic page:
its name, `index.ipynb`, has no number.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from flask_magic.pages.index import build_index, chapter_anchor, chapter_heading, link, listing, written_topics
from flask_magic.pages.notebook import Notebook, load
from flask_magic.pages.outline import Chapter, Outline, Topic, plain

__all__ = ["build_opener", "indexes", "stale_openers"]

QUESTION = re.compile(r"^\*[^*\n]+\?\*", re.MULTILINE)
EXERCISES = re.compile(r"(\d+)(?: minutes)? for the exercise")
LEVELS = """*first*: for your first days with Flask · *core*: what daily work asks for ·
*deep*: for the day when you need it."""


@dataclass(frozen=True)
class Page:
    """What a page says of itself: its question, its minutes, those of its exercises (0: not said), the rest."""

    topic: Topic
    question: str
    minutes: int
    exercises: int
    level: str
    prerequisites: tuple[str, ...]


def indexes(folder: Path, outline: Outline) -> dict[Path, Notebook]:
    """All notebooks that are made from the others: the index, and an opener for each chapter with a page.

    PageError for a page that cannot be read.
    """
    openers = {folder / chapter.opener: build_opener(folder, outline, chapter) for chapter in _open(folder, outline)}
    return {folder / "index.ipynb": build_index(folder, outline), **openers}


def stale_openers(folder: Path, outline: Outline) -> list[Path]:
    """Openers in `folder` of chapters that have no page (any more)."""
    current = {folder / chapter.opener for chapter in _open(folder, outline)}
    return sorted(set(folder.glob("[0-9][0-9]-*/index.ipynb")) - current)


def build_opener(folder: Path, outline: Outline, chapter: Chapter) -> Notebook:
    """The opener of a chapter that has at least one page in `folder`.

    The same pages and outline give the same notebook. PageError for a page that cannot be read.
    """
    pages = {topic: _read(folder, topic) for topic in written_topics(folder, chapter.topics)}
    heading = chapter_heading(chapter)
    about = [chapter.about] if chapter.about else []
    start = _start(list(pages.values()))
    begin = f"Begin with {_linked(folder, start.topic, chapter)}."
    if start.prerequisites:
        begin += f" It builds on {_named(folder, outline, start, chapter)}."
    opening = "\n\n".join([f"# {heading}", *about, f"{_sum(list(pages.values()), chapter)}\n{begin}"])
    entries = [
        _entry(folder, outline, chapter, number, pages.get(topic) or topic)
        for number, topic in enumerate(chapter.topics, 1)
    ]
    return listing(
        [
            opening,
            "\n".join(["## Pages", "", *entries, "", LEVELS]),
            _onward(folder, outline, chapter),
        ]
    )


def _open(folder: Path, outline: Outline) -> list[Chapter]:
    return [chapter for chapter in outline.chapters if written_topics(folder, chapter.topics)]


def _read(folder: Path, topic: Topic) -> Page:
    notebook = load(folder / topic.path)
    held = notebook["metadata"].get("flask_magic", {})
    first = notebook["cells"][0]["source"] if notebook["cells"] else ""
    question, exercises, minutes = QUESTION.search(first), EXERCISES.search(first), held.get("minutes")
    return Page(
        topic,
        question[0] if question else "",
        minutes if isinstance(minutes, int) else 0,
        int(exercises[1]) if exercises else 0,
        str(held.get("level", "?")),
        tuple(map(str, held.get("prerequisites", ()))),
    )


def _start(pages: list[Page]) -> Page:
    """The first page that builds on none of the others."""
    values = {page.topic.value for page in pages}
    return next((page for page in pages if values.isdisjoint(page.prerequisites)), pages[0])


def _sum(pages: list[Page], chapter: Chapter) -> str:
    count = f"{len(pages)} of {len(chapter.topics)} pages {'is' if len(pages) == 1 else 'are'} written"
    if len(pages) == len(chapter.topics):
        count = f"{len(pages)} pages" if len(pages) > 1 else "One page"
    told = [page.exercises for page in pages]
    return f"{count} · {_minutes(sum(page.minutes for page in pages), sum(told), least=not all(told))}."


def _minutes(reading: int, exercises: int, *, least: bool = False) -> str:
    """The time of a page or of several; `least`: some do not say what their exercises take."""
    more = f", and {'at least ' if least else ''}{exercises} for the exercises" if exercises else ""
    return f"{reading or '?'} minutes{more}"


def _entry(folder: Path, outline: Outline, chapter: Chapter, number: int, page: Page | Topic) -> str:
    """One item of the list; its lines are kept apart by the backslash at their ends."""
    marker = f"{number}. "
    if isinstance(page, Topic):
        return f"{marker}{page.title} · not yet written"
    lines = [
        f"{_linked(folder, page.topic, chapter)} · {page.level} · {_minutes(page.minutes, page.exercises)}",
        *([page.question] if page.question else []),
        *([f"After {_named(folder, outline, page, chapter)}"] if page.prerequisites else []),
    ]
    return marker + f"\\\n{' ' * len(marker)}".join(lines)


def _named(folder: Path, outline: Outline, page: Page, chapter: Chapter) -> str:
    """The prerequisites of a page in a sentence, linked where they are written."""
    names = []
    for value in page.prerequisites:
        topic = outline.by_value.get(value)
        names.append(_linked(folder, topic, chapter) if topic else value)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _linked(folder: Path, topic: Topic, chapter: Chapter) -> str:
    title = plain(topic.title)
    if not (folder / topic.path).is_file():
        return f"{title} (not yet written)"
    return link(title, posixpath.relpath(topic.path, chapter.folder))


def _onward(folder: Path, outline: Outline, chapter: Chapter) -> str:
    anchor = chapter_anchor(chapter.topics[0], outline)
    links = [link("All pages", f"../index.ipynb#{anchor}")]
    openers = _open(folder, outline)
    after = openers[openers.index(chapter) + 1 :]
    if after:
        links.insert(0, link(chapter_heading(after[0]), f"../{after[0].opener}"))
        links[0] = f"Next chapter: {links[0]}"
    return " · ".join(links)
