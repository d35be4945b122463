"""A response of the live app, opened as a page in a small browser on the book's page."""

# ruff: noqa: E501 - what is hostile is on one line

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from hostile.canary import Canary, listening
from hostile.cells import PAGE, SCRIPT
from live_page import LivePage, opened
from playwright.sync_api import Browser, FrameLocator, Locator, expect
from visit import DESK, PHONE, found

PAGE_OF_BOOK = "notebooks/01-introduction/01-what-is-flask.html"
# Its cell that loads flask_magic, and two that any source can be put into.
LOAD, ANY, SECOND = "a99cd76d", "d78de46b", "28fbfb28"
DRAWN = "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
APP = """
from base64 import b64decode
from pathlib import Path
from flask import Flask, redirect, request, session, url_for

app = Flask("shop", root_path="/tmp/shop")
app.secret_key = "dev"
static = Path("/tmp/shop/static")
static.mkdir(parents=True, exist_ok=True)
(static / "site.css").write_text("@import 'more.css'; /* <b> */ h1 { color: rgb(1, 2, 3) }")
(static / "more.css").write_text("body { background: rgb(250, 240, 230) url(dot.png) }")
(static / "dot.png").write_bytes(b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="))

def page(body, head=""):
    return (f"<!doctype html><html lang=en><head><title>Shop</title>{head}</head><body><main>{body}"
            f"<p>for {session.get('who', 'nobody')}</p></main></body></html>")

@app.get("/")
def index():
    return page("<h1>Tools</h1><img src=/static/dot.png alt=dot><a href=/tools/7>drill</a> <a href='?q=1#end'>end</a>"
                "<a href=https://elsewhere.example/>away</a> <a href=#end>down</a>"
                "<div style='height: 1500px'></div><p id=end>the end</p>",
                "<link rel=stylesheet href=/static/site.css>")

@app.get("/tools/<int:number>")
def tool(number):
    return page(f"<h1>Tool {number}</h1><a href=..>all</a><p>from {request.referrer}</p>")

@app.get("/login")
def form():
    return page("<h1>Log in</h1><form method=post><label>Name <input name=title></label>"
                "<input name=action value=hidden type=hidden><button name=by value=button>Log in</button></form>")

@app.post("/login")
def login():
    session["who"] = request.form["title"] + " by " + request.form["by"]
    return redirect(url_for("index"))

@app.get("/search")
def search():
    return page(f"<h1>Found {request.args.getlist('q')}</h1>"
                "<form><input aria-label=Words name=q value=old><button formaction=/search>Search</button></form>")

@app.route("/upload", methods=["GET", "POST"])
def upload():
    file = request.files.get("file")
    return page(f"<h1>{file.filename + ': ' + file.read().decode() if file else 'Upload'}</h1>"
                "<form method=post enctype=multipart/form-data><label>File <input type=file name=file></label>"
                "<button>Send</button></form>")

@app.get("/broken")
def broken():
    return page(1 / 0)

@app.get("/away")
def away():
    return redirect("https://elsewhere.example/")

@app.get("/facts")
def facts():
    return {"tools": ["<b>saw</b>"]}

@app.get("/wait")
async def wait():
    return page("<h1>waited</h1>")

@app.get("/forever")
def forever():
    while True: pass
"""


class Visited:
    """The small browser below one response."""

    def __init__(self, place: Locator) -> None:
        self.place = place
        self.button = place.locator(".live-open")
        self.status = place.get_by_role("status")
        self.address = place.get_by_role("textbox", name="Address")
        self.frame: FrameLocator = place.frame_locator("iframe")

    def heading(self, text: str) -> None:
        """The page with this heading is shown."""
        expect(self.frame.locator("h1")).to_have_text(text)

    def press(self, name: str) -> None:
        self.place.get_by_role("button", name=name).click(force=True)  # one that leads nowhere can be pressed, too

    def click(self, role: Literal["button", "link"], name: str | None = None) -> None:
        """Click in the frame, as somebody does who sees it: a click before it is drawn is lost."""
        self.frame.locator("body").evaluate(DRAWN)
        self.frame.get_by_role(role, name=name).click()

    def go(self, address: str) -> None:
        self.address.fill(address)
        self.address.press("Enter")


Open = Callable[[str], Visited]


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with listening() as one:
        yield one


@pytest.fixture(scope="module", params=[DESK, PHONE], ids=["desk", "phone"])
def live(request: pytest.FixtureRequest, browser: Browser, home: str) -> Iterator[LivePage]:
    """A page in which the app of this module is there."""
    with opened(browser, home, PAGE_OF_BOOK, **request.param) as one:
        one.run(LOAD)
        one.run(ANY, APP)
        yield one


