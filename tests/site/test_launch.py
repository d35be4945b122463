"""The ways out of a page: the notebook as a file, and Binder where there is a repository for it to fetch."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, expect
from static_server import serve
from traps import PAGE as TRAPS
from visit import DESK, reading

ROOT = Path(__file__).parents[2]
MENU = ".article-header-buttons"


@pytest.fixture(scope="module")
def published(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of two pages whose settings name a repository."""
    tree = tmp_path_factory.mktemp("published") / "copy"
    shutil.copytree(source, tree, ignore=shutil.ignore_patterns(".*", "_build", "[0-9][0-9]-*", "tests"))
    page = Path(f"{TRAPS}.ipynb")
    (tree / page).parent.mkdir()
    shutil.copyfile(source / page, tree / page)
    (tree / ".cache").symlink_to(ROOT / ".cache")
    (tree / "book" / "_toc.yml").write_text(f"format: jb-book\nroot: notebooks/index\nchapters:\n- file: {TRAPS}\n")
    settings = yaml.safe_load((source / "_config.yml").read_text(encoding="utf-8"))
    settings["repository"]["url"] = "https://github.com/tool-library/flask-live"
    (tree / "_config.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    program = str(Path(sys.executable).with_name("jupyter-book"))
    command = [program, "build", ".", "--path-output", "book", "--toc", "book/_toc.yml", "--all"]
    built = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return tree / "book" / "_build" / "html"


def test_binder_opens_the_page_s_notebook_in_the_repository(browser: Browser, published: Path) -> None:
    with serve(published) as home:
        with reading(browser, home, **DESK) as reader:
            assert reader.visit(f"{TRAPS}.html").outside == []
        page = browser.new_page()
        page.goto(f"{home}/{TRAPS}.html", wait_until="load")
        page.get_by_role("button", name="Launch interactive content").click()
        link = page.get_by_role("link", name="Run on Binder")
        address = f"https://mybinder.org/v2/gh/tool-library/flask-live/main?urlpath=lab/tree/{TRAPS}.ipynb"
        expect(link).to_have_attribute("href", address)
        page.close()


def test_without_a_repository_there_is_no_binder(browser: Browser, home: str) -> None:
    page = browser.new_page()
    page.goto(f"{home}/{TRAPS}.html", wait_until="load")
    expect(page.locator(MENU)).to_be_visible()
    assert "binder" not in page.locator(MENU).inner_html().lower()
    page.close()


def test_the_notebook_is_downloaded_as_it_is(browser: Browser, home: str, source: Path) -> None:
    page = browser.new_page()
    page.goto(f"{home}/{TRAPS}.html", wait_until="load")
    page.get_by_role("button", name="Download this page").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="This notebook (.ipynb)").click()
    notebook = (source / TRAPS).with_suffix(".ipynb")
    assert started.value.suggested_filename == notebook.name
    assert Path(started.value.path()).read_bytes() == notebook.read_bytes()
    page.close()


def test_a_page_that_is_no_notebook_says_what_is_downloaded(browser: Browser, home: str) -> None:
    page = browser.new_page()
    page.goto(f"{home}/book/glossary.html", wait_until="load")
    page.get_by_role("button", name="Download this page").click()
    expect(page.get_by_role("link", name="This page's source (.md)")).to_be_visible()
    page.close()
