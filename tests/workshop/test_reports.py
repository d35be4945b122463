import csv
import hashlib
import io
import json
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from flask_magic.pages.notebook import Notebook, dumps
from flask_magic.workshop.folders import Output
from flask_magic.workshop.journal import Journal, Row
from flask_magic.workshop.page import elements
from flask_magic.workshop.prepare import prepare
from flask_magic.workshop.reports.learner import learner_report, objective_state
from flask_magic.workshop.reports.overview import hardest, overview
from flask_magic.workshop.reports.standing import Exercise, exercises_of, facts_of
from flask_magic.workshop.reports.summary import write_reports, write_summary
from flask_magic.workshop.reports.tables import results_csv, results_json, results_junit

HOSTILE = "<script>alert(1)</script>"
FACTS: dict[str, Any] = {
    "title": f"Sums {HOSTILE}",
    "objectives": ["add", "subtract"],
    "exercises": [
        {"name": "sum", "objective": "1", "page": "02-routing/02-variable-rules"},
        {"name": "difference", "objective": "2", "page": ""},
    ],
    "site": "https://flask.example/",
}


def check(name: str, state: str, hints: int = 0) -> dict[str, Any]:
    rows = [{"state": state, "message": f"`{name}` is right {HOSTILE}", "expected": "3", "came": "4"}]
    return {"name": name, "state": state, "rows": rows, "hints_used": hints}


ROWS = [
    Row(
        "Ada",
        "ada-1",
        "novice",
        state="ok",
        seconds=1.5,
        checks=[check("sum", "passed", 2), check("difference", "failed")],
    ),
    Row(HOSTILE, "x-2", state="ok", checks=[check("sum", "failed"), check("difference", "failed")]),
    Row("=1+1", "x-3", state="failed", error="CellTimeout", message=HOSTILE),
    Row("Zoë\x00\x1b", "zoe-4", state="waiting"),
]


def texts(html: str, tag: str) -> list[str]:
    return [element.text for element in elements(html, tag)]


def test_the_facts_of_a_workshop_are_in_its_notebook(first: Notebook) -> None:
    facts = facts_of(first)
    assert facts["title"] == "First service"
    assert facts["objectives"][0] == "build a URL map: rules, converters, methods"
    assert len(facts["objectives"]) == 4
    assert [one.name for one in exercises_of(facts)][:2] == ["front", "item"]
    assert {one.objective for one in exercises_of(facts)} == {"1", "2", "3", "4"}


def test_a_learner_s_report_says_what_is_reached_and_what_to_read(small: Notebook) -> None:
    notebook = dumps(prepare(small, "novice", "solution"))
    page = learner_report(ROWS[0], notebook, FACTS)
    assert texts(page, "h1") == ["Ada"]
    objectives = [li.text.split() for li in elements(page, "li") if li.attributes.get("class")]
    assert objectives == [
        ["add", "◐", "passed", "with", "hints", "sum", "◐"],
        ["subtract", "☐", "open", "difference", "✗"],
    ]
    assert [(a.text, a.attributes["href"]) for a in elements(page, "a")] == [
        ("Variable rules", "https://flask.example/notebooks/02-routing/02-variable-rules.html")
    ]
    assert texts(page, "pre") == ["total = 1 + 2"]
    assert "expected 3 · came 4" in " ".join(texts(page, "p"))
    assert "was not run to its end. CellTimeout" in " ".join(texts(learner_report(ROWS[2], "", FACTS), "p"))
    assert elements(learner_report(ROWS[0], notebook, {**FACTS, "site": ""}), "a") == []


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["passed"], "passed"),
        (["hinted", "passed"], "hinted"),
        (["passed", ""], "open"),
        (["open"], "open"),
        ([], "open"),
    ],
)
def test_an_objective_is_reached_when_all_its_checks_are(states: list[str], state: str) -> None:
    assert objective_state(states) == state


def test_the_overview_shows_who_passed_what_and_where_most_are_stuck() -> None:
    page = overview(ROWS, FACTS)
    states = [
        td.attributes["class"]
        for td in elements(page, "td")
        if td.attributes.get("class") not in ("quiet", "problem", None)
    ]
    assert states == ["hinted", "failed", "failed", "failed", "none", "none", "none", "none"]
    text = " ".join(texts(page, "p"))
    assert "4 participants: 2 ran, 1 failed to run, 1 not run yet." in text
    assert "Failed most: difference, 2 times." in text
    assert {"ada-1/report.html", "x-3/report.html"} < {a.attributes["href"] for a in elements(page, "a")}
    assert "zoe-4/report.html" not in page
    assert texts(page, "td")[-2:] == ["1", "0"]


