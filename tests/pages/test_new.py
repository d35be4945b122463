from pathlib import Path

import nbformat
import pytest

from flask_magic.pages.check import check_page
from flask_magic.pages.errors import PageError
from flask_magic.pages.new import new_page
from flask_magic.pages.outline import read_outline


def test_a_skeleton_is_valid_and_lacks_only_words_runs_and_answers(folder: Path) -> None:
    outline = read_outline(folder)
    path = new_page(folder, outline, "templates / rendering templates")
    assert path == folder / "03-templates" / "01-rendering-templates.ipynb"
    nbformat.validate(nbformat.read(path, as_version=4))
    expected = (
        "still to be written",
        "execution count",
        "no result is stored",
        "wrong answers, 2 are needed",
        "the question",
    )
    problems = [problem.message for problem in check_page(path, outline)]
    assert [message for message in problems if not any(part in message for part in expected)] == []
    assert sum("still to be written" in message for message in problems) >= 8


@pytest.mark.parametrize(
    ("title", "link"),
    [
        ("What is Flask?", "../index.ipynb#Routing"),
        ("Basic Routing (`@app.route`)", "02-variable-rules.ipynb"),
        ("Writing Your Own Extensions", "../index.ipynb"),
    ],
)
def test_a_skeleton_leads_on(folder: Path, title: str, link: str) -> None:
    outline = read_outline(folder)
    topic = next(topic for topic in outline.topics if topic.title == title)
    assert f"]({link})" in new_page(folder, outline, topic.value).read_text(encoding="utf-8")


def test_a_page_that_is_there_is_not_overwritten(folder: Path, page: Path) -> None:
    before = page.read_bytes()
    with pytest.raises(PageError, match="is there already"):
        new_page(folder, read_outline(folder), "Routing / Variable Rules")
    assert page.read_bytes() == before


def test_an_unknown_topic_names_the_nearest(folder: Path) -> None:
    with pytest.raises(PageError, match="Did you mean 'Routing / Variable Rules'"):
        new_page(folder, read_outline(folder), "Routing / Variable Rule")
