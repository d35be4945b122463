"""The pages with a real server in the place of what is embedded: nothing but one setting is another.

Their outputs are their own there (a constraint has another name, a plan other words), so what is compared is which
cells fail, and with what; exercises have to be judged in the same way. Each page gets a database of its own.
"""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from postgresql import postgresql
from services import server_named_by

from flask_magic.pages.gate import judge
from flask_magic.pages.notebook import code_cells, load, page_files
from flask_magic.pages.sanitize import read_rules

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def pages_that_read(variable: str) -> list[Path]:
    """The pages with a cell that reads this environment variable."""
    return [
        page for page in page_files(NOTEBOOKS) if any(variable in cell["source"] for cell in code_cells(load(page)))
    ]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgresql() as address:
        yield address


@pytest.mark.parametrize("page", pages_that_read("DATABASE_URL"), ids=lambda page: page.stem)
def test_a_page_on_postgresql(page: Path, server: str) -> None:
    database = f"page_{page.stem[:2]}_{page.parent.name[:2]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    verdict = judge(page, read_rules(NOTEBOOKS), service={"DATABASE_URL": f"{server}/{database}"})
    assert not verdict.complaints, "\n".join(verdict.complaints)
    assert verdict.answers >= 5
    with psycopg.connect(f"{server}/{database}") as connection:
        count = "SELECT count(*) FROM pg_stat_user_tables WHERE n_tup_ins > 0"
        used = connection.execute(count).fetchone()
    assert used is not None
    assert used[0] > 0, "the page never wrote into the server that DATABASE_URL names"


@pytest.mark.parametrize("page", pages_that_read("MONGODB_URL"), ids=lambda page: page.stem)
def test_a_page_on_mongodb(page: Path) -> None:
    verdict = judge(page, read_rules(NOTEBOOKS), service={"MONGODB_URL": server_named_by("MONGODB_URL")})
    assert not verdict.complaints, "\n".join(verdict.complaints)
