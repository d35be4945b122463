"""`flask-magic pages new`: the skeleton of a page, with every part of the guide and its TODO."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

from flask_magic.pages.errors import PageError
from flask_magic.pages.index import chapter_anchor
from flask_magic.pages.notebook import Cell, Notebook, save, shown
from flask_magic.pages.outline import Outline, Topic, plain
from flask_magic.pages.run import tidy

__all__ = ["new_page", "skeleton"]

OPENING = """# {title}
*TODO: which question does this page answer?* · 10 minutes

You can, at the end of this page:
1. TODO
2. TODO

TODO: what is out of scope."""
SOLUTION = """<details><summary>Solution</summary>

```python
%%flask_route /tools/<int:tool_id>
def tool(tool_id):
    return {"tool_id": tool_id}
```

TODO: why.

</details>"""
CHECK = """%%flask_check tool
# hint: TODO, without the answer
assert client.get("/tools/7").json == {"tool_id": 7}, "TODO: what should hold\""""
QUIZ = "\n\n".join(
    f"{number}. TODO\n\n<details><summary>Answer</summary>\n\nTODO: each choice explained.\n\n</details>"
    for number in (1, 2, 3)
)


def new_page(folder: Path, outline: Outline, name: str) -> Path:
    """Write the skeleton of the topic called `name` where it belongs, and return that place.

    Raises PageError for a topic that the outline does not have, and for a page that is there.
    """
    topic = outline.find(name)
    path = folder / topic.path
    if path.exists():
        raise PageError(f"{shown(path)} is there already. Delete it first, if you mean to begin again.")
    save(path, skeleton(topic, outline, folder))
    return path


def skeleton(topic: Topic, outline: Outline, folder: Path) -> Notebook:
    """The notebook to begin with: parts in order, metadata filled in as far as the outline knows it."""
    exercise = {"name": "tool"}
    cells = [
        _markdown(OPENING.format(title=plain(topic.title))),
        _code("%load_ext flask_magic"),
        _markdown("## The smallest example\nTODO"),
        _code('%%flask_route /tools\ndef tools():\n    return {"tools": []}'),
        _code("%http /tools"),
        _markdown("## Predict, then run\nTODO: a question with choices. **(a)** … · **(b)** … · **(c)** …"),
        _code("%http /tools/7 --expect 404", tags=["hide-output"]),
        _markdown("**(c)**. TODO: why."),
        _markdown("## What happens in between\nTODO: one diagram, or leave this part out."),
        _markdown("## One change at a time\nTODO"),
        _markdown("## What can go wrong\nTODO: the cause and the fix."),
        _code("%http DELETE /tools --expect 405"),
        _markdown("## In production\nTODO, or leave this part out."),
        _markdown("## Exercises\n**1 · Complete the rule.** TODO"),
        _code("%%flask_route /tools/<...>\ndef tool(tool_id):\n    ...", exercise={**exercise, "role": "stub"}),
        _code(
            CHECK,
            exercise={**exercise, "role": "check"},
            jupyter={"source_hidden": True},
            tags=["hide-input"],
        ),
        _markdown(SOLUTION),
        _markdown(f"## Check yourself\n{QUIZ}"),
        _markdown(f"## Key points\n- TODO (objective 1).\n- TODO (objective 2).\n\n{_next(topic, outline, folder)}"),
    ]
    for number, cell in enumerate(cells, 1):
        cell["id"] = f"cell-{number:02}"
    held = {
        "outline": topic.value,
        "tags": list(topic.tags),
        "level": "core",
        "minutes": 10,
        "prerequisites": [],
        "requires": [],
    }
    notebook = {"cells": cells, "metadata": {"flask_magic": held}, "nbformat": 4, "nbformat_minor": 5}
    tidy(notebook)
    return notebook


def _next(topic: Topic, outline: Outline, folder: Path) -> str:
    """The last line: the page that follows, or the index where that one is not yet written."""
    place = outline.topics.index(topic) + 1
    if place == len(outline.topics):
        return "Next: [the index](../index.ipynb) · Reference: TODO"
    after = outline.topics[place]
    link = f"../index.ipynb#{chapter_anchor(after, outline)}"
    if (folder / after.path).is_file():
        link = posixpath.relpath(after.path, posixpath.dirname(topic.path))
    return f"Next: [{plain(after.title)}]({link}) · Reference: TODO"


def _markdown(source: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str, **metadata: Any) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }
