"""How a request and its response look."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from werkzeug.test import TestResponse

from ..clients import DEFAULT
from ..exchange import Exchange
from ..frames import mask_messages
from ..headers import NOISE, header_value, shown_headers
from ..masking import mask_text
from .bodies import Body
from .markup import join, tag, visible

__all__ = ["ExchangeDisplay"]

#: What a status tells a client, in words; a status that says enough by its phrase has none.
MEANINGS = {
    201: "made",
    202: "taken in, not done yet",
    204: "done, and nothing to show",
    301: "moved for good; the client goes to Location, often with GET",
    302: "look at Location, often with GET",
    303: "look at Location with GET",
    304: "the client's own copy is still good",
    307: "go to Location with the same method",
    308: "moved for good; go to Location with the same method",
    400: "the request itself is wrong",
    401: "the client must say who it is",
    403: "this client may not",
    404: "there is nothing under this URL",
    405: "the URL is there, and does not take this method",
    409: "it clashes with what is there",
    410: "it was there and is gone",
    413: "the body is larger than the app takes",
    415: "the body is of a type that the app does not read here",
    422: "well-formed, and still not acceptable",
    429: "too many requests",
    500: "the app failed",
    502: "the server behind the proxy gave no proper answer",
    503: "not available just now",
}


@dataclass(frozen=True)
class ExchangeDisplay:
    """An exchange as it is shown. `part` is `all`, `head` or `body`."""

    exchange: Exchange
    part: str = "all"
    time: bool = False
    reveal: bool = False
    #: The exception is shown in full here where it is not raised below.
    raises: bool = False

    # -- text

    def text(self) -> str:
        """Request line, redirects, status, headers, body, logs, error, advice."""
        lines = [self._request_line()]
        response = self.exchange.response
        if response is not None:
            for step, method, location in self._hops(response):
                lines.append(f"{step.status} → {method} {visible(location)}")
            lines.append(self._status_line(response))
            if self.part != "body":
                lines += [f"{name}: {visible(value)}" for name, value in self._headers(response)]
            body = self._body(response).text() if self.part != "head" else ""
            if body:
                lines += ["", body]
        if self.exchange.logs and self.part == "all":
            lines += [
                "",
                *(f"log {log.level} {log.logger}: {visible(self._masked(log.message))}" for log in self.exchange.logs),
            ]
        if self.exchange.error is not None:
            lines += ["", *self._error_lines()]
        if self.exchange.advice and self.part == "all":
            lines += ["", *(f"→ {visible(self._masked(line))}" for line in self.exchange.advice)]
        return "\n".join(lines)

    def _request_line(self) -> str:
        where = "".join(f"   {word} {name}" for word, name in self._who_and_where())
        return f"{self.exchange.sent.method} {visible(self._masked(self.exchange.sent.target))}{where}"

    def _who_and_where(self) -> list[tuple[str, str]]:
        process = self.exchange.process
        pairs = [("as", self.exchange.client if self.exchange.client != DEFAULT else "")]
        pairs.append(("to", process.name if process is not None else ""))
        return [(word, name) for word, name in pairs if name]

    def _hops(self, response: TestResponse) -> list[tuple[TestResponse, str, str]]:
        """Each redirect that was followed, with the method and the place of the request that it led to."""
        after = [*response.history[1:], response]
        return [
            (step, following.request.method, self._location(step))
            for step, following in zip(response.history, after, strict=False)
        ]

    def _location(self, step: TestResponse) -> str:
        return header_value("Location", step.headers.get("Location", ""), reveal=self.reveal, port=self._port)

    def _status_line(self, response: TestResponse) -> str:
        meaning = MEANINGS.get(response.status_code, "")
        time = f"{self.exchange.seconds * 1000:.1f} ms" if self.time else ""
        return " · ".join(part for part in (response.status, meaning, time) if part)

    def _headers(self, response: TestResponse) -> list[tuple[str, str]]:
        noise = frozenset({"date"}) if self.part == "head" else NOISE
        return shown_headers(response.headers.items(), noise=noise, reveal=self.reveal, port=self._port)

    @property
    def _port(self) -> int | None:
        return self.exchange.process.port if self.exchange.process is not None else None

    def _masked(self, text: str) -> str:
        return text if self.reveal else mask_text(text)

    def _body(self, response: TestResponse) -> Body:
        charset = response.mimetype_params.get("charset", "utf-8")
        return Body(response.get_data(), response.mimetype or "", charset, self.exchange.chunks, self.reveal)

    def _error_lines(self) -> list[str]:
        error, lines = self.exchange.error, self.exchange.error_lines
        if self.raises:
            if self.exchange.response is None:
                return [f"No handler took this {type(error).__name__}; it is not turned into a response; raised below."]
            if self.exchange.response.status_code < 500:
                return [f"This {type(error).__name__} came when the response had begun; it is raised below."]
            return [f"No handler took this {type(error).__name__}; it is raised below."]
        return [
            f"No handler took this {type(error).__name__}:",
            *(f"  {visible(line)}" for line in (lines if self.reveal else mask_messages(lines))),
        ]

    # -- HTML

    def html(self) -> Markup:
        """The same, as a section whose headers fold."""
        request, response = self.exchange.sent, self.exchange.response
        where = [tag("span", f"{word} {name}", class_="fm-client") for word, name in self._who_and_where()]
        parts: list[Markup] = [
            tag(
                "p",
                tag("b", request.method, class_="fm-method"),
                " ",
                tag("code", self._masked(request.target)),
                " ",
                Markup(" ").join(where),
                class_="fm-request",
            )
        ]
        if response is not None:
            parts += [
                tag("p", _badge(step), " → ", tag("b", method, class_="fm-method"), " ", tag("code", location))
                for step, method, location in self._hops(response)
            ]
            parts.append(self._html_status(response))
            if self.part != "body":
                parts.append(self._html_headers(response))
            if self.part != "head":
                parts.append(tag("div", self._body(response).html(), class_="fm-body"))
        if self.exchange.logs and self.part == "all":
            parts.append(self._html_logs())
        if self.exchange.error is not None:
            parts.append(tag("pre", "\n".join(self._error_lines()), class_="fm-error"))
        if self.exchange.advice and self.part == "all":
            lines = [tag("p", "→ ", *self._html_advice(line)) for line in self.exchange.advice]
            parts.append(tag("div", *lines, class_="fm-advice"))
        return tag("section", *parts, class_="fm fm-exchange")

    def _html_status(self, response: TestResponse) -> Markup:
        rest = self._status_line(response).partition(" · ")[2]
        note = tag("span", rest, class_="fm-meaning") if rest else ""
        media_type = tag("span", response.mimetype, class_="fm-type") if response.mimetype else ""
        return tag("p", _badge(response), " ", note, " ", media_type, class_="fm-status")

    def _html_headers(self, response: TestResponse) -> Markup:
        pairs = self._headers(response)
        if not pairs:
            return Markup("")
        items = [join(tag("dt", name), tag("dd", value)) for name, value in pairs]
        # What a person came for stands open; the rest folds.
        telling = [name for name, _ in pairs if name.lower() not in ("content-type", "vary", "cache-control")]
        summary = tag("summary", "Headers")
        return tag(
            "details",
            summary,
            tag("dl", *items),
            class_="fm-headers",
            open=bool(telling) or self.part == "head",
        )

    def _html_advice(self, line: str) -> list[str | Markup]:
        """A sentence in which what stands in backticks is code."""
        return [tag("code", part) if index % 2 else part for index, part in enumerate(self._masked(line).split("`"))]

    def _html_logs(self) -> Markup:
        items = [
            tag(
                "li",
                tag("b", log.level, class_=f"fm-log-{log.level.lower()}"),
                " ",
                tag("span", log.logger),
                " ",
                tag("code", self._masked(log.message)),
            )
            for log in self.exchange.logs
        ]
        return tag("ul", *items, class_="fm-logs", aria_label="log records of this request")


def _badge(response: TestResponse) -> Markup:
    return tag("strong", response.status, class_=f"fm-{response.status_code // 100}xx")
