"""The files that tell of the whole cohort."""

from __future__ import annotations

from flask_magic.workshop.folders import Output, write_whole
from flask_magic.workshop.journal import Journal, Row
from flask_magic.workshop.reports.learner import learner_report
from flask_magic.workshop.reports.overview import overview
from flask_magic.workshop.reports.tables import results_csv, results_json, results_junit

__all__ = ["write_reports", "write_summary"]


def write_summary(output: Output, journal: Journal) -> list[Row]:
    """Write index.html, results.csv, results.json and junit.xml anew from the journal; its rows.

    Raises MachineError where they cannot be written.
    """
    rows, facts = journal.rows(), journal.facts()
    write_whole(output.path / "results.json", results_json(rows, facts))
    write_whole(output.path / "results.csv", results_csv(rows, facts))
    write_whole(output.path / "junit.xml", results_junit(rows, facts))
    write_whole(output.path / "index.html", overview(rows, facts))
    return rows


def write_reports(output: Output, journal: Journal) -> list[Row]:
    """The same, and each participant's report.html."""
    facts = journal.facts()
    for row in journal.rows():
        place = output.place(row.folder)
        if row.state in ("ok", "failed"):
            path = place / "notebook.ipynb"
            text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
            write_whole(place / "report.html", learner_report(row, text, facts))
    return write_summary(output, journal)
