"""The extension runs in Pyodide, the Python that browsers can run: no threads, no sockets, no processes."""

import shutil
import subprocess
from pathlib import Path

import pytest
from flit_core import buildapi
from packages import needed_by, pack
from services import require

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".cache" / "pyodide"


@pytest.fixture(scope="module")
def pyodide() -> Path:
    """Pyodide's module, as npm's lock names it; fetched once into a folder that git ignores."""
    npm = require("npm")
    lock = CACHE / "package-lock.json"
    module = CACHE / "node_modules" / "pyodide" / "pyodide.mjs"
    if not (module.exists() and lock.read_bytes() == (HERE / lock.name).read_bytes()):
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        for name in ("package.json", lock.name):
            shutil.copyfile(HERE / name, CACHE / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        fetched = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, check=False)
        assert fetched.returncode == 0, f"Pyodide could not be fetched:\n{fetched.stderr}"
    return module


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, freshly built, and all that it needs, in one zip."""
    folder = tmp_path_factory.mktemp("pyodide")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        wheel = buildapi.build_wheel(str(folder))
    packed = folder / "packages.zip"
    pack(folder / wheel, packed)
    return packed


def test_the_extension_answers_a_request_in_pyodide(pyodide: Path, archive: Path) -> None:
    node = require("node")
    command = [node, str(HERE / "smoke.mjs"), pyodide.as_uri(), str(archive)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-4000:]


def test_nothing_that_a_browser_lacks_is_required() -> None:
    assert needed_by("flask-magic").keys() >= {"flask", "werkzeug", "ipython"}
    assert needed_by("flask-magic").keys().isdisjoint({"psutil", "pexpect", "ptyprocess", "colorama"})
