"""How the named clients look: their cookies, and what several of them got."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from werkzeug.test import Cookie

from ..clients import NamedClient
from ..ledger.private import cookies_of
from ..masking import MASK
from ..session_cookie import session_payload
from .exchange import ExchangeDisplay
from .markup import join, tag, visible

__all__ = ["ClientTable", "SideBySide"]

_HEAD = ("Client", "Sends to", "Requests", "Cookies")
_READ = "Read without the key: a session is signed, not secret. Only the app can check the signature."


@dataclass(frozen=True)
class ClientTable:
    """Clients, a row each, with their cookies; values, and what a session says, on `reveal` alone."""

    clients: Sequence[NamedClient]
    reveal: bool = False

    def text(self) -> str:
        """Columns: client, app or process, requests sent, cookies."""
        if not self.clients:
            return "No client has sent anything yet."
        rows = [_HEAD]
        for one in self.clients:
            first, *more = self._cookies(one) or ["none"]
            rows.append((one.name, one.to, str(one.sent), first))
            rows += [("", "", "", cookie) for cookie in more]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = ["  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[3]]) for row in rows]
        return visible("\n".join([*lines, *([_READ] if any(map(self._payload, self.clients)) else [])]))

    def _cookies(self, one: NamedClient) -> list[str]:
        shown = [_shown(cookie, self.reveal) for cookie in cookies_of(one.client)]
        payload = self._payload(one)
        return shown if payload is None else [*shown, f"the session says {payload}"]

    def _payload(self, one: NamedClient) -> str | None:
        for cookie in cookies_of(one.client) if self.reveal else ():
            payload = session_payload(cookie.value) if cookie.key == one.session else None
            if payload is not None:
                return json.dumps(payload, ensure_ascii=False, default=str)
        return None

    def html(self) -> Markup:
        """The same, as a table."""
        if not self.clients:
            return tag("p", self.text(), class_="fm fm-empty")
        head = tag("tr", *(tag("th", name, scope="col") for name in _HEAD))
        rows = [
            tag(
                "tr",
                tag("td", tag("span", one.name, class_="fm-client")),
                tag("td", tag("code", one.to)),
                tag("td", one.sent),
                tag("td", *[tag("div", tag("code", text)) for text in self._cookies(one)] or "none"),
            )
            for one in self.clients
        ]
        table = tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="fm-scroll")
        note = tag("p", tag("small", _READ)) if any(map(self._payload, self.clients)) else ""
        return tag("section", table, note, class_="fm fm-clients")


@dataclass(frozen=True)
class SideBySide:
    """What several clients got for one request: columns, or one below the other where there is no room."""

    exchanges: Sequence[ExchangeDisplay]

    def text(self) -> str:
        """One below the other."""
        return "\n\n".join(exchange.text() for exchange in self.exchanges)

    def html(self) -> Markup:
        """A section each, beside each other."""
        return tag("div", join(*(exchange.html() for exchange in self.exchanges)), class_="fm fm-side-by-side")


def _shown(cookie: Cookie, reveal: bool) -> str:
    """A cookie as a server sets it, its attributes in a fixed order."""
    attributes = [
        f"{cookie.key}={cookie.value if reveal or not cookie.value else MASK}",
        "" if cookie.origin_only and cookie.domain == "localhost" else f"Domain={cookie.domain}",
        f"Expires={cookie.expires:%a, %d %b %Y %H:%M:%S} GMT" if cookie.expires and reveal else "",
        f"Expires={MASK}" if cookie.expires and not reveal else "",
        "" if cookie.max_age is None else f"Max-Age={cookie.max_age}",
        f"Path={cookie.path}",
        "Secure" if cookie.secure else "",
        "HttpOnly" if cookie.http_only else "",
        f"SameSite={cookie.same_site}" if cookie.same_site else "",
    ]
    return "; ".join(attribute for attribute in attributes if attribute)
