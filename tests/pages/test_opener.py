"""The page that opens a chapter, made from the outline and its pages."""

from pathlib import Path

import nbformat
import pytest

from flask_magic.pages.errors import PageError
from flask_magic.pages.notebook import Notebook, dumps, load, page_files, save
from flask_magic.pages.opener import build_opener, indexes, stale_openers
from flask_magic.pages.outline import read_outline
from flask_magic.pages.prose import check_links, check_text

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
BASIC = "Routing / Basic Routing (`@app.route`)"


def write(folder: Path, path: str, first: str = "# A page", **held: object) -> None:
    """A page that says no more than an opener reads."""
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": first}
    save(folder / path, {"cells": [cell], "metadata": {"flask_magic": held}, "nbformat": 4, "nbformat_minor": 5})


def text_of(folder: Path, title: str = "Routing") -> str:
    """The opener of a chapter as one text."""
    outline = read_outline(folder)
    chapter = next(chapter for chapter in outline.chapters if chapter.title == title)
    return "\n".join(cell["source"] for cell in build_opener(folder, outline, chapter)["cells"])


def test_what_is_written_and_what_is_not(folder: Path) -> None:
    outline = folder / "outline.md"
    outline.write_text(outline.read_text().replace("#API Design", "#API Design\nFrom URLs to functions."), "utf-8")
    text = text_of(folder)
    assert text.startswith("# Routing\n\nFrom URLs to functions.\n\n1 of 2 pages is written · 8 minutes.\n")
    assert "Begin with [Variable Rules](02-variable-rules.ipynb). It builds on Basic Routing (not yet written)." in text
    assert "\n1. Basic Routing (`@app.route`) · not yet written\n2. [Variable Rules]" in text
    assert text.endswith("\n[All pages](../index.ipynb#Routing)")


def test_question_time_level_and_linked_prerequisites(folder: Path) -> None:
    first = "# Basic routing\n*What does `@app.route` do?* · 14 minutes, and 15 for the exercises · after nothing"
    write(folder, "02-routing/01-basic-routing.ipynb", first, minutes=14, level="core", prerequisites=[])
    text = text_of(folder)
    assert "1. [Basic Routing](01-basic-routing.ipynb) · core · 14 minutes, and 15 for the exercises\\\n" in text
    assert "\\\n   *What does `@app.route` do?*\n2. " in text
    assert "\\\n   After [Basic Routing](01-basic-routing.ipynb)\n" in text
    assert "\n2 pages · 22 minutes, and at least 15 for the exercises.\n" in text
    assert "Begin with [Basic Routing](01-basic-routing.ipynb).\n" in text


def test_prerequisites_of_another_chapter_and_the_next_chapter(folder: Path) -> None:
    names = ["Routing / Variable Rules", BASIC, "Introduction and Fundamentals / What is Flask?"]
    write(folder, "03-templates/01-rendering-templates.ipynb", minutes=9, level="deep", prerequisites=names)
    text = text_of(folder, "Templates (Jinja2)")
    links = "[Variable Rules](../02-routing/02-variable-rules.ipynb), Basic Routing (not yet written)"
    assert f"It builds on {links} and What is Flask? (not yet written).\n" in text
    assert text.startswith("# Templates\n\nOne page · 9 minutes.\n")
    onward = "Next chapter: [Templates](../03-templates/index.ipynb) · [All pages](../index.ipynb#Routing)"
    assert text_of(folder).endswith(onward)


def test_one_begins_with_the_first_page_that_needs_none_of_the_others(folder: Path) -> None:
    write(folder, "02-routing/01-basic-routing.ipynb", minutes=5, prerequisites=["Routing / Variable Rules"])
    page = folder / "02-routing" / "02-variable-rules.ipynb"
    notebook = load(page)
    notebook["metadata"]["flask_magic"]["prerequisites"] = []
    save(page, notebook)
    assert "Begin with [Variable Rules](02-variable-rules.ipynb).\n" in text_of(folder)


def test_a_page_that_says_nothing_of_itself_is_listed(folder: Path) -> None:
    write(folder, "02-routing/01-basic-routing.ipynb")
    assert "\n1. [Basic Routing](01-basic-routing.ipynb) · ? · ? minutes\n2. " in text_of(folder)


def test_an_opener_is_no_topic_page_and_has_nothing_to_run(folder: Path) -> None:
    made = indexes(folder, read_outline(folder))
    assert set(made) == {folder / "index.ipynb", folder / "02-routing" / "index.ipynb"}
    assert not set(made) & set(page_files(folder))
    for notebook in made.values():
        assert {cell["cell_type"] for cell in notebook["cells"]} == {"markdown"}
        nbformat.validate(nbformat.reads(dumps(notebook), as_version=4))


def test_an_opener_without_pages_is_stale(folder: Path, page: Path) -> None:
    outline = read_outline(folder)
    assert stale_openers(folder, outline) == []
    page.unlink()
    assert stale_openers(folder, outline) == [folder / "02-routing" / "index.ipynb"]


def test_a_page_that_cannot_be_read_is_told(folder: Path, page: Path) -> None:
    page.write_text("{", encoding="utf-8")
    with pytest.raises(PageError, match=r"02-variable-rules\.ipynb is not a notebook"):
        indexes(folder, read_outline(folder))


def real_openers() -> dict[Path, Notebook]:
    """What the collection's openers should be."""
    return {
        path: made for path, made in indexes(NOTEBOOKS, read_outline(NOTEBOOKS)).items() if path.parent != NOTEBOOKS
    }


@pytest.mark.parametrize("path", real_openers(), ids=lambda path: path.parent.name)
def test_the_real_openers_lead_somewhere_and_keep_the_rules_of_prose(path: Path) -> None:
    notebook = real_openers()[path]
    assert list(check_text(notebook)) == []
    assert list(check_links(notebook, path, read_outline(NOTEBOOKS))) == []


def test_what_the_outline_says_of_every_chapter_keeps_the_rules_of_prose() -> None:
    abouts = [chapter.about for chapter in read_outline(NOTEBOOKS).chapters]
    cells = [{"cell_type": "markdown", "metadata": {}, "source": about} for about in abouts]
    assert list(check_text({"cells": cells})) == []
