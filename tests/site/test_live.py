"""Every page, run in a real browser against a plain static server: outputs, exercises, buttons, traps."""

import re
from collections.abc import Iterator
from hashlib import pbkdf2_hmac
from pathlib import Path

import nbformat
import pytest
from live_page import LivePage, opened
from playwright.sync_api import Browser, expect
from published import RUNNING
from visit import DESK, PHONE

from flask_magic.pages.exercises import check_result, exercises, wrong_answers
from flask_magic.pages.notebook import load, tags_of
from flask_magic.pages.sanitize import Sanitizer, read_rules

ROOT = Path(__file__).parents[2]
PAGES = RUNNING
FIRST = "notebooks/01-introduction/01-what-is-flask"
# Cells of that page: the one that loads flask_magic, and two that any other source can be put into.
LOAD, ANY, SECOND = "a99cd76d", "d78de46b", "28fbfb28"
STUB = "37e1a10e"  # of its first exercise
# Ends when a picture that is not there has failed, and with it any that was shown before.
LATER = "() => new Promise(failed => { const one = new Image(); one.onerror = failed; one.src = 'missing.png' })"
# How far the text of the text area reaches, and that of the coloured text below it.
BOXES = """frame => {
    const [shown, area] = [frame.querySelector("pre"), frame.querySelector("textarea")];
    const text = document.createRange();
    text.selectNodeContents(shown);
    const {paddingLeft, paddingTop, lineHeight} = getComputedStyle(shown);
    const own = getComputedStyle(area);
    area.style.width = "0";
    const wide = area.scrollWidth;
    area.style.width = "";
    const {x, y} = shown.getBoundingClientRect(), at = area.getBoundingClientRect();
    return {
        shown: [x, y, parseFloat(paddingLeft), parseFloat(paddingTop), parseFloat(lineHeight),
            text.getBoundingClientRect().width + parseFloat(paddingLeft)],
        area: [at.x, at.y, parseFloat(own.paddingLeft), parseFloat(own.paddingTop), parseFloat(own.lineHeight),
            wide],
    };
}"""
FRAMES = "frames => frames.map(frame => [frame.getAttribute('sandbox'), frame.hasAttribute('src')])"


@pytest.fixture(scope="module")
def rules() -> Sanitizer:
    return read_rules(ROOT / "notebooks")


@pytest.fixture(scope="module")
def tab(browser: Browser, home: str) -> Iterator[LivePage]:
    """Where somebody opens one page of the collection after the other."""
    with browser.new_context(**DESK) as context:
        yield LivePage(context.new_page(), home)


@pytest.fixture(scope="module", params=PAGES)
def whole(request: pytest.FixtureRequest, tab: LivePage) -> tuple[str, LivePage]:
    """A page of the collection on which Run all was pressed."""
    tab.open(f"{request.param}.html")
    tab.stored = tab.texts()
    tab.said = tab.run_all()
    return str(request.param), tab


@pytest.fixture(scope="module")
def lab(browser: Browser, home: str) -> Iterator[LivePage]:
    """A page in which flask_magic is loaded and Python is warm."""
    with opened(browser, home, f"{FIRST}.html", **DESK) as live:
        live.run(LOAD)
        yield live


@pytest.fixture
def new(browser: Browser, home: str) -> Iterator[LivePage]:
    """A page that nobody has touched, on a phone."""
    with opened(browser, home, f"{FIRST}.html", **PHONE) as live:
        yield live


# -- the collection


def test_every_cell_that_runs_gives_the_stored_output(whole: tuple[str, LivePage], rules: Sanitizer) -> None:
    page, live = whole
    assert live.said == "Done."
    given = live.outputs()
    runnable = [name for name, reason in live.cells().items() if not reason]
    shown = live.texts()
    assert runnable
    for cell in load(ROOT / f"{page}.ipynb")["cells"]:
        if cell["id"] in runnable:
            varies = "varies" in tags_of(cell)
            stored = rules.comparable(cell["outputs"], varies=varies)
            assert rules.comparable(given[cell["id"]], varies=varies) == stored, cell["source"]
            if not varies:
                assert shown[cell["id"]] == live.stored[cell["id"]], cell["source"]


