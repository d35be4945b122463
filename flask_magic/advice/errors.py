"""Advice on an exception: the first module that knows it answers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import flask

from . import contexts, data, databases, imports, registering, templates, urls, views

__all__ = ["advise"]

_Adviser = Callable[[BaseException, flask.Flask | None], list[str]]


def _advisers() -> list[_Adviser]:
    modules = (views, urls, templates, contexts, data, databases, imports, registering)
    return [module.advise for module in modules]


def advise(error: BaseException, app: flask.Flask | None = None) -> list[str]:
    """What to do about an exception, in one or two sentences; empty where that is not known for certain.

    `app` is the app that it came from; without it, the one whose context is active, or the one that the traceback
    tells of. Never raises, whatever the exception is like.

    >>> try:
    ...     from flask import Markup
    ... except ImportError as error:
    ...     advise(error)
    ['Today it is `from markupsafe import Markup`.']
    >>> advise(ValueError("x"))
    []
    """
    if app is None and flask.has_app_context():
        app = flask.current_app._get_current_object()  # type: ignore[attr-defined]
    for adviser in _advisers():
        with suppress(Exception):
            lines = adviser(error, app)
            if lines:
                return lines[:2]
    return []