@pytest.fixture
def open_page(live: LivePage) -> Open:
    """Sends a request from a cell, and opens what it answers as a page."""

    def open_page(line: str) -> Visited:
        live.run(SECOND, line)
        visited = Visited(live.output(SECOND).locator(".live-visit"))
        visited.button.click()
        return visited

    return open_page


# -- what a reader does


def test_links_lead_through_the_app_and_back(open_page: Open, live: LivePage) -> None:
    steps = live.page.evaluate("history.length")
    visited = open_page("%http /")
    visited.press("Back")  # there is nothing
    visited.heading("Tools")
    expect(visited.status).to_have_text("GET 200 OK")
    visited.click("link", "drill")
    visited.heading("Tool 7")
    expect(visited.frame.locator("body")).to_contain_text("from http://localhost/")
    expect(visited.address).to_have_value("/tools/7")
    visited.press("Back")
    visited.heading("Tools")
    visited.press("Forward")
    visited.heading("Tool 7")
    visited.press("Forward")
    visited.heading("Tool 7")
    assert live.page.evaluate("history.length") == steps
    assert live.seen.outside == []
    assert live.seen.errors == []


def test_a_form_is_posted_the_redirect_followed_and_the_session_kept(open_page: Open) -> None:
    visited = open_page("%http /login --as ada")
    visited.frame.get_by_label("Name").fill("ada")
    visited.frame.get_by_label("Name").press("Enter")
    visited.heading("Tools")
    expect(visited.status).to_have_text("GET 302 FOUND → 200 OK")
    expect(visited.frame.locator("body")).to_contain_text("for ada by button")
    visited.go("/tools/1")
    expect(visited.frame.locator("body")).to_contain_text("for ada by button")


def test_two_visitors_side_by_side(live: LivePage) -> None:
    live.run(SECOND, "%http /login --as cyd --as dan")
    places = live.output(SECOND).locator(".live-visit")
    expect(places).to_have_count(2)
    both = [Visited(places.nth(number)) for number in range(2)]
    for visited, name in zip(both, ("cyd", "dan"), strict=True):
        visited.button.click()
        visited.frame.get_by_label("Name").fill(name)
        visited.click("button", "Log in")
    for visited, name in zip(both, ("cyd", "dan"), strict=True):
        expect(visited.frame.locator("body")).to_contain_text(f"for {name} by button")


def test_what_a_post_answered_in_a_cell_is_opened_without_a_second_post(open_page: Open, live: LivePage) -> None:
    visited = open_page(
        "n = []\napp.post('/once')(lambda: n.append(1) or page(f'<h1>{len(n)}</h1>'))\n%http POST /once"
    )
    visited.heading("1")
    visited.press("Reload")
    visited.heading("1")
    assert live.run(ANY, "len(n)").strip() == "1"
    live.run(ANY, APP)


def test_a_get_form_asks_with_a_query(open_page: Open) -> None:
    visited = open_page("%http '/search?q=a'")
    visited.heading("Found ['a']")
    visited.frame.get_by_label("Words").fill("ü & b")
    visited.click("button")
    visited.heading("Found ['ü & b']")
    expect(visited.address).to_have_value("/search?q=%C3%BC+%26+b")


def test_a_file_is_uploaded(open_page: Open) -> None:
    visited = open_page("%http /upload")
    visited.frame.get_by_label("File").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": "grün".encode()}
    )
    visited.click("button", "Send")
    visited.heading("a.txt: grün")
    expect(visited.status).to_have_text("POST 200 OK")
    visited.press("Reload")  # sends it again
    visited.heading("a.txt: grün")


def test_reload_asks_the_app_as_the_cells_have_it_now(open_page: Open, live: LivePage) -> None:
    visited = open_page("%http /tools/3")
    visited.heading("Tool 3")
    live.run(ANY, APP.replace("<h1>Tool ", "<h1>New "))
    visited.press("Reload")
    visited.heading("New 3")
    visited.press("Back")  # the page took the old one's place
    visited.heading("New 3")
    live.run(ANY, APP)


def test_an_address_is_typed(open_page: Open) -> None:
    visited = open_page("%http /")
    for typed, heading in (
        ("/tools/4", "Tool 4"),
        ("tools/5", "Tool 5"),
        ("http://localhost/search?q=x", "Found ['x']"),
        ("?q=y", "Found ['y']"),
        ("/wait", "waited"),
    ):
        visited.go(typed)
        visited.heading(heading)
        expect(visited.address).to_be_focused()
    visited.go("https://elsewhere.example/")
    expect(visited.status).to_contain_text("https://elsewhere.example/ is not in the app")
    visited.heading("waited")
    visited.address.press("Escape")
    expect(visited.address).to_have_value("/wait")


