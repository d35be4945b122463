"""The live app as a browser asks it: pages that cells have shown, and where their links and forms lead.

The kernel holds one `Visits`. What is asked and what is answered are values that JSON has, as both go between a page
and its worker.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import flask
from werkzeug.test import TestResponse

from flask_magic.display import ExchangeDisplay, SideBySide
from flask_magic.errors import FlaskMagicError
from flask_magic.exchange import Exchange
from flask_magic.frames import mask_messages
from flask_magic.masking import mask_text
from flask_magic.request_line import FileItem, Request, read_request
from flask_magic.workbench import Workbench

__all__ = ["Visits"]

Answer = dict[str, Any]

PAGES = ("text/html", "application/xhtml+xml")
TEXTS = ("application/json", "application/xml", "application/javascript")
REDIRECTS = (301, 302, 303, 307, 308)
#: Redirects that a browser follows, one after the other.
HOPS = 20
#: Bytes of a response that go to the page.
LIMIT = 5_000_000
#: What browsers say that they take, by what they want it for.
ACCEPT = {
    "page": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "style": "text/css,*/*;q=0.1",
    "image": "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
}


@dataclass(frozen=True)
class _Shown:
    """An exchange that a cell has shown, and the variable of the app that it was with."""

    exchange: Exchange
    app: str | None

    @property
    def url(self) -> str:
        return str(self.exchange.response.request.url) if self.exchange.response is not None else ""

    @property
    def headers(self) -> list[tuple[str, str | None]]:
        """What a browser that was told a password sends with each request."""
        return [(n, v) for n, v in self.exchange.sent.headers if n.lower() == "authorization" and v and "Basic" in v]


class Visits:
    """The last pages that were shown, by number. A visit asks by the client that the page was asked by.

    >>> bench = Workbench(namespace := {})
    >>> app = bench.app()
    >>> _ = app.add_url_rule("/", view_func=lambda: "<h1>hello</h1>", endpoint="index")
    >>> visits = Visits()
    >>> [number] = visits.offer(bench, ExchangeDisplay(bench.send(Request(path="/"))))
    >>> visits.answer(bench, {"visit": number})["text"]
    '<h1>hello</h1>'
    >>> visits.answer(bench, {"visit": number, "url": "http://localhost/nowhere"})["status"]
    '404 NOT FOUND'
    """

    def __init__(self, limit: int = 100) -> None:
        self._limit = limit
        self._shown: dict[int, _Shown] = {}
        self._last = 0

    def offer(self, workbench: Workbench, renderable: object) -> list[int | None]:
        """A number for each exchange that is shown, in their order; None where there is no page to open.

        A redirect has one: it leads to a page. [] for a display of something else.
        """
        if isinstance(renderable, SideBySide):
            displays = list(renderable.exchanges)
        else:
            displays = [renderable] if isinstance(renderable, ExchangeDisplay) else []
        return [self._numbered(workbench, display.exchange) for display in displays]

    def _numbered(self, workbench: Workbench, exchange: Exchange) -> int | None:
        response = exchange.response
        if response is None or exchange.process is not None:
            return None
        if not _location(response) and not (response.mimetype in PAGES and response.get_data()):
            return None
        self._last += 1
        entries = (one for one in workbench.history if one.request is exchange.sent and one.client == exchange.client)
        self._shown[self._last] = _Shown(exchange, next((entry.app for entry in entries), None))
        self._shown.pop(self._last - self._limit, None)
        return self._last

    def answer(self, workbench: Workbench, asked: dict[str, Any]) -> Answer:
        """Open the page with the number `visit`; with a `url`, which is absolute, ask for that from there.

        `asked` may also hold `method`; `form`, a list of [name, value]; `files`, a list of {field, filename, type,
        content} with the content in base64; `multipart`; `referrer`, an absolute URL; and `wants`, a key of ACCEPT.

        The answer holds `method`, `url` and `status` of the last response, `hops`, the statuses of the redirects that
        led to it, its `type`, and its body as `text` or, for what is no text, as `base64`. `error` is the exception
        that no handler took. An answer with `refused` says why there is no more.
        """
        shown = self._shown.get(asked["visit"])
        if shown is None:
            return {"refused": "The response is not kept any more. Run its cell again."}
        try:
            if "url" not in asked:
                return _followed(workbench, shown, shown.exchange, shown.url)
            return _asked(workbench, shown, asked)
        except FlaskMagicError as error:  # no app any more, or several
            return {"refused": str(error)}
        except (Exception, SystemExit) as error:
            return {"refused": mask_text(f"{type(error).__name__}: {error}")}


def _asked(workbench: Workbench, shown: _Shown, asked: dict[str, Any]) -> Answer:
    url = asked["url"]
    app = workbench.app(shown.app)
    if not _belongs(app, shown.url, url):
        return {"refused": f"{url} is not in the app. Links to elsewhere are not followed here."}
    request = _request(app, "POST" if asked.get("method") == "POST" else "GET", url)
    request.headers += [*shown.headers, ("Accept", ACCEPT[asked.get("wants", "page")])]
    if asked.get("referrer"):
        request.headers.append(("Referer", urldefrag(asked["referrer"]).url))
    if asked.get("multipart"):
        request.headers.append(("Content-Type", "multipart/form-data"))
    request.form = [(name, value) for name, value in asked.get("form", ())]
    request.files = [
        FileItem(file["field"], file["filename"], b64decode(file["content"]), file["type"])
        for file in asked.get("files", ())
    ]
    return _followed(workbench, shown, _send(workbench, shown, request), url)


def _send(workbench: Workbench, shown: _Shown, request: Request) -> Exchange:
    return workbench.send(request, app=shown.app, client=shown.exchange.client, keep=False)


def _followed(workbench: Workbench, shown: _Shown, exchange: Exchange, url: str) -> Answer:
    """Go where redirects lead, as a browser does; what the last response answers."""
    hops: list[str] = []
    while exchange.response is not None and (location := _location(exchange.response)):
        fragment = urldefrag(url).fragment
        there = urljoin(url, location)
        if fragment and not urldefrag(there).fragment:
            there = f"{there}#{fragment}"
        app = workbench.app(shown.app)
        reached = _told(exchange, url, hops)
        if not _belongs(app, shown.url, there):
            return reached | {"refused": f"The app redirects to {there}, which is not in the app: not followed."}
        if len(hops) == HOPS:
            return reached | {"refused": f"The app redirects on and on: {HOPS} redirects were followed."}
        hops.append(exchange.response.status)
        exchange = _send(workbench, shown, _redirected(app, exchange, there))
        url = there
    return _told(exchange, url, hops)


def _redirected(app: flask.Flask, exchange: Exchange, url: str) -> Request:
    """The request that a browser sends when an exchange redirects it to `url`."""
    assert exchange.response is not None
    if exchange.response.status_code in (307, 308):
        target = _request(app, exchange.sent.method, url)
        return replace(exchange.sent, path=target.path, scheme=target.scheme, host=target.host, query=[])
    request = _request(app, "HEAD" if exchange.sent.method == "HEAD" else "GET", url)
    request.headers += [(n, v) for n, v in exchange.sent.headers if n.lower() not in ("content-type", "content-length")]
    return request


def _request(app: flask.Flask, method: str, url: str) -> Request:
    request = read_request([method, url])
    if (request.scheme, request.host) == (app.config["PREFERRED_URL_SCHEME"], app.config["SERVER_NAME"] or "localhost"):
        # Without a host the test client takes the app's own address, the root of its URLs included.
        request.host = None
        request.path = request.path.removeprefix(_root(app)) or "/"
    return request


def _belongs(app: flask.Flask, first: str, url: str) -> bool:
    """Is a URL one of the app's: of the host that was asked first, of the app's server name, or of a subdomain?"""
    parts = urlsplit(url)
    name = app.config["SERVER_NAME"]
    own = parts.netloc == urlsplit(first).netloc or (name and f".{parts.netloc}".endswith(f".{name}"))
    return parts.scheme in ("http", "https") and bool(own) and f"{parts.path}/".startswith(f"{_root(app)}/")


def _root(app: flask.Flask) -> str:
    return str(app.config["APPLICATION_ROOT"]).rstrip("/")


def _location(response: TestResponse) -> str:
    return response.headers.get("Location", "") if response.status_code in REDIRECTS else ""


def _told(exchange: Exchange, url: str, hops: Iterable[str]) -> Answer:
    answer: Answer = {"method": exchange.sent.method, "url": url, "hops": [*hops], "error": ""}
    if exchange.error is not None:
        answer["error"] = mask_text(f"{type(exchange.error).__name__}: {exchange.error}")
    response = exchange.response
    if response is None:
        lines = "\n".join(mask_messages(exchange.error_lines))
        return answer | {"status": "no response", "type": "text/plain", "text": lines}
    answer |= {"status": response.status, "type": response.mimetype or "application/octet-stream"}
    body = response.get_data()
    if len(body) > LIMIT:
        return answer | {"refused": f"The response has {len(body):,} bytes, more than a page shows here."}
    if response.mimetype.startswith("text/") or response.mimetype in (*PAGES, *TEXTS) or "+json" in response.mimetype:
        return answer | {"text": _decoded(body, response.mimetype_params.get("charset", "utf-8"))}
    return answer | {"base64": b64encode(body).decode()}


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, errors="replace")
    except LookupError:
        return body.decode(errors="replace")
