"""Every page of the site, as a reader's browser shows it, by day and night, on a desk and on a phone."""

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from playwright.sync_api import Browser
from published import MADE, NOTEBOOKS
from traps import PAGE as TRAPS
from visit import DESK, PHONE, Reader, Visit, reading

ROOT = Path(__file__).parents[2]
PAGES = [*NOTEBOOKS, *MADE, TRAPS]
# In bytes, before anything is run.
LIMIT = 300_000
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class _Text(HTMLParser):
    """What of an HTML output a reader sees as text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self._hidden = self._hidden or tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = self._hidden and tag not in ("style", "script")

    def handle_data(self, data: str) -> None:
        self.words += "" if self._hidden else data


def stored_text(output: NotebookNode) -> str:
    """What the site should show of a stored output, ANSI codes and blanks left out; "" for a picture."""
    data = output.get("data", {})
    if output.output_type == "stream":
        text = output.text
    elif output.output_type == "error":
        text = "\n".join(output.traceback)
    elif "text/html" in data:
        text = _Text(data["text/html"]).words
    else:
        text = "" if any(kind.startswith("image/") for kind in data) else data.get("text/plain", "")
    return "".join(ANSI.sub("", text).split())


def weight(path: Path) -> int:
    """The bytes of a file as a server sends them that compresses."""
    content = path.read_bytes()
    return min(len(content), len(gzip.compress(content)))


def code_cells(source: Path, page: str) -> list[NotebookNode]:
    """The code cells of the page's notebook; none for a page that is no notebook."""
    notebook = source / f"{page}.ipynb"
    cells = nbformat.read(notebook, as_version=4).cells if notebook.exists() else []
    return [cell for cell in cells if cell.cell_type == "code" and cell.source]


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def at_a_desk(browser: Browser, home: str) -> Iterator[Reader]:
    with reading(browser, home, **DESK) as reader:
        yield reader


@pytest.fixture(scope="module")
def on_a_phone(browser: Browser, home: str) -> Iterator[Reader]:
    with reading(browser, home, **PHONE) as reader:
        yield reader


@pytest.fixture(scope="module")
def desk(at_a_desk: Reader, page: str, axe: str) -> Visit:
    return at_a_desk.visit(f"{page}.html", axe)


@pytest.fixture(scope="module")
def phone(on_a_phone: Reader, page: str, axe: str) -> Visit:
    return on_a_phone.visit(f"{page}.html", axe)


def test_the_browser_asks_no_other_host_and_reports_no_error(desk: Visit, phone: Visit) -> None:
    assert desk.outside + phone.outside == []
    assert desk.errors + phone.errors == []


def test_the_page_is_light_before_anything_is_run(site: Path, page: str, desk: Visit) -> None:
    # The traps begin with a diagram, and what is in sight is drawn at once.
    sent = [file for file in desk.loaded if page != TRAPS or file != "_static/mermaid.mjs"]
    weights = {file: weight(site / file) for file in sent}
    assert sum(weights.values()) < LIMIT, sorted(weights.items(), key=lambda file: -file[1])[:5]


def test_axe_finds_nothing(desk: Visit, phone: Visit) -> None:
    assert desk.problems == []
    assert phone.problems == []


def test_a_phone_shows_the_page_without_sideways_scrolling(phone: Visit) -> None:
    assert phone.seen["width"] == PHONE["viewport"]["width"]


def test_outputs_are_readable_on_both_themes(desk: Visit, phone: Visit) -> None:
    assert (desk.seen["theme"], phone.seen["theme"]) == ("light", "dark")
    assert desk.faint == []
    assert phone.faint == []


def test_every_diagram_is_drawn(source: Path, page: str, desk: Visit, phone: Visit) -> None:
    files = [source / f"{page}{suffix}" for suffix in (".ipynb", ".md")]
    # A page that the build makes has no source, and no diagram.
    fences = sum(file.read_text(encoding="utf-8").count("```mermaid") for file in files if file.exists())
    for seen in (desk.seen, phone.seen):
        assert len(seen["diagrams"]) == fences
        assert all(height > 20 and filtered == "none" for height, filtered in seen["diagrams"])


def test_every_stored_output_is_shown(source: Path, page: str, desk: Visit) -> None:
    cells = code_cells(source, page)
    assert len(desk.seen["cells"]) == len(cells)
    for cell, shown in zip(cells, desk.seen["cells"], strict=True):
        expected = "".join(stored_text(output) for output in cell.outputs)
        assert "".join(shown["text"].split()) == expected, cell.source
        assert shown["height"] > 10 or not expected, cell.source
        assert 0 not in shown["pictures"], cell.source


def test_what_a_reader_should_not_see_first_is_folded(source: Path, page: str, desk: Visit) -> None:
    tags = [tag for cell in code_cells(source, page) for tag in cell.metadata.get("tags", [])]
    expected = ["Show output" if tag == "hide-output" else "Show source" for tag in tags if "hide-" in tag]
    assert [summary.strip() for summary in desk.folded] == expected


def test_a_phone_shows_all_other_pages_without_sideways_scrolling(site: Path, home: str, browser: Browser) -> None:
    files = [file.relative_to(site) for file in site.rglob("*.html")]
    others = sorted(file.as_posix() for file in files if file.parts[0] not in ("_static", "_sources", "lite"))
    # The first one does nothing but lead to the landing page.
    others = [file for file in others if file.removesuffix(".html") not in (*PAGES, "index")]
    assert {"search.html", "genindex.html", "tags/parameters.html"} <= set(others)
    with browser.new_context(**PHONE) as context:
        page = context.new_page()
        for file in others:
            page.goto(f"{home}/{file}")
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"], file


@pytest.mark.parametrize("page", [TRAPS], indirect=True)
def test_text_stays_as_it_was_written(desk: Visit) -> None:
    for text in (
        "{{ tool.name }}",
        "{% if tool %}",
        "A file named app.py",
        "From $5 to $50 in $HOME is no",
    ):
        assert text in desk.prose
    assert [link for link in desk.links if "app.py" in link or "jwt.io" in link] == []
