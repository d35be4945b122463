"""The two lists made from the outline and the pages: the learner's index, Jupyter Book's contents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from flask_magic.pages.notebook import Notebook, load
from flask_magic.pages.outline import Chapter, Outline, Topic, plain
from flask_magic.pages.run import KERNELSPEC, LANGUAGE

__all__ = [
    "build_index",
    "chapter_anchor",
    "chapter_heading",
    "link",
    "listing",
    "reference_pages",
    "table_of_contents",
    "written_topics",
]

START = "Minimal Application"
TEACHING = "book/teaching.md"
GLOSSARY = "book/glossary.md"
INTRODUCTION = """# Flask, live: all pages

Each page is a notebook that teaches one topic of Flask: you read a little, guess what will happen, run the
cell and see. {start} A page takes 8 to 15 minutes, and its exercises some more. Any page can be read on its
own: what it builds on stands at its top.

You work on a copy, so change what you like. To get a page back as it was, run
`make reset PAGE={example}` where you ran `make lab`; your own version is kept beside it."""


def build_index(folder: Path, outline: Outline) -> Notebook:
    """The notebook that lists every topic of `outline`, with a link where `folder` has its page.

    The same pages and outline give the same notebook, so it can be compared with the one that is stored.
    """
    sections = [_introduction(folder, outline)]
    sections += [_section(folder, chapter) for chapter in outline.chapters]
    return listing(sections)


def listing(sections: list[str]) -> Notebook:
    """A notebook of Markdown cells alone, one for each of the `sections`."""
    cells = [
        {"cell_type": "markdown", "id": f"index-{number:02}", "metadata": {}, "source": source}
        for number, source in enumerate(sections)
    ]
    return {
        "cells": cells,
        "metadata": {"kernelspec": dict(KERNELSPEC), "language_info": dict(LANGUAGE)},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def written_topics(folder: Path, topics: Iterable[Topic]) -> list[Topic]:
    """Those of the `topics` that have a page in `folder`, in their order."""
    return [topic for topic in topics if (folder / topic.path).is_file()]


def link(title: str, target: str) -> str:
    r"""A Markdown link, whatever brackets the title has.

    >>> print(link("A [new] tool", "tool.ipynb"))
    [A \[new\] tool](tool.ipynb)
    """
    title = title.replace("[", r"\[").replace("]", r"\]")
    return f"[{title}]({target})"


def chapter_heading(chapter: Chapter) -> str:
    """The heading of a chapter in the index, without what a link could not name after its `#`."""
    return plain(chapter.title)


def chapter_anchor(topic: Topic, outline: Outline) -> str:
    """What a link names after its `#` to reach a topic's chapter in the index."""
    chapter = next(chapter for chapter in outline.chapters if topic in chapter.topics)
    return chapter_heading(chapter).replace(" ", "-")


def table_of_contents(folder: Path, outline: Outline) -> str:
    """The text of Jupyter Book's `_toc.yml`: the index, then a part for each chapter that has pages.

    A chapter's opener is the first of its part. Entries are relative to the folder that holds the notebooks' one. The
    last parts are what teachers read, the reference of the magics, in `book/reference` beside the notebooks, and the
    glossary.
    """
    name = folder.resolve().name
    lines = ["format: jb-book", "root: book/intro", "parts:", "- chapters:", f"  - file: {name}/index"]
    for chapter in outline.chapters:
        pages = [topic.path for topic in written_topics(folder, chapter.topics)]
        if pages:
            files = [path.removesuffix(".ipynb") for path in (chapter.opener, *pages)]
            # JSON's strings are YAML's too, whatever a title holds.
            lines += [f"- caption: {json.dumps(chapter_heading(chapter), ensure_ascii=False)}", "  chapters:"]
            lines += [f"  - file: {name}/{file}" for file in files]
    book = folder.resolve().parent
    if (book / TEACHING).is_file():
        lines += ["- caption: Teaching", "  chapters:", f"  - file: {TEACHING.removesuffix('.md')}"]
    reference = reference_pages(folder)
    if reference:
        lines += ["- caption: Reference", "  chapters:"]
        lines += [f"  - file: {path.relative_to(book).with_suffix('')}" for path in reference]
    if (book / GLOSSARY).is_file():
        lines += ["- caption: Words", "  chapters:", f"  - file: {GLOSSARY.removesuffix('.md')}"]
    return "\n".join(lines) + "\n"


def reference_pages(folder: Path) -> list[Path]:
    """The notebooks of the reference that belongs to the collection in `folder`: its index, then by name."""
    pages = sorted((folder.resolve().parent / "book" / "reference").glob("*.ipynb"))
    return sorted(pages, key=lambda page: page.stem != "index")


def _introduction(folder: Path, outline: Outline) -> str:
    written = written_topics(folder, outline.topics)
    start = next((topic for topic in outline.topics if topic.title == START), None)
    if start not in written:
        start = written[0] if written else None
    sentence = f"Start with [{plain(start.title)}]({start.path})." if start else "The first pages are being written."
    example = (start or outline.topics[0]).path.removesuffix(".ipynb")
    return INTRODUCTION.format(start=sentence, example=example)


def _section(folder: Path, chapter: Chapter) -> str:
    heading = chapter_heading(chapter)
    lines = [f"## {heading}", ""]
    if written_topics(folder, chapter.topics):
        lines += [link(f"{heading}: what it is for, and where to begin", chapter.opener), ""]
    return "\n".join([*lines, *(_entry(folder, topic) for topic in chapter.topics)])


def _entry(folder: Path, topic: Topic) -> str:
    path = folder / topic.path
    if not path.is_file():
        return f"- {topic.title} · not yet written"
    held = load(path)["metadata"].get("flask_magic", {})
    return f"- {link(topic.title, topic.path)} · {held.get('minutes', '?')} minutes · {held.get('level', '?')}"
