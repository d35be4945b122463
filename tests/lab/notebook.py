"""What a learner does with a notebook in JupyterLab: open, run all, edit and run a cell, read an output."""

import time

from playwright.sync_api import Locator, Page, expect

from flask_magic.pages.notebook import Notebook, load
from lab.conftest import Lab

# A cell that waits or runs shows [*]; with nothing run yet every prompt is empty.
DONE = """() => {
    const prompts = [...document.querySelectorAll('.jp-Notebook .jp-InputArea-prompt')].map(p => p.innerText);
    const status = document.querySelector('.jp-Notebook-ExecutionIndicator');
    return prompts.some(p => /\\d/.test(p)) && !prompts.some(p => p.includes('*')) &&
        status && status.dataset.status === 'idle';
}"""


class OpenNotebook:
    """A notebook open in a window."""

    def __init__(self, window: Page, lab: Lab, path: str) -> None:
        self.window = window
        self.file = lab.folder / path
        window.goto(f"{lab.address}/lab/tree/{path}?token={lab.token}&reset")
        self.cells = window.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
        # The notebook says idle before it has a kernel; the status bar names the kernel once it is there.
        expect(window.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)

    def run_all(self) -> None:
        """Run > Run All Cells, and wait until no cell waits."""
        self.window.get_by_role("menuitem", name="Run", exact=True).click()
        self.window.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.wait()

    def wait(self) -> None:
        """Wait until no cell waits or runs."""
        self.window.wait_for_function(DONE, timeout=120_000)

    def saved(self) -> Notebook:
        """Save, and read the file: what JupyterLab itself holds of each cell, folded ones too."""
        before = self.file.stat().st_mtime_ns
        self.window.keyboard.press("Control+S")
        expect(self.window.locator(".lm-TabBar-tab.lm-mod-current.jp-mod-dirty")).to_have_count(0)
        deadline = time.monotonic() + 30
        while self.file.stat().st_mtime_ns == before:
            assert time.monotonic() < deadline, f"{self.file.name} was not saved"
            time.sleep(0.05)
        return load(self.file)

    def write(self, number: int, source: str) -> None:
        """Replace the source of a cell by typing over it."""
        self.cells.nth(number).locator(".cm-content").click()
        self.window.keyboard.press("Control+A")
        self.window.keyboard.insert_text(source)

    def run_next(self, times: int) -> None:
        """Run the cell with the cursor, then the ones after it, by Shift+Enter."""
        for _ in range(times):
            self.window.keyboard.press("Shift+Enter")
        self.wait()

    def output(self, number: int) -> Locator:
        """The output of a cell."""
        return self.cells.nth(number).locator(".jp-OutputArea")
