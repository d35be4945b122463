"""A view that Flask cannot call, or whose answer it cannot use."""

from __future__ import annotations

import inspect
import re
from typing import Any

import flask

from .reading import listed, local, raised_in

__all__ = ["advise"]

_NONE = re.compile(r"The view function for (?P<endpoint>'.*') did not return a valid response\. The function either")
_WRONG = re.compile(r"(?s).*The view function did not return a valid response\..* but it was an? (?P<type>[\w.]+)\.$")

_WRITTEN = {
    **dict.fromkeys(("int", "float", "bool", "Decimal"), '`return str(…)`, or `return {"value": …}` for JSON'),
    **dict.fromkeys(("set", "frozenset"), "`return list(…)`"),
}


def advise(error: BaseException, app: flask.Flask | None) -> list[str]:
    """Advice on a TypeError between Flask and a view."""
    if not isinstance(error, TypeError):
        return []
    if raised_in(error, "make_response", "flask.app"):
        return _answer(str(error), app)
    if app is not None and flask.has_request_context() and flask.request.url_rule is not None:
        return _call(error, app, flask.request.url_rule)
    return []


def _answer(message: str, app: flask.Flask | None) -> list[str]:
    if found := _NONE.match(message):
        view = app.view_functions.get(found["endpoint"].strip("'")) if app is not None else None
        advice = f"Every way through the view {found['endpoint']} has to end in a `return` with something to send."
        if hasattr(view, "__wrapped__"):
            advice += " So has the function that its decorator puts around it."
        return [advice]
    if found := _WRONG.match(message):
        how = _WRITTEN.get(found["type"], "a dict of what the client is to know of it")
        return [f"Return text, a dict, a list or a response. Here: {how}."]
    return []


def _call(error: TypeError, app: flask.Flask, rule: Any) -> list[str]:
    """The names in the rule and those of the view's parameters have to be the same."""
    if raised_in(error, "dispatch_request", "flask.app"):
        view = inspect.unwrap(app.view_functions[rule.endpoint])
    elif raised_in(error, "dispatch_request", "flask.views"):
        view = local(error, "meth", "dispatch_request", "flask.views")
    else:
        return []
    parameters = [one for one in inspect.signature(view).parameters.values() if one.kind is not one.VAR_POSITIONAL]
    takes = {one.name for one in parameters if one.kind is not one.VAR_KEYWORD}
    needs = {one.name for one in parameters if one.name in takes and one.default is one.empty}
    gives = set(flask.request.view_args or ())
    missing, extra = sorted(needs - gives), sorted(gives - takes)
    if len(takes) < len(parameters):
        extra = []
    named, written = f"{view.__name__}()", f"`{rule.rule}`"
    if missing and extra:
        return [f"{written} gives {_quoted(extra)}, and {named} takes {_quoted(missing)}: use one name in both places."]
    if missing:
        return [f"{named} needs {_quoted(missing)}, and {written} has no such part."]
    if extra:
        return [f"{written} gives {_quoted(extra)}, and {named} takes no such argument."]
    return []


def _quoted(names: list[str]) -> str:
    return listed(f"'{name}'" for name in names)
