"""Imports that go in a circle, meet the wrong file, or ask for what has moved."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

import flask

from .reading import frames_of

__all__ = ["advise"]

_CIRCLE = re.compile(r"(?:cannot import name '\w+' from )?partially initialized module '(?P<module>[\w.]+)'")
_NAME = re.compile(r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'")

#: What tutorials still import, and where it is now.
_MOVED = {
    ("flask", "Markup"): "`from markupsafe import Markup`",
    ("flask", "escape"): "`from markupsafe import escape`",
    ("jinja2", "Markup"): "`from markupsafe import Markup`",
    ("jinja2", "escape"): "`from markupsafe import escape`",
    ("werkzeug.urls", "url_quote"): "`from urllib.parse import quote`",
    ("werkzeug.urls", "url_parse"): "`from urllib.parse import urlsplit`",
    ("flask", "_request_ctx_stack"): "`from flask import request`, or `g` for what belongs to one request",
    ("flask", "_app_ctx_stack"): "`from flask import current_app`, or `g` for what belongs to one request",
}


def advise(error: BaseException, _app: flask.Flask | None) -> list[str]:
    """Advice on an ImportError, or on the AttributeError of a module that is not done."""
    if isinstance(error, AttributeError):
        if str(error).startswith("'Flask' object has no attribute 'before_first_request'"):
            return ["It is gone since Flask 2.3: do it where the app is made, with `with app.app_context():`."]
        return _circle(error)
    if not isinstance(error, ImportError):
        return []
    return _shadowed(error) or _circle(error) or _moved(error)


def _shadowed(error: ImportError) -> list[str]:
    if error.name not in ("flask", "werkzeug", "jinja2") or not error.path:
        return []
    path = Path(error.path)
    if path.is_relative_to(sysconfig.get_path("purelib")) or path.name == "__init__.py":
        return []
    return [f"Your own file {path.name} is imported in place of the package: give it another name."]


def _circle(error: BaseException) -> list[str]:
    found = _CIRCLE.match(str(error))
    if found is None:
        return []
    first = found["module"]
    modules = [str(frame.f_globals.get("__name__")) for frame in frames_of(error) if frame.f_code.co_name == "<module>"]
    modules.reverse()
    circle = modules[modules.index(first) :] if first in modules else []
    way = " → ".join([*circle, first])
    told = f"The imports go in a circle: {way}. " if len(circle) > 1 else ""
    return [f"{told}Import the views where the app is made already: in `create_app`, or at the end of {first}."]


def _moved(error: ImportError) -> list[str]:
    found = _NAME.match(str(error))
    where = _MOVED.get((found["module"], found["name"])) if found else None
    return [f"Today it is {where}."] if where else []
