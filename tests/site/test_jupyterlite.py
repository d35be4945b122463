"""JupyterLab in the reader's browser: opened from a page in a real one, on a site below a path of its host."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_page import PATIENCE, TEXTS
from nbformat import NotebookNode, writes
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Locator, Page, expect
from static_server import serve
from visit import DESK, Visit, listen

PAGE = "notebooks/01-introduction/01-what-is-flask"
# What JupyterLab shows of each cell. The styles that `%load_ext` puts there are not stored with a page.
SHOWN = """cells => cells.map(cell => [...cell.querySelectorAll(".jp-OutputArea-output")].map(output => {
    const copy = output.cloneNode(true);
    copy.querySelectorAll("style").forEach(style => style.remove());
    return copy.textContent;
}).join(""))"""
NOT_RUN = re.compile(r"^\[[ *]\]:$")
# Each cell, and what it prints: what Pyodide or JupyterLite lack, and the site gives them.
SHIMS = {
    "%load_ext flask_magic": "",
    "%pip install flask": "RuntimeError: Nothing can be installed here",
    "import asyncio": "",
    "%%flask_route /later\nasync def later():\n    await asyncio.sleep(0)\n    return 'awaited'": "/later",
    "%http /later": "awaited",
    "from werkzeug.security import check_password_hash, generate_password_hash\n"
    "for method in ('scrypt', 'pbkdf2'):\n"
    "    print(method, check_password_hash(generate_password_hash('drill', method), 'drill'))": (
        "scrypt True\npbkdf2 True"
    ),
    "from flask_sqlalchemy import SQLAlchemy\nfrom sqlalchemy import create_engine, text\n"
    "print(create_engine('sqlite://').connect().scalar(text('select 6 * 7')))": "42",
    "print(get_ipython().get_parent()['metadata']['tags'])": "['a']",
}


@pytest.fixture(scope="module")
def host(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a host that has the site in a folder, as GitHub Pages does."""
    folder = tmp_path_factory.mktemp("host")
    (folder / "flask-live").symlink_to(site)
    (folder / "favicon.ico").touch()  # a browser asks every host for it
    with serve(folder) as address:
        yield address


@contextmanager
def desk(browser: Browser, host: str) -> Iterator[tuple[Page, Visit]]:
    """A page of the site at `PAGE`, and what it and its JupyterLab ask for and report."""
    with browser.new_context(**DESK) as context:
        seen = Visit()
        context.on("page", lambda page: listen(page, f"{host}/flask-live", seen))
        page = context.new_page()
        page.goto(f"{host}/flask-live/{PAGE}.html", wait_until="load")
        yield page, seen


def open_lab(page: Page) -> Page:
    """Press the button, and wait for a kernel."""
    page.get_by_role("button", name="Launch interactive content").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open in JupyterLab").click()
    lab = opened.value
    # Until it has a kernel that starts, JupyterLab says "idle", and forgets what it is told to run.
    if not lab.workers:
        lab.wait_for_event("worker", timeout=PATIENCE)
    expect(status(lab)).to_have_attribute("data-status", re.compile("unknown|busy|idle"), timeout=PATIENCE)
    return lab


def status(lab: Page) -> Locator:
    """Where JupyterLab says what the kernel does."""
    return lab.locator(".jp-Notebook-ExecutionIndicator")


def run_all(lab: Page) -> list[str]:
    """Run all cells; what each then shows."""
    lab.get_by_role("menuitem", name="Run", exact=True).click()
    lab.get_by_text("Run All Cells", exact=True).click()
    expect(lab.locator(".jp-CodeCell .jp-InputPrompt", has_text=NOT_RUN)).to_have_count(0, timeout=PATIENCE)
    expect(status(lab)).to_have_attribute("data-status", "idle", timeout=PATIENCE)
    shown: list[str] = lab.locator(".jp-CodeCell").evaluate_all(SHOWN)
    return shown


def test_the_notebook_of_a_page_runs_gives_what_the_page_shows_and_is_kept(browser: Browser, host: str) -> None:
    with desk(browser, host) as (page, seen):
        stored = ["".join(one.locator(".cell_output").evaluate_all(TEXTS)) for one in page.locator(".cell").all()]
        lab = open_lab(page)
        given = run_all(lab)
        assert len(given) == len(stored) > 20
        for mine, theirs in zip(given, stored, strict=True):
            assert "".join(mine.split()) == "".join(theirs.split())
        lab.keyboard.press("Control+s")
        expect(lab.locator(".jp-NotebookCheckpoint")).to_contain_text(re.compile("now|seconds"))
        lab.reload()
        expect(lab.locator(".jp-OutputArea-output", has_text="There is no such page.").first).to_be_attached()
        assert seen.outside + seen.errors == []


def test_what_pyodide_lacks_is_there_and_packages_come_when_they_are_imported(browser: Browser, host: str) -> None:
    with desk(browser, host) as (page, seen):
        notebook = writes(_notebook())
        page.context.route("**/lite/files/**/*.ipynb*", lambda route: route.fulfill(body=notebook))
        fetched: list[str] = []
        page.context.on("request", lambda sent: fetched.append(sent.url.rpartition("/")[2].partition("?")[0]))
        given = run_all(open_lab(page))
        for text, expected in zip(given, SHIMS.values(), strict=True):
            assert expected in text
        archives = [name for name in fetched if name.endswith(".zip")]
        assert sorted(archives) == ["core.zip", "flask-sqlalchemy.zip", "python_stdlib.zip"]
        assert seen.outside + seen.errors == []


def _notebook() -> NotebookNode:
    cells = [new_code_cell(source) for source in SHIMS]
    cells[1].metadata.tags = ["raises-exception"]  # what fails as it is meant to does not stop the others
    cells[-1].metadata.tags = ["a"]
    return new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


def test_the_runtime_is_the_site_s_own(site: Path) -> None:
    settings = json.loads((site / "lite" / "jupyter-lite.json").read_text(encoding="utf-8"))
    kernel = settings["jupyter-config-data"]["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"]
    assert kernel["pyodideUrl"].startswith("./")
    assert (site / "lite" / kernel["pyodideUrl"]).is_file()
    assert kernel["disablePyPIFallback"] is True
    assert [file for file in (site / "lite").rglob("*") if "pyodide.asm" in file.name or file.suffix == ".wasm"] == []
