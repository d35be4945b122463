"""What all tests share."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from notebook_shell import Notebook
from playwright.sync_api import Browser, sync_playwright
from services import CHROMIUM_SWITCHES, require


@pytest.fixture(autouse=True)
def _no_module_of_other_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What another test has imported from a folder of its own, `shop` for the most part, is not what this one means."""
    folders = tmp_path_factory.getbasetemp()
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "/").is_relative_to(folders):
            del sys.modules[name]


@pytest.fixture(scope="module", autouse=True)
def _what_is_there_already_is_no_garbage() -> None:
    """A shell that ends collects garbage: it need not look through all modules and all tests each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """A notebook in an empty folder, the extension loaded."""
    monkeypatch.chdir(tmp_path)
    one = Notebook()
    yield one
    one.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Not for longer than a module: Playwright keeps an event loop running in this thread."""
    program = require("chromium")
    with sync_playwright() as driver:
        # Python runs for seconds in a page of a test: to compile it a second time, better, costs more than it gains.
        switches = [*CHROMIUM_SWITCHES, "--js-flags=--liftoff-only"]
        chromium = driver.chromium.launch(executable_path=program, args=switches)
        yield chromium
        chromium.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """`--dist loadfile`, but each page of the collection counts as a file, and JupyterLab's pages as two."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class LoadPageScheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if "test_pages.py::" in nodeid or "test_collection.py::" in nodeid:
                return nodeid
            scope = super()._split_scope(nodeid)
            # Not each page for itself: a worker's JupyterLab and browser serve all of its pages.
            return f"{scope}-{crc32(nodeid.encode()) % 2}" if "test_lab.py::" in nodeid else scope

    return LoadPageScheduling(config, log)
