"""How rules look: those that a cell has registered, the whole URL map, and the way of one URL through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup
from werkzeug.routing import Rule

from ..masking import mask_text
from ..matching import Match, Trial, shown_methods, shown_rule, status_line
from .markup import join, tag

__all__ = ["MatchDisplay", "RegisteredDisplay", "RouteTable"]


@dataclass(frozen=True)
class RegisteredDisplay:
    """One line a rule that a cell has registered; `replaced` maps an endpoint to the rules it took over."""

    rules: Sequence[Rule]
    replaced: dict[str, list[str]] = field(default_factory=dict)
    shadowed: dict[str, str] = field(default_factory=dict)

    def _note(self, rule: Rule) -> str:
        notes = []
        if rule.endpoint in self.replaced:
            old = [one for one in self.replaced[rule.endpoint] if one]
            notes.append(f"replaces {', '.join(old) or rule.endpoint} of another cell")
        if rule.rule in self.shadowed:
            notes.append(f"the same URL is answered by {self.shadowed[rule.rule]}, which came first")
        return "; ".join(notes)

    def text(self) -> str:
        """`GET /tools → tools`, one line a rule."""
        lines = []
        for rule in self.rules:
            note = self._note(rule)
            lines.append(_named(rule) + (f"   ({note})" if note else ""))
        return "\n".join(lines)

    def html(self) -> Markup:
        """The same, as a list."""
        items = []
        for rule in self.rules:
            note = self._note(rule)
            shown = tag("small", f" {note}") if note else ""
            where = join(tag("code", shown_rule(rule)), " → ", tag("code", rule.endpoint, class_="fm-endpoint"))
            items.append(tag("li", tag("b", _methods(rule), class_="fm-method"), " ", where, shown))
        return tag("ul", *items, class_="fm fm-registered")


@dataclass(frozen=True)
class RouteTable:
    """The URL map of an app, one row a rule."""

    rules: Sequence[Rule]

    def _rows(self) -> list[tuple[str, str, str]]:
        return [(_methods(rule), shown_rule(rule), rule.endpoint) for rule in self.rules]

    def text(self) -> str:
        """Columns: methods, rule, endpoint."""
        rows = [("Methods", "Rule", "Endpoint"), *self._rows()]
        if len(rows) == 1:
            return "No rules yet."
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)

    def html(self) -> Markup:
        """The same, as a table."""
        if not self.rules:
            return tag("p", "No rules yet.", class_="fm fm-empty")
        head = tag("tr", *(tag("th", name, scope="col") for name in ("Methods", "Rule", "Endpoint")))
        rows = [
            tag(
                "tr",
                tag("td", tag("b", m, class_="fm-method")),
                tag("td", tag("code", r)),
                tag("td", tag("code", e)),
            )
            for m, r, e in self._rows()
        ]
        return tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="fm fm-routes fm-scroll")


@dataclass(frozen=True)
class MatchDisplay:
    """The way of one URL through the URL map. Rules with another path altogether are counted, and folded."""

    match: Match

    def _verdict(self) -> str:
        match = self.match
        if match.status == 200:
            values = ", ".join(f"{name}={value!r}" for name, value in match.values.items())
            return f"calls {match.endpoint}({values})"
        verdict = status_line(match.status)
        if match.location:
            return f"{verdict} → {mask_text(match.location)}"
        if match.allowed:
            return f"{verdict} (allowed: {', '.join(match.allowed)})"
        return verdict

    def _split(self) -> tuple[list[Trial], list[Trial]]:
        near = [trial for trial in self.match.trials if trial.missed != ("path",)]
        # What fits comes first, then what misses least.
        near.sort(
            key=lambda trial: (not trial.chosen, not trial.missed and self.match.status == 404, len(trial.missed))
        )
        return near, [trial for trial in self.match.trials if trial.missed == ("path",)]

    def text(self) -> str:
        """The rules tried, each with its reason, and what Flask answers."""
        asked = f"{self.match.method} {mask_text(self.match.path)}"
        return "\n".join([asked, *(f"  {line}" for line in [*self.trials_text(), f"→ {self._verdict()}"])])

    def trials_text(self, *, named: bool = True) -> list[str]:
        """A line a rule tried, with its reason; rules with another path share one, counted and, if `named`, named."""
        near, far = self._split()
        width = max((len(_named(trial.rule)) for trial in near), default=0)
        lines = [f"{_mark(trial)} {_named(trial.rule):<{width}}  {trial.why}" for trial in near]
        if far:
            rules = f": {'; '.join(_rule(trial.rule) for trial in far)}" if named else ""
            lines.append(f"✗ {_others(far)} with another path{rules}")
        if not self.match.trials:
            lines.append("there are no rules yet")
        return lines

    def html(self) -> Markup:
        """The same, as a list that ends with the answer."""
        asked = tag(
            "p",
            tag("b", self.match.method, class_="fm-method"),
            " ",
            tag("code", mask_text(self.match.path)),
            class_="fm-request",
        )
        css = "fm-2xx" if self.match.status == 200 else f"fm-{self.match.status // 100}xx"
        answer = tag("p", "→ ", tag("strong", self._verdict(), class_=css), class_="fm-verdict")
        return tag("section", asked, self.trials_html(), answer, class_="fm fm-match")

    def trials_html(self, *, named: bool = True) -> Markup:
        """The rules tried, as a list; those with another path are counted and, if `named`, folded."""
        near, far = self._split()
        items = [
            tag(
                "li",
                tag("span", _mark(trial), class_="fm-mark"),
                " ",
                tag("b", _methods(trial.rule), class_="fm-method"),
                " ",
                tag("code", shown_rule(trial.rule)),
                " → ",
                tag("code", trial.rule.endpoint, class_="fm-endpoint"),
                " ",
                tag("span", trial.why, class_="fm-why"),
                class_="fm-fits" if not trial.missed else "fm-misses",
            )
            for trial in near
        ]
        if far:
            count = f"{_others(far)} with another path"
            rules = join(*(join(tag("code", _rule(trial.rule)), " ") for trial in far))
            items.append(tag("li", tag("details", tag("summary", count), rules) if named else count))
        return tag("ol", *items)


def _methods(rule: Rule) -> str:
    return ", ".join(shown_methods(rule))


def _rule(rule: Rule) -> str:
    return f"{_methods(rule)} {shown_rule(rule)}"


def _named(rule: Rule) -> str:
    return f"{_rule(rule)} → {rule.endpoint}"


def _mark(trial: Trial) -> str:
    return "✓" if trial.chosen else ("=" if not trial.missed else "✗")


def _others(trials: Sequence[Trial]) -> str:
    return f"{len(trials)} rule{'s' if len(trials) > 1 else ''}"
