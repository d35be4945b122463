"""What a page's Markdown must hold, and must not: parts in order, links that lead somewhere, no traps.

Each function yields pairs of a position in the notebook (None: the page as a whole) and a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from flask_magic.errors import did_you_mean
from flask_magic.pages.index import chapter_anchor
from flask_magic.pages.notebook import Notebook, load, tags_of
from flask_magic.pages.outline import Outline

__all__ = ["Found", "anchors", "check_links", "check_parts", "check_text", "headings", "slug"]

Found = Iterator[tuple[int | None, str]]

# Part of the page, how its heading begins, and whether each page has it.
PARTS = (
    ("the smallest example", "the smallest", True),
    ("predict, then run", "predict", True),
    ("a mental model", "what happens in between", False),
    ("vary one thing at a time", "one change at a time", False),
    ("what can go wrong", "what can go wrong", True),
    ("in production", "in production", False),
    ("exercises", "exercise", True),
    ("the quiz", "check yourself", True),
    ("key points", "key points", True),
)
FENCE = re.compile(r"^(?P<fence>```+|~~~+)(?P<info>[^\n]*)\n.*?^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\]\(<?([^()\s<>]+(?:\([^()]*\)[^()\s<>]*)*)>?(?:\s+\"[^\"]*\")?\)")
HTML = {
    *(
        "a",
        "abbr",
        "b",
        "br",
        "code",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "hr",
        "i",
    ),
    *("img", "kbd", "li", "ol", "p", "pre", "q", "s", "small", "span", "strong", "sub", "summary", "sup"),
    *("table", "tbody", "td", "th", "thead", "tr", "u", "ul", "var"),
}
TRAPS = (
    (re.compile(r"\$"), "a bare `$` starts a formula on the site"),
    (re.compile(r"\{\{|\{%"), "bare Jinja braces vanish on the site"),
    (re.compile(r"^:::|\{[\w:-]+\}`", re.MULTILINE), "Sphinx roles and directives do not work in JupyterLab"),
    (re.compile(r"\bTODO\b"), "this is still to be written"),
)


def headings(notebook: Notebook) -> list[tuple[int, int, str]]:
    """Position of the cell, level and text of each heading."""
    return [
        (position, len(match[1]), match[2].strip())
        for position, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "markdown"
        for match in re.finditer(r"^(#{1,6}) +(.+?)#*$", FENCE.sub("", cell["source"]), re.MULTILINE)
    ]


def anchors(notebook: Notebook) -> set[str]:
    """What a link can name after its `#`: JupyterLab's form, the heading with "-" for each space."""
    return {slug(text.replace("`", "")) for _, _, text in headings(notebook)}


def slug(heading: str) -> str:
    """The anchor that JupyterLab gives a heading; the site is built with the same.

    >>> slug("Request Handling")
    'Request-Handling'
    """
    return heading.replace(" ", "-")


def check_parts(notebook: Notebook) -> Found:
    """The parts of page-guide.md are there, in their order, and the counted ones have their number."""
    cells, found = notebook["cells"], headings(notebook)
    first = cells[0]["source"] if cells and cells[0]["cell_type"] == "markdown" else ""
    if not first.startswith("# "):
        yield 0 if cells else None, "the page begins with a Markdown cell and its title, '# …'"
    if not re.search(r"^\*[^*\n]+\?\*", first, re.MULTILINE):
        yield 0, "below the title stands the question that the page answers, '*How …?*'"
    opening = _between(notebook, 0, next((place for place, level, _ in found if level == 2), len(cells)))
    objectives = _items(opening.partition("You can, at the end")[2])
    if not 2 <= objectives <= 4:
        yield 0, f"'You can, at the end of this page:' lists 2 to 4 numbered objectives, here {objectives}"

    last = -1
    places: dict[str, tuple[int, int]] = {}
    sections = [(place, text.lower()) for place, level, text in found if level == 2]
    ends = [place for place, _ in sections[1:]] + [len(cells)]
    for part, beginning, required in PARTS:
        index = next((i for i, (_, text) in enumerate(sections) if text.startswith(beginning)), None)
        if index is None:
            if required:
                yield None, f"the part '{part}' is missing: a heading '## {beginning.capitalize()}…'"
            continue
        if index < last:
            yield (
                sections[index][0],
                f"the part '{part}' stands too late or too early: see the order in the guide",
            )
        last = max(last, index)
        places[part] = (sections[index][0], max(ends[index], sections[index][0] + 1))

    def runs(part: str, tag: str = "") -> bool:
        start, end = places.get(part, (0, len(cells)))
        return any(cell["cell_type"] == "code" and (not tag or tag in tags_of(cell)) for cell in cells[start:end])

    def place(part: str) -> int | None:
        return places.get(part, (None, 0))[0]

    if not runs("the smallest example"):
        yield place("the smallest example"), "the smallest example has no cell that runs"
    if not runs("predict, then run", "hide-output"):
        yield (
            place("predict, then run"),
            "the cell to predict has no tag hide-output: the site shows the answer first",
        )
    if not runs("what can go wrong"):
        yield place("what can go wrong"), "what can go wrong is executed: this part has no cell that runs"
    if span := places.get("the quiz"):
        folded = _between(notebook, *span).count("<details>")
        if folded != 3:
            yield span[0], f"the quiz has 3 questions with folded answers (<details>), here {folded}"
    if span := places.get("key points"):
        points = _items(_between(notebook, *span).partition("\n")[2])
        if points < objectives:
            yield span[0], f"each objective has its key point: {objectives} objectives, {points} points"


