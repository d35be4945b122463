"""What a page leaves out until a reader wants it, and what it does without."""

from playwright.sync_api import Browser
from visit import DESK, draw

TOPIC = "notebooks/02-routing/02-variable-rules"


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


def test_a_diagram_has_the_colours_of_the_theme_that_is_chosen_before_it_is_drawn(browser: Browser, home: str) -> None:
    # While it is drawn anew there is none.
    colour = "() => [...document.querySelectorAll('pre.mermaid svg')].map(diagram => getComputedStyle(diagram).fill)[0]"
    with browser.new_context(**DESK) as context:
        page = context.new_page()
        page.goto(f"{home}/{TOPIC}.html", wait_until="load")
        draw(page)
        light = page.evaluate(colour)
    with browser.new_context(**{**DESK, "color_scheme": "dark"}) as context:
        page = context.new_page()
        page.goto(f"{home}/{TOPIC}.html", wait_until="load")
        page.emulate_media(color_scheme="light")
        draw(page)
        page.wait_for_function(f"light => ({colour})() === light", arg=light)
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(f"light => ![light, undefined].includes(({colour})())", arg=light)


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
