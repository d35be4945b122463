"""Everybody can read and use the site: axe-core finds nothing to mend, and a keyboard is enough."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from test_site import PAGES
from traps import PAGE as TRAPS
from visit import DESK, MEASURE, PHONE, draw, found

# What has the focus: its name and kind, and whether a reader sees that it has it.
FOCUS = """() => {
  const at = document.activeElement;
  const {outlineStyle, boxShadow} = getComputedStyle(at);
  const around = getComputedStyle(at.closest("form") ?? at);
  const inside = [...at.querySelectorAll("*")].some(part => getComputedStyle(part).outlineStyle !== "none");
  const seen = outlineStyle !== "none" || boxShadow !== "none" || around.boxShadow !== "none" || inside;
  at.dataset.reached = "yes";
  return [at.tagName, at.outerHTML.slice(0, 120), seen];
}"""
COPIED = """() => document.addEventListener("copy", () => {
  document.body.dataset.copied = document.activeElement.value ?? String(getSelection());
})"""
MISSED = """() => [...document.querySelectorAll("a[href], button, summary, input")]
  .filter(action => action.checkVisibility({visibilityProperty: true}) && action.dataset.reached !== "yes")
  .map(action => action.outerHTML.slice(0, 120))"""


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """An empty page on a desk in daylight, and on a phone at night."""
    with browser.new_context(**request.param, reduced_motion="reduce") as context:
        yield context.new_page()


def is_phone(page: Page) -> bool:
    return page.viewport_size == PHONE["viewport"]


# -- axe: test_site visits each page on a desk by day and on a phone by night; here is what all pages share


@pytest.mark.parametrize("address", ["search", "genindex", TRAPS])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_either_theme(
    page: Page, home: str, axe: str, address: str, theme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=theme)
    page.goto(f"{home}/{address}.html", wait_until="load")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    assert found(page, axe) == []


def test_axe_finds_nothing_in_what_is_folded_or_opens(page: Page, home: str, axe: str) -> None:
    page.goto(f"{home}/{TRAPS}.html", wait_until="load")
    assert found(page, axe) == []

    page.get_by_role("button", name="Download this page").click()
    expect(page.get_by_role("link", name="This notebook (.ipynb)")).to_be_visible()
    assert found(page, axe) == []
    page.keyboard.press("Escape")

    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search")).to_be_visible()
    assert found(page, axe) == []
    page.keyboard.press("Escape")

    for toggle in ("Toggle primary sidebar", "Toggle secondary sidebar") if is_phone(page) else ():
        page.get_by_role("button", name=toggle).click()
        expect(page.locator("dialog[open]")).to_be_visible()
        assert found(page, axe) == []
        page.keyboard.press("Escape")

    page.goto(f"{home}/search.html?q=converter", wait_until="load")
    expect(page.locator("#search-results li").first).to_be_visible()
    assert found(page, axe) == []


def test_axe_would_find_something(page: Page, home: str, axe: str) -> None:
    page.goto(f"{home}/{TRAPS}.html", wait_until="load")
    page.locator("article h1").evaluate(
        "title => { title.style.color = 'rgb(128 128 128 / .3)'; title.innerHTML += '<img src=x>' }"
    )
    rules = {problem.split(":")[0] for problem in found(page, axe)}
    assert {"color-contrast", "image-alt"} <= rules


# -- the keyboard


@pytest.mark.parametrize("address", [TRAPS, "book/intro", "map", "search"])
def test_tab_reaches_every_action_and_shows_where_it_is(page: Page, home: str, address: str) -> None:
    page.goto(f"{home}/{address}.html", wait_until="load")
    draw(page)
    unseen = []
    for _ in range(600):
        page.keyboard.press("Tab")
        kind, element, seen = page.evaluate(FOCUS)
        if kind == "BODY":
            break
        if not seen:
            unseen.append(element)
    assert kind == "BODY", "the focus never leaves the page"
    assert unseen == []
    assert page.evaluate(MISSED) == []


def test_what_scrolls_sideways_is_reached_by_tab(page: Page, home: str) -> None:
    page.goto(f"{home}/{TRAPS}.html", wait_until="load")
    draw(page)
    printed = page.locator(".cell_output pre").filter(has_text="a very long line")
    assert printed.evaluate("text => text.scrollWidth > text.clientWidth")
    expect(printed).to_have_attribute("tabindex", "0")
    editor = page.locator(".live-editor").filter(has_text="a comment that goes on and on")
    assert editor.evaluate("code => code.scrollWidth > code.clientWidth && code.scrollLeft === 0")
    editor.get_by_role("textbox").focus()
    page.keyboard.press("Control+End")
    page.wait_for_function("code => code.scrollLeft > 0", arg=editor.element_handle())


def test_the_theme_is_switched_by_key_and_stays(page: Page, home: str) -> None:
    page.goto(f"{home}/{TRAPS}.html", wait_until="load")
    root = page.locator("html")
    switch = page.locator(".theme-switch-button")
    expect(switch).to_have_accessible_name("Colours: as the system's")
    themes = ["light", "dark"] if is_phone(page) else ["dark", "light"]
    switch.focus()
    for theme in themes:
        page.keyboard.press("Enter")
        expect(switch).to_have_accessible_name(f"Colours: {theme}")
        expect(root).to_have_attribute("data-theme", theme)
        expect(switch).to_be_focused()
    page.reload()
    expect(switch).to_have_accessible_name(f"Colours: {themes[-1]}")


def test_a_menu_is_used_by_key(page: Page, home: str) -> None:
    page.goto(f"{home}/{TRAPS}.html", wait_until="load")
    menu = page.get_by_role("button", name="Download this page")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="This notebook (.ipynb)")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()


def test_search_is_used_by_key(page: Page, home: str) -> None:
    page.goto(f"{home}/book/intro.html", wait_until="load")
    page.keyboard.press("Control+k")
    expect(page.locator("#pst-search-dialog input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#pst-search-dialog")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("everything that no reader sees")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    page.get_by_role("link", name="Traps").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{TRAPS}.html*")


def test_a_folded_part_is_opened_by_key(page: Page, home: str) -> None:
    page.goto(f"{home}/{TRAPS}.html", wait_until="load")
    output = page.locator("details.below-input .cell_output")
    page.locator("summary", has_text="Show output").focus()
    page.keyboard.press("Enter")
    expect(output).to_be_visible()
    page.keyboard.press("Enter")
    expect(output).to_be_hidden()


def test_code_is_copied_by_key(page: Page, home: str) -> None:
    page.goto(f"{home}/{TRAPS}.html", wait_until="load")
    page.evaluate(COPIED)
    page.locator("button.copybtn").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_have_attribute("data-copied", "%load_ext flask_magic")


def test_a_phone_s_menu_is_used_by_key(browser: Browser, home: str) -> None:
    with browser.new_context(**PHONE) as context:
        page = context.new_page()
        page.goto(f"{home}/{TRAPS}.html", wait_until="load")
        menu = page.get_by_role("button", name="Toggle primary sidebar")
        menu.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="All pages")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("link", name="All pages")).to_be_hidden()
        expect(menu).to_be_focused()


# -- finding one's way, with scripts and without


def light(colour: str) -> float:
    """How light a CSS colour `rgb(…)` is, of 255."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)[:3]]
    return sum(numbers) / 3


