"""The URL rules of one app: added, put to sleep, woken, and put in order.

A rule that is withdrawn stays in Werkzeug's matcher with no method at all, which makes it answer nothing, and
leaves its endpoint's list, so that `url_for` does not see it. That costs the same in an app of ten rules and of ten
thousand. If a cell registers the same rule again, as it does whenever only the body of a view was edited, the
sleeping object is woken in its old place. The matcher is made anew (from compiled rules) only when the set of rules
or their order has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Map, Rule, RuleFactory

from . import private

__all__ = ["Rules"]


class Rules:
    """The rules of `url_map`; `added` is called with each rule that joins it (a woken one too).

    `is_free` says whether a sleeping rule may be woken by whoever adds its like: one that sleeps because another cell
    has taken its endpoint is still its own cell's.
    """

    def __init__(self, url_map: Map, added: Callable[[Rule], None], is_free: Callable[[Rule], bool]) -> None:
        self.url_map = url_map
        self._added = added
        self._is_free = is_free
        self._asleep: dict[tuple[Any, ...], list[tuple[Rule, set[str] | None]]] = {}
        url_map.add = self._add  # type: ignore[method-assign]

    def uninstall(self) -> None:
        """Leave a plain Werkzeug map with the rules that are awake."""
        del self.url_map.add
        self.arrange([rule for rules in private.rules_of_endpoint(self.url_map).values() for rule in rules])

    def _add(self, rulefactory: RuleFactory) -> None:
        for rule in rulefactory.get_rules(self.url_map):
            sleeping = self._asleep.get(fingerprint(rule, self.url_map), [])
            for index, (twin, methods) in enumerate(sleeping):
                if self._is_free(twin) and self._converters_stand(twin):
                    del sleeping[index]
                    self._rouse(rule := twin, methods)
                    break
            else:
                Map.add(self.url_map, rule)
            self._added(rule)

    def _converters_stand(self, rule: Rule) -> bool:
        """A compiled rule keeps its converters, also when the map has newer ones under their names."""
        classes = list(self.url_map.converters.values())
        return all(type(converter) in classes for converter in rule._converters.values())

    def recompile(self, classes: list[type]) -> bool:
        """Compile the rules anew that use one of these withdrawn converter classes; True where there were any."""
        stale = [
            rule
            for rules in private.rules_of_endpoint(self.url_map).values()
            for rule in rules
            if any(type(converter) in classes for converter in rule._converters.values())
        ]
        for rule in stale:
            rule.bind(self.url_map, rebind=True)
        return bool(stale)

    def is_awake(self, rule: Rule) -> bool:
        """Does the map still answer by this rule?"""
        return any(rule is one for one in private.rules_of_endpoint(self.url_map).get(rule.endpoint, ()))

    def sleep(self, rule: Rule) -> None:
        """Take a rule out of service, keeping its place."""
        if not self.is_awake(rule):
            return
        self._asleep.setdefault(fingerprint(rule, self.url_map), []).append((rule, rule.methods))
        rule.methods = set()
        by_endpoint = private.rules_of_endpoint(self.url_map)
        left = [one for one in by_endpoint[rule.endpoint] if one is not rule]
        if left:
            by_endpoint[rule.endpoint] = left
        else:
            del by_endpoint[rule.endpoint]

    def wake(self, rule: Rule) -> None:
        """Put a sleeping rule back into service."""
        for sleeping in self._asleep.values():
            for index, (one, methods) in enumerate(sleeping):
                if one is rule:
                    del sleeping[index]
                    self._rouse(rule, methods)
                    return

    def _rouse(self, rule: Rule, methods: set[str] | None) -> None:
        rule.methods = methods
        rules = private.rules_of_endpoint(self.url_map).setdefault(rule.endpoint, [])
        rules.append(rule)
        rules.sort(key=lambda one: one.build_compare_key())

    def arrange(self, rules: list[Rule]) -> None:
        """Put these rules in this order, awake or asleep as they are; sleeping ones that are not named are dropped."""
        named = {id(rule) for rule in rules}
        for key, sleeping in list(self._asleep.items()):
            self._asleep[key] = [(rule, methods) for rule, methods in sleeping if id(rule) in named]
        asleep = {id(rule) for sleeping in self._asleep.values() for rule, _ in sleeping}
        private.rebuild_matcher(self.url_map, rules, asleep)


def fingerprint(rule: Rule, url_map: Map) -> tuple[Any, ...]:
    """What makes two rules the same rule. (Werkzeug's own `==` compares the pattern alone.)

    What a rule leaves open is filled in from the map, as binding does, so that a new rule equals its bound twin.
    """
    return (
        rule.rule,
        rule.endpoint,
        None if rule.methods is None else frozenset(rule.methods),
        repr(sorted((rule.defaults or {}).items(), key=repr)),
        url_map.default_subdomain if rule.subdomain is None else rule.subdomain,
        rule.host,
        url_map.strict_slashes if rule.strict_slashes is None else rule.strict_slashes,
        url_map.merge_slashes if rule.merge_slashes is None else rule.merge_slashes,
        rule.build_only,
        rule.alias,
        rule.websocket,
        rule.redirect_to,
        getattr(rule, "provide_automatic_options", None),
    )
