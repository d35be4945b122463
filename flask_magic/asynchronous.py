"""`async def` views while an event loop runs already, as it does in every notebook cell.

Flask runs such a view by asgiref's `AsyncToSync`, which refuses inside a running loop. Here the coroutine runs in a
loop of its own, in a helper thread with the caller's context copied, so that `request`, `session` and `g` are the
caller's; only the coroutine leaves the thread, everything else of the request stays. In Pyodide, which has no
threads, `run_sync` waits for it.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import flask

__all__ = ["install", "run_coroutine", "uninstall"]


def install(app: flask.Flask) -> None:
    """Make async views of this app work in a cell, too. Outside a running loop Flask's own way is taken."""

    def async_to_sync(func: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        # Flask says so itself where its async extra is missing; a notebook must not hide it.
        plain = type(app).async_to_sync(app, func)

        @functools.wraps(func)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                return plain(*args, **kwargs)
            return run_coroutine(func(*args, **kwargs))

        return call

    if "async_to_sync" not in vars(app):
        vars(app)["async_to_sync"] = async_to_sync


def uninstall(app: flask.Flask) -> None:
    """Leave the app with Flask's own way."""
    vars(app).pop("async_to_sync", None)


def run_coroutine(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end although this thread's loop is running; context variables it sets are kept."""
    if sys.platform == "emscripten":
        from pyodide.ffi import run_sync  # type: ignore[import-not-found]

        return run_sync(coroutine)
    from concurrent.futures import ThreadPoolExecutor

    context = contextvars.copy_context()
    with ThreadPoolExecutor(1, thread_name_prefix="flask_magic-async") as pool:
        result = pool.submit(_run_in, context, coroutine).result()
    for variable, value in context.items():
        if variable.get(_UNSET) is not value:
            variable.set(value)
    return result


def _run_in(context: contextvars.Context, coroutine: Coroutine[Any, Any, Any]) -> Any:
    # `asyncio.run` would give the coroutine a copy of the context, and what it sets would be lost.
    with asyncio.Runner() as runner:
        return runner.run(coroutine, context=context)


_UNSET = object()
