"""HTML that escapes by default, and how an object reaches the notebook."""

from __future__ import annotations

from typing import Any, Protocol

from markupsafe import Markup, escape

__all__ = ["Renderable", "bundle", "join", "show", "tag", "visible"]


class Renderable(Protocol):
    """Something that has a form in text and a form in HTML."""

    def text(self) -> str:
        """Plain text, for a terminal and for readers of the notebook's source."""

    def html(self) -> Markup:
        """Semantic HTML with class names, readable without any CSS."""


def tag(name: str, *children: Any, **attributes: Any) -> Markup:
    """An element. Children that are not Markup are escaped; an attribute that is None or False is left out.

    >>> tag("a", "1 < 2", class_="fm-x", href="/")
    Markup('<a class="fm-x" href="/">1 &lt; 2</a>')
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        parts.append(f" {key}" if value is True else f' {key}="{escape(visible(str(value)))}"')
    parts.append(">")
    parts += [str(child if isinstance(child, Markup) else escape(visible(str(child)))) for child in children]
    if name not in ("br", "hr", "img", "meta"):
        parts.append(f"</{name}>")
    return Markup("".join(parts))


def join(*parts: Any) -> Markup:
    """Markup and text one after the other, text escaped."""
    return Markup("").join(part if isinstance(part, Markup) else escape(visible(str(part))) for part in parts)


def visible(text: str) -> str:
    """Text whose control characters can be seen: a terminal must not obey what an app sends.

    >>> visible("a\\x1b[31m")
    'a␛[31m'
    """
    return text.translate(_CONTROL_PICTURES)


_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"} | {127: "␡"}


def bundle(renderable: Renderable) -> dict[str, str]:
    """The MIME bundle that a frontend chooses from."""
    return {"text/plain": renderable.text(), "text/html": str(renderable.html())}


def show(renderable: Renderable, more: dict[str, Any] | None = None) -> None:
    """Publish a renderable as an output of the running cell; `more` adds MIME types.

    A kernel whose publisher has a method `showing` is told first what it is that will be shown.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import publish_display_data

    publish: Any = publish_display_data
    showing = getattr(InteractiveShell.instance().display_pub, "showing", None)
    if showing is not None:
        showing(renderable)
    publish(bundle(renderable) | (more or {}))
