"""One real page, and a cell that is edited and run again: each frontend shows the same."""

from pathlib import Path

import pytest

from flask_magic.pages.notebook import Cell, code_cells, load
from flask_magic.pages.outputs import texts
from flask_magic.pages.sanitize import read_rules

from .ways import Outputs, Way, by_papermill, jupyterlab, jupyterlite, nbclient, terminal, vscode

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PAGE = NOTEBOOKS / "02-routing" / "02-variable-rules.ipynb"
RULES = read_rules(NOTEBOOKS)
WAYS = pytest.mark.parametrize("way", [jupyterlab, vscode, jupyterlite, nbclient, by_papermill])

# Cells as a learner runs them: a name and a source; one name twice is one cell, edited or run again.
RERUN = (
    ("load", "%load_ext flask_magic"),
    ("rule", "%%flask_route /tools/<int:no>\ndef tool(no):\n    return {'tool': no}"),
    ("list", "calls = []"),
    ("hook", "@app.before_request\ndef count():\n    calls.append('first')"),
    ("ask", "%http /tools/7"),
    ("rule", "%%flask_route /things/<int:no>\ndef tool(no):\n    return {'thing': no}"),
    ("hook", "@app.before_request\ndef count():\n    calls.append('second')"),
    ("hook", "@app.before_request\ndef count():\n    calls.append('second')"),
    ("new", "%http /things/7"),
    ("old", "%http /tools/7 --expect 404"),
    ("back", "%%flask_route /tools/<int:no>\ndef tool(no):\n    return {'tool': no}"),
    ("again", "%http /tools/7"),
    ("calls", "print(calls)"),
    ("routes", "%flask_routes"),
)
ASKED = ("ask", "new", "old", "again", "calls", "routes")


def lines_of(text: str) -> list[str]:
    """The lines of a text that hold something: a terminal puts empty ones between outputs."""
    return [line.rstrip() for line in RULES.text(text).splitlines() if line.strip()]


def plain_lines(outputs: Outputs) -> list[str]:
    """The text forms of outputs, as a terminal shows them."""
    found: list[str] = []
    for output in outputs:
        data = output.get("data", {})
        shown = "\n".join(output["traceback"]) if output["output_type"] == "error" else next(texts(output), "")
        found += lines_of(data.get("text/plain", "") if data else shown)
    return found


def rerun_cells() -> list[Cell]:
    """The cells of RERUN."""
    return [{"cell_type": "code", "id": name, "metadata": {}, "source": source} for name, source in RERUN]


def asked(shown: list[list[str]]) -> list[tuple[str, list[str]]]:
    """What the cells that look at the app show."""
    assert len(shown) == len(RERUN)
    return [(name, lines) for (name, _), lines in zip(RERUN, shown, strict=True) if name in ASKED]


def check_outcome(shown: list[list[str]]) -> None:
    """The app is what the cells say: the edited rule and hook, once each; then the old rule again."""
    outcome = asked(shown)
    assert [lines[:2] for name, lines in outcome[:4]] == [
        ["GET /tools/7", "200 OK"],
        ["GET /things/7", "200 OK"],
        ["GET /tools/7", "404 NOT FOUND · there is nothing under this URL"],
        ["GET /tools/7", "200 OK"],
    ]
    assert [outcome[place][1][-1] for place in (0, 1, 3)] == ['{"tool": 7}', '{"thing": 7}', '{"tool": 7}']
    assert outcome[4][1] == ["['first', 'second', 'second', 'second']"]
    routes = "\n".join(outcome[5][1])
    assert "/tools/<int:no>" in routes
    assert "/things" not in routes


@WAYS
def test_a_page_shows_what_is_stored(way: Way) -> None:
    cells = list(code_cells(load(PAGE)))
    shown = way(cells, PAGE.parent)
    assert len(shown) == len(cells) > 20
    for cell, outputs in zip(cells, shown, strict=True):
        assert RULES.comparable(outputs) == RULES.comparable(cell["outputs"]), cell["source"]


def test_a_terminal_shows_the_text_of_what_is_stored() -> None:
    cells = list(code_cells(load(PAGE)))
    shown = terminal(cells, PAGE.parent)
    assert len(shown) == len(cells) > 20
    for cell, text in zip(cells, shown, strict=True):
        assert lines_of(text) == plain_lines(cell["outputs"]), cell["source"]


@WAYS
def test_an_edited_cell_run_again_is_what_the_app_says(way: Way, tmp_path: Path) -> None:
    check_outcome([plain_lines(outputs) for outputs in way(rerun_cells(), tmp_path)])


def test_an_edited_cell_typed_again_in_a_terminal_is_what_the_app_says(tmp_path: Path) -> None:
    check_outcome([lines_of(text) for text in terminal(rerun_cells(), tmp_path)])
