"""Templates with inheritance, and what they bring in."""

from pathlib import Path
from typing import Any

import flask
import jinja2
import pytest
from trace_oracle import Calls, Run, both, run, same, traced_calls

from flask_magic.trace import Event, Outcome

FILES = {
    "base.html": "<title>{% block title %}base{% endblock %}</title>{% block body %}{% endblock %}",
    "section.html": "{% extends 'base.html' %}{% block body %}section {{ self.title() }}{% endblock %}",
    "page.html": (
        "{% extends 'section.html' %}{% import 'macros.html' as m %}{% from 'macros.html' import shout with context %}"
        "{% block title %}page of {{ super() }}{% endblock %}"
        "{% block body %}{{ super() }}\n{% include 'part.html' %}{% include ['none.html', 'part.html'] %}"
        "{% include 'none.html' ignore missing %}{% include 'part.html' without context %}"
        "{% set text %}set {{ called() }}{% endset %}{{ text }}{{ m.whisper('a') }}{{ shout('b') }}{% endblock %}"
    ),
    "macros.html": (
        "{% set made = called() %}{% macro whisper(t) %}{{ t }}{% endmacro %}"
        "{% macro shout(t) %}{{ t }}{{ request.path }}{% endmacro %}"
    ),
    "part.html": "part {{ tool }}",
    "broken.html": "{% extends 'base.html' %}\n{% block body %}\n{{ 1 / 0 }}{% endblock %}",
    "syntax.html": "{% if %}",
}


def app_of(calls: Calls, folder: Path) -> flask.Flask:
    for name, source in FILES.items():
        (folder / name).write_text(source, encoding="utf-8")
    (folder / "shop").mkdir(exist_ok=True)
    (folder / "shop" / "tool.html").write_text("{% extends 'base.html' %}", encoding="utf-8")
    app = flask.Flask("app", template_folder=str(folder), static_folder=None)
    shop = flask.Blueprint("shop", "shop", template_folder=str(folder / "shop"))
    app.register_blueprint(shop)
    app.jinja_options = {"extensions": ["jinja2.ext.do"]}

    @app.template_global()
    def called() -> str:
        calls.append("called")
        return "called"

    @app.get("/<path:name>")
    def show(name: str) -> Any:
        calls("view", "show")
        return flask.render_template(name.split(","), tool="drill")

    @app.get("/string")
    def string() -> Any:
        calls("view", "string")
        return flask.render_template_string("{% extends 'base.html' %}{% block body %}s{% endblock %}")

    @app.get("/kept")
    def kept() -> Any:
        calls("view", "kept")
        return flask.render_template(app.extensions["template"])

    @app.get("/overlay")
    def overlay() -> str:
        calls("view", "overlay")
        copied = app.jinja_env.overlay(autoescape=False)
        return copied.from_string("{{ '<' }}").render() + app.jinja_env.from_string("{{ '<' }}").render()

    @app.get("/own")
    def own() -> str:
        calls("view", "own")
        environment = jinja2.Environment(loader=jinja2.DictLoader({"own.txt": "own"}), autoescape=True)
        return environment.get_template("own.txt").render()

    for function in (show, string, kept, overlay, own):
        function.__qualname__ = function.__name__
    return app


def runs(folder: Path, *paths: str) -> Run:
    """As `same`, where what the templates call is no event."""
    traced = both(lambda calls: app_of(calls, folder), *paths)
    assert traced_calls(traced.trace) == [line for line in traced.calls if line != "called"]
    return traced


def tree(event: Event) -> list[Any]:
    """The templates and blocks within an event: name, how it came, and what is within it."""
    out: list[Any] = []
    for item in event.items:
        inner = tree(item)
        if item.kind in ("template", "block"):
            out.append((item.kind, item.name, item.says, *([inner] if inner else [])))
        else:
            out += inner
    return out


def flat(event: Event, outcome: Outcome | None = None) -> list[tuple[str, str, str]]:
    """Kind, name and what is said of an event and of all within it; with an `outcome`, of those that ended so."""
    return [(one.kind, one.name, one.says) for one in event.walk() if outcome in (None, one.outcome)]


def test_inheritance_over_three_templates_with_all_that_they_bring_in(tmp_path: Path) -> None:
    run = runs(tmp_path, "/page.html", "/page.html")
    included = ("template", "part.html", "which page.html includes")
    base = [
        ("block", "title", "of page.html", [("block", "title", "of base.html")]),
        (
            "block",
            "body",
            "of page.html",
            [
                (
                    "block",
                    "body",
                    "of section.html",
                    [("block", "title", "of page.html", [("block", "title", "of base.html")])],
                ),
                included,
                included,
                included,
            ],
        ),
    ]
    expected = [
        (
            "template",
            "page.html",
            "",
            [
                ("template", "macros.html", "which page.html imports"),
                ("template", "macros.html", "which page.html imports"),
                (
                    "template",
                    "section.html",
                    "which page.html extends",
                    [("template", "base.html", "which section.html extends", base)],
                ),
            ],
        )
    ]
    # The second time the imported module is there already, and is told of all the same.
    assert [tree(view) for view in run.trace.find("view")] == [expected, expected], run.shown()


def test_a_list_of_names_a_string_a_template_made_before_and_one_of_a_blueprint(tmp_path: Path) -> None:
    run = runs(tmp_path, "/none.html,part.html", "/string", "/tool.html")
    views = run.trace.find("view")
    assert [[(name, says) for kind, name, says in flat(view) if kind == "template"] for view in views] == [
        [("part.html", "")],
        [("template string", ""), ("base.html", "which the template string extends")],
        [("tool.html", ""), ("base.html", "which tool.html extends")],
    ]
    assert [event.scope for event in views[2].walk() if event.kind == "template"] == ["shop", ""]


def test_a_template_object_that_was_made_before_the_trace(tmp_path: Path) -> None:
    def build(calls: Calls) -> flask.Flask:
        app = app_of(calls, tmp_path)
        app.extensions["template"] = app.jinja_env.get_template("section.html")
        return app

    run = same(build, "/kept")
    assert run.kinds("template") == ["section.html", "base.html"]
    assert type(run.app.extensions["template"].root_render_func).__name__ == "function"


def test_environments_that_are_not_the_apps_own(tmp_path: Path) -> None:
    run = runs(tmp_path, "/overlay", "/own", "/part.html")
    assert run.answers[0][0][2] == b"<&lt;"
    assert run.kinds("template") == ["template string", "template string", "own.txt", "part.html"]


def test_errors_in_templates(tmp_path: Path) -> None:
    run = runs(tmp_path, "/broken.html", "/syntax.html", "/none.html")
    assert [[name for _, name, _ in flat(request, Outcome.RAISED)] for request in run.trace.requests] == [
        ["show", "broken.html", "base.html", "body", "ZeroDivisionError"],
        ["show", "TemplateSyntaxError"],
        ["show", "TemplatesNotFound"],
    ]
    assert run.trace.find("block", "body")[0].says == "raises ZeroDivisionError: division by zero"


@pytest.mark.parametrize("explained", [False, True])
def test_loading_is_not_explained_twice(tmp_path: Path, explained: bool, caplog: pytest.LogCaptureFixture) -> None:
    def build(calls: Calls) -> flask.Flask:
        app = app_of(calls, tmp_path)
        app.config["EXPLAIN_TEMPLATE_LOADING"] = explained
        return app

    counts = []
    for traced in (False, True):
        caplog.clear()
        with caplog.at_level("INFO"):
            run(build, "/page.html", traced=traced)
        counts.append(len(caplog.records))
    assert counts[0] == counts[1]
    assert (counts[0] > 0) is explained
