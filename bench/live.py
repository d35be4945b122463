"""The pages that run in the reader's browser: how much they load, and how long until the first output."""

from __future__ import annotations

import gzip
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "site"))

from static_server import serve

ROOT = Path(__file__).parents[1]
PAGE = "notebooks/01-introduction/01-what-is-flask.html"
CELL = "708261c6"  # the first on that page that prints
OUTPUT = f"#cell-{CELL}[data-live=done]"
VISITS = 3
RUNTIME = "/_static/live/"


def measure_live() -> list[str]:
    """Megabytes and seconds of a first visit and of a second one; the build with and without what it keeps."""
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place) / "clone"
        site, first = built(tree)
        again = _build(tree)
        cold, warm, paths = _visits(site)
        files = [site / path.lstrip("/") for path in paths]
        plain = sum(path.stat().st_size for path in files)
        packed = sum(min(path.stat().st_size, len(gzip.compress(path.read_bytes()))) for path in files)
    return [
        "## A page in the reader's browser",
        "",
        "From the click on Run until the cell has printed, in Chromium, from a static server on this machine.",
        "",
        "| | |",
        "|---|---:|",
        f"| loaded with the first click, from a server that compresses | {packed / 1e6:.1f} MB |",
        f"| … from one that does not | {plain / 1e6:.1f} MB |",
        f"| first visit (median of {VISITS}) | {statistics.median(cold):.1f} s |",
        f"| a later one, files in the browser's cache (median of {VISITS}) | {statistics.median(warm):.1f} s |",
        f"| `make book` in a fresh clone, the browser's Python made | {first:.0f} s |",
        f"| `make book` again | {again:.0f} s |",
    ]


def built(tree: Path) -> tuple[Path, float]:
    """Clone the project into `tree` and build its site: the site's folder, and the seconds that the build took."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tree)], check=True)
    (tree / ".venv").symlink_to(ROOT / ".venv")
    return tree / "book" / "_build" / "html", _build(tree)


def _build(tree: Path) -> float:
    started = time.perf_counter()
    done = subprocess.run(["make", "-s", "-o", "setup", "book"], cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"make book failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return time.perf_counter() - started


def _visits(site: Path) -> tuple[list[float], list[float], set[str]]:
    """Seconds of first and of later visits, and the paths of the runtime's files that a first one asks for."""
    cold, warm = [], []
    asked: list[str] = []
    with serve(site) as home, _chromium() as browser:
        for _ in range(VISITS):
            with browser.new_context() as context:
                context.on("request", lambda sent: asked.append(sent.url))
                cold.append(_seconds_to_output(context, home))
                warm.append(_seconds_to_output(context, home))
        addresses = [url.removeprefix(home).partition("?")[0] for url in asked if url.startswith(home)]
    return cold, warm, {address for address in addresses if address.startswith(RUNTIME)}


@contextmanager
def _chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright
    from services import CHROMIUM_SWITCHES

    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("The benchmark of the pages needs chromium on PATH.")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=CHROMIUM_SWITCHES)
        yield browser
        browser.close()


def _seconds_to_output(context: Any, home: str) -> float:
    page = context.new_page()
    page.goto(f"{home}/{PAGE}", wait_until="load")
    button = page.locator(f"#cell-{CELL} .live-run")
    button.scroll_into_view_if_needed()
    started = time.perf_counter()
    button.click()
    page.locator(OUTPUT).wait_for(timeout=300_000)
    took = time.perf_counter() - started
    page.close()
    return took