def test_errors_are_pages_too(open_page: Open) -> None:
    visited = open_page("%http /nowhere")
    visited.heading("Not Found")
    visited.go("/broken")
    visited.heading("Internal Server Error")
    expect(visited.status).to_have_text("GET 500 INTERNAL SERVER ERROR · ZeroDivisionError: division by zero")


def test_what_is_no_page_is_shown_as_text(open_page: Open) -> None:
    visited = open_page("%http /")
    visited.go("/facts")
    expect(visited.frame.locator("pre")).to_have_text('{"tools":["<b>saw</b>"]}\n')
    visited.go("/static/site.css")
    expect(visited.frame.locator("pre")).to_contain_text("@import")
    visited.go("/static/dot.png")
    assert visited.frame.locator("img").evaluate("one => one.decode().then(() => one.naturalWidth)") == 1


def test_stylesheets_and_pictures_are_there(open_page: Open) -> None:
    visited = open_page("%http /")
    assert visited.frame.locator("h1").evaluate("one => getComputedStyle(one).color") == "rgb(1, 2, 3)"
    body = visited.frame.locator("body").evaluate("one => getComputedStyle(one).background")
    assert body.startswith('rgb(250, 240, 230) url("data:image/png;base64,')
    assert visited.frame.get_by_alt_text("dot").evaluate("one => one.decode().then(() => one.naturalWidth)") == 1


def test_links_to_elsewhere_are_not_followed_and_it_is_said(open_page: Open, live: LivePage) -> None:
    visited = open_page("%http /")
    visited.click("link", "away")
    expect(visited.status).to_have_text(
        "https://elsewhere.example/ is not in the app. Links to elsewhere are not followed here."
    )
    visited.heading("Tools")
    visited.go("/away")
    expect(visited.status).to_contain_text("The app redirects to https://elsewhere.example/, which is not in the app")
    assert live.seen.outside == []


def test_anchors_scroll(open_page: Open) -> None:
    visited = open_page("%http /")
    end = visited.frame.locator("#end")
    expect(end).not_to_be_in_viewport()
    visited.click("link", "down")
    expect(end).to_be_in_viewport()
    expect(visited.address).to_have_value("/")
    before = visited.place.locator("iframe").element_handle()
    visited.go("/?q=1")
    before.wait_for_element_state("hidden")
    expect(end).not_to_be_in_viewport()
    visited.click("link", "end")  # of this very page
    expect(end).to_be_in_viewport()
    visited.go("/#end")
    expect(visited.address).to_have_value("/#end")
    expect(end).to_be_in_viewport()


def test_the_keyboard_is_enough(open_page: Open, live: LivePage) -> None:
    visited = open_page("%http /login")
    visited.heading("Log in")
    visited.button.focus()
    for name in ("Back", "Forward", "Reload", "Address"):
        live.page.keyboard.press("Tab")
        expect(visited.place.get_by_label(name, exact=True)).to_be_focused()
    # What is typed before the focus has moved into the frame, which is another process, goes nowhere.
    live.page.keyboard.press("Tab")
    expect(visited.frame.get_by_role("textbox", name="Name")).to_be_focused()
    live.page.keyboard.type("eve")
    live.page.keyboard.press("Enter")
    visited.heading("Tools")
    expect(visited.place.locator("iframe")).to_be_focused()
    live.page.keyboard.press("Tab")
    expect(visited.frame.get_by_role("link", name="drill")).to_be_focused()
    live.page.keyboard.press("Enter")
    visited.heading("Tool 7")
    visited.button.focus()
    live.page.keyboard.press("Enter")
    expect(visited.place.locator("iframe")).to_have_count(0)
    expect(visited.button).to_be_focused()
    expect(visited.button).to_have_attribute("aria-expanded", "false")


def test_axe_finds_nothing(open_page: Open, live: LivePage, axe: str) -> None:
    visited = open_page("%http /")
    visited.heading("Tools")
    assert found(live.page, axe) == []
    width = live.page.evaluate("document.documentElement.clientWidth")
    assert live.page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_no_page_has_no_button(live: LivePage) -> None:
    live.run(SECOND, "%http /facts\n%http -q /\n%http / --expect 200\nr = %http HEAD /")
    expect(live.output(SECOND).locator(".live-visit")).to_have_count(1)
    expect(live.output(SECOND).locator(".fm-exchange").nth(1).locator(".live-visit")).to_have_count(1)


