"""Templates: the line that failed, and what to do about it."""

from typing import Any

import flask
import pytest
from jinja2 import DictLoader
from notebook_shell import Notebook

from flask_magic.advice.errors import advise
from flask_magic.frames import render, user_frames

APP = """
from flask import Blueprint, Flask, render_template, render_template_string
app = Flask("shop", root_path=".")
"""
BASE = "<title>{% block title %}{% endblock %}</title>\n<main>\n{% block main %}{% endblock %}\n</main>"


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    notebook.run("%flask_project shop")
    notebook.run(APP)
    return notebook


def write(shop: Notebook, **templates: str) -> None:
    for name, text in templates.items():
        shop.run(f"%%flask_file templates/{name}.html\n{text}")


def shown(shop: Notebook, call: str) -> list[str]:
    """What is shown of the exception of a view that renders, after the view's own line."""
    shop.run(f"@app.get('/view')\ndef view():\n    return {call}")
    _, error = shop.attempt("%http /view")
    assert error is not None
    render: Any = error._render_traceback_  # type: ignore[attr-defined]
    lines: list[str] = render()
    assert lines[1] == f"    return {call}"
    return lines[2:]


# -- the line


def test_the_line_of_a_template(shop: Notebook) -> None:
    write(shop, home="<h1>\n{{ tool.name }}\n</h1>")
    assert shown(shop, "render_template('home.html')") == [
        "templates/home.html, line 2",
        "    {{ tool.name }}",
        "jinja2.exceptions.UndefinedError: 'tool' is undefined",
        "  → The template has no tool here. Pass it: `render_template(…, tool=…)`.",
    ]


def test_the_lines_of_inherited_and_included_templates(shop: Notebook) -> None:
    write(
        shop,
        base=BASE,
        home='{% extends "base.html" %}\n{% block main %}\n{% include "part.html" %}{% endblock %}',
        part="\n\n{{ 1 / 0 }}",
    )
    assert shown(shop, "render_template('home.html')") == [
        "templates/home.html, line 1",
        '    {% extends "base.html" %}',
        "templates/base.html, line 3",
        "    {% block main %}{% endblock %}",
        "templates/home.html, line 3, in block 'main'",
        '    {% include "part.html" %}{% endblock %}',
        "templates/part.html, line 3",
        "    {{ 1 / 0 }}",
        "ZeroDivisionError: division by zero",
    ]


def test_the_line_of_a_macro(shop: Notebook) -> None:
    write(shop, home="{% macro row(tool) %}\n{{ tools.first }}{% endmacro %}\n{{ row(1) }}")
    assert shown(shop, "render_template('home.html')") == [
        "templates/home.html, line 3",
        "    {{ row(1) }}",
        "templates/home.html, line 2",
        "    {{ tools.first }}{% endmacro %}",
        "jinja2.exceptions.UndefinedError: 'tools' is undefined",
    ]


def test_the_line_that_is_not_well_written(shop: Notebook) -> None:
    write(shop, base="<main>\n{% blok main %}", home='{% extends "base.html" %}')
    assert shown(shop, "render_template('home.html')")[-4:] == [
        "templates/base.html, line 2",
        "    {% blok main %}",
        "jinja2.exceptions.TemplateSyntaxError: Encountered unknown tag 'blok'.",
        "  → Did you mean 'block'?",
    ]


def test_the_line_of_a_template_string(shop: Notebook) -> None:
    assert shown(shop, r"render_template_string('<p>\n{{ 1 / 0 }}')") == [
        "template string, line 2",
        "    {{ 1 / 0 }}",
        "ZeroDivisionError: division by zero",
    ]
    assert shown(shop, r"render_template_string('<p>\n{{ 1 + }}')")[:2] == ["template string, line 2", "    {{ 1 + }}"]
    write(shop, base=BASE)
    extending = r"""render_template_string('{% extends "base.html" %}\n{% block main %}{{ 1 / 0 }}{% endblock %}')"""
    assert shown(shop, extending)[4:6] == [
        "template string, line 2, in block 'main'",
        "    {% block main %}{{ 1 / 0 }}{% endblock %}",
    ]


