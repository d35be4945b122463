"""Visits to pages of the site by a real browser, and what a reader would see there."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")
NOT_DRAWN = ".mermaid:not(:has(svg))"
REACHED = """() => [...document.querySelectorAll("pre.mermaid")]
    .every(({ scrollWidth, clientWidth, tabIndex }) => scrollWidth <= clientWidth || tabIndex === 0)"""
# An iframe is a preview, in which no script runs: axe cannot look inside.
FOUND = """() => axe.run({iframes: false, resultTypes: ["violations"]}).then(({violations}) =>
    violations.flatMap(({id, nodes}) => nodes.map(node => `${id}: ${node.target} ${node.failureSummary}`)))"""
SETTLED = "document.getAnimations().forEach(animation => animation.finish())"
UNFOLD = "document.querySelectorAll('details').forEach(part => { part.open = true })"
FOLDED = "parts => parts.filter(part => !part.open).map(part => part.querySelector('summary').innerText)"
# A desk in daylight and a phone at night: two visits show both widths and both themes.
DESK = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def _is_error(said: ConsoleMessage) -> bool:
    """Is it an error of the site's? A preview may load and run nothing, and the browser says so: that is meant."""
    guarded = ("violates the following Content Security Policy directive", "is sandboxed", "Unsafe attempt to load URL")
    return said.type == "error" and not any(text in said.text for text in guarded)


def draw(page: Page) -> None:
    """Begin to read, which has the page draw its diagrams, and wait until it has."""
    page.mouse.move(5, 5)
    page.mouse.move(6, 6)
    expect(page.locator(NOT_DRAWN)).to_have_count(0, timeout=15_000)
    # What scrolls can be reached by Tab as soon as the theme has seen it.
    page.wait_for_function(REACHED)


@dataclass
class Visit:
    """What one visit showed: which files of the site came before the reader did anything, which requests went
    elsewhere, what the console said, what measure.js found, and axe-core.
    """

    loaded: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    prose: str = ""
    seen: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def faint(self) -> list[str]:
        """Texts of outputs whose contrast is below 4.5, the least that WCAG allows."""
        return [f"{ratio:.1f}: {text}" for text, ratio in self.seen["words"] if ratio < 4.5]


def listen(page: Page, home: str, visit: Visit) -> None:
    def request(url: str) -> None:
        if not url.startswith((home + "/", "data:", "blob:")):
            visit.outside.append(url)

    def refused(url: str, failure: str | None) -> None:
        # The page's own policy, or a frame without an origin: the browser reports such a request, and does not send it.
        if failure in ("csp", "origin") and url in visit.outside:
            visit.outside.remove(url)

    page.on("request", lambda sent: request(sent.url))
    page.on("requestfailed", lambda sent: refused(sent.url, sent.failure))
    page.on("websocket", lambda socket: visit.outside.append(socket.url))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.on("console", lambda said: visit.errors.append(said.text) if _is_error(said) else None)


def found(page: Page, axe: str) -> list[str]:
    """What axe finds wrong with the page as it is shown now; `axe` is its script."""
    draw(page)
    page.evaluate(SETTLED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    result: list[str] = page.evaluate(FOUND)
    return result


class Reader:
    """Somebody who reads page after page of the site in one tab, which is cheaper than a window for each."""

    def __init__(self, page: Page, home: str) -> None:
        self._page, self._home = page, home
        self._heard = Visit()
        self._answered: list[str] = []
        listen(page, home, self._heard)
        page.on("response", lambda answer: self._answered.append(answer.url.partition("?")[0]))

    def visit(self, address: str, axe: str | None = None) -> Visit:
        """Open this page of the site, unfold everything, and say what is there.

        With the script `axe`, also what axe-core finds wrong with it.
        """
        page, result = self._page, Visit()
        self._answered.clear()
        page.goto(f"{self._home}/{address}", wait_until="networkidle")
        own = {url for url in self._answered if url.startswith(f"{self._home}/")}
        result.loaded = sorted(url.removeprefix(f"{self._home}/") for url in own)
        result.folded = page.eval_on_selector_all(".cell details.hide", FOLDED)
        page.evaluate(UNFOLD)
        with suppress(AssertionError):  # a diagram that is not drawn is the test's to report
            draw(page)
        result.links = page.eval_on_selector_all(".bd-article a[href]", "links => links.map(link => link.href)")
        result.prose = page.inner_text(".bd-article")
        result.seen = page.evaluate(MEASURE)
        if axe is not None:
            result.problems = found(page, axe)
        result.outside, self._heard.outside = self._heard.outside, []
        result.errors, self._heard.errors = self._heard.errors, []
        return result


@contextmanager
def reading(browser: Browser, home: str, **reader: Any) -> Iterator[Reader]:
    """A reader (DESK or PHONE) of the site at `home`, for whom nothing moves."""
    with browser.new_context(**reader, reduced_motion="reduce") as context:
        yield Reader(context.new_page(), home)
