"""Responses that Flask or Werkzeug made themselves: 404, 405, 415 … and what to do about them.

What a view answers, `abort` included, is the user's own and gets no advice. So the advice hangs on the exception: it
is the one that matching the URL gave, or was raised in a known function of Werkzeug.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import flask
from werkzeug.exceptions import (
    BadRequest,
    BadRequestKeyError,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    SecurityError,
    UnsupportedMediaType,
)
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from ..overriding import overriding
from .data import missing_key
from .nearest import nearest, refused_match
from .reading import is_a, listed, local, raised_in, short, shown_path
from .templates import elsewhere

__all__ = ["Refusals", "advise_refusal", "noticing_refusals"]


@dataclass
class Refusals:
    """The HTTP exceptions of some requests, each with its advice."""

    _noticed: list[tuple[object, int | None, list[str]]] = field(default_factory=list)

    def notice(self, app: flask.Flask, error: HTTPException) -> None:
        """Take down what there is to say. Inside the request."""
        self._noticed.append((flask.request.environ["wsgi.input"], error.code, advise_refusal(error, app)))

    def advice(self, response: TestResponse) -> list[str]:
        """What to do about a response, if it is the refusal that was noticed in its own request."""
        asked = response.request.environ["wsgi.input"]  # the one thing that each request has for itself
        for own, status, lines in reversed(self._noticed):
            if own is asked and status == response.status_code:
                return lines
        return []


@contextmanager
def noticing_refusals(app: flask.Flask) -> Iterator[Refusals]:
    """Notice each HTTP exception that the app is about to handle.

    No signal tells of them; the public method that handles them is overridden on the instance meanwhile.
    """
    refusals = Refusals()

    def notice(*arguments: Any) -> None:
        with suppress(Exception):
            if isinstance(arguments[-1], HTTPException):
                refusals.notice(app, arguments[-1])

    with overriding(app, "handle_user_exception", notice):
        yield refusals


def advise_refusal(error: HTTPException, app: flask.Flask) -> list[str]:
    """What to do about a response that is made of this exception. Inside its request; never raises."""
    with suppress(Exception):
        request: flask.Request = flask.request._get_current_object()  # type: ignore[attr-defined]
        if error is request.routing_exception:
            return _routing(error, app, request)[:2]
        return _reading(error, app, request)[:2]
    return []


# -- the URL


def _routing(error: HTTPException, app: flask.Flask, request: flask.Request) -> list[str]:
    if isinstance(error, RequestRedirect):
        if error.new_url.partition("?")[0] != f"{request.base_url}/":
            return []
        return [f"The rule ends with a slash: link to {short(request.path)}/ and nobody has to go twice."]
    if isinstance(error, MethodNotAllowed):
        return _method(app, request)
    if isinstance(error, NotFound):
        return nearest(app, request)
    if isinstance(error, SecurityError) and app.config["TRUSTED_HOSTS"] is not None:
        host = short(request.environ.get("HTTP_HOST", ""))
        return [f"The host {host!r} is not among those in TRUSTED_HOSTS, and no view was asked."]
    return []


def _method(app: flask.Flask, request: flask.Request) -> list[str]:
    match = refused_match(app, request, 405)
    if match is None:
        return []
    rules = [trial.rule for trial in match.trials if trial.missed == ("method",)]
    allowed = [one for one in match.allowed if one not in ("HEAD", "OPTIONS")] or match.allowed
    what = f"`{rules[0].rule}`" if len(rules) == 1 else "This URL"
    told = f"{what} takes {listed(allowed, 'or')}, not {request.method}."
    if request.method in ("GET", "HEAD"):  # what changes something is not to be opened to GET
        return [f"{told} Send it by `%http {allowed[0]} {short(quote(request.path))}`."]
    methods = ", ".join(f'"{method}"' for method in sorted({*allowed, request.method}))
    return [f"{told} If its view is meant to: `methods=[{methods}]`." if len(rules) == 1 else told]


# -- what the view read


def _reading(error: HTTPException, app: flask.Flask, request: flask.Request) -> list[str]:
    if isinstance(error, BadRequestKeyError):
        return missing_key(error)
    if is_a(error, "flask_wtf.csrf.CSRFError"):
        return _csrf(error)
    if isinstance(error, UnsupportedMediaType | BadRequest) and raised_in(
        error, "on_json_loading_failed", "werkzeug.wrappers", "flask.wrappers"
    ):
        return _json(error, request)
    if isinstance(error, RequestEntityTooLarge):
        return _too_large(error, request)
    if isinstance(error, NotFound) and raised_in(error, "send_from_directory", "werkzeug.utils"):
        return _no_file(error, app)
    return []


def _json(error: HTTPException, request: flask.Request) -> list[str]:
    if isinstance(error, UnsupportedMediaType):
        sent = f"The body came as {short(request.mimetype)}" if request.mimetype else "The body has no Content-Type"
        form = request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data")
        return [
            f"{sent}, and `request.json` reads application/json: `%http` with `name=value` sends that.",
            *(["A form is read by `request.form`."] if form else []),
        ]
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        return ["The body is empty: `%http` with `name=value` sends JSON."]
    described = str(getattr(error.__context__, "description", None) or error.description)
    return [f"The body is no JSON: {described.removeprefix('Failed to decode JSON object: ')}."]


def _too_large(error: HTTPException, request: flask.Request) -> list[str]:
    if raised_in(error, "get_input_stream", "werkzeug.wsgi") or raised_in(error, "on_exhausted", "werkzeug.wsgi"):
        told = request.content_length is not None and request.mimetype != "multipart/form-data"
        # The boundary of a multipart body is another one each time, and some of them are shorter.
        sent = f"; the body has {request.content_length}" if told else ""
        return [f"MAX_CONTENT_LENGTH is {request.max_content_length} bytes{sent}."]
    if raised_in(error, "next_event", "werkzeug.sansio.multipart"):
        return [f"MAX_FORM_PARTS is {request.max_form_parts}; the form has more fields and files."]
    if raised_in(error, "receive_data", "werkzeug.sansio") or raised_in(error, "parse", "werkzeug.formparser"):
        return [
            f"MAX_FORM_MEMORY_SIZE is {request.max_form_memory_size} bytes for a field without a file name; "
            "a file may be larger."
        ]
    return []


def _csrf(error: HTTPException) -> list[str]:
    if error.description == "The CSRF token is missing.":
        return [
            "The form has to send its token: `{{ form.hidden_tag() }}` in the template, or a hidden `csrf_token`.",
            "An API's view is left out by `@csrf.exempt`.",
        ]
    if error.description == "The CSRF session token is missing.":
        return [
            "The token came without the session cookie that belongs to it: get the form and post it as one client, "
            "and a Secure cookie needs https."
        ]
    return []


def _no_file(error: HTTPException, app: flask.Flask) -> list[str]:
    directory = local(error, "directory", "send_from_directory", "werkzeug.utils")
    name = local(error, "path", "send_from_directory", "werkzeug.utils")
    options = local(error, "kwargs", "send_from_directory", "werkzeug.utils") or {}
    folder = (Path(options.get("_root_path", "")) / directory).resolve()
    if not folder.is_relative_to(Path.cwd()):
        return []
    if not (folder / str(name)).resolve().is_relative_to(folder):
        return [f"{short(str(name))} leads out of the folder {shown_path(folder)}/, and nothing outside of it is sent."]
    there = elsewhere(str(name), folder.name, Path(app.root_path))
    state = f"has no {short(str(name))}" if folder.is_dir() else "is not there"
    hint = f" There is {shown_path(there)}." if there is not None else ""
    return [f"The rule fits; the folder {shown_path(folder)}/ {state}.{hint}"]
