"""A URL that `url_for` could not build."""

from __future__ import annotations

import flask
from werkzeug.routing import BuildError, Rule

from ..errors import did_you_mean
from .reading import listed, local

__all__ = ["advise"]


def advise(error: BaseException, _app: flask.Flask | None) -> list[str]:
    """Advice on a BuildError: which values are missing, or which endpoint is meant."""
    if not isinstance(error, BuildError) or error.adapter is None or not isinstance(error.endpoint, str):
        return []
    rules = list(error.adapter.map.iter_rules())
    own = [rule for rule in rules if rule.endpoint == error.endpoint]
    return _values(error, own) if own else _endpoint(error.endpoint, sorted({str(rule.endpoint) for rule in rules}))


def _values(error: BuildError, rules: list[Rule]) -> list[str]:
    given = set(error.values)
    rule = min(rules, key=lambda rule: len(rule.arguments - given))
    missing = sorted(rule.arguments - given - set(rule.defaults or ()))
    if not missing:
        return []
    call = ", ".join([repr(error.endpoint), *(f"{name}=…" for name in missing)])
    values = local(error, "values", "url_for", "flask.app") or {}
    empty = [name for name in missing if values.get(name, "") is None]
    told = f" {listed(empty)} was None, which counts as missing." if empty else ""
    return [f"The rule is `{rule.rule}`: write `url_for({call})`.{told}"]


def _endpoint(endpoint: str, endpoints: list[str]) -> list[str]:
    if "/" in endpoint:
        return ["`url_for` takes no URL but an endpoint, by default the view function's name: see `%flask_routes`."]
    in_blueprints = [one for one in endpoints if one.rpartition(".")[2] == endpoint]
    if len(in_blueprints) == 1:
        (full,) = in_blueprints
        blueprint = full.rpartition(".")[0]
        return [f"It belongs to blueprint {blueprint}: write '{full}'. In its own views '.{endpoint}' does."]
    if in_blueprints:
        return [f"Blueprints have it: write {listed((repr(one) for one in in_blueprints), 'or')}."]
    nearest = did_you_mean(endpoint, endpoints)
    if not nearest:
        return ["No endpoint is called anything like it, whatever the message says. `%flask_routes` lists them."]
    return [f"{nearest} By default an endpoint is the name of the view function: see `%flask_routes`."]
