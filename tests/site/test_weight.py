"""What a page weighs before a reader runs anything, from a server that compresses."""

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from visit import DESK, draw

LIMIT = 300_000
TOPIC = "notebooks/02-routing/02-variable-rules"


def weight(path: Path) -> int:
    """The bytes of a file as they are sent."""
    content = path.read_bytes()
    return min(len(content), len(gzip.compress(content)))


@pytest.mark.parametrize("address", ["book/intro", "notebooks/index", TOPIC, "map", "book/glossary"])
def test_a_page_is_light_before_anything_is_run(browser: Browser, site: Path, home: str, address: str) -> None:
    with browser.new_context(**DESK) as context:
        page = context.new_page()
        asked: set[str] = set()
        page.on("request", lambda sent: asked.add(sent.url.partition("?")[0].removeprefix(f"{home}/")))
        page.goto(f"{home}/{address}.html", wait_until="networkidle")
        weights = {file: weight(site / file) for file in asked if not file.startswith(("data:", "blob:"))}
        heaviest = sorted(weights.items(), key=lambda file: -file[1])[:5]
        assert sum(weights.values()) < LIMIT, heaviest


def test_diagrams_are_drawn_when_somebody_reads(browser: Browser, home: str) -> None:
    with browser.new_context(**DESK) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url))
        page.goto(f"{home}/{TOPIC}.html", wait_until="networkidle")
        assert not any("mermaid.mjs" in url for url in asked)
        draw(page)
        assert any("mermaid.mjs" in url for url in asked)


def test_a_diagram_that_is_in_sight_is_drawn_at_once(browser: Browser, home: str) -> None:
    with browser.new_context(**DESK) as context:
        page = context.new_page()
        page.goto(f"{home}/{TOPIC}.html#what-happens-in-between")
        page.locator("pre.mermaid svg").wait_for()


def test_every_icon_is_there(browser: Browser, home: str) -> None:
    """Those of the theme's menus and buttons, without its script."""
    with browser.new_context(**DESK) as context:
        page = context.new_page()
        page.goto(f"{home}/{TOPIC}.html", wait_until="networkidle")
        masks = page.eval_on_selector_all(
            "[class*='fa-']",
            "icons => icons.map(icon => [icon.className, getComputedStyle(icon, '::before').maskImage])",
        )
        assert len(masks) > 10
        assert [name for name, mask in masks if not mask.startswith('url("data:image/svg+xml')] == []
