"""Attributes of an app that wrap what stood there before, as in `app.wsgi_app = ProxyFix(app.wsgi_app)`.

Two cells may wrap the same attribute. When the inner one runs again, it has to wrap what it wrapped the first time, and
the outer one has to hold the new wrapper; otherwise a middleware would be at work twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .entry import Entry
from .shelves import Path

__all__ = ["Link", "links_to", "outermost"]


@dataclass(frozen=True)
class Link:
    """`outer` holds `inner` under the name `attribute`; both are values of `path`."""

    path: Path
    outer: Any
    attribute: str
    inner: Any

    def hold(self, value: Any) -> None:
        """Have the outer one hold something else."""
        setattr(self.outer, self.attribute, value)


def links_to(entries: list[Entry], inner: Entry) -> list[Link]:
    """Which values of other entries wrap a value of `inner`."""
    return [
        Link(path, entry.values[path], name, value)
        for path, value in inner.values.items()
        if path[0] == "attribute"
        for entry in entries
        if entry is not inner and path in entry.values
        for name, held in _held(entry.values[path])
        if held is value
    ]


def outermost(owners: list[Entry], path: Path) -> list[Entry]:
    """Of the entries that set a path, those whose value no other one wraps."""
    inner = [id(held) for entry in owners for _, held in _held(entry.values[path])]
    return [entry for entry in owners if id(entry.values[path]) not in inner] or owners


def _held(value: Any) -> list[tuple[str, Any]]:
    return list(getattr(value, "__dict__", {}).items())
