from pathlib import Path

import nbformat
import yaml

from flask_magic.pages.index import build_index, table_of_contents
from flask_magic.pages.notebook import dumps
from flask_magic.pages.outline import read_outline
from flask_magic.pages.prose import anchors, check_links, check_text


def test_the_index_lists_every_topic_with_links_where_pages_are(folder: Path) -> None:
    outline = read_outline(folder)
    index = build_index(folder, outline)
    text = "\n".join(cell["source"] for cell in index["cells"])
    assert "- [Variable Rules](02-routing/02-variable-rules.ipynb) · 8 minutes · first" in text
    assert "[Routing: what it is for, and where to begin](02-routing/index.ipynb)" in text
    assert "(01-introduction/index.ipynb)" not in text
    assert text.count("not yet written") == len(outline.topics) - 1
    assert "Start with [Variable Rules]" in text
    assert "make reset PAGE=02-routing/02-variable-rules`" in text
    assert {"Routing", "Templates", "Introduction-and-Fundamentals"} <= anchors(index)


def test_the_index_is_a_valid_notebook_that_keeps_the_rules_of_prose(folder: Path) -> None:
    index = build_index(folder, read_outline(folder))
    nbformat.validate(nbformat.reads(dumps(index), as_version=4))
    assert list(check_text(index)) == []


def test_the_links_of_the_stored_index_lead_to_pages(folder: Path) -> None:
    index = build_index(folder, read_outline(folder))
    links = "\n".join(cell["source"] for cell in index["cells"])
    moved = {"cells": [{"cell_type": "markdown", "metadata": {}, "source": links.replace("](", "](../")}]}
    page = folder / "02-routing" / "02-variable-rules.ipynb"
    assert list(check_links(moved, page, read_outline(folder))) == []


def test_minimal_application_is_the_start_once_it_is_there(folder: Path, page: Path) -> None:
    outline = folder / "outline.md"
    outline.write_text(outline.read_text().replace("### What is Flask?", "### Minimal Application"), encoding="utf-8")
    (folder / "01-introduction").mkdir()
    page.rename(folder / "01-introduction" / "01-minimal-application.ipynb")
    text = build_index(folder, read_outline(folder))["cells"][0]["source"]
    assert "Start with [Minimal Application](01-introduction/01-minimal-application.ipynb)" in text


def test_the_contents_have_index_and_openers_first_and_only_pages_that_exist(folder: Path) -> None:
    contents = yaml.safe_load(table_of_contents(folder, read_outline(folder)))
    assert contents == {
        "format": "jb-book",
        "root": "book/intro",
        "parts": [
            {"chapters": [{"file": "notebooks/index"}]},
            {
                "caption": "Routing",
                "chapters": [
                    {"file": "notebooks/02-routing/index"},
                    {"file": "notebooks/02-routing/02-variable-rules"},
                ],
            },
        ],
    }


def test_the_contents_end_with_teaching_reference_and_words_where_there_are_such(folder: Path) -> None:
    for name in ("reference/index.ipynb", "reference/http.ipynb", "teaching.md", "glossary.md"):
        page = folder.parent / "book" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.touch()
    contents = yaml.safe_load(table_of_contents(folder, read_outline(folder)))
    assert [(part.get("caption"), [page["file"] for page in part["chapters"]]) for part in contents["parts"][2:]] == [
        ("Teaching", ["book/teaching"]),
        ("Reference", ["book/reference/index", "book/reference/http"]),
        ("Words", ["book/glossary"]),
    ]
