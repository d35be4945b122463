"""What may become a test of the project: requests with their answers, and exercises' checks, each still to be tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Case", "Exercise", "Left", "Scene"]


@dataclass
class Case:
    """One request as a line of a test, and what came back in the notebook.

    `call` is the expression that sends it by `client`; `safe` says that it changes nothing (GET, HEAD, OPTIONS). `json`
    is the JSON that came back, if `has_json`; `expected` the status as the cell expects it, such as `4xx`. `title`
    names it to a person.
    """

    title: str
    client: str
    call: str
    status: int
    safe: bool
    has_json: bool = False
    json: Any = None
    location: str | None = None
    expected: str | None = None


@dataclass
class Scene:
    """The requests of one cell, in order: one test. `before` are requests of earlier cells that it needs."""

    cases: list[Case]
    before: list[Case] = field(default_factory=list)


@dataclass
class Exercise:
    """The check of a solved exercise: the code of its test, the names that come from the app, and other imports."""

    name: str
    body: str
    from_app: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Left:
    """What is no test of the project, and why."""

    what: str
    why: str
