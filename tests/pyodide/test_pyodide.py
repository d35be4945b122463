"""The extension runs in Pyodide, the Python that browsers can run: no threads, no sockets, no processes."""

import subprocess
import sys
from pathlib import Path

import pytest
from services import require

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))

from live_build import Choice, build, fetch, needed_by

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".cache" / "live"


@pytest.fixture(scope="module")
def runtime() -> Path:
    """What the site gives to a reader's browser; made once of the same sources, in a folder that git ignores."""
    require("npm")
    require("node")
    return build(ROOT, CACHE)


def test_the_extension_answers_a_request_in_pyodide(runtime: Path) -> None:
    module = fetch(ROOT / "book", CACHE) / "pyodide" / "pyodide.mjs"
    archives = [str(runtime / name) for name in ("core.zip", "flask-sqlalchemy.zip")]
    command = [require("node"), str(HERE / "smoke.mjs"), module.as_uri(), *archives]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-4000:]


def test_nothing_that_a_browser_lacks_is_required() -> None:
    choice = Choice.read(ROOT / "book" / "live" / "packages.toml")
    names = needed_by(*choice.core, *choice.more, unused=choice.unused).keys()
    assert names >= {"flask", "werkzeug", "ipython", "asgiref", "sqlalchemy"}
    assert names.isdisjoint({"psutil", "pexpect", "ptyprocess", "colorama", "greenlet", *choice.unused})