def check_text(notebook: Notebook) -> Found:
    """Nothing in the prose is read as something else by JupyterLab or by the site."""
    for position, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "markdown":
            continue
        for fence in FENCE.finditer(cell["source"]):
            if fence["info"].lstrip().startswith("{"):
                yield position, f"'{fence['info'].strip()}': Sphinx directives do not work in JupyterLab"
        # Two backticks stay where code was: a Sphinx role is told by them.
        prose = CODE.sub("``", FENCE.sub("", cell["source"]))
        for pattern, why in TRAPS:
            if match := pattern.search(prose):
                yield (
                    position,
                    f"{why}: '{_around(prose, match.start())}'. Put code into backticks or a code block.",
                )
        for tag in re.finditer(r"</?([A-Za-z][\w-]*)(?:(?:[(\s/]|:(?!//))[^>\n]*)?>", prose):
            if tag[1].lower() not in HTML and tag[1] != "mailto":
                yield position, f"'{tag[0].strip()}' is taken for HTML and vanishes. Put it into backticks."
        for match in re.finditer(r"</summary>[^\n]*\n(?![ \t]*\n)", prose):
            yield (
                position,
                f"only after a blank line is Markdown read again: '{_around(prose, match.start())}'",
            )


def check_links(notebook: Notebook, page: Path, outline: Outline) -> Found:
    """Each relative link leads to a file, and what stands after `#` is one of its headings."""
    folder = page.resolve().parents[1]
    for position, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "markdown":
            continue
        for link in LINK.findall(CODE.sub("", FENCE.sub("", cell["source"]))):
            if re.match(r"[a-z][a-z0-9+.-]*:|//|attachment:", link):
                continue
            file, _, anchor = unquote(link).partition("#")
            target = (page.resolve().parent / file) if file else page.resolve()
            if not target.is_file():
                yield (
                    position,
                    f"the link '{link}' leads nowhere. {_instead(target.resolve(), folder, outline)}",
                )
            elif anchor and target.suffix == ".ipynb":
                known = anchors(notebook if not file else load(target))
                if anchor not in known:
                    yield (
                        position,
                        f"'{link}': the page has no heading '{anchor}'. It has: {', '.join(sorted(known))}",
                    )


def _instead(target: Path, folder: Path, outline: Outline) -> str:
    name = target.relative_to(folder).as_posix() if target.is_relative_to(folder) else target.name
    if topic := outline.by_path.get(name):
        return f"That page is not yet written: link its chapter, ../index.ipynb#{chapter_anchor(topic, outline)}."
    return did_you_mean(name, [topic.path for topic in outline.topics])


def _between(notebook: Notebook, start: int, end: int) -> str:
    cells = notebook["cells"][start:end]
    return "\n".join(FENCE.sub("", cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def _items(markdown: str) -> int:
    return len(re.findall(r"^(?:[-*+]|\d+[.)]) +\S", markdown, re.MULTILINE))


def _around(text: str, place: int) -> str:
    return " ".join(text[max(0, place - 15) : place + 25].split())
