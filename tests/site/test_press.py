"""The book as one PDF, and a page of the site that a reader prints."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from published import ROOT
from pypdf import PdfReader
from services import require
from static_server import serve
from traps import PAGE as TRAPS
from visit import NOT_DRAWN, draw

sys.path.insert(0, str(ROOT / "book" / "press"))
from printing import assembled, too_wide

HERE = "https://tool-library.example/flask/"
A4 = (595, 842)
# The chapters of the small book: pages with everything that a page can have, and others that they lead to.
CHAPTERS = ("Routing", "Words", "Tests")
CHAPTER = re.compile(r'<li class="toctree-l0.*?</details></li>', re.DOTALL)
#: A sentence, a line of code and a line of output of each page.
TEXTS = {
    "Basic routing": ("What happens in between", "%flask_routes", "200 OK"),
    "Variable rules": ("take a value out of a URL", "class ShelfMark(BaseConverter)", "application/json"),
    "Traps": ("A file named app.py is not a link", "a comment that goes on and on", "and a very long line"),
    "Glossary": ("URL map", "", ""),
}
BUTTONS = ("Download this page", "Toggle primary sidebar", "Show source", "Hide output", "Back to top")
# The text of an A4 page with the margins of most browsers.
PAPER = {"viewport": {"width": 718, "height": 1000}, "color_scheme": "dark"}


def press(site: Path, name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Print the site as `make pdf` does."""
    command = [sys.executable, str(ROOT / "book" / "press"), str(site), name]
    everything = {**os.environ, **environment}
    return subprocess.run(command, env=everything, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def small(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with some of its chapters."""
    folder = tmp_path_factory.mktemp("press") / "html"
    shutil.copytree(site, folder)
    landing = folder / "book" / "intro.html"
    text = landing.read_text(encoding="utf-8")
    kept = CHAPTER.sub(lambda chapter: chapter[0] if _caption(chapter[0]) in CHAPTERS else "", text)
    assert len(CHAPTER.findall(kept)) == len(CHAPTERS)
    landing.write_text(kept, encoding="utf-8")
    return folder


def _caption(chapter: str) -> str:
    return re.search(r'caption-text">(.*?)<', chapter)[1]


@pytest.fixture(scope="module")
def pdf(small: Path) -> PdfReader:
    require("chromium")
    done = press(small, "flask-live.pdf", SITE_URL=HERE.rstrip("/"))
    assert done.returncode == 0, done.stderr
    return PdfReader(small / "flask-live.pdf")


@pytest.fixture(scope="module")
def outline(pdf: PdfReader) -> dict[str, dict[str, int]]:
    """The pages of each chapter, by their titles; each with the number of its first page of paper, from 0."""
    found: dict[str, dict[str, int]] = {}
    chapter = ""
    for entry in pdf.outline:
        if isinstance(entry, list):
            found[chapter] |= {str(page.title): pdf.get_destination_page_number(page) for page in entry}
        else:
            chapter = str(entry.title)
            found[chapter] = {"": pdf.get_destination_page_number(entry)}
    return found


@pytest.fixture(scope="module")
def texts(pdf: PdfReader) -> list[str]:
    """What stands on each page of paper, blanks and ligatures made plain."""
    return [" ".join(page.extract_text().replace("ﬁ", "fi").replace("ﬂ", "fl").split()) for page in pdf.pages]


def test_the_outline_names_every_page_in_its_order(outline: dict[str, dict[str, int]]) -> None:
    assert list(outline) == ["Flask, live", *CHAPTERS]
    pages = ["", "Basic routing", "Variable rules", "HTTP methods", "URL building", "Redirects and errors"]
    assert list(outline["Routing"]) == pages
    assert (list(outline["Tests"]), list(outline["Words"])) == (["", "Traps"], ["", "Glossary"])
    begins = [page for chapter in outline.values() for page in chapter.values()]
    assert begins == sorted(begins)


def test_each_page_has_its_text_its_code_and_its_outputs(outline: dict[str, dict[str, int]], texts: list[str]) -> None:
    begins = sorted({page for chapter in outline.values() for page in chapter.values()} | {len(texts)})
    starts = {title: page for chapter in outline.values() for title, page in chapter.items()}
    for title, wanted in TEXTS.items():
        end = min((page for page in begins if page > starts[title]), default=len(texts))
        page = " ".join(texts[starts[title] : end])
        for text in (title, *wanted):
            assert text in page, (title, text)


def test_the_contents_tell_on_which_page_each_begins(outline: dict[str, dict[str, int]], texts: list[str]) -> None:
    contents = texts[1]
    assert "Contents" in contents
    for chapter in outline.values():
        for title, page in chapter.items():
            assert re.search(rf"{re.escape(title)} ?{page + 1}\b", contents), (title, page)
            assert str(page + 1) in texts[page]


def test_every_link_leads_somewhere(pdf: PdfReader) -> None:
    known = set(pdf.named_destinations)
    inside, outside = set(), set()
    for page in pdf.pages:
        for link in (annotation.get_object() for annotation in page.get("/Annots", [])):
            if "/Dest" in link:
                inside.add(str(link["/Dest"]))
            elif link.get("/A", {}).get("/S") == "/URI":
                outside.add(str(link["/A"]["/URI"]))
    assert {name.lstrip("/") for name in inside} <= {name.lstrip("/") for name in known}
    assert {"/contents", "/notebooks.02-routing.02-variable-rules", "/book.glossary--term-rule"} <= inside
    # What the book does not hold is on the site.
    assert f"{HERE}notebooks/01-introduction/03-minimal-application.html" in outside
    assert not [address for address in outside if not address.startswith("https://")]


def test_what_is_folded_stands_at_the_end_of_its_page(outline: dict[str, dict[str, int]], texts: list[str]) -> None:
    begin, end = outline["Routing"]["Variable rules"], outline["Routing"]["HTTP methods"]
    page = " ".join(texts[begin:end])
    before, _, after = page.partition("Outputs, solutions and answers")
    # Where it stood, its name and its page; `texts` counts from 0.
    place = re.search(r"Solution 3, page (\d+)", before)
    assert place is not None
    assert "Solution 3" in texts[int(place[1]) - 1]
    assert 'regex = r"[NS]-\\d{2}"' not in before
    assert 'regex = r"[NS]-\\d{2}"' in after
    assert "# hint:" not in page


def test_it_is_for_paper_and_for_screen_readers(pdf: PdfReader, texts: list[str]) -> None:
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pdf.pages} == {A4}
    assert [button for button in BUTTONS if any(button in text for text in texts)] == []
    assert pdf.metadata is not None
    assert (pdf.metadata.title, pdf.metadata.author) == ("Flask, live", "The flask-magic team")
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "en"


def test_the_landing_page_offers_it(small: Path, site: Path, pdf: PdfReader, browser: Browser) -> None:
    with serve(small) as home, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{home}/book/intro.html")
        link = page.get_by_role("link", name="The whole book as a PDF")
        expect(link.locator("xpath=..")).to_contain_text(f"{len(pdf.pages)} pages")
        assert page.request.get(f"{home}/book/{link.get_attribute('href')}").body().startswith(b"%PDF-")
    assert "flask-live.pdf" not in (site / "book" / "intro.html").read_text(encoding="utf-8")


def test_the_whole_book_is_put_together_and_nothing_is_cut_off(site: Path, browser: Browser) -> None:
    with assembled(browser, site) as (page, book):
        assert too_wide(page) == []
        expect(page.locator(NOT_DRAWN)).to_have_count(0)
        pages = [one["id"].replace(".", "/") for chapter in book["chapters"] for one in chapter["pages"]]
        assert pages == ["book/intro", *_navigation(site)]
        assert page.locator("button, script[type='application/json']").count() == 0
        lost = page.eval_on_selector_all(
            "a[href^='#']", "all => all.map(one => one.hash.slice(1)).filter(id => id && !document.getElementById(id))"
        )
        assert lost == []
        page.evaluate("document.querySelector('.press-page p').style.width = '2000px'")
        assert too_wide(page)[0].startswith("book.intro: P Flask is a small Python framework")


def _navigation(site: Path) -> list[str]:
    """The pages in the order of the outline, as the contents of the site have them."""
    contents = (site.parents[1] / "_toc.yml").read_text(encoding="utf-8")
    return [file for file in re.findall(r"file: (\S+)", contents) if file != "notebooks/index"]


def test_without_a_site_or_a_browser_it_says_what_to_do(tmp_path: Path, site: Path) -> None:
    nothing = press(tmp_path, "book.pdf")
    assert (nothing.returncode, nothing.stderr) == (1, f"{tmp_path} holds no built site: run `make book` first.\n")
    blind = press(site, "book.pdf", PATH=str(tmp_path))
    assert blind.returncode == 1
    assert "Printing the book needs Chromium" in blind.stderr


# -- a page that a reader prints


@pytest.fixture
def paper(browser: Browser, home: str) -> Iterator[Page]:
    """The page of traps, read at night, as it is printed."""
    with browser.new_context(**PAPER) as context:
        page = context.new_page()
        page.goto(f"{home}/{TRAPS}.html")
        draw(page)
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print", color_scheme="dark")
        yield page


def test_a_printed_page_has_the_text_alone(paper: Page) -> None:
    assert paper.locator(":is(button, nav, .live-bar, .live-tools):visible").all_inner_texts() == []
    expect(paper.get_by_role("heading", name="Traps", exact=True)).not_to_have_count(0)
    assert paper.evaluate("document.documentElement.scrollWidth") <= PAPER["viewport"]["width"]
    for code in paper.locator(".bd-article pre:visible:not(.mermaid)").all():
        assert code.evaluate("code => code.scrollWidth <= code.clientWidth + 1")
        assert code.evaluate("code => code.getBoundingClientRect().right <= document.documentElement.clientWidth")


def test_a_page_is_printed_on_white_whatever_the_screen_has(paper: Page) -> None:
    expect(paper.locator("html")).to_have_attribute("data-theme", "light")
    # The diagrams stay drawn: a printer does not wait for them.
    expect(paper.locator(NOT_DRAWN)).to_have_count(0)
    assert "invert" in paper.locator("pre.mermaid > svg").first.evaluate("svg => getComputedStyle(svg).filter")
    paper.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(paper.locator("html")).to_have_attribute("data-theme", "dark")
    expect(paper.locator("body")).not_to_have_class(re.compile("dark"))
