"""What Flask did, known without any tracing: every function of an app writes itself into a list.

An app is built twice, and sent the same requests: once plain, once traced. Both times the list and the answers have to
be the same, and the trace has to tell the list.
"""

from __future__ import annotations

import contextvars
import re
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import flask
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner

from flask_magic.trace import Event, Outcome, Trace, Tracer

#: The kinds of events that are functions of an app's author.
FUNCTIONS = frozenset(
    {
        "url_value_preprocessor",
        "url_defaults",
        "before_request",
        "view",
        "method",
        "function",
        "errorhandler",
        "context_processor",
        "after_request",
        "after_this_request",
        "teardown_request",
        "teardown_appcontext",
        "receiver",
    }
)

Send = Callable[[FlaskClient], Any]


class Calls(list[str]):
    """The functions that were called: kind, blueprint if there is one, and name."""

    def __call__(self, kind: str, name: str, scope: str = "") -> None:
        self.append(_line(kind, name, scope))

    def says(self, kind: str, name: str, answer: Any = None, scope: str = "") -> Callable[..., Any]:
        """A function of this name that writes itself down, and gives or raises `answer`; a response passes through."""

        def function(*args: Any, **_: Any) -> Any:
            self(kind, name, scope)
            if isinstance(answer, BaseException):
                raise answer
            return args[0] if kind.startswith("after") and answer is None else answer

        function.__name__ = function.__qualname__ = name
        return function


def _line(kind: str, name: str, scope: str) -> str:
    return f"{kind} {scope}:{name}" if scope else f"{kind} {name}"


@dataclass
class Run:
    """What came of an app and its requests."""

    app: flask.Flask
    calls: Calls
    answers: list[Any]
    #: Whether Flask has left a context pushed, which it does where pushing it fails.
    left: tuple[bool, bool]
    trace: Trace = field(default_factory=Trace)

    def shown(self) -> str:
        """The trace, for a failed test's message."""
        return "\n".join(line for request in self.trace.requests for line in _shown(request, ""))

    def kinds(self, *kinds: str) -> list[str]:
        """The trace's events of these kinds, as `kind name`, or as `name` where there is one kind."""
        events = (event for event in self.trace.events() if event.kind in kinds)
        return [event.name if len(kinds) == 1 else f"{event.kind} {event.name}" for event in events]


def _shown(event: Event, indent: str) -> Iterable[str]:
    parts = (event.stage, event.kind, event.name, event.scope, event.says, event.outcome, event.place)
    yield indent + " | ".join(str(part or "") for part in parts)
    for item in event.items:
        yield from _shown(item, f"{indent}  ")


def traced_calls(trace: Trace) -> list[str]:
    """The functions that the trace tells of. A class's view is told by the method that it calls; what Flask answers
    itself is nobody's function.
    """
    return [
        _line(event.kind, event.name, event.scope)
        for event in trace.events()
        if event.kind in FUNCTIONS
        and event.outcome is not Outcome.SKIPPED
        and not (event.kind == "view" and any(item.kind == "method" for item in event.items))
        and (event.kind, event.name) != ("view", "OPTIONS")
    ]


def answer(client: FlaskClient, send: Send) -> Any:
    """What the client gets: status, headers and body, or the exception; for a redirect that is followed, of each."""
    try:
        response = send(client)
        if not hasattr(response, "history"):
            return response
        return [(one.status, _headers(one), one.get_data()) for one in (*response.history, response)]
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


def _headers(response: Any) -> list[tuple[str, str]]:
    return [(name, _settled(name, value)) for name, value in response.headers]


def _settled(name: str, value: str) -> str:
    """A header's value without what the clock or the order of a set decides."""
    return ", ".join(sorted(value.split(", "))) if name == "Allow" else re.sub(r"Expires=[^;]+", "Expires=…", value)


def run(build: Callable[[Calls], flask.Flask], *requests: str | Send, traced: bool, **client: Any) -> Run:
    """Build the app and send it the requests: paths, or what sends one. Nothing is left in this context."""
    return contextvars.copy_context().run(_run, build, requests, traced, client)


def _run(build: Callable[[Calls], flask.Flask], requests: tuple[str | Send, ...], traced: bool, client: Any) -> Run:
    calls = Calls()
    app = build(calls)
    sends = [(lambda client, path=one: client.get(path)) if isinstance(one, str) else one for one in requests]
    tracing = Tracer().trace(app) if traced else nullcontext(Trace())
    with mock.patch.object(TimestampSigner, "get_timestamp", return_value=1_750_000_000), tracing as trace:
        sender = app.test_client(**client)
        answers = [answer(sender, send) for send in sends]
        left = flask.has_request_context(), flask.has_app_context()
        called = Calls(calls)  # before the rules are asked for their reasons
    return Run(app, called, answers, left, trace)


def compare(plain: Run, traced: Run) -> Run:
    """The traced run, which is as the plain one."""
    assert traced.calls == plain.calls, traced.shown()
    assert traced.answers == plain.answers, traced.shown()
    assert traced.left == plain.left, traced.shown()
    assert all(request.kind == "request" for request in traced.trace.requests), traced.shown()
    return traced


def both(build: Callable[[Calls], flask.Flask], *requests: str | Send, **client: Any) -> Run:
    """The traced run, which is as the plain one. (What is called may be more than the functions that a trace tells.)"""
    plain, traced = (run(build, *requests, traced=one, **client) for one in (False, True))
    return compare(plain, traced)


def same(build: Callable[[Calls], flask.Flask], *requests: str | Send, **client: Any) -> Run:
    """The traced run, which is as the plain one, and whose trace tells what was called."""
    traced = both(build, *requests, **client)
    assert traced_calls(traced.trace) == traced.calls, traced.shown()
    return traced
