"""Every link leads to a page, and to a place on it, that is there; so does every file that a page asks for."""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

HOME = "http://site.invalid/"
# The pages of an app that a notebook shows are no pages of the site's.
LINKS = "a[href]:not(.cell_output *), area[href]"
FILES = {"link[href]": "href", "script[src]": "src", "img[src]:not(.cell_output *)": "src"}


@cache
def read(page: Path) -> BeautifulSoup:
    """The page, read once."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


@cache
def places(page: Path) -> frozenset[str]:
    """What a link can name on the page after its `#`."""
    return frozenset({"", "top", *(str(element["id"]) for element in read(page).select("[id]"))})


def lost(site: Path, page: Path) -> list[str]:
    """The links of a page that lead nowhere, and the files that it asks for in vain."""
    links = [str(link["href"]) for link in read(page).select(LINKS)]
    files = [str(element[name]) for css, name in FILES.items() for element in read(page).select(css)]
    # A host shows the page for what is not found under any address: what it names begins at the root.
    here = HOME + page.relative_to(site).as_posix()
    return [link for link in [*links, *files] if not _leads(site, urljoin(here, link))]


def _leads(site: Path, url: str) -> bool:
    parts = urlsplit(url)
    if not url.startswith(HOME):
        return parts.scheme in ("https", "mailto", "data")
    file = site / unquote(parts.path).lstrip("/")
    if file.suffix != ".html":
        return file.is_file()
    return file.is_file() and unquote(parts.fragment) in places(file)


def test_every_link_leads_somewhere(site: Path) -> None:
    pages = [file for file in site.rglob("*.html") if file.relative_to(site).parts[0] not in ("_static", "lite")]
    assert len(pages) > 80
    assert {page.name: lost(site, page) for page in pages if lost(site, page)} == {}


@pytest.mark.parametrize("link", ["two.html", "#there", "http://elsewhere.example/", "one.html#there", "one.ipynb"])
def test_a_link_that_leads_nowhere_is_found(tmp_path: Path, link: str) -> None:
    page = tmp_path / "one.html"
    page.write_text(f"<p id=here><a href='#here'>a</a><a href='one.html'>b</a><a href='{link}'>c</a>", encoding="utf-8")
    assert lost(tmp_path, page) == [link]