def test_every_page_leads_to_every_page(page: Page, home: str) -> None:
    page.goto(f"{home}/{TRAPS}.html", wait_until="load")
    links = page.eval_on_selector_all("#pst-primary-sidebar a", "links => links.map(link => link.href.split('#')[0])")
    assert {f"{home}/{address}.html" for address in {*PAGES} - {"404", "tags/security"}} <= set(links)


def test_a_page_reads_well_without_scripts(browser: Browser, home: str) -> None:
    with browser.new_context(**PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{home}/{TRAPS}.html", wait_until="load")
        assert page.locator("button:visible").count() == 1, "only the download menu works without scripts"
        page.get_by_role("button", name="Download this page").focus()
        expect(page.get_by_role("link", name="This notebook (.ipynb)")).to_be_visible()
        expect(page.get_by_role("link", name="All pages")).to_be_visible()
        expect(page.locator("pre.mermaid").first).to_contain_text("GET /tools/7")
        page.locator("summary", has_text="Show output").click()
        expect(page.locator("details.below-input .cell_output")).to_be_visible()
        seen = page.evaluate(MEASURE)
        assert seen["width"] == PHONE["viewport"]["width"]
        assert [word for word, ratio in seen["words"] if ratio < 4.5] == []
        code = page.locator(".cell_input pre").first.evaluate(
            "code => [getComputedStyle(code).color, getComputedStyle(code.closest('.cell_input')).backgroundColor]"
        )
        assert light(code[0]) < 64 < 192 < light(code[1])
