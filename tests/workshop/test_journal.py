from pathlib import Path

import pytest

from flask_magic.workshop.errors import MachineError
from flask_magic.workshop.journal import Journal, Row

ADA = Row("Ada", "ada-1", "novice", {"seed": 7}, "key")
CHECKS = [{"name": "sum", "state": "passed", "rows": [], "hints_used": 0}]


def test_a_journal_remembers_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path) as journal:
        journal.state_facts({"title": "Sums"})
        journal.plan([ADA, Row("=1+1", "x-2")])
        journal.order(["=1+1", "Ada"])
        journal.begin("Ada")
    with Journal(path) as journal:
        assert journal.facts() == {"title": "Sums"}
        assert [(row.participant, row.state, row.attempts) for row in journal.rows()] == [
            ("=1+1", "waiting", 0),
            ("Ada", "running", 1),
        ]
        journal.finish("Ada", "ok", seconds=1.5, sha256="f", checks=CHECKS)
        ended = journal.rows()[1]
    assert (ended.state, ended.seconds, ended.sha256, ended.checks) == ("ok", 1.5, "f", CHECKS)
    assert ended.parameters == {"seed": 7}
    assert ended.started


def test_what_is_planned_again_waits_and_keeps_its_count(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        journal.plan([ADA])
        journal.begin("Ada")
        journal.finish("Ada", "failed", error="ValueError", message="no", checks=CHECKS)
        journal.plan([ADA])
        (row,) = journal.rows()
    assert (row.state, row.attempts, row.error, row.message, row.checks) == ("waiting", 1, "", "", [])


def test_a_file_that_is_no_journal_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_text("no database at all, " * 100)
    with pytest.raises(MachineError, match=r"journal\.sqlite cannot be used: file is not a database"):
        Journal(path)
    assert path.read_text().startswith("no database")
