"""The picture of a request's life: structure, wording, folding, secrets, hostile text, and how it fits a page."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import pytest
from notebook_shell import Notebook
from playwright.sync_api import Browser

import flask_magic
from flask_magic.display import TraceDisplay
from flask_magic.trace import Event, Outcome, Stage, Trace, Tracer

from .test_display import HOSTILE, Elements, inert

STYLE = (Path(flask_magic.__file__).parent / "display" / "style.css").read_text()


def traced(app: flask.Flask, path: str = "/", *, raises: type[BaseException] | None = None, **options: Any) -> Trace:
    """The trace of one request."""
    tracer = Tracer()
    with tracer.trace(app) as trace:
        if raises is None:
            app.test_client().open(path, **options).close()
        else:
            with pytest.raises(raises):
                app.test_client().open(path, **options)
    tracer.close()
    return trace


def plain(view: Callable[[], Any], **config: Any) -> flask.Flask:
    """An app with one view, at /."""
    app = flask.Flask("demo", static_folder=None)
    app.config.update(config)
    app.add_url_rule("/", "home", view)
    return app


def made(*events: Event, name: str = "GET /", says: str = "200 OK") -> Trace:
    """A trace of one request in which this happened."""
    return Trace(requests=[Event("request", name, Stage.OPEN, says=says, items=list(events))])


def view(*items: Event, **fields: Any) -> Event:
    """A view in which this happened."""
    return Event("view", "home", Stage.VIEW, items=list(items), **fields)


def sql(statement: str = "SELECT name FROM tool WHERE id = ?", **fields: Any) -> Event:
    """A statement."""
    return Event("sql", statement.split()[0], Stage.VIEW, says=statement, **fields)


def text(trace: Trace, **options: Any) -> str:
    """The text form, its runs of spaces made one."""
    return re.sub(r"[ \n]+", " ", TraceDisplay(trace, **options).text())


def html(trace: Trace, **options: Any) -> Elements:
    """The HTML form, parsed; nothing in it runs or loads."""
    return inert(str(TraceDisplay(trace, **options).html()))


# -- the ladder


def test_the_text_is_a_ladder_in_columns() -> None:
    shown = TraceDisplay(traced(plain(lambda: {"tool": 7}))).text()
    places = re.compile(r" {2,}\S*test_trace\.py, line \d+$", re.MULTILINE)
    assert len(places.findall(shown)) == 1
    assert places.sub("", shown).splitlines() == [
        "GET / → 200 OK",
        "1 Open       context         application and request context pushed: current_app, g, request and",
        "                               session are at hand",
        "             session         open, no SECRET_KEY: it stays empty and cannot be written",
        "             match           / → home",
        "2 View       view            lambda → dict",
        "             make_response   dict becomes 200 OK, application/json",
        "3 Response   start_response  200 OK with 2 headers",
        "4 Tear down  context         request and application context popped",
        "5 Body       chunk           11 bytes",
    ]


def test_the_html_is_a_list_of_stages_with_a_list_of_events_each() -> None:
    shown = html(traced(plain(lambda: {"tool": 7})))
    assert shown.elements[0] == ("section", {"class": "fm fm-trace"})
    assert shown.named("ol")[0] == {"class": "fm-stages"}
    assert not [name for name, _ in shown.elements if re.fullmatch(r"h\d|table|style", name)]
    for stage in ("Open", "View", "Response", "Tear down", "Body"):
        assert stage in shown.text
    assert "view lambda → dict" in shown.text


def test_a_plain_route_stays_small() -> None:
    assert len(str(TraceDisplay(traced(plain(lambda: {"tool": 7}))).html()).encode()) < 3000


def test_the_same_request_gives_the_same_picture() -> None:
    app = plain(lambda: flask.render_template_string("{{ 1 }}"))
    first, second = TraceDisplay(traced(app)), TraceDisplay(traced(app))
    assert first.text() == second.text()
    assert first.html() == second.html()


def test_a_stage_that_comes_again_is_another_rung() -> None:
    app = plain(lambda: "x")
    app.after_request(lambda _response: 1 / 0)
    shown = TraceDisplay(traced(app)).text()
    stages = re.findall(r"^(\d) (\w+)", shown, re.MULTILINE)
    assert [name for _, name in stages].count("After") == 2
    assert [int(number) for number, _ in stages] == list(range(1, len(stages) + 1))


def test_a_redirect_that_was_followed_is_two_ladders() -> None:
    app = plain(lambda: flask.redirect("/next"))
    app.add_url_rule("/next", "next", lambda: "here")
    trace = traced(app, follow_redirects=True)
    assert [line for line in TraceDisplay(trace).text().splitlines() if line.startswith("GET")] == [
        "GET / → 302 FOUND",
        "GET /next → 200 OK",
    ]
    assert html(trace).named("ol").count({"class": "fm-stages"}) == 2


def test_a_trace_without_a_request_says_so() -> None:
    assert TraceDisplay(Trace()).text() == "The app saw no request."
    assert html(Trace()).text == "The app saw no request."


# -- sentences


def test_what_stops_a_request_and_what_did_not_run() -> None:
    app = plain(lambda: "x")

    def closed() -> tuple[str, int]:
        return "closed", 503

    def late() -> None: ...

    app.before_request(closed)
    app.before_request(late)
    trace = traced(app)
    assert "closed → (str, 503) · stops here" in text(trace)
    assert "late · did not run" in text(trace)
    shown = html(trace)
    assert len(shown.named("s")) == 2
    assert {"class": "fm-ends"} in shown.named("strong")
    assert "late did not run" in shown.text


def test_a_file_is_named_where_it_changes() -> None:
    hooks = [
        Event("before_request", name, Stage.BEFORE, place=place)
        for name, place in (("a", "x.py, line 1"), ("b", "x.py, line 5"), ("c", "y.py, line 2"), ("d", "x.py, line 9"))
    ]
    shown = re.findall(r"[abcd] +(\S.*)$", TraceDisplay(made(*hooks)).text(), re.MULTILINE)
    assert shown == ["x.py, line 1", "line 5", "y.py, line 2", "x.py, line 9"]
    assert "a x.py, line\N{NO-BREAK SPACE}1" in html(made(*hooks)).text


def test_a_cell_with_a_long_first_line_is_shortened() -> None:
    shown = text(made(view(place=f"cell “{'x' * 80}”, line 3")))
    assert re.search(r"cell “x{30,45}…”, line 3", shown)


def test_the_handlers_that_were_sought() -> None:
    shop = flask.Blueprint("shop", "shop")
    app = flask.Flask("demo", static_folder=None)

    @shop.get("/")
    def broken() -> str:
        raise KeyError("drill")

    @app.errorhandler(LookupError)
    def no_tool(_error: LookupError) -> tuple[str, int]:
        return "none", 404

    app.register_blueprint(shop)
    shown = text(traced(app))
    assert "view broken raises KeyError: 'drill' · blueprint shop" in shown
    assert "error KeyError: 'drill' no handler for KeyError in blueprint shop" in shown
    assert "handler for KeyError, as LookupError in the app: no_tool errorhandler no_tool → (str, 404)" in shown


def test_an_exception_that_nobody_took() -> None:
    trace = traced(plain(lambda: 1 / 0))
    shown = text(trace)
    assert "error ZeroDivisionError: division by zero · the exception passes on no handler for" in shown
    assert "error 500 Internal Server Error in place of ZeroDivisionError, which nobody took" in shown
    assert {"class": "fm-raises"} in html(trace).named("strong")


def test_an_exception_that_leaves_the_app() -> None:
    trace = traced(plain(lambda: 1 / 0, PROPAGATE_EXCEPTIONS=True), raises=ZeroDivisionError)
    assert text(trace).startswith("GET / → raises ZeroDivisionError: division by zero 1 Open")
    assert {"class": "fm-5xx"} in html(trace).named("strong")


def test_a_url_that_matches_folds_the_rules_and_counts_the_far_ones() -> None:
    app = plain(lambda: "x")
    for number in range(40):
        app.add_url_rule(f"/page{number}", f"page{number}", lambda: "x")
    app.add_url_rule("/", "again", lambda: "x")
    trace = traced(app)
    shown = html(trace)
    assert {"class": "fm-trials"} in shown.named("details")
    assert "42 rules in the URL map" in shown.text
    assert "40 rules with another path" in shown.text
    assert "/page7" not in shown.text + TraceDisplay(trace).text()
    assert "= GET / → again fits too" in text(trace)


def test_a_url_that_does_not_match_shows_the_nearest_rules() -> None:
    app = flask.Flask("demo")
    app.add_url_rule("/tools/<int:tool_id>", "tool", lambda **_: "x")
    trace = traced(app, "/tools/drill")
    assert "404 Not Found ✗ GET /tools/<int:tool_id> → tool int does not take 'drill'" in text(trace)
    shown = html(trace)
    assert "int does not take 'drill'" in shown.text
    assert {"class": "fm-trials"} not in shown.named("details")


def test_templates_are_a_tree() -> None:
    names = {"base.html": "{% block body %}{% endblock %}", "page.html": "{% extends 'base.html' %}"}
    app = plain(lambda: flask.render_template("page.html"))
    from jinja2 import DictLoader

    app.jinja_loader = DictLoader(names)  # type: ignore[assignment]
    trace = traced(app)
    shown = TraceDisplay(trace).text()
    indents = [len(line) - len(line.lstrip()) for line in shown.splitlines() if re.match(r" +(template|block) ", line)]
    assert indents == sorted(set(indents))
    assert len(indents) == 3
    assert "base.html, which page.html extends" in shown
    assert html(trace).named("details").count({"open": None}) == 2


def test_a_nested_request_folds() -> None:
    app = plain(lambda: app.test_client().get("/inner").text)
    app.add_url_rule("/inner", "inner", lambda: "x")
    trace = traced(app)
    assert html(trace).named("details").count({"class": "fm-nested"}) == 1
    assert re.search(r"request +GET /inner → 200 OK\n +1 Open", TraceDisplay(trace).text())


# -- repetitions


def test_a_query_for_each_row_is_one_line() -> None:
    queries = [sql(details=[("id", str(number))]) for number in range(12)]
    trace = made(view(sql("SELECT id FROM tool"), *queries))
    shown = text(trace)
    assert shown.startswith("GET / → 200 OK · 13 SQL statements")
    assert shown.count("WHERE id = ?") == 1
    assert "WHERE id = ? · × 12 · the same statement each time: a query for each row (N+1)?" in shown
    assert "the first time id = 0" in shown
    assert "× 12" in html(trace).text


def test_a_statement_that_comes_once_has_no_remark() -> None:
    shown = text(made(view(sql(details=[("id", "3")]))))
    assert "N+1" not in shown
    assert "the first time" not in shown
    assert "id = 3" in shown


def test_the_body_of_a_loop_is_folded() -> None:
    turn = [sql("SELECT 1"), Event("log", "INFO", Stage.VIEW, says="next")]
    trace = made(view(*turn * 5))
    shown = text(trace)
    assert shown.count("SELECT 1") == 1
    assert "these 2 rows in turn · × 5" in shown
    assert "(N+1)" in shown


def test_a_template_that_is_included_for_each_row_is_folded_with_its_query() -> None:
    rows = [Event("template", "row.html", Stage.VIEW, items=[sql()], seconds=0.002) for _ in range(4)]
    shown = text(made(view(*rows)), time=True)
    assert shown.count("row.html") == 1
    assert "8.0 ms row.html · × 4" in shown
    assert "(N+1)" in shown


def test_two_that_differ_are_two_rows() -> None:
    shown = text(made(view(sql("SELECT 1"), sql("SELECT 2"), sql("SELECT 1"), sql("SELECT 2"))))
    assert "×" not in shown
    assert shown.count("SELECT 1") == 2


def test_of_very_many_rows_the_first_are_shown() -> None:
    trace = made(view(*(Event("log", "INFO", Stage.VIEW, says=f"line {number}") for number in range(500))))
    trace.dropped = 7
    shown = text(trace)
    assert "line 49" in shown
    assert "line 50" not in shown
    assert "… 450 more rows, not shown" in shown
    assert "7 more events are not shown" in shown
    assert len(str(TraceDisplay(trace).html())) < 10_000


# -- times


def test_there_are_no_times_unless_asked() -> None:
    trace = made(view(seconds=0.003), Event("chunk", "3 bytes", Stage.BODY, seconds=0.001))
    assert " ms" not in text(trace)
    assert not [one for one in html(trace).named("span") if "style" in one]


def test_times_are_shares_of_the_request() -> None:
    trace = made(view(seconds=0.003), Event("chunk", "3 bytes", Stage.BODY, seconds=0.001))
    shown = text(trace, time=True)
    assert shown.startswith("GET / → 200 OK · 4.0 ms")
    assert "view 3.0 ms home" in shown
    assert shown.endswith("Durations are with tracing, which takes time itself.")
    bars = [one["style"] for one in html(trace, time=True).named("span") if one.get("class") == "fm-bar"]
    assert bars == ["width:75%", "width:25%"]


# -- secrets, and hostile apps


def test_secrets_are_masked_unless_revealed() -> None:
    trace = made(
        view(Event("log", "INFO", Stage.VIEW, says="sent token=abcdef123456 to Ann")),
        name="GET /reset?token=abcdef123456",
    )
    for form in (TraceDisplay(trace).text(), str(TraceDisplay(trace).html())):
        assert "abcdef123456" not in form
        assert form.count("•••") == 2
    assert TraceDisplay(trace, reveal=True).text().count("abcdef123456") == 2


def test_a_secret_that_runs_over_two_parts_of_a_sentence_is_masked() -> None:
    trace = made(view(Event("flash", "token=abc", Stage.VIEW, says="def")))
    assert "token=abc" not in text(trace)


@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_hostile_text_stays_text_everywhere(outcome: Outcome | None) -> None:
    kinds = [
        "log",
        "flash",
        "session",
        "sql",
        "template",
        "view",
        "error",
        "match",
        "chunk",
        "signal",
        "context",
        "new",
    ]
    events = [
        Event(kind, HOSTILE, Stage.VIEW, HOSTILE, HOSTILE, HOSTILE, outcome, [(HOSTILE, HOSTILE)]) for kind in kinds
    ]
    trace = made(view(*events), *events, name=f"GET {HOSTILE}", says=HOSTILE)
    shown = html(trace, time=True)
    assert shown.named("img") == []
    assert shown.text.count("alert(1)") > len(kinds)
    assert "\x1b" not in TraceDisplay(trace).text()
    assert "␛[31m" in TraceDisplay(trace).text()


def test_lines_of_a_message_do_not_break_the_columns() -> None:
    lines = TraceDisplay(made(view(Event("log", "INFO", Stage.VIEW, says="one\ntwo\nthree")))).text().splitlines()
    assert lines[2].endswith("INFO one two three")


# -- on a page


def everything() -> str:
    """Traces with every kind of row, long words and deep nesting."""
    deep = sql("SELECT " + "a_rather_long_column_name, " * 12 + "id FROM tool", place="models.py, line 3")
    for level in range(8):
        deep = Event("template", f"part_{level}.html", Stage.VIEW, says="which page.html includes", items=[deep])
    inner = Event("request", "GET /" + "inner" * 20, Stage.VIEW, says="200 OK", items=[view(deep)])
    around = [
        Event("url_value_preprocessor", "pull_language", Stage.BEFORE, "shop", "app.py, line 1", seconds=0.2),
        Event("before_request", "x" * 90, Stage.BEFORE, place="app.py, line 3", outcome=Outcome.STOPS),
        Event("error", "KeyError", Stage.ERROR, says="'x'", details=[("the app", "KeyError: none")]),
    ]
    trace = made(*around, view(deep, inner, *[sql()] * 12, outcome=Outcome.RAISED, says="raises " + "x" * 100))
    return str(TraceDisplay(trace).html() + TraceDisplay(trace, time=True).html())


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_scrolls_sideways_and_nothing_is_cut_off(browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    try:
        page.set_content(f"<!doctype html><style>{STYLE}</style><body>{everything()}")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        widths = page.evaluate(
            """[...document.querySelectorAll('.fm-trace')].map(trace => {
                const edge = trace.getBoundingClientRect().right
                return [edge - trace.getBoundingClientRect().left,
                        [...trace.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > edge).length]
            })"""
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [beyond for _, beyond in widths] == [0, 0]
        assert all(0 < across <= 760 for across, _ in widths)
    finally:
        page.close()


def test_it_reads_in_order_without_any_css(browser: Browser) -> None:
    page = browser.new_page()
    try:
        page.set_content(str(TraceDisplay(traced(plain(lambda: {"tool": 7}))).html()))
        read = page.inner_text("section")
    finally:
        page.close()
    marks = ["GET / → 200 OK", "Open", "match / → home", "View", "view lambda → dict", "Response", "Tear down", "Body"]
    positions = [read.find(mark) for mark in marks]
    assert positions == sorted(positions)
    assert positions[0] >= 0


# -- in a notebook


def test_a_notebook_shows_both_forms(notebook: Notebook) -> None:
    notebook.run("%%flask_route /tools/<int:tool_id>\ndef tool(tool_id):\n    return {'tool': tool_id}")
    ran = notebook.run("%flask_trace /tools/7")
    shown = ran.displays[-1]
    assert "2 View       view            tool → dict  cell “%%flask_route /tools/<int:tool_id>”, line 2" in ran.text
    assert shown["text/plain"].startswith("GET /tools/7 → 200 OK\n1 Open")
    assert shown["text/html"].startswith('<section class="fm fm-trace">')
    assert max(map(len, shown["text/plain"].splitlines())) <= 100