def test_a_cell_that_cannot_run_says_why_and_has_no_button(whole: tuple[str, LivePage]) -> None:
    _, live = whole
    for name, reason in live.cells().items():
        if reason:
            expect(live.cell(name).locator(".live-note")).to_contain_text(reason)
            expect(live.cell(name).locator(".live-tools button")).to_have_count(0)
        else:
            expect(live.cell(name).locator(".live-run")).to_have_count(1)


def test_a_check_judges_the_answer_as_it_stands_and_what_is_solved_is_remembered(whole: tuple[str, LivePage]) -> None:
    page, live = whole
    path = ROOT / f"{page}.ipynb"
    notebook, wrong, cells = load(path), wrong_answers(path), live.cells()
    solved = 0
    for exercise in exercises(notebook):
        stub, check = (notebook["cells"][number]["id"] for number in (exercise.stub, exercise.check))
        if cells[stub] or cells[check]:
            continue
        for answer, state in ((wrong[exercise.name][0], "failed"), (exercise.solution, "passed")):
            live.write(stub, str(answer))
            live.run(check, label="Check")
            assert (check_result(live.given(check)) or {}).get("state") == state, answer
        solved += 1
    if page == FIRST:  # one page stands for all: it costs another visit
        live.page.reload()
    expect(live.page.get_by_text("✓ solved by you")).to_have_count(solved)


def test_nothing_was_asked_of_another_host_and_nothing_went_wrong(whole: tuple[str, LivePage]) -> None:
    _, live = whole
    assert live.seen.outside == []
    assert live.seen.errors == []


# -- what a reader does


def test_a_cell_runs_after_those_above_it_and_a_phone_shows_it(new: LivePage) -> None:
    assert "405 METHOD NOT ALLOWED" in new.run("994d2001")
    for name in (LOAD, ANY):
        expect(new.cell(name)).to_have_attribute("data-live", "done")
    expect(new.cell(STUB)).to_have_attribute("data-live", "idle")
    assert new.page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]


def test_edits_are_kept_and_a_cell_can_be_reset(new: LivePage) -> None:
    new.write(ANY, "print('mine')  # not yours")
    new.page.reload()
    expect(new.cell(ANY).locator("textarea")).to_have_value("print('mine')  # not yours")
    expect(new.cell(ANY).locator("pre .s2")).to_have_text("'mine'")
    new.button(ANY, "Reset").click()
    expect(new.cell(ANY).locator("textarea")).to_have_value(re.compile("^def library"))
    expect(new.button(ANY, "Run")).to_be_focused()
    new.page.reload()
    expect(new.cell(ANY).locator("textarea")).to_have_value(re.compile("^def library"))


def test_an_endless_cell_is_stopped_the_next_run_starts_anew_and_the_page_can_be_reset(new: LivePage) -> None:
    before = new.output("708261c6").inner_html()
    assert new.run("708261c6", "print('mine')").strip() == "mine"
    new.write(ANY, "while True: print('still here')")
    new.button(ANY, "Run").click()
    expect(new.output(ANY)).to_contain_text("still here")
    new.page.get_by_role("button", name="Stop", exact=True).click()
    assert new.settle().startswith("Stopped. What the cells had made is gone")
    expect(new.cell(ANY)).to_have_attribute("data-live", "ended")
    assert "name 'library' is not defined" in new.run(ANY, "library")
    new.page.get_by_role("button", name="Reset page").click()
    assert new.output("708261c6").inner_html() == before
    expect(new.cell(ANY).locator("textarea")).to_have_value(re.compile("^def library"))
    expect(new.cell(ANY)).to_have_attribute("data-live", "idle")


