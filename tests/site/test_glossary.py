"""The glossary, and the links to it that the build makes."""

import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from published import ROOT
from visit import DESK

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from glossary_links import GLOSSARY, terms

TERMS = sorted(set(terms((ROOT / GLOSSARY).read_text(encoding="utf-8")).values()), key=str.lower)


def test_the_terms_are_in_order_and_have_a_sentence_each() -> None:
    text = (ROOT / GLOSSARY).read_text(encoding="utf-8")
    written = re.findall(r"^(\S.*)\n  (\S.*)$", text.partition("{glossary}")[2], re.MULTILINE)
    assert [term for term, _ in written] == TERMS
    assert len(TERMS) > 80
    assert all(re.search(r"[a-z`).]", sentence) for _, sentence in written)


@pytest.fixture(scope="module")
def linked(site: Path) -> set[str]:
    """The anchors of the glossary that pages lead to."""
    pages = (site / "notebooks").glob("[0-9]*/[0-9]*.html")
    return {anchor for page in pages for anchor in re.findall(r'glossary\.html#([^"]+)"', page.read_text("utf-8"))}


@pytest.mark.parametrize("term", TERMS)
def test_each_term_is_introduced_by_a_page(term: str, linked: set[str]) -> None:
    assert f"term-{re.sub('[^A-Za-z0-9]+', '-', term)}".lower() in {anchor.lower() for anchor in linked}


def test_a_bold_term_leads_to_its_entry(browser: Browser, home: str) -> None:
    with browser.new_context(**DESK) as context:
        page = context.new_page()
        page.goto(f"{home}/notebooks/02-routing/02-variable-rules.html")
        page.get_by_role("link", name="converter", exact=True).first.click()
        expect(page).to_have_url(re.compile(r"/book/glossary\.html#term-converter$"))
        expect(page.locator("#term-converter + dd")).to_contain_text("The part of a rule")
