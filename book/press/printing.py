"""The site as one PDF.

The site's pages become one document in Chromium, which prints it with an outline, tags and links. The browser gets
every file from here, so nothing is asked of a network.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pikepdf import Dictionary, Name, ObjectStreamMode, OutlineItem, Pdf
from playwright.sync_api import Browser, Error, Page, Route, sync_playwright

HERE = Path(__file__).parent
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As any user, in a container too, and asking no other host for anything. What is printed is our own.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
HOME = "http://book.invalid/"
# The width of what is printed on an A4 page with press.css's margins, in CSS's pixels.
WIDTH = round((210 - 2 * 20) / 25.4 * 96)
PATIENCE = 300_000


class PressError(Exception):
    """The book cannot be printed; the message says what to do."""


def chromium() -> str:
    """Path of the machine's Chromium, or of Chrome. Raises PressError where there is none."""
    for name in PROGRAMS:
        path = shutil.which(name)
        if path:
            return path
    raise PressError("Printing the book needs Chromium, and none is on PATH. On Debian: apt install chromium")


def answer(route: Route, site: Path) -> None:
    """Give the browser a file of the site or, below /press/, of this folder; refuse everything else."""
    url = urlsplit(route.request.url)
    place = unquote(url.path).lstrip("/")
    file = HERE / place.removeprefix("press/") if place.startswith("press/") else site / place
    if not route.request.url.startswith(HOME) or not file.is_file():
        route.abort()
    elif file.suffix in (".js", ".mjs"):
        route.fulfill(path=file, content_type="text/javascript")
    else:
        route.fulfill(path=file)


@contextmanager
def assembled(browser: Browser, site: Path, published: str = "") -> Iterator[tuple[Page, dict[str, Any]]]:
    """A page of the browser with the whole book, as on paper, and what is in it: `name`, `author`, `chapters`.

    `published` is the address of the site, to which links lead that the book does not hold.
    Raises PressError where a page of the site cannot be read.
    """
    with browser.new_context(viewport={"width": WIDTH, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.emulate_media(media="print", color_scheme="light")
        page.route("**", lambda route: answer(route, site))
        try:
            page.goto(f"{HOME}press/press.html?site={quote(published)}")
            book = page.evaluate("window.press")
        except Error as error:
            raise PressError(f"The book could not be put together: {error.message}") from error
        yield page, book


def too_wide(page: Page) -> list[str]:
    """What of the assembled book is wider than the paper: its page and its text."""
    found: list[str] = page.evaluate("window.tooWide()")
    return found


def press(site: Path, target: Path, published: str = "") -> int:
    """Print the built `site` into the file `target`; how many pages of paper it has.

    Raises PressError where Chromium is missing, the site is not built, or something is wider than the paper.

    >>> press(Path("book/_build/html"), Path("flask-live.pdf"))  # doctest: +SKIP
    640
    """
    if not (site / "book" / "intro.html").is_file():
        raise PressError(f"{site} holds no built site: run `make book` first.")
    program = chromium()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=SWITCHES)
        with assembled(browser, site, published) as (page, book):
            wide = too_wide(page)
            if wide:
                raise PressError("This is wider than the paper, and would be cut off:\n" + "\n".join(wide))
            pdf = printed(page)
        browser.close()
    bind(pdf, book)
    pdf.save(target, object_stream_mode=ObjectStreamMode.generate, recompress_flate=True, deterministic_id=True)
    return len(pdf.pages)


def printed(page: Page) -> Pdf:
    """Print until the page numbers in the text are those of the paper: the second time they are."""
    known: dict[str, int] = {}
    for _ in range(3):
        pdf = Pdf.open(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True, tagged=True)))
        found = numbers(pdf)
        if found == known:
            return pdf
        page.evaluate("window.setNumbers", found)
        known = found
    raise PressError("The numbers of the pages change each time they are printed: see .press-number in press.css")


def numbers(pdf: Pdf) -> dict[str, int]:
    """On which page, counted from 1, each place is to which a link leads."""
    index = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
    return {name[1:]: index[place[0].objgen] for name, place in pdf.Root.Dests.items()}


def bind(pdf: Pdf, book: dict[str, Any]) -> None:
    """Give the PDF its title, and an outline of chapters and their pages."""

    def item(title: str, place: str) -> OutlineItem:
        return OutlineItem(title, pdf.Root.Dests[f"/{place}"])

    with pdf.open_outline() as outline:
        for chapter in book["chapters"]:
            first, *rest = chapter["pages"]
            head = item(chapter["title"], first["id"])
            head.is_closed = True
            pages = rest if first["title"] == chapter["title"] else chapter["pages"]
            head.children.extend(item(page["title"], page["id"]) for page in pages)
            outline.root.append(head)
    for page in pdf.pages:
        links = page.get("/Annots")
        # Links that an app has in its own pages lead nowhere from here.
        for place in reversed(range(len(links or ()))):
            if str(links[place].get("/A", {}).get("/URI", "")).startswith((HOME, "javascript:")):
                del links[place]
    pdf.Root.PageMode = Name.UseOutlines
    # Without the time of day: the same site gives the same file.
    pdf.docinfo = pdf.make_indirect(Dictionary(Title=book["name"], Author=book["author"]))