def test_the_hardest_check_is_linked_to_the_page_that_teaches_it() -> None:
    rows = [Row("Ada", "ada-1", state="ok", checks=[check("sum", "failed")])]
    page = overview(rows, FACTS)
    links = {a.text: a.attributes["href"] for a in elements(page, "a")}
    assert (
        links["Variable rules"] == links["sum"] == "https://flask.example/notebooks/02-routing/02-variable-rules.html"
    )
    assert hardest([], [Exercise("sum")]) is None
    assert hardest(rows, []) is None


@pytest.mark.parametrize("page", [overview(ROWS, FACTS), *(learner_report(row, "", FACTS) for row in ROWS)])
def test_nothing_of_a_learner_becomes_code_on_a_page(page: str) -> None:
    assert elements(page, "script") == []
    assert HOSTILE in "".join(texts(page, "h1") + texts(page, "th") + texts(page, "title"))
    (policy,) = [meta.attributes["content"] for meta in elements(page, "meta") if "http-equiv" in meta.attributes]
    assert policy is not None
    style = b64encode(hashlib.sha256(_style(page).encode()).digest()).decode()
    assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{style}'"]


def _style(page: str) -> str:
    match = re.search("<style>(.*?)</style>", page, re.DOTALL)
    assert match
    return match[1]


@given(st.text())
def test_whatever_somebody_is_called_their_page_has_the_same_elements(name: str) -> None:
    class Tags(HTMLParser):
        def __init__(self, page: str) -> None:
            super().__init__()
            self.found: list[Any] = []
            self.feed(page)

        def handle_starttag(self, tag: str, attrs: Any) -> None:
            self.found.append((tag, attrs))

    row = Row(name, "x", state="failed", error=name, message=name, checks=[{**check("sum", "failed"), "hint": name}])
    plain = Row("x", "x", state="failed", error="x", message="x", checks=[check("sum", "failed")])
    assert Tags(learner_report(row, "", FACTS)).found == Tags(learner_report(plain, "", FACTS)).found


def test_a_report_in_a_browser_runs_nothing_and_has_its_looks(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_text(overview(ROWS, FACTS), encoding="utf-8")
    page, said = browser.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(path.as_uri())
    assert page.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('table')).display") == "table"
    page.close()
    assert said == []


def test_the_table_for_spreadsheets_holds_no_formulas() -> None:
    text = results_csv(ROWS, FACTS)
    assert text.startswith("\ufeff")
    found = list(csv.DictReader(io.StringIO(text[1:])))
    assert [row["participant"] for row in found] == ["Ada", HOSTILE, "'=1+1", "Zoë\x00\x1b"]
    assert [(row["sum"], row["difference"]) for row in found][:2] == [("hinted", "failed"), ("failed", "failed")]
    assert found[2]["error"] == "CellTimeout"


@given(st.text(alphabet="=+-@\t\r\n\",'a1", min_size=1), st.text())
def test_no_cell_of_the_table_begins_a_formula(name: str, message: str) -> None:
    text = results_csv([Row(name, "x", error=name, message=message)], {"exercises": [{"name": name}]})
    cells = [cell for line in csv.reader(io.StringIO(text[1:], newline="")) for cell in line]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert cells[len(cells) // 2] in (name, f"'{name}")


def test_junit_has_a_suite_for_each_participant() -> None:
    root = ElementTree.fromstring(results_junit(ROWS, FACTS))
    counts = [[suite.get(key) for key in ("tests", "failures", "errors", "skipped")] for suite in root]
    assert counts == [["3", "1", "0", "0"], ["3", "2", "0", "0"], ["1", "0", "1", "0"], ["1", "0", "0", "1"]]
    assert [suite.get("name") for suite in root] == ["Ada", HOSTILE, "=1+1", "Zoë\ufffd\ufffd"]
    (error,) = root.iter("error")
    assert (error.get("type"), error.get("message")) == ("CellTimeout", HOSTILE)


def test_the_json_holds_all_and_is_strict() -> None:
    found = json.loads(results_json(ROWS, FACTS))
    assert [one["participant"] for one in found["participants"]] == [row.participant for row in ROWS]
    assert found["participants"][0]["checks"] == ROWS[0].checks


def test_reports_are_written_again_from_the_journal(tmp_path: Path, small: Notebook) -> None:
    output = Output(tmp_path)
    output.keep_notebook("ada-1", dumps(prepare(small, "novice", "solution")))
    with Journal(output.journal) as journal:
        journal.state_facts(FACTS)
        journal.plan(ROWS[:2])
        journal.finish("Ada", "ok", checks=ROWS[0].checks)
        write_summary(output, journal)
        assert not (tmp_path / "ada-1" / "report.html").exists()
        assert [row.participant for row in write_reports(output, journal)] == [HOSTILE, "Ada"]
    assert "total = 1 + 2" in (tmp_path / "ada-1" / "report.html").read_text(encoding="utf-8")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"ada-1", "index.html", "journal.sqlite", "junit.xml", "results.csv", "results.json"}
