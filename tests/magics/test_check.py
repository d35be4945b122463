"""Exercises: stub, check, hints."""

import flask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_shell import Notebook

from flask_magic.checks import CheckRow, run_rows
from flask_magic.display import CHECK_MIME
from flask_magic.ledger import source_hash
from flask_magic.stubs import has_gap

CHECK = """%%flask_check loan
# objective: 2
# page: rules
# hint: first
# hint: second
ok = client.get("/loans/7")
assert ok.status_code == 200, "it is found"
assert ok.json == {"n": 7}, "it is a number"
"""
STUB = "%%flask_route /loans/<...>\ndef loan(n):\n    return {'n': n}"
WRONG = "%%flask_route /loans/<n>\ndef loan(n):\n    return {'n': n}"
RIGHT = "%%flask_route /loans/<int:n>\ndef loan(n):\n    return {'n': n}"


def data(notebook: Notebook, source: str = CHECK) -> dict[str, object]:
    """The machine-readable result of a check."""
    (display,) = notebook.run(source, "check").displays
    result: dict[str, object] = display[CHECK_MIME]
    return result


@pytest.mark.parametrize("cell_id", ["stub", None])
def test_an_exercise_from_stub_to_solution(notebook: Notebook, cell_id: str | None) -> None:
    notebook.run(STUB, cell_id)
    assert data(notebook)["state"] == "open"
    notebook.run(WRONG, cell_id)
    wrong = data(notebook)
    assert (wrong["state"], wrong["hint"], wrong["hints_used"]) == ("failed", "first", 1)
    assert wrong["rows"] == [
        {"state": "passed", "message": "it is found"},
        {"state": "failed", "message": "it is a number", "expected": "{'n': 7}", "came": "{'n': '7'}"},
    ]
    assert data(notebook)["hint"] == "first"
    notebook.run(WRONG + "  # changed", cell_id)
    assert data(notebook)["hint"] == "second"
    notebook.run(RIGHT, cell_id)
    right = data(notebook)
    assert (right["state"], right["hint"], right["objective"], right["page"]) == ("passed", None, "2", "rules")
    assert data(notebook) == right


def test_a_repair_is_untouched_while_it_has_its_source(notebook: Notebook) -> None:
    metadata = {"exercise": {"name": "loan", "role": "stub"}}
    notebook.run(WRONG, "stub", metadata)
    assert data(notebook)["state"] == "open"
    notebook.run(WRONG + "\n", "stub", metadata)
    assert data(notebook)["state"] == "open"
    notebook.run(RIGHT, "stub", {"exercise": {"name": "loan", "role": "stub", "hash": source_hash(WRONG)}})
    assert data(notebook)["state"] == "passed"


@pytest.mark.parametrize(
    ("body", "row"),
    [
        ("assert client.get('/no').status_code == 200, 'it is there'", CheckRow("failed", "it is there", "200", "404")),
        ("assert 1 < 2", CheckRow("passed", "`1 < 2`")),
        ("assert []", CheckRow("failed", "`[]`", None, "[]")),
        ("assert 1 in (2, 3), f'{1 + 1}'", CheckRow("failed", "2", "one of (2, 3)", "1")),
        ("assert 1 > 2", CheckRow("failed", "`1 > 2`", "more than 2", "1")),
        ("assert 1 == 2, 1/0", CheckRow("failed", "`1 == 2`", "2", "1")),
        ("assert x, 'x'", CheckRow("failed", "x", None, "NameError: name 'x' is not defined")),
        ("y = 1/0", CheckRow("failed", "`y = 1 / 0` should work", None, "ZeroDivisionError: division by zero")),
        ("assert 'x", CheckRow("failed", "the check itself cannot be read: unterminated string literal "
         "(detected at line 1), line 1")),
        (
            "assert client.get('/bad').status_code == 200, 'ok'",
            CheckRow("failed", "ok", "200", "500 (the view raised ZeroDivisionError: division by zero)"),
        ),
    ],
)  # fmt: skip
def test_rows_never_raise(body: str, row: CheckRow) -> None:
    app = flask.Flask("demo")
    app.add_url_rule("/bad", "bad", lambda: str(1 / 0))
    assert [vars(one) for one in run_rows(body, app, {})] == [vars(row)]


def test_a_failed_row_does_not_stop_the_next() -> None:
    rows = run_rows("assert 1 == 2\n1/0\nassert True", flask.Flask("demo"), {})
    assert [row.state for row in rows] == ["failed", "failed", "passed"]


def test_a_check_without_rows_is_not_passed(notebook: Notebook) -> None:
    notebook.run(STUB, "stub")
    data(notebook)
    notebook.run(RIGHT, "stub")
    assert data(notebook, "%%flask_check loan\nx = 1")["state"] == "failed"


def test_a_check_leaves_logging_as_it_was(notebook: Notebook) -> None:
    notebook.run("import flask\napp = flask.Flask('shop')\n@app.get('/')\ndef home():\n"
                 "    app.logger.warning('asked')\n    return 'x'\n%http -q /")  # fmt: skip
    notebook.run("%%flask_check home\nimport logging.config\nlogging.config.dictConfig({'version': 1})\n"
                 "assert client.get('/').text == 'x', 'it answers'")  # fmt: skip
    assert "log WARNING shop: asked" in notebook.run("%http /").text


def test_what_a_check_assigns_stays_in_it(notebook: Notebook) -> None:
    notebook.run("x = 1")
    notebook.run("%%flask_check a\nx = 2\nassert x == 2")
    assert notebook.ns["x"] == 1


@pytest.mark.parametrize(
    ("source", "gap"),
    [
        ("def a(): ...", True),
        ("%%flask_route /<...>\ndef a(): return 1", True),
        ("x: tuple[int, ...] = (1,)", False),
        ("'...'", False),
        ("# ...", False),
        ("%http /x ...\nx = 1", False),
        ("def a(: ...", True),
        ("x = 1", False),
        ("", False),
    ],
)
def test_gaps(source: str, gap: bool) -> None:
    assert has_gap(source) is gap


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="%.x=(){}[]'\"#\n:, adef1", max_size=30))
def test_any_source_is_looked_at(source: str) -> None:
    assert has_gap(source) in (False, "..." in source)
