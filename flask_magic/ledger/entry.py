"""What one cell registered with one app, and how two readings of an app differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import flask
from werkzeug.routing import Rule

from .cells import Cell
from .shelves import MISSING, Path, State, is_list, same

__all__ = ["Entry", "ListChange", "Registration", "compose_list", "difference", "registered_names"]


@dataclass
class ListChange:
    """What was put at the front and at the back of a list of functions, and what was taken out."""

    front: tuple[Any, ...] = ()
    back: tuple[Any, ...] = ()
    removed: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Registration:
    """A blueprint registered on an app, with the options it was registered with."""

    blueprint: flask.Blueprint
    options: dict[str, Any]


@dataclass(eq=False)
class Entry:
    """What `cell` registered with one app or blueprint in its run number `run`: all of it, or one part.

    A part that registers a blueprint says so, because it is made anew when the blueprint changes.
    """

    cell: Cell
    run: int
    rules: list[Rule] = field(default_factory=list)
    #: Endpoint → view function; None where the cell took the endpoint's view away.
    views: dict[str, Any] = field(default_factory=dict)
    values: dict[Path, Any] = field(default_factory=dict)
    lists: dict[Path, ListChange] = field(default_factory=dict)
    registration: Registration | None = None

    def __bool__(self) -> bool:
        return bool(self.rules or self.views or self.values or self.lists)

    @property
    def paths(self) -> set[Path]:
        return {*self.values, *self.lists}

    @property
    def endpoints(self) -> set[str]:
        return {*self.views, *(rule.endpoint for rule in self.rules)}


def difference(entry: Entry, before: State, after: State) -> None:
    """Write into `entry` what changed between two readings."""
    for path in {**before, **after}:
        old, new = before.get(path, MISSING), after.get(path, MISSING)
        if same(old, new):
            continue
        if is_list(path):
            entry.lists[path] = _list_change(() if old is MISSING else old, () if new is MISSING else new)
        else:
            entry.values[path] = new


def _list_change(old: tuple[Any, ...], new: tuple[Any, ...]) -> ListChange:
    if len(new) >= len(old) and same(new[: len(old)], old):
        return ListChange(back=new[len(old) :])
    kept = [item for item in new if _among(item, old)]
    first = next((index for index, item in enumerate(new) if _among(item, old)), len(new))
    added_later = tuple(item for item in new[first:] if not _among(item, old))
    removed = tuple(item for item in old if not _among(item, kept))
    return ListChange(front=new[:first] if kept else (), back=added_later if kept else new, removed=removed)


def _among(item: Any, items: Iterable[Any]) -> bool:
    return any(same(item, one) for one in items)


def compose_list(base: tuple[Any, ...], changes: Iterable[ListChange]) -> tuple[Any, ...]:
    """The list that the changes make of `base`, applied in order."""
    items = base
    for change in changes:
        items = tuple(item for item in items if not _among(item, change.removed))
        items = (*change.front, *items, *change.back)
    return items


def registered_names(entry: Entry) -> set[tuple[Any, ...]]:
    """Names by which a cell without an id is known again: endpoints, and functions defined in the notebook."""
    names: set[tuple[Any, ...]] = {("endpoint", endpoint) for endpoint in entry.views}
    for path, change in entry.lists.items():
        names |= {(*path, _own_name(item)) for item in (*change.front, *change.back) if _own_name(item)}
    for path, value in entry.values.items():
        if _own_name(value):
            names.add((*path, _own_name(value)))
    return names


def _own_name(function: Any) -> str | None:
    name = getattr(function, "__name__", None)
    if getattr(function, "__module__", None) != "__main__" or name == "<lambda>":
        return None
    return name if isinstance(name, str) else None
