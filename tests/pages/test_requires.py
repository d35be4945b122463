"""What a page needs from outside of Python, and what becomes of the page where that is missing."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from flask_magic.pages.requires import missing

CONFTEST = Path(__file__).parents[2] / "notebooks" / "conftest.py"
NBVAL = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env"]


@pytest.fixture
def needy(page: Path, edit: Callable[[Any], None]) -> Path:
    """A page that needs Python, which is there, and a server that nobody has."""
    needs = ["python3", "tool-library-server"]
    edit(lambda notebook: notebook["metadata"]["flask_magic"].update(requires=needs))
    copyfile(CONFTEST, page.parents[1] / "conftest.py")
    return page


def nbval(page: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name != "CI"} | environment
    command = [*NBVAL, f"--confcutdir={page.parents[1]}", str(page)]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_only_what_is_missing_is_named(needy: Path) -> None:
    assert missing(needy) == ["tool-library-server"]


def test_a_page_that_needs_nothing_lacks_nothing(page: Path) -> None:
    assert missing(page) == []


def test_nbval_skips_the_page_and_says_why(needy: Path) -> None:
    run = nbval(needy)
    assert run.returncode == 0, run.stdout
    assert "this page needs tool-library-server, which is not on PATH" in run.stdout
    assert "passed" not in run.stdout


def test_in_continuous_integration_that_is_a_failure(needy: Path) -> None:
    run = nbval(needy, CI="true")
    assert run.returncode != 0
    assert "needs tool-library-server" in run.stdout + run.stderr
