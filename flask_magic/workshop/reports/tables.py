"""The results for programs: results.csv, results.json, junit.xml."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

from flask_magic.workshop.journal import Row
from flask_magic.workshop.reports.standing import exercises_of, state_of

__all__ = ["defused", "results_csv", "results_json", "results_junit"]

COLUMNS = ("participant", "folder", "level", "state", "error", "message", "attempts", "seconds")


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> defused("=1+1"), defused("Ada")
    ("'=1+1", 'Ada')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def results_csv(rows: Sequence[Row], facts: Mapping[str, Any]) -> str:
    """A line a participant, and a column a check; with a byte order mark, by which spreadsheets know UTF-8."""
    names = [one.name for one in exercises_of(facts)]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*COLUMNS, *map(defused, names)])
    for row in rows:
        values = [str(getattr(row, column)) for column in COLUMNS] + [state_of(row, name) for name in names]
        writer.writerow(map(defused, values))
    return "\ufeff" + text.getvalue()


def results_json(rows: Sequence[Row], facts: Mapping[str, Any]) -> str:
    """All that the journal holds."""
    return json.dumps({**facts, "participants": [asdict(row) for row in rows]}, ensure_ascii=False, indent=1) + "\n"


def results_junit(rows: Sequence[Row], facts: Mapping[str, Any]) -> str:
    """A suite a participant, a case a check: what failed is a failure, what is open is skipped.

    A run that failed is an error.
    """
    root = ElementTree.Element("testsuites", name=_xml(facts.get("title") or "workshop"))
    for row in rows:
        suite = ElementTree.SubElement(root, "testsuite", name=_xml(row.participant), time=f"{row.seconds:.2f}")
        case = ElementTree.SubElement(suite, "testcase", classname=row.folder, name="run")
        if row.state == "failed":
            ElementTree.SubElement(case, "error", type=_xml(row.error), message=_xml(row.message))
        elif row.state != "ok":
            ElementTree.SubElement(case, "skipped", message="not run yet")
        for check in row.checks:
            case = ElementTree.SubElement(suite, "testcase", classname=row.folder, name=_xml(check["name"]))
            if check["state"] == "failed":
                ElementTree.SubElement(case, "failure", message=_xml(_failed(check)))
            elif check["state"] == "open":
                ElementTree.SubElement(case, "skipped", message="open")
        for count, kind in (
            ("tests", "testcase"),
            ("errors", "error"),
            ("failures", "failure"),
            ("skipped", "skipped"),
        ):
            suite.set(count, str(len(list(suite.iter(kind)))))
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _failed(check: Mapping[str, Any]) -> str:
    return "; ".join(str(row.get("message", "")) for row in check.get("rows", ()) if row.get("state") == "failed")


def _xml(text: str) -> str:
    """The text without the characters that XML cannot hold, not even escaped."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
