"""A response's body by its type: JSON, HTML, image, CSV, text, bytes, chunks."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from markupsafe import Markup
from werkzeug.exceptions import default_exceptions

from ..masking import mask_json, mask_markup, mask_pieces, mask_text
from .markup import join, tag, visible

__all__ = ["Body"]

_ONE_LINE = 88  # characters of JSON that are read at a glance
_FOLD = 24  # lines above which a body is folded
_SHORT = 8  # lines of HTML source that are shown beside the preview
_LIMIT = 20_000  # characters of a body that are kept in a saved output
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True)
class Body:
    """The body of a response. `media_type` is its type without parameters; `chunks` its pieces if it was streamed."""

    content: bytes
    media_type: str = "text/html"
    charset: str = "utf-8"
    chunks: list[bytes] | None = None
    reveal: bool = False

    # -- what it is

    @property
    def _decoded(self) -> str | None:
        if b"\0" in self.content:
            return None
        try:
            return self.content.decode(self.charset)
        except (UnicodeDecodeError, LookupError):
            return None

    @property
    def _json(self) -> Any:
        """The parsed JSON, or None."""
        if not (self.media_type == "application/json" or self.media_type.endswith("+json")):
            return None
        try:
            value = json.loads(self.content)
        except ValueError:
            return None
        return value if self.reveal else mask_json(value)

    @property
    def _is_markup(self) -> bool:
        text = self._decoded
        return self.media_type in ("text/html", "application/xhtml+xml") and text is not None and "<" in text

    @property
    def _is_standard_page(self) -> bool:
        """Is it the page that Werkzeug itself makes for an error or a redirect?"""
        return self._is_markup and self.content.startswith(b"<!doctype html>\n<html lang=en>\n<title>")

    @property
    def _standard_text(self) -> str:
        """Its title, and its text where that is not the one that always goes with the title."""
        page = unescape(self.content.decode(errors="replace"))
        title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
        named = title[1] if title else "untitled"
        said = re.search(r"<p>(.*?)</p>", page, re.DOTALL)
        usual = default_exceptions.get(int(named[:3])) if named[:3].isdigit() else None
        own = said[1] if said and usual is not None and said[1] != usual.description else ""
        return self._masked(f"(Werkzeug's own page: {named}{': ' + own if own else ''})")

    @property
    def _is_image(self) -> bool:
        return self.media_type.startswith("image/")

    # -- text

    def text(self) -> str:
        """The body as text."""
        if not self.content:
            return ""
        if self.chunks is not None:
            return "\n".join(f"chunk {n}: {visible(chunk)}" for n, chunk in enumerate(self._pieces(self.chunks), 1))
        if self._json is not None:
            return _limited(visible(_pretty(self._json)))
        text = self._decoded
        if text is None or (self._is_image and self.media_type != "image/svg+xml"):
            return _hex_head(self.content)
        if self._is_standard_page:
            return self._standard_text
        return self._limited_source()

    def _limited_source(self) -> str:
        text = (self._decoded or "").strip("\n")
        return _limited(visible(self._masked(text)))

    def _masked(self, text: str) -> str:
        if self.reveal:
            return text
        return mask_markup(text) if self._is_markup else mask_text(text)

    def _pieces(self, chunks: list[bytes]) -> list[str]:
        pieces = [_shown(chunk) for chunk in chunks]
        return pieces if self.reveal else mask_pieces(pieces, markup=self._is_markup)

    # -- HTML

    def html(self) -> Markup:
        """The body as HTML; whatever the app sent stays inert."""
        if not self.content:
            return tag("p", "(no body)", class_="fm-empty")
        if self.chunks is not None:
            items = [tag("li", tag("code", chunk)) for chunk in self._pieces(self.chunks)]
            return tag("ol", *items, class_="fm-chunks")
        if self._json is not None:
            return tag("div", _json_tree(self._json), class_="fm-json")
        if self._is_image:
            return self._image()
        if self._is_standard_page:
            return tag(
                "details", tag("summary", self._standard_text), tag("pre", self._limited_source(), class_="fm-text")
            )
        if self._is_markup:
            return self._preview()
        if self.media_type == "text/csv" and self._decoded:
            return _table(self._masked(self._decoded))
        return _folded(tag("pre", self.text(), class_="fm-text"), self.text())

    def _image(self) -> Markup:
        data = base64.b64encode(self.content).decode()
        return tag("img", src=f"data:{self.media_type};base64,{data}", alt=f"the response's image, {self.media_type}")

    def _preview(self) -> Markup:
        source = self.text()
        # No scripts, no origin, nothing loaded: the page is drawn, and can do nothing.
        policy = tag("meta", http_equiv="Content-Security-Policy", content=_POLICY)
        frame = tag(
            "iframe",
            sandbox="",
            srcdoc=policy + Markup(source),
            title="how a browser shows this page",
            loading="lazy",
            class_="fm-preview",
        )
        return join(
            frame,
            tag(
                "details",
                tag("summary", "HTML source"),
                _highlighted(source),
                class_="fm-source",
                open=source.count("\n") < _SHORT,
            ),
        )


def _pretty(value: Any) -> str:
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= _ONE_LINE else json.dumps(value, ensure_ascii=False, indent=2)


def _json_tree(value: Any) -> Markup:
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(line) <= _ONE_LINE:
        return tag("code", line)
    if isinstance(value, dict):
        items = [
            tag("li", tag("code", json.dumps(key, ensure_ascii=False), ": "), _json_tree(item))
            for key, item in value.items()
        ]
        brackets, what = "{}", "keys" if len(value) > 1 else "key"
    else:
        items = [tag("li", _json_tree(item)) for item in value]
        brackets, what = "[]", "items" if len(value) > 1 else "item"
    summary = tag("summary", tag("code", brackets[0]), tag("small", f" {len(value)} {what}"))
    return tag("details", summary, tag("ul", *items), tag("code", brackets[1]), open=True)


def _table(text: str) -> Markup:
    rows = list(csv.reader(io.StringIO(text)))
    if not rows:
        return tag("pre", text, class_="fm-text")
    head = tag("thead", tag("tr", *(tag("th", cell, scope="col") for cell in rows[0])))
    body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows[1:101]))
    rest = len(rows) - 101
    more = tag("p", f"… and {rest} more rows", class_="fm-more") if rest > 0 else ""
    return join(tag("div", tag("table", head, body), class_="fm-scroll"), more)


def _highlighted(source: str) -> Markup:
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers.html import HtmlLexer

    formatter = HtmlFormatter(nowrap=True, classprefix="fm-")
    return tag("pre", Markup(highlight(source, HtmlLexer(), formatter)), class_="fm-text")


def _folded(markup: Markup, text: str) -> Markup:
    lines = text.count("\n") + 1
    return markup if lines <= _FOLD else tag("details", tag("summary", f"{lines} lines"), markup)


def _limited(text: str) -> str:
    if len(text) <= _LIMIT:
        return text
    return f"{text[:_LIMIT]}\n… {len(text) - _LIMIT:,} characters more; the result's `text` has them all"


def _shown(chunk: bytes) -> str:
    try:
        return chunk.decode().rstrip("\n")
    except UnicodeDecodeError:
        return chunk[:32].hex(" ")


def _hex_head(content: bytes) -> str:
    rows = []
    for start in range(0, min(len(content), 64), 16):
        row = content[start : start + 16]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append(f"{start:04x}  {row.hex(' '):<47}  {letters}")
    more = f"\n… {len(content) - 64:,} bytes more" if len(content) > 64 else ""
    return f"{len(content):,} bytes\n" + "\n".join(rows) + more
