"""The site, built once from the real notebooks and a page of traps, and a browser to read it with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import yaml
from filelock import FileLock
from npm import fetched
from static_server import serve
from traps import PAGE, traps

ROOT = Path(__file__).parents[2]


def _run(folder: Path, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name(command))
    return subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, from which `make book` picks what it needs, with the traps as one more page."""
    base = tmp_path_factory.getbasetemp()
    tree = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "site"  # one for all workers
    with FileLock(f"{tree}.lock"):
        if not (tree / PAGE).with_suffix(".ipynb").exists():
            _copy(tree)
    return tree


def _copy(tree: Path) -> None:
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*", "_build", "__pycache__", "node_modules", "work"))
    (ROOT / ".cache").mkdir(exist_ok=True)
    (tree / ".cache").symlink_to(ROOT / ".cache")
    made = _run(tree, "flask-magic", "pages", "toc", "notebooks", "book/_toc.yml")
    assert made.returncode == 0, made.stdout + made.stderr
    contents = tree / "book" / "_toc.yml"
    toc = yaml.safe_load(contents.read_text(encoding="utf-8"))
    toc["parts"].append({"caption": "Tests", "chapters": [{"file": PAGE}]})
    contents.write_text(yaml.safe_dump(toc), encoding="utf-8")
    page = (tree / PAGE).with_suffix(".ipynb")
    page.parent.mkdir()
    nbformat.write(traps(), page)


@pytest.fixture(scope="session")
def site(source: Path) -> Path:
    """The folder of the built site. A warning fails the build, and so every test of the site."""
    options = ["--path-output", "book", "--toc", "book/_toc.yml", "-W", "-n", "--keep-going", "--all"]
    done = source / "book" / "_build" / "done"
    with FileLock(f"{source}.lock"):
        if not done.exists():
            built = _run(source, "jupyter-book", "build", ".", *options)
            assert built.returncode == 0, built.stdout + built.stderr
            done.touch()
    return source / "book" / "_build" / "html"


@pytest.fixture(scope="session")
def home(site: Path) -> Iterator[str]:
    """The address of a plain static server that holds the site."""
    with serve(site) as address:
        yield address


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    return (fetched("axe") / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
