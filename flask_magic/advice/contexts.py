"""Work outside of a context, without a secret key, or inside an event loop."""

from __future__ import annotations

import flask

from .reading import frames_of

__all__ = ["advise"]

_IN_THREAD = "A thread has no context of its own: give it `copy_current_request_context(function)`, made in the view."
_IN_STREAM = "The pieces are made after the view has returned: wrap the generator in `stream_with_context(…)`."
_BUILDING = "In a cell: `with app.test_request_context():` around it. In a script or a job: set SERVER_NAME."
_SECRET = "Set `app.secret_key` before the request: what `secrets.token_hex()` gives once, kept outside of the code."

#: How a RuntimeError's message begins, and what to do in a cell.
_BEGINNINGS = {
    "Working outside of application context.": (
        "Only a request or a context says which app is meant. In a cell: `with app.app_context():` around it."
    ),
    "Working outside of request context.": (
        'Only while one is answered is there a request. In a cell: `with app.test_request_context("/"):` around it.'
    ),
    "Unable to build URLs outside an active request": _BUILDING,
    "The session is unavailable because no secret key was set.": _SECRET,
    "A secret key is required to use CSRF.": _SECRET,
    "You cannot use AsyncToSync in the same thread as an async event loop": (
        "A notebook runs an event loop already. `%http` calls `async def` views all the same."
    ),
}


def advise(error: BaseException, _app: flask.Flask | None) -> list[str]:
    """Advice on a RuntimeError of Flask, Flask-WTF or asgiref."""
    if not isinstance(error, RuntimeError):
        return []
    message = str(error)
    if message.startswith("Working outside of"):
        frames = frames_of(error)
        modules = {frame.f_globals.get("__name__") for frame in frames}
        if "concurrent.futures.thread" in modules:
            return [_IN_THREAD]
        if "werkzeug.wrappers.response" in modules:
            return [_IN_STREAM]
        if any(frame.f_code is flask.url_for.__code__ for frame in frames):
            return [_BUILDING]
    return [advice for beginning, advice in _BEGINNINGS.items() if message.startswith(beginning)]
