"""The hostile notebook, run, and the four places where it is read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path

import nbformat
import pytest
import yaml
from lab.conftest import Lab, lab
from lab.notebook import OpenNotebook
from nbclient import NotebookClient
from nbformat import NotebookNode
from playwright.sync_api import Browser
from static_server import serve

from hostile.canary import Canary, Watched, listening
from hostile.cells import control, notebook

__all__ = ["lab"]

ROOT = Path(__file__).parents[2]
# What nbconvert's own page would fetch from other hosts.
NO_SCRIPTS = [
    f"--HTMLExporter.{name}_url=" for name in ("mathjax", "require_js", "jquery", "mermaid_js", "widget_renderer")
]

#: Opens the notebook of this name at one place and looks at it: what it did, and the text that is seen.
Visit = Callable[[str], tuple[Watched, str]]


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with listening() as one:
        yield one


@pytest.fixture(scope="module")
def written(canary: Canary) -> dict[str, NotebookNode]:
    """The notebooks as they are written, by name."""
    return {"hostile": notebook(canary.address), "control": control(canary.address)}


@pytest.fixture(scope="module")
def executed(written: dict[str, NotebookNode], tmp_path_factory: pytest.TempPathFactory) -> dict[str, NotebookNode]:
    """The same, with outputs. No browser saw them yet."""
    ran = deepcopy(written)
    for name, one in ran.items():
        folder = tmp_path_factory.mktemp(name)
        NotebookClient(one, timeout=60, resources={"metadata": {"path": str(folder)}}).execute()
    return ran


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[Callable[[str], Watched]]:
    """Opens windows in a browser of their own, each watched; `home` is the only address that they may ask."""
    with browser.new_context(viewport={"width": 1400, "height": 1000}) as context:
        context.set_default_timeout(60_000)
        yield lambda home: Watched(context.new_page(), home)


@pytest.fixture(scope="module")
def untrusted(lab: Lab, executed: dict[str, NotebookNode], windows: Callable[[str], Watched]) -> Visit:
    """Just opened in JupyterLab: the outputs came with the file."""

    def visit(name: str) -> tuple[Watched, str]:
        nbformat.write(executed[name], lab.folder / f"{name}-opened.ipynb")
        watched = windows(lab.address)
        OpenNotebook(watched.page, lab, f"{name}-opened.ipynb")
        return watched, watched.look(".jp-Notebook .jp-OutputArea-output")

    return visit


@pytest.fixture(scope="module")
def trusted(lab: Lab, written: dict[str, NotebookNode], windows: Callable[[str], Watched]) -> Visit:
    """Run in JupyterLab by its reader: the outputs are trusted."""

    def visit(name: str) -> tuple[Watched, str]:
        nbformat.write(written[name], lab.folder / f"{name}-run.ipynb")
        watched = windows(lab.address)
        OpenNotebook(watched.page, lab, f"{name}-run.ipynb").run_all()
        return watched, watched.look(".jp-Notebook .jp-OutputArea-output")

    return visit


@pytest.fixture(scope="module")
def converted(
    executed: dict[str, NotebookNode], windows: Callable[[str], Watched], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    """As nbconvert's HTML."""
    folder = tmp_path_factory.mktemp("converted")
    for name, one in executed.items():
        nbformat.write(one, folder / f"{name}.ipynb")
    _run(folder, "jupyter", "nbconvert", "--to", "html", *NO_SCRIPTS, *(f"{name}.ipynb" for name in executed))
    with serve(folder) as home:
        yield partial(_visit, windows, home, "", ".jp-OutputArea-output")


@pytest.fixture(scope="module")
def site(
    executed: dict[str, NotebookNode], windows: Callable[[str], Watched], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    """As pages of the site, built as `make book` builds it."""
    tree = tmp_path_factory.mktemp("site") / "copy"
    left_out = (".*", "_build", "__pycache__", "node_modules", "work", "notebooks", "tests")
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*left_out))
    config = yaml.safe_load((tree / "_config.yml").read_text(encoding="utf-8"))
    # It builds a runtime, and its policy for the page would hide what a display lets through.
    for extension in ("live", "address", "atlas"):  # these two make pages of a whole collection
        config["sphinx"]["local_extensions"].pop(extension, None)
    (tree / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (ROOT / ".cache").mkdir(exist_ok=True)
    (tree / ".cache").symlink_to(ROOT / ".cache")
    (tree / "notebooks").mkdir()
    for name, one in executed.items():
        nbformat.write(one, tree / "notebooks" / f"{name}.ipynb")
    first, *others = [f"notebooks/{name}" for name in executed]
    toc = {"format": "jb-book", "root": first, "chapters": [{"file": other} for other in others]}
    (tree / "book" / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    _run(tree, "jupyter-book", "build", ".", "--path-output", "book", "--toc", "book/_toc.yml", "--all")
    with serve(tree / "book" / "_build" / "html") as home:
        yield partial(_visit, windows, home, "notebooks/", ".cell_output")


def _visit(windows: Callable[[str], Watched], home: str, folder: str, outputs: str, name: str) -> tuple[Watched, str]:
    watched = windows(home)
    watched.page.goto(f"{home}/{folder}{name}.html")
    return watched, watched.look(outputs)


def _run(folder: Path, command: str, *arguments: str) -> None:
    program = str(Path(sys.executable).with_name(command))
    ran = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
