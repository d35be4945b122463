from pathlib import Path

import pytest

from flask_magic.pages.errors import PageError
from flask_magic.pages.outline import parse, plain, read_outline, slug

REAL = read_outline(Path(__file__).parents[2] / "notebooks")


def test_every_heading_has_a_page_and_the_overview_one_for_each_extension() -> None:
    assert len(REAL.chapters) == 16
    assert len(REAL.topics) == 96
    assert len({topic.path for topic in REAL.topics}) == 96
    extensions = [topic.title for topic in REAL.topics if "Overview" in topic.value]
    assert len(extensions) == 9
    assert not {"Flask-SQLAlchemy", "Flask-Migrate", "Flask-WTF"} & set(extensions)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("Routing / Variable Rules", "02-routing/02-variable-rules.ipynb"),
        ("Routing / Redirects and Errors", "02-routing/05-redirects-and-errors.ipynb"),
        ("Introduction and Fundamentals / What is Flask?", "01-introduction/01-what-is-flask.ipynb"),
        ("Templates (Jinja2) / HTML Escaping", "04-templates/08-html-escaping.ipynb"),
        ("Sessions / Using the `session` Object", "08-sessions/02-using-the-session-object.ipynb"),
        (
            "Error Handling / Standard HTTP Errors (`abort()`)",
            "09-error-handling/01-standard-http-errors.ipynb",
        ),
        ("Extensions / Common Extensions Overview / Flask-Login", "11-extensions/02-flask-login.ipynb"),
        (
            "Extensions / Common Extensions Overview / Flask-RESTful / Flask-Smorest / Flask-API",
            "11-extensions/06-flask-restful-flask-smorest-flask-api.ipynb",
        ),
    ],
)
def test_path_of_a_topic(value: str, path: str) -> None:
    assert REAL.by_value[value].path == path
    assert REAL.by_path[path].value == value


def test_tags_are_those_of_the_outline_spaces_included() -> None:
    assert REAL.by_value["Routing / HTTP Methods"].tags == ("GET", "POST", "RequestMethods")
    assert parse("## A #b\n### T #x y #z\n").topics[0].tags == ("x y", "z")
    assert not REAL.by_value["Extensions / Common Extensions Overview / Flask-Mail"].tagged


@pytest.mark.parametrize("name", ["routing / basic routing", "Routing / Basic Routing (`@app.route`)"])
def test_find_takes_what_people_type(name: str) -> None:
    assert REAL.find(name).path == "02-routing/01-basic-routing.ipynb"


@pytest.mark.parametrize("name", ["Routing / Variable Ruels", "Variable Rules"])
def test_an_unknown_topic_names_the_nearest(name: str) -> None:
    with pytest.raises(PageError, match="Did you mean 'Routing / Variable Rules'"):
        REAL.find(name)


def test_a_folder_without_outline_is_told(tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"outline\.md does not exist"):
        read_outline(tmp_path)


def test_plain_takes_nested_parentheses_away() -> None:
    assert plain("Errors (`abort()`) and `more` (x)") == "Errors and more"
    assert slug("Asynchronous Flask (Async/Await)") == "asynchronous-flask"


def test_a_chapter_says_what_it_is_for_without_tags() -> None:
    chapter = parse("## A (b) and C #x\n#y #z\nOne sentence.\nAnother. #w\n\n### T #t\nNot this.\n").chapters[0]
    assert chapter.about == "One sentence.\nAnother."
    assert (chapter.folder, chapter.opener) == ("01-a", "01-a/index.ipynb")
    assert parse("## A\n\n### T\nNot this.\n").chapters[0].about == ""
    assert sum(bool(chapter.about) for chapter in REAL.chapters) == 14
