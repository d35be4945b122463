"""The map and the tags: ways into the book besides its order."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from visit import DESK, PHONE

from flask_magic.pages.exercises import exercises
from flask_magic.pages.notebook import load, page_files
from flask_magic.pages.outline import plain, read_outline

FOLDER = Path(__file__).parents[2] / "notebooks"
OUTLINE = read_outline(FOLDER)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, home: str) -> Page:
    page = browser.new_context(**request.param).new_page()
    page.goto(f"{home}/map.html")
    return page


def metadata(path: str) -> dict[str, list[str]]:
    held: dict[str, list[str]] = load(FOLDER / path)["metadata"]["flask_magic"]
    return held


def test_the_map_has_every_topic_and_leads_to_each_page(page: Page) -> None:
    shown = page.locator(".map-topic > :is(a, span)").all_inner_texts()
    topics = [shown.removesuffix(" ") for shown in shown if "solved" not in shown]
    assert topics == [plain(topic.title) for topic in OUTLINE.topics]
    linked = page.eval_on_selector_all(".map-topic > a", "links => links.map(link => link.getAttribute('href'))")
    written = [f"notebooks/{path.relative_to(FOLDER).with_suffix('.html')}" for path in page_files(FOLDER)]
    assert linked == written


def test_an_arc_leads_from_each_prerequisite_to_its_page(page: Page) -> None:
    wanted = sum(len(metadata(path.relative_to(FOLDER).as_posix())["prerequisites"]) for path in page_files(FOLDER))
    assert page.locator(".map-arcs path").count() == wanted > 20


def test_a_row_and_its_dot_are_at_one_height(page: Page) -> None:
    topics = page.locator(".map-topic")
    dots = page.locator(".map-arcs circle")
    assert topics.count() == dots.count()
    for number in (0, topics.count() // 2, topics.count() - 1):
        row, dot = topics.nth(number).bounding_box(), dots.nth(number).bounding_box()
        assert row is not None
        assert dot is not None
        assert abs((row["y"] + row["height"] / 2) - (dot["y"] + dot["height"] / 2)) < 2


def test_the_arcs_of_a_topic_light_up(page: Page) -> None:
    page.get_by_role("link", name="Basic Routing").last.focus()
    lit = page.locator(".map-arcs path.lit")
    row = page.locator(".map-topic", has_text="Basic Routing").get_attribute("data-row")
    assert lit.count() > 1
    for one in lit.all():
        assert row in (one.get_attribute("data-from"), one.get_attribute("data-to"))


def test_what_was_solved_is_marked_and_says_what_one_can_do(page: Page) -> None:
    expect(page.locator(".map-progress")).to_have_text(re.compile(r"^0 of \d+ pages solved\.$"))
    expect(page.locator(".map-nothing")).to_be_visible()
    (solved, begun) = (OUTLINE.find("Routing / Variable Rules").path, OUTLINE.find("Routing / HTTP Methods").path)
    for path, count in (solved, None), (begun, 1):
        names = [exercise.name for exercise in exercises(load(FOLDER / path))][:count]
        place = f"/notebooks/{path.removesuffix('.ipynb')}.html"
        page.evaluate(
            "([key, value]) => localStorage.setItem(key, value)",
            [f"flask-magic:{place}", json.dumps({"solved": names, "edits": {}})],
        )
    page.reload()
    expect(page.locator(".map-progress")).to_have_text(re.compile(r"^1 of \d+ pages solved\.$"))
    expect(page.locator(".map-topic", has_text="Variable Rules")).to_contain_text("✓ solved")
    expect(page.locator(".map-topic", has_text="HTTP Methods")).to_contain_text("1 of")
    expect(page.locator(".map-can h3:visible")).to_have_text(["Variable Rules"])
    expect(page.locator(".map-can li:visible").first).to_contain_text("take a value out of a URL")


def test_tags_lead_from_a_page_to_its_likes_and_back(page: Page, home: str) -> None:
    path = "04-templates/08-html-escaping.ipynb"
    page.goto(f"{home}/notebooks/{path.removesuffix('.ipynb')}.html")
    tags = page.get_by_role("navigation", name="Tags of this page").get_by_role("link")
    assert tags.all_inner_texts() == metadata(path)["tags"]
    tags.filter(has_text="Security").click()
    alike = [one for one in page_files(FOLDER) if "Security" in metadata(one.relative_to(FOLDER).as_posix())["tags"]]
    entries = page.locator(".bd-article section#tag > ul > li > a")
    assert entries.count() == len(alike) > 1
    entries.filter(has_text="HTML Escaping").click()
    expect(page.locator(".bd-article h1")).to_contain_text("HTML escaping")


def test_the_list_of_tags_is_whole(page: Page, home: str) -> None:
    page.goto(f"{home}/tags/index.html")
    tags = {tag for path in page_files(FOLDER) for tag in metadata(path.relative_to(FOLDER).as_posix())["tags"]}
    assert page.locator(".tag-list a").all_inner_texts() == sorted(tags, key=str.lower)
