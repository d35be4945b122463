from copy import deepcopy
from typing import Any

import pytest

from flask_magic.display import CHECK_MIME
from flask_magic.pages.notebook import Cell, Notebook, dumps
from flask_magic.workshop.judge import Verdict, judge, read_executed
from flask_magic.workshop.prepare import prepare
from flask_magic.workshop.spec import Spec

SPEC = Spec("Ada", "", checks=("sum",))
HANDOUT = Spec("Ada", "", checks=("sum",), expect="open")


def shows(cell: Cell, **result: Any) -> None:
    row = {"state": result.get("state"), "message": "the total"}
    data = {CHECK_MIME: {"name": "sum", "rows": [row], "hints_used": 0, **result}}
    cell["outputs"].append({"output_type": "display_data", "data": data, "metadata": {}})


@pytest.fixture
def done(small: Notebook) -> Notebook:
    """The small workshop's handout, run, its check open."""
    notebook = prepare(small, "novice", "learner")
    for count, cell in enumerate(notebook["cells"], 1):
        cell["execution_count"] = count
    shows(notebook["cells"][3], state="open")
    return notebook


def verdict(notebook: Notebook, spec: Spec = SPEC) -> tuple[str, str]:
    with pytest.raises(Verdict) as caught:
        judge(notebook, spec)
    return caught.value.error, caught.value.message


def test_a_handout_is_ok_when_its_checks_are_open(done: Notebook) -> None:
    assert [check["state"] for check in judge(done, HANDOUT)] == ["open"]
    solved = deepcopy(done)
    solved["cells"][3]["outputs"].clear()
    shows(solved["cells"][3], state="passed")
    message = "The check of 'sum' is passed, and a handout leaves it open."
    assert verdict(solved, HANDOUT) == ("CheckNotOpen", message)
    assert [check["state"] for check in judge(solved, SPEC)] == ["passed"]


def test_a_run_that_ended_early_is_not_ok(done: Notebook) -> None:
    done["cells"][2]["execution_count"] = None
    assert verdict(done) == ("Unfinished", "The run ended before cell 3: a cell above has ended it.")


def test_a_failed_cell_is_named_as_the_reader_counts(done: Notebook) -> None:
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}
    done["cells"][2]["outputs"].append(error)
    marker = {"cell_type": "markdown", "metadata": {"tags": ["papermill-error-cell-tag"]}, "source": "failed"}
    done["cells"].insert(0, marker)
    assert verdict(done) == ("ValueError", "Cell 4: ValueError: no")
    done["cells"][3]["metadata"]["tags"] = ["raises-exception"]
    assert judge(done, SPEC)[0]["state"] == "open"


@pytest.mark.parametrize(
    ("results", "error"),
    [
        ([], "CheckMissing"),
        ([{"state": "passed"}, {"state": "passed"}], "CheckForged"),
        ([{"state": "passed", "name": "other"}], "CheckForged"),
        ([{"state": "passed", "rows": []}], "CheckForged"),
        ([{"state": "passed", "rows": [{"state": "failed", "message": "x"}]}], "CheckForged"),
        ([{"state": "excellent"}], "CheckForged"),
        ([{"state": "passed", "rows": "many"}], "CheckForged"),
    ],
)
def test_a_check_s_cell_says_once_what_its_asserts_found(
    done: Notebook, results: list[dict[str, Any]], error: str
) -> None:
    done["cells"][3]["outputs"].clear()
    for result in results:
        shows(done["cells"][3], **result)
    assert verdict(done)[0] == error


@pytest.mark.parametrize(
    "text", ["", "{", '{"cells": [', "[]", '{"cells": 1}', '{"cells": [], "metadata": {"x": NaN}}']
)
def test_what_is_no_strict_json_is_no_notebook(text: str) -> None:
    with pytest.raises(Verdict) as caught:
        read_executed(text)
    assert caught.value.error == "InvalidNotebook"


def test_what_papermill_writes_is_read(done: Notebook) -> None:
    assert read_executed(dumps(done)) == done
