"""A page of the site as a reader runs it, in a real browser."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect
from visit import Visit, listen

# Loading Python takes its time on a busy machine; a test says what happens, not how fast.
PATIENCE = 120_000
RECORD = """
window.ran = {};
document.addEventListener("flask-magic:ran", ({ detail }) => { window.ran[detail.id] = structuredClone(detail); });
"""
# The copy buttons of stored outputs, and the buttons of live ones, are no text of theirs.
TEXTS = """areas => areas.map(area => {
    const copy = area.cloneNode(true);
    copy.querySelectorAll("button.copybtn, .live-visit").forEach(button => button.remove());
    return copy.textContent;
})"""
OF_CELLS = f"""names => names
    .map(name => [...document.querySelectorAll(`#cell-${{name}} .cell_output`)])
    .map(areas => ({TEXTS})(areas).join(""))"""
OVER = re.compile(r"^(Done\.|Stopped\.|Cell \d+ ended|Python could not)")


class LivePage:
    """A tab in which a page is open. Cells are named by their id in the notebook."""

    def __init__(self, page: Page, home: str) -> None:
        self.page, self.home = page, home
        self.seen = Visit()
        self.stored: dict[str, str] = {}
        self.said = ""
        self.status = page.locator(".live-status")
        page.add_init_script(RECORD)
        listen(page, home, self.seen)

    def open(self, address: str) -> None:
        """Open a page of the site; of what the last one did, nothing is remembered."""
        self.seen.outside.clear()
        self.seen.errors.clear()
        self.page.goto(f"{self.home}/{address}", wait_until="load")

    def cell(self, name: str) -> Locator:
        """The cell on the page."""
        return self.page.locator(f"#cell-{name}")

    def cells(self) -> dict[str, str]:
        """The code cells by name, each with the reason why it cannot run; "" where it can."""
        told = json.loads(self.page.locator("#live-page").inner_text())
        return {cell["id"]: cell["cannot"] for cell in told["cells"]}

    def texts(self) -> dict[str, str]:
        """The text of each cell's outputs, folded parts too, blanks left out."""
        names = list(self.cells())
        texts = self.page.evaluate(OF_CELLS, names)
        return {name: "".join(text.split()) for name, text in zip(names, texts, strict=True)}

    def button(self, name: str, label: str) -> Locator:
        """A button of a cell, the mouse being there: some show only then."""
        self.cell(name).hover()
        return self.cell(name).get_by_role("button", name=f"{label}, cell")

    def output(self, name: str) -> Locator:
        """What the cell shows."""
        return self.cell(name).locator(".cell_output")

    def write(self, name: str, source: str) -> None:
        """Put `source` into a cell, as a reader who pastes it."""
        self.cell(name).locator("textarea").fill(source)

    def settle(self) -> str:
        """Wait until nothing runs any more; what the page says then."""
        expect(self.status).to_have_text(OVER, timeout=PATIENCE)
        return self.status.inner_text()

    def run_all(self) -> str:
        """Press Run all, and wait."""
        self.page.get_by_role("button", name="Run all", exact=True).click()
        return self.settle()

    def run(self, name: str, source: str | None = None, label: str = "Run") -> str:
        """Press a cell's button, with `source` in it where it is given, and wait; the text that it shows."""
        if source is not None:
            self.write(name, source)
        self.button(name, label).click()
        expect(self.cell(name)).to_have_attribute("data-live", re.compile("done|failed"), timeout=PATIENCE)
        self.settle()
        return self.output(name).inner_text()

    def outputs(self) -> dict[str, list[dict[str, Any]]]:
        """By cell, what each run gave last, in nbformat's form."""
        return {name: ran["outputs"] for name, ran in self.page.evaluate("window.ran").items()}

    def given(self, name: str) -> list[dict[str, Any]]:
        """What this cell's last run gave, in nbformat's form."""
        outputs: list[dict[str, Any]] = self.page.evaluate("name => window.ran[name].outputs", name)
        return outputs


@contextmanager
def opened(browser: Browser, home: str, address: str, **reader: Any) -> Iterator[LivePage]:
    """Open `home`/`address`; the context is new, so nothing is kept from another visit."""
    with browser.new_context(**reader) as context:
        live = LivePage(context.new_page(), home)
        live.open(address)
        yield live
