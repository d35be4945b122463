from collections.abc import Callable
from pathlib import Path

import pytest

from flask_magic.pages.notebook import Notebook, load
from flask_magic.pages.outline import read_outline
from flask_magic.pages.prose import anchors, check_links, check_parts, check_text

Edit = Callable[[Callable[[Notebook], object]], None]


def markdown(source: str) -> Notebook:
    return {"cells": [{"cell_type": "markdown", "metadata": {}, "source": source}]}


def replaced(page: Path, position: int, old: str, new: str) -> Notebook:
    notebook = load(page)
    cell = notebook["cells"][position]
    assert old in cell["source"]
    cell["source"] = cell["source"].replace(old, new)
    return notebook


@pytest.mark.parametrize(
    ("position", "old", "new", "message"),
    [
        (0, "# Variable Rules\n", "", "the page begins with a Markdown cell and its title"),
        (0, "*How does a number reach a function?*", "Numbers.", "the question that the page answers"),
        (0, "2. say what happens when there is none.", "", "2 to 4 numbered objectives, here 1"),
        (2, "## The smallest", "## A small", "the part 'the smallest example' is missing"),
        (4, "## Predict", "### Predict", "the part 'predict, then run' is missing"),
        (7, "## What can go wrong", "## Errors", "the part 'what can go wrong' is missing"),
        (10, "## Exercises", "## Tasks", "the part 'exercises' is missing"),
        (
            14,
            "3. Where",
            "3. <details></details> Where",
            "the quiz has 3 questions with folded answers (<details>), here 4",
        ),
        (15, "- No key, no value (objective 2).", "", "2 objectives, 1 points"),
    ],
)
def test_a_part_that_is_missing_is_named(page: Path, position: int, old: str, new: str, message: str) -> None:
    found = [text for _, text in check_parts(replaced(page, position, old, new))]
    assert any(message in text for text in found), found


def test_parts_stand_in_their_order(page: Path) -> None:
    notebook = load(page)
    cells = notebook["cells"]
    assert list(check_parts(notebook)) == []
    notebook["cells"] = [*cells[:2], *cells[7:9], *cells[2:7], *cells[9:]]
    assert (
        2,
        "the part 'what can go wrong' stands too late or too early: see the order in the guide",
    ) in list(check_parts(notebook))


def test_parts_that_are_executed_have_cells(page: Path) -> None:
    notebook = load(page)
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    found = [text for _, text in check_parts(notebook)]
    assert [text.split(" ")[0:3] for text in found] == [
        ["the", "smallest", "example"],
        ["the", "cell", "to"],
        ["what", "can", "go"],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("costs $5 a day", "starts a formula"),
        ("write {{ name }}", "bare Jinja braces"),
        ("then {% if %}", "bare Jinja braces"),
        ("the rule <int:tool_id> takes", "'<int:tool_id>' is taken for HTML"),
        ("the rule <tool_id> takes", "'<tool_id>' is taken for HTML"),
        ("see {ref}`x`", "Sphinx roles"),
        ("```{note}\nx\n```", "Sphinx directives"),
        ("<details><summary>A</summary>\ntext\n</details>", "only after a blank line"),
        ("TODO: write", "still to be written"),
    ],
)
def test_traps_of_the_site_are_found(text: str, message: str) -> None:
    assert any(message in found for _, found in check_text(markdown(text))), list(check_text(markdown(text)))


@pytest.mark.parametrize(
    "text",
    [
        "`$5`, `{{ name }}`, ``<int:id> ` ``",
        "```bash\necho $HOME {{ x }} <int:id>\n```",
        "```mermaid\ngraph LR\n a --> b\n```",
        "see <https://flask.palletsprojects.com/> and <kbd>Tab</kbd>, 3 < 4, <br/>",
        "<details><summary>A</summary>\n\ntext\n\n</details>",
    ],
)
def test_code_and_plain_html_are_no_traps(text: str) -> None:
    assert list(check_text(markdown(text))) == []


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("01-basic-routing.ipynb", "That page is not yet written: link its chapter, ../index.ipynb#Routing."),
        ("../03-templates/01-rendering-templates.ipynb", "../index.ipynb#Templates."),
        ("02-variable-ruels.ipynb", "leads nowhere. Did you mean '02-routing/02-variable-rules.ipynb'?"),
        ("../index.ipynb#Nope", "the page has no heading 'Nope'"),
        ("#Nope", "the page has no heading 'Nope'"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(page: Path, link: str, message: str) -> None:
    notebook = replaced(page, 15, "../index.ipynb#Templates", link)
    ((position, found),) = check_links(notebook, page, read_outline(page.parents[1]))
    assert position == 15
    assert message in found


@pytest.mark.parametrize(
    "link", ["../index.ipynb", "02-variable-rules.ipynb#Key-points", "https://x.org/y", "#Exercises"]
)
def test_links_that_lead_somewhere_pass(page: Path, link: str) -> None:
    notebook = replaced(page, 15, "../index.ipynb#Templates", link)
    assert list(check_links(notebook, page, read_outline(page.parents[1]))) == []


def test_anchors_are_those_of_jupyterlab() -> None:
    assert anchors(markdown("# The `session` Object\n```\n# no heading\n```\n## Two words")) == {
        "The-session-Object",
        "Two-words",
    }
