"""Did a run do what it should? Asked of the executed notebook itself, and not of what papermill says about it."""

from __future__ import annotations

import ast
import json
from typing import Any, NoReturn

from flask_magic.pages.exercises import CHECK_MIME, role_of
from flask_magic.pages.notebook import Cell, Notebook, code_cells, parse, tags_of
from flask_magic.workshop.spec import Spec

__all__ = ["Verdict", "checks_in", "judge", "read_executed"]

#: Papermill's mark on the cells that it adds where a cell failed.
MARKER = "papermill-error-cell-tag"

Check = dict[str, Any]


class Verdict(Exception):
    """Why a notebook that was run is not ok: a class of errors in one word, and a sentence."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error
        self.message = message


def read_executed(text: str) -> Notebook:
    """The notebook in a file that papermill wrote. Raises Verdict where it is not strict JSON, NaN included."""
    try:
        return parse(json.loads(text, parse_constant=_refuse))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Verdict("InvalidNotebook", f"The executed notebook is not valid: {error}.") from error


def judge(notebook: Notebook, spec: Spec) -> list[Check]:
    """The results of the checks of an executed notebook. Raises Verdict where the run is not ok.

    Ok takes all of: each code cell was run, none failed that may not fail, each check said what it found, and in a
    handout every check is open. In a graded notebook a check that is open or failed is a result like any other.
    """
    if spec.prepare_only:
        return []
    _must_have_run(notebook)
    if spec.probe:
        _must_be_honest(notebook, spec.probe)
    checks = checks_in(notebook, spec)
    for name in spec.checks:
        found = next((check for check in checks if check["name"] == name), None)
        if found is None:
            raise Verdict("CheckMissing", f"The check of '{name}' told nothing.")
        if spec.expect == "open" and found["state"] != "open":
            raise Verdict("CheckNotOpen", f"The check of '{name}' is {found['state']}, and a handout leaves it open.")
    return checks


def checks_in(notebook: Notebook, spec: Spec) -> list[Check]:
    """The results of the spec's checks, as far as they are there, in the order of the notebook."""
    found = []
    for cell in code_cells(notebook):
        name, role = role_of(cell)
        if role == "check" and name in spec.checks:
            result = _result(cell, name)
            if result is not None:
                used = max(int(result.get("hints_used") or 0), spec.claimed.get(name, 0))
                found.append({**result, "hints_used": used})
    return found


def _must_have_run(notebook: Notebook) -> None:
    cells = [(number, cell) for number, cell in enumerate(notebook["cells"], 1) if MARKER not in tags_of(cell)]
    for number, cell in cells:
        if cell["cell_type"] != "code" or not cell["source"].strip():
            continue
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error" and "raises-exception" not in tags_of(cell):
                raise Verdict(
                    output["ename"], f"Cell {number}: {output['ename']}: {output['evalue'][:300]}".rstrip(": ")
                )
        if cell.get("execution_count") is None:
            raise Verdict("Unfinished", f"The run ended before cell {number}: a cell above has ended it.")


def _must_be_honest(notebook: Notebook, probe: str) -> None:
    """The probe has an assert that fails and one that holds, and has to say just that."""
    cell = next((cell for cell in code_cells(notebook) if role_of(cell) == (probe, "check")), None)
    result = _result(cell, probe) if cell else None
    states = [row.get("state") for row in result["rows"]] if result else []
    if result is None or result["state"] != "failed" or states != ["failed", "passed"]:
        raise Verdict("CheckForged", "A check that has to fail does not: the notebook changes what checks say.")


def _result(cell: Cell, name: str) -> Check | None:
    """What a check's cell says, if it says it once, of this exercise, and with a row for each assert."""
    results = [output["data"][CHECK_MIME] for output in cell["outputs"] if CHECK_MIME in output.get("data", {})]
    if not results:
        return None
    result = results[0]
    if len(results) > 1 or not isinstance(result, dict) or result.get("name") != name or not _is_whole(result, cell):
        raise Verdict("CheckForged", f"The cell of the check '{name}' shows what no check of it has made.")
    return result


def _is_whole(result: Check, cell: Cell) -> bool:
    rows, state = result.get("rows"), result.get("state")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "message" in row for row in rows):
        return False
    states = {row.get("state") for row in rows}
    if state == "passed" and (states != {"passed"} or len(rows) != _asserts(cell["source"])):
        return False
    return state in ("passed", "failed", "open")


def _asserts(source: str) -> int:
    body = source.partition("\n")[2]
    return sum(isinstance(statement, ast.Assert) for statement in ast.parse(body).body)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"it holds {constant}, which JSON does not know")