def test_stop_and_reset_take_the_pages_away(open_page: Open, live: LivePage) -> None:
    visited = open_page("%http /")
    visited.heading("Tools")
    visited.go("/forever")
    live.page.get_by_role("button", name="Stop", exact=True).click()
    expect(live.page.locator(".live-visit")).to_have_count(0)
    assert live.settle().startswith("Stopped.")
    live.run(LOAD)
    live.run(ANY, APP)
    open_page("%http /").heading("Tools")
    live.page.get_by_role("button", name="Reset page").click()
    expect(live.page.locator(".live-visit")).to_have_count(0)
    live.run(LOAD)
    live.run(ANY, APP)


# -- what an app may not


HOSTILE = f"""{PAGE}
<noscript><p>without scripts</p><img src=CANARY/noscript></noscript>
<form action="https://elsewhere.example/take" method=post><button id=away>send</button></form>
<form action="javascript:{SCRIPT}"><button id=run>run</button></form>
<form><input name=getAttribute><input name=closest><button id=named formaction="http://localhost/again">named</button></form>
<a id=js href="javascript:parent.pwned=1">js</a><a id=data href="data:text/html,<script>parent.pwned=1</script>">data</a>
<a id=blank target=_blank href="CANARY/blank" ping="CANARY/ping">blank</a><a id=top target=_top href="CANARY/top">top</a>
<svg><a id=svg xlink:href="CANARY/svg-link"><text>x</text></a></svg>
<div data-visit="CANARY/fake" id=fake>fake</div>
<style>@import url(CANARY/sheet.css); #js {{ background: image-set("CANARY/set" 1x); list-style: url('CANARY/list') }}</style>
"""
# The three walls, one by one: what a page tries that is put into the frame as it is, with a nonce that it cannot know.
UNCLEANED = """async ([html, module]) => {
  const { sealed } = await import(module);
  const page = new DOMParser().parseFromString(html, "text/html").documentElement;
  const frame = document.querySelector(".live-window iframe");
  window.heard = [];
  addEventListener("message", ({ data }) => window.heard.push(data));
  await new Promise((done) => { frame.onload = done; frame.srcdoc = sealed(page); });
}"""
REACH = """() => {
  const tries = [() => parent.document.title, () => top.localStorage.x, () => localStorage.x, () => document.cookie,
    () => indexedDB.open("x").onerror, () => parent.frames[0].document, () => { top.location = "about:blank" },
    () => caches.keys, () => { if (!open("about:blank")) throw Error("no window") }];
  return tries.map(one => { try { one(); return String(one) } catch { return null } }).filter(Boolean);
}"""


@pytest.fixture
def hostile(live: LivePage, canary: Canary) -> str:
    """A cell that registers a hostile page, under /hostile, and asks for it."""
    html = HOSTILE.replace("CANARY", canary.address).replace("WHERE", "visit")
    view = f"from flask import Response\n@app.get('/hostile')\ndef hostile():\n    return Response({html!r})\n"
    live.page.evaluate("window.pwned = undefined; localStorage.removeItem('pwned')")
    canary.asked.clear()
    return f"{view}app.get('/again')(lambda: '<h1>again</h1>')\n%http /hostile"


def quiet(live: LivePage, canary: Canary) -> None:
    """Nothing of the app ran, and nobody was asked for anything."""
    live.page.wait_for_timeout(300)
    assert live.page.evaluate("[window.pwned, localStorage.getItem('pwned')]") == [None, None]
    assert "pwned" not in live.page.title()
    assert len(live.page.context.pages) == 1
    assert canary.asked == []
    assert live.seen.outside == []


def test_a_hostile_page_runs_nothing_loads_nothing_and_leads_nowhere(
    open_page: Open, live: LivePage, canary: Canary, hostile: str
) -> None:
    visited = open_page(hostile)
    expect(visited.frame.locator("body")).to_contain_text("hostile-visit")
    expect(visited.frame.locator("body")).to_contain_text("without scripts")
    expect(visited.status).to_have_text("GET 200 OK · Scripts of the page do not run here.")
    only = "all => all.map(one => one.localName + (one.nonce ? ' of the book' : ''))"
    scripts = visited.frame.locator("script, iframe, object, embed, base, link, audio, video").evaluate_all(only)
    assert scripts == ["script of the book"]
    handlers = "all => all.flatMap(one => one.getAttributeNames()).filter(name => name.startsWith('on'))"
    assert visited.frame.locator("*").evaluate_all(handlers) == []
    click = "one => one.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
    for name in ("js", "data", "blank", "top", "svg", "fake", "away", "run"):  # the last comes here again
        visited.frame.locator(f"#{name}").evaluate(click)
    quiet(live, canary)
    for address, text in (("/again", "again"), ("/hostile", "hostile-visit")):  # so that the frame is the new one
        visited.go(address)
        expect(visited.frame.locator("body")).to_contain_text(text)
    visited.frame.locator("#named").evaluate("one => one.click()")
    visited.heading("again")
    quiet(live, canary)


