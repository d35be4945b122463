"""An HTML page of a report: from a template, sanitised, and under a policy that lets nothing in it run or load."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from typing import Any

from markupsafe import Markup

__all__ = ["render"]

TAGS = {
    "a", "caption", "code", "dd", "details", "dl", "dt", "footer", "h1", "h2", "h3", "header", "li", "main", "ol", "p",
    "pre", "section", "span", "strong", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"*": {"class"}, "a": {"href"}, "th": {"scope"}, "td": {"title"}, "details": {"open"}}


def render(template: str, title: str, **values: Any) -> str:
    """The page that a template of `templates/` makes of these values.

    The templates escape what is put into them. What comes out is cleaned all the same: names, code and messages are
    a learner's, and the page is opened by others.
    """
    import nh3

    body = _templates().get_template(template).render(title=title, **values)
    clean = nh3.clean(body, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https"})
    style = _style()
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    page = _templates().get_template("page.html")
    text: str = page.render(title=title, policy=policy, style=Markup(style), body=Markup(clean))
    return text + "\n"


@cache
def _templates() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("flask_magic.workshop.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


@cache
def _style() -> str:
    from importlib.resources import files

    return (files("flask_magic.workshop.reports") / "templates" / "report.css").read_text(encoding="utf-8")
