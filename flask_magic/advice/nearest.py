"""The rules that a URL came close to."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import quote

import flask

from ..matching import Match, explain, rules_of
from .reading import short

__all__ = ["nearest", "refused_match"]

#: Each rule is asked several times, which takes too long in a larger map: then nothing is said.
_MOST_RULES = 200


def nearest(app: flask.Flask, request: flask.Request) -> list[str]:
    """What a URL without a rule came close to: a rule that refuses it for one reason, or another spelling.

    One line, which points to `%flask_routes` for the rest.
    """
    options = quote(request.path) + (f" --method {request.method}" if request.method != "GET" else "")
    asks = f"`%flask_routes --match {options}` asks every rule."
    ask = asks if len(asks) < 100 else "`%flask_routes` lists all rules."
    match = refused_match(app, request, 404)
    if match is None:
        return []
    near = [trial for trial in match.trials if not {"path", "build-only"} & {*trial.missed}]
    if near:
        # One reason is nearer than several. A rule that fits comes last: another one ended the search.
        best = min(near, key=lambda trial: len(trial.missed) or 9)
        said = f"`{best.rule.rule}`: {short(best.why, 80)}." + (f" {ask}" if len(near) > 1 else "")
        if not best.rule.rule.startswith("/<"):
            return [said]
    meant = _other_spelling(app, request)
    if meant is not None:
        return [f"Did you mean {short(meant)}?"]
    return [said if near else f"No rule is near. {ask}"]


def refused_match(app: flask.Flask, request: flask.Request, status: int) -> Match | None:
    """How the rules answer to this request, if they give this status by themselves, too."""
    if len(rules_of(app)) > _MOST_RULES:
        return None
    hosts = app.url_map.host_matching or app.subdomain_matching
    url = (f"http://{request.host}" if hosts else "") + quote(request.path)
    match = explain(app, url, request.method)
    return match if match.status == status else None


def _other_spelling(app: flask.Flask, request: flask.Request) -> str | None:
    """A path that a rule takes: this one behind a prefix, or one like it with its values for the rule's variables."""
    path, rules = request.path, [rule.rule for rule in rules_of(app)]
    behind = [rule for rule in rules if "<" not in rule and rule.endswith(path)]
    alike = get_close_matches(path, sorted({*_filled(rules, path)}), n=3, cutoff=0.75)
    for candidate in [*(behind if len(behind) == 1 and path != "/" else []), *alike]:
        if explain(app, quote(candidate), request.method).status == 200:
            return candidate
    return None


def _filled(rules: list[str], path: str) -> Iterator[str]:
    parts = path.split("/")
    for rule in rules:
        own = rule.split("/")
        if len(own) == len(parts):
            yield "/".join(part if "<" in one else one for one, part in zip(own, parts, strict=True))