def test_the_caret_is_where_the_letters_are(lab: LivePage) -> None:
    lab.write(SECOND, "x = '" + "i m " * 60 + "'\n" * 7)
    boxes = lab.cell(SECOND).locator(".live-editor").evaluate(BOXES)
    assert boxes["area"] == pytest.approx(boxes["shown"], abs=1.5)


def test_an_error_stops_what_waits_behind_it(lab: LivePage) -> None:
    lab.write(ANY, "1 / 0")
    assert lab.run_all() == "Cell 2 ended with an error. The cells after it did not run."
    assert "ZeroDivisionError: division by zero" in lab.output(ANY).inner_text()
    expect(lab.page.locator("[data-live=waiting]")).to_have_count(0)


def test_the_keyboard_does_everything(lab: LivePage) -> None:
    area = lab.cell(ANY).locator("textarea")
    area.fill("")
    lab.page.keyboard.press("Escape")
    expect(lab.button(ANY, "Run")).to_be_focused()
    lab.page.keyboard.press("Shift+Tab")
    expect(area).to_be_focused()
    lab.page.keyboard.press("Tab")  # who only passes by is not held
    expect(lab.button(ANY, "Run")).to_be_focused()
    area.focus()
    for line in ("if 1:", "print(6)", None, "print(7)"):
        lab.page.keyboard.type(line) if line else lab.page.keyboard.press("Shift+Tab")
        if line:
            lab.page.keyboard.press("Enter")
    lab.page.keyboard.press("Tab")
    expect(area).to_have_value("if 1:\n    print(6)\nprint(7)\n    ")
    lab.page.keyboard.press("Shift+Enter")
    expect(lab.cell(SECOND).locator("textarea")).to_be_focused()
    expect(lab.output(ANY)).to_have_text("6\n7\n")
    lab.settle()
    lab.button(LOAD, "Run").focus()
    lab.page.keyboard.press("Enter")
    assert lab.settle() == "Done."


# -- what Python can do there


def test_async_views_run(lab: LivePage) -> None:
    shown = lab.run(
        ANY,
        "%%flask_route /wait\nimport asyncio\nfrom flask import request\n\n"
        "async def wait():\n    await asyncio.sleep(0.01)\n    return request.args['for']",
    )
    assert "/wait" in shown
    assert "200 OK" in lab.run(SECOND, "await asyncio.sleep(0)\n%http /wait?for=me")
    assert "me" in lab.output(SECOND).locator(".fm-body").inner_text()


def test_password_hashes_are_those_of_every_python(lab: LivePage) -> None:
    shown = lab.run(
        ANY,
        "import hashlib\nfrom werkzeug.security import check_password_hash, generate_password_hash\n\n"
        "print(check_password_hash(generate_password_hash('hammer'), 'hammer'))\n"
        "print(check_password_hash(generate_password_hash('hammer'), 'saw'))\n"
        "print(hashlib.pbkdf2_hmac('sha512', b'hammer', b'salt', 100).hex())\n"
        # RFC 7914, section 12
        "print(hashlib.scrypt(b'password', salt=b'NaCl', n=1024, r=8, p=16, dklen=8).hex())",
    )
    expected = pbkdf2_hmac("sha512", b"hammer", b"salt", 100).hex()
    assert shown.split() == ["True", "False", expected, "fdbabe1c9d347200"]


def test_displays_are_updated_and_cleared(lab: LivePage) -> None:
    lab.run(
        ANY,
        "from IPython.display import clear_output, display\n"
        "print('gone')\nclear_output()\nshown = display('one', display_id=True)\nshown.update('two')\n"
        "print('\\x1b[31mred\\x1b[0m')",
    )
    assert lab.output(ANY).inner_text().split() == ["'two'", "red"]
    expect(lab.output(ANY).locator(".-Color-Red")).to_have_text("red")


# -- traps


