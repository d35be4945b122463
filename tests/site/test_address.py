"""What of the site depends on where it is published."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, expect
from published import ROOT
from sphinx.errors import ExtensionError
from static_server import serve
from visit import DESK

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from address import site_url

HERE = "https://tool-library.example/flask/"
PAGE = "notebooks/02-routing/05-redirects-and-errors"


@pytest.fixture(scope="module")
def published(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of a few pages that knows its address; the folder above it is the root of the host."""
    tree = tmp_path_factory.mktemp("address") / "copy"
    shutil.copytree(source, tree, ignore=shutil.ignore_patterns(".*", "_build", "tests"))
    (tree / ".cache").symlink_to(ROOT / ".cache")
    for folder in (tree / "notebooks").glob("[0-9]*"):
        for page in folder.glob("*.ipynb"):
            if not str(page).endswith(f"{PAGE}.ipynb"):
                page.unlink()
    chapters = f"- file: {PAGE}\n- file: book/glossary\n"
    (tree / "book" / "_toc.yml").write_text(f"format: jb-book\nroot: notebooks/index\nchapters:\n{chapters}")
    command = ["jupyter-book", "build", ".", "--path-output", "book", "--toc", "book/_toc.yml", "--all"]
    command[0] = str(Path(sys.executable).with_name(command[0]))
    environment = {**os.environ, "SITE_URL": HERE.rstrip("/")}
    built = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    host = tree / "host"
    host.mkdir()
    shutil.move(tree / "book" / "_build" / "html", host / "flask")
    return host


def test_the_sitemap_lists_the_pages_with_whole_addresses(published: Path) -> None:
    sitemap = ElementTree.parse(published / "flask" / "sitemap.xml")
    listed = {element.text for element in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert {f"{HERE}{PAGE}.html", f"{HERE}map.html", f"{HERE}tags/index.html"} <= listed
    assert not any(str(address).endswith("404.html") for address in listed)


def test_a_link_to_a_page_can_be_previewed(published: Path, browser: Browser) -> None:
    with serve(published) as host, browser.new_context(**DESK) as context:
        page = context.new_page()
        page.goto(f"{host}/flask/{PAGE}.html")
        told = page.eval_on_selector_all(
            "meta[property^='og:']",
            "all => Object.fromEntries(all.map(one => [one.getAttribute('property'), one.content]))",
        )
        assert told["og:title"] == "Redirects and errors"
        assert told["og:url"] == f"{HERE}{PAGE}.html"
        assert told["og:description"].startswith("How does a view say")
        picture = told["og:image"].replace(HERE, f"{host}/flask/")
        assert page.request.get(picture).ok
        canonical = page.locator("link[rel=canonical]").get_attribute("href")
        assert canonical == f"{HERE}{PAGE}.html"


def test_the_page_for_what_is_not_found_works_at_any_depth(published: Path, browser: Browser) -> None:
    """A host shows it under the address that was asked for, so its links and styles have to be whole."""
    with serve(published) as host, browser.new_context(**DESK) as context:
        page = context.new_page()
        text = (published / "flask" / "404.html").read_text(encoding="utf-8")
        lost = f"{host}/flask/a/b/c.html"
        page.route(lost, lambda route: route.fulfill(status=404, body=text, content_type="text/html"))
        failed: list[str] = []
        page.on("response", lambda answer: failed.append(answer.url) if not answer.ok and answer.url != lost else None)
        page.goto(lost)
        expect(page.get_by_role("heading", name="Not found")).to_be_visible()
        link = page.get_by_role("article").get_by_role("link", name="Redirects and errors").get_attribute("href")
        assert urljoin(lost, str(link)) == f"{host}/flask/{PAGE}.html"
        assert failed == []


def test_without_an_address_there_is_a_page_all_the_same(site: Path) -> None:
    assert 'href="/map.html"' in (site / "404.html").read_text(encoding="utf-8")
    assert not (site / "sitemap.xml").exists()


@pytest.mark.parametrize(
    "given", ["tool-library.example", "ftp://tool-library.example", "https://", "https://a.example/?x=1"]
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(ExtensionError, match="is no address of a site"):
        site_url(given)
