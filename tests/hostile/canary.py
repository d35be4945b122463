"""A server that tells whether anything has called out, and what a visited page did that it should not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from playwright.sync_api import Page
from static_server import serving

# Everything a reader could unfold or scroll to; frames that wait for it are loaded now.
UNFOLD = """() => {
    document.querySelectorAll('details').forEach(part => { part.open = true });
    document.querySelectorAll('iframe').forEach(frame => { frame.loading = 'eager' });
}"""
LOADED = "() => [...document.images].every(image => image.complete) && document.readyState === 'complete'"
# What no display may make of an app's words. `outputs` is a selector.
ELEMENTS = """outputs => {
    const active = 'script, object, embed, applet, base, form, meta, link, audio, video, portal, frame, animate, set';
    const found = [];
    for (const output of document.querySelectorAll(outputs)) {
        for (const element of output.querySelectorAll('*')) {
            const own = [...element.attributes].map(attribute => attribute.name).filter(name => name.startsWith('on'));
            const address = element.getAttribute('src') || element.getAttribute('href') || '';
            const loads = !element.matches('a') && /^(https?:)?[/][/]/.test(address);
            const leads = loads || /^\\s*javascript:/i.test(address);
            const open = element.matches('iframe') && element.getAttribute('sandbox') !== '';
            if (element.matches(active) || own.length || leads || open) found.push(element.outerHTML.slice(0, 200));
        }
    }
    return found;
}"""
#: Why the browser sent a request nowhere.
STOPPED = ("csp", "origin")
PWNED = "() => [window.pwned, localStorage.getItem('pwned'), document.title].filter(found => /pwned/.test(found))"


class Canary:
    """Remembers the paths that it was asked for."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[str] = []


@contextmanager
def listening() -> Iterator[Canary]:
    """A canary on a port of its own."""

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            canary.asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_HEAD = do_OPTIONS = do_PUT = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    with serving(Listener) as address:
        canary = Canary(address)
        yield canary


@dataclass
class Watched:
    """What a page did: where it called out to, what it said of being taken over, what it opened."""

    page: Page
    home: str
    did: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("requestfinished", lambda sent: self._request(sent.url))
        self.page.on("requestfailed", lambda sent: self._request(sent.url, sent.failure))
        self.page.on("websocket", lambda socket: self._request(socket.url.replace("ws:", "http:")))
        self.page.on("console", lambda said: self.did.append(said.text) if said.text.startswith("pwned") else None)
        self.page.on("popup", lambda opened: self.did.append(f"opened {opened.url}"))
        self.page.on("download", lambda file: self.did.append(f"download {file.url}"))
        self.page.on("dialog", self._dialog)

    def _request(self, url: str, failure: str | None = None) -> None:
        # What the frame's policy stopped is reported too, as a failure; it never left the browser.
        if failure not in STOPPED and not url.startswith((self.home, "data:", "blob:", "about:")):
            self.did.append(f"request {url} {failure or ''}")

    def _dialog(self, dialog: Any) -> None:
        self.did.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def look(self, outputs: str) -> str:
        """Unfold everything, let it load, note what was taken over; the text that a reader sees in the outputs."""
        self.page.evaluate(UNFOLD)
        for frame in self.page.frames[1:]:
            frame.wait_for_load_state()
        self.page.wait_for_function(LOADED)
        self.page.mouse.move(200, 300)  # a page may wait for a reader to move
        self.page.mouse.wheel(0, 400)
        self.page.wait_for_timeout(300)
        self.did += self.page.evaluate(PWNED)
        self.did += [f"element {element}" for element in self.page.evaluate(ELEMENTS, outputs)]
        return "\n".join(self.page.locator(outputs).all_inner_texts())