def test_no_line_is_shown_that_might_be_another_template_s() -> None:
    app = flask.Flask("shop")
    app.jinja_loader = DictLoader({"part": "{{ 1 / 0 }}", "bad": "\n{% if %}"})  # type: ignore[misc]
    with app.app_context(), pytest.raises(ZeroDivisionError) as caught:
        flask.render_template_string('<p>\n{% include "part" %}')
    frames = [(frame.place, frame.line, frame.code) for frame in user_frames(caught.value)[1:]]
    assert frames == [("template string", 2, ""), ("template string", 1, "")]
    with app.app_context(), pytest.raises(Exception, match="Expected an expression") as caught:
        flask.render_template("bad")
    assert "\n".join(render(caught.value)).count("template string, line 2\n    {% if %}") == 1


# -- what to do


def test_a_template_that_is_not_there(shop: Notebook) -> None:
    looked = "  → Looked in templates/"
    assert shown(shop, "render_template('home.html')")[-2:] == [
        f"{looked} (no such folder).",
        "  → `%%flask_file templates/home.html` writes it.",
    ]
    shop.run("%%flask_file home.html\nx")
    assert shown(shop, "render_template('home.html')")[-1] == "  → There is home.html, in another place."
    write(shop, tools="{% include 'hom.html' %}", home="x")
    assert shown(shop, "render_template('tols.html')")[-2:] == [f"{looked}.", "  → Did you mean 'tools.html'?"]
    assert shown(shop, "render_template(['a.html', 'b.html'])")[-2:] == [
        f"{looked}.",
        "  → `%%flask_file templates/a.html` writes it.",
    ]
    assert shown(shop, "render_template('tools.html')")[:2] == [
        "templates/tools.html, line 1",
        "    {% include 'hom.html' %}",
    ]
    assert shown(shop, "render_template('tools.html')")[-1] == "  → Did you mean 'home.html'?"
    shop.run("%%flask_file templates/desk/queue.html\nx")
    assert shown(shop, "render_template('queue.html')")[-1] == "  → Did you mean 'desk/queue.html'?"
    shop.run(
        "desk = Blueprint('desk', 'desk', root_path='desk', template_folder='pages')\napp.register_blueprint(desk)"
    )
    assert shown(shop, "render_template('x.html')")[-2] == (
        f"{looked} and desk/pages/ (blueprint desk) (no such folder)."
    )


def test_a_template_that_is_not_there_without_a_request(shop: Notebook) -> None:
    _, error = shop.attempt("app.jinja_env.get_template('home.html')")
    assert error is not None
    assert error.__notes__ == [
        "→ Looked in templates/ (no such folder).",
        "→ `%%flask_file templates/home.html` writes it.",
    ]


def test_templates_from_elsewhere_get_no_advice_on_folders() -> None:
    app = flask.Flask("shop")
    app.jinja_loader = DictLoader({"home": "x"})  # type: ignore[misc]
    with pytest.raises(LookupError) as caught:
        app.jinja_env.get_template("zzz")
    assert advise(caught.value) == []
    with pytest.raises(LookupError) as caught:
        app.jinja_env.get_template("hom")
    assert advise(caught.value) == ["Did you mean 'home'?"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ tol }}{{ tol.name }}", "The template has no tol here. Did you mean 'tool'?"),
        ("{{ tool.nmae.x }}", None),
        ("{{ 'x'|titel }}", "Did you mean 'title'?"),
        ("{% if tool is definde %}{% endif %}", "Did you mean 'defined'?"),
        ("{% if tool %}{% elseif %}{% endif %}", "Did you mean 'elif'?"),
        ("{% fro x in tool %}{% endfor %}", "Did you mean 'for'?"),
        ("{% zzz %}", None),
        ("{{ 1 + }}", None),
        ("{% if tool %}", None),
    ],
)
def test_words_of_a_template(text: str, said: str | None) -> None:
    app = flask.Flask("shop")
    with app.app_context(), pytest.raises(Exception, match=r".") as caught:
        flask.render_template_string(text, tool={"name": "saw"})
    assert advise(caught.value, app) == ([said] if said else [])