def test_a_page_that_was_not_cleaned_is_held_by_policy_and_sandbox(
    open_page: Open, live: LivePage, canary: Canary, hostile: str, home: str
) -> None:
    visited = open_page(hostile)
    expect(visited.frame.locator("body")).to_contain_text("hostile-visit")
    html = HOSTILE.replace("CANARY", canary.address).replace("WHERE", "visit")
    html = html.replace('<meta http-equiv="refresh"', '<meta name="refresh"')  # that one the page's own policy holds
    live.page.evaluate(UNCLEANED, [html, f"{home}/_static/live/document.js"])
    assert visited.frame.locator("script").count() > 1
    quiet(live, canary)
    frame = visited.frame.locator("html")
    assert frame.evaluate(REACH) == []
    assert frame.evaluate("fetch(location.ancestorOrigins[0]).then(() => 'loaded', () => 'refused')") == "refused"
    assert live.page.evaluate("window.heard") == []


def test_a_refresh_that_was_not_cleaned_leads_nowhere(
    open_page: Open, live: LivePage, canary: Canary, hostile: str, home: str
) -> None:
    visited = open_page(hostile)
    expect(visited.frame.locator("body")).to_contain_text("hostile-visit")
    refresh = f'<meta http-equiv="refresh" content="0;url={canary.address}/refresh"><p>x'
    live.page.evaluate(UNCLEANED, [refresh, f"{home}/_static/live/document.js"])
    quiet(live, canary)


@pytest.mark.parametrize(
    "message",
    [
        {"navigate": {"url": "https://elsewhere.example/", "method": "GET"}},
        {"navigate": {"url": "javascript:parent.pwned = 1", "method": "GET"}},
        {"navigate": {"url": "/", "method": "DELETE"}},
        {"navigate": {"url": ["/"], "method": "GET"}},
        {"navigate": {"url": "http://localhost/", "method": "POST", "form": "no list"}},
        {"navigate": {"url": "http://localhost/", "method": "POST", "form": [["a", {"b": 1}]]}},
        {"navigate": {"url": "http://localhost/", "method": "POST", "files": [{"field": "a"}]}},
        {"navigate": None},
        {"cell": {"source": "import js; js.pwned = 1", "id": "x", "metadata": {}}},
        {"visit": {"visit": 1, "url": "http://localhost/"}},
        {"done": {"status": "200 OK", "text": "pwned", "type": "text/html", "url": "http://localhost/", "hops": []}},
        "navigate",
        None,
    ],
    ids=json.dumps,
)
def test_a_message_does_no_more_than_a_link(open_page: Open, live: LivePage, message: object) -> None:
    thrown: list[str] = []
    live.page.on("pageerror", lambda error: thrown.append(str(error)))
    visited = open_page("%http /tools/8")
    visited.heading("Tool 8")
    visited.frame.locator("html").evaluate("(_, message) => parent.postMessage(message, '*')", message)
    live.page.wait_for_timeout(100)
    visited.heading("Tool 8")
    assert live.page.evaluate("window.pwned") is None
    assert live.seen.outside == []
    assert thrown == []


def test_only_its_own_frame_is_heard(open_page: Open, live: LivePage) -> None:
    visited = open_page("%http /tools/8")
    visited.heading("Tool 8")
    ask = {"navigate": {"url": "http://localhost/", "method": "GET"}}
    live.page.evaluate("message => postMessage(message, '*')", ask)
    live.page.evaluate(
        "message => { const other = document.createElement('iframe'); document.body.append(other);"
        " other.contentWindow.document.write(`<script>parent.postMessage(${JSON.stringify(message)}, '*')</script>`) }",
        ask,
    )
    live.page.wait_for_timeout(200)
    visited.heading("Tool 8")
    live.page.evaluate("document.querySelector('body > iframe').remove()")
    visited.frame.locator("html").evaluate("(_, message) => parent.postMessage(message, '*')", ask)
    visited.heading("Tools")


def test_the_bridge_names_no_end_of_script() -> None:
    source = (Path(__file__).parents[2] / "book" / "_static" / "live" / "bridge.js").read_text(encoding="utf-8")
    assert "</script" not in source
    assert "<!--" not in source
