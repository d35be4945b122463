"""Flask's contexts that a cell has pushed and left: no context stays pushed between cells.

One that did would surround the requests of later cells, which then share its `g`: with Flask-Login, a new client is
seen as another client's user.
"""

from __future__ import annotations

from typing import Any

import flask
from flask.globals import app_ctx, request_ctx

__all__ = ["PushedContexts"]


class PushedContexts:
    """The contexts that are pushed at this moment.

    >>> before = PushedContexts()
    >>> flask.Flask("demo").app_context().push()
    >>> before.pop_newer()
    ['application context of demo']
    >>> flask.has_app_context()
    False
    """

    def __init__(self) -> None:
        self._before = _current()

    def pop_newer(self, plain: Any = lambda _app: False) -> list[str]:
        """Pop what was pushed since then, and name it; what belongs to an app that `plain` is true of stays."""
        named: list[str] = []
        while (top := _current()) != self._before and any(top) and len(named) < 100:
            kind, context = ("request", top[0]) if top[0] is not self._before[0] else ("application", top[1])
            if context is None or plain(context.app):
                break
            context.pop()
            named.append(f"{kind} context of {context.app.name}")
        return named


def _current() -> tuple[Any, Any]:
    request = request_ctx._get_current_object() if flask.has_request_context() else None  # type: ignore[attr-defined]
    return request, app_ctx._get_current_object() if flask.has_app_context() else None  # type: ignore[attr-defined]