@pytest.mark.parametrize(
    "html",
    [
        "<script>window.caught = 1</script>",
        "<img src=x onerror='window.caught = 1'>",
        "<svg><script>window.caught = 1</script></svg>",
        "<svg onload='window.caught = 1'></svg>",
        "<iframe srcdoc='<script>parent.caught = 1</script>'></iframe>",
        "<iframe src='javascript:parent.caught = 1'></iframe>",
        "<a id=link href='javascript:window.caught = 1'>x</a><script>link.click()</script>",
        "<form action='https://elsewhere.example/'><button id=live-page>x</button></form>",
        "<math><mtext><table><mglyph><style><img src=x onerror='window.caught = 1'>",
        "<img src='https://elsewhere.example/a.png'><div style='background:url(https://elsewhere.example/b)'>x</div>",
        "<style>body { display: none } @import 'https://elsewhere.example/c.css';</style>",
        "<link rel=stylesheet href='https://elsewhere.example/d.css'>",
        "<iframe srcdoc='<img src=https://elsewhere.example/e.png>'></iframe>",
        "<base href='https://elsewhere.example/'><img src=f.png>",
    ],
)
def test_what_a_cell_shows_runs_no_script_and_loads_nothing(lab: LivePage, html: str) -> None:
    shown = f"from IPython.display import HTML, display\ndisplay(HTML({html!r}))\nprint('shown')"
    assert "shown" in lab.run(ANY, shown)
    lab.page.evaluate(LATER)
    for element in lab.output(ANY).locator("a, button").all():
        element.evaluate("one => one.click()")
    assert lab.page.evaluate("window.caught") is None
    assert all(frame == ["", False] for frame in lab.output(ANY).locator("iframe").evaluate_all(FRAMES))
    assert lab.seen.outside == []
    expect(lab.page.locator(".bd-article h1")).to_be_visible()


def test_a_hostile_view_reaches_neither_page_nor_host(lab: LivePage) -> None:
    lab.run(
        ANY,
        "%%flask_route /hostile\ndef hostile():\n"
        "    return '<title>x</title><script>parent.caught = 1; localStorage.caught = 1;'"
        " 'fetch(\"https://elsewhere.example/\")</script><h1>hello</h1>'",
    )
    assert "hello" in lab.run(SECOND, "%http /hostile")
    frame = lab.output(SECOND).locator("iframe")
    assert frame.get_attribute("sandbox") == ""
    expect(frame.content_frame.locator("h1")).to_have_text("hello")
    assert lab.page.evaluate("[window.caught, localStorage.caught]") == [None, None]
    assert lab.seen.outside == []


def test_python_reaches_no_other_host_either(lab: LivePage) -> None:
    shown = lab.run(
        ANY,
        "from pyodide.http import pyfetch\ntry:\n    await pyfetch('https://elsewhere.example/')\n"
        "except OSError as error:\n    print('refused')",
    )
    assert shown.strip() == "refused"
    assert lab.seen.outside == []


# -- without the runtime


def test_without_javascript_the_page_has_no_buttons_and_all_outputs(browser: Browser, home: str) -> None:
    with opened(browser, home, f"{FIRST}.html", **DESK, java_script_enabled=False) as live:
        expect(live.page.locator(".live-bar, .live-tools")).to_have_count(0)
        expect(live.output("708261c6")).to_contain_text("Monday to Friday, 9 to 17")
        expect(live.cell(ANY).locator("pre")).to_contain_text("def library")


def test_a_failed_download_is_told_and_can_be_tried_again(new: LivePage) -> None:
    new.page.route("**/core.zip*", lambda route: route.abort())
    new.button(LOAD, "Run").click()
    assert re.match(r"Python could not be run here: .*Check the connection, then try again\.", new.settle())
    new.page.unroute("**/core.zip*")
    new.run(LOAD)
    assert new.settle() == "Done."


def test_notebooks_name_their_cells(source: Path) -> None:
    for page in PAGES:
        names = [cell.id for cell in nbformat.read(source / f"{page}.ipynb", as_version=4).cells]
        assert len(names) == len(set(names))
