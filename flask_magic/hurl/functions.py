"""The functions that may stand in a placeholder, as `{{newUuid}}` or `{{randomInt 1 6}}`."""

from __future__ import annotations

import os
import random
import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .values import EvaluationError

__all__ = ["FUNCTIONS", "call"]

_FIRST = ("Ada", "Ben", "Clara", "Dario", "Emil", "Fatima", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Lin")
_LAST = ("Abbott", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haas", "Ito", "Jansen", "Kaplan")
_WORDS = ("anchor", "basket", "candle", "drill", "engine", "fern", "garden", "hammer", "island", "jar", "kettle")

#: Each function, and what follows it.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "newUuid": (), "newDate": (), "getEnv": ("string",), "randomBool": (), "randomInt": ("int", "int"),
    "randomString": ("int",), "randomWord": (), "randomFirstName": (), "randomLastName": (), "randomFullName": (),
    "randomEmail": (),
}  # fmt: skip


def call(name: str, *arguments: Any) -> Any:
    """What a function gives.

    >>> call("randomInt", 6, 6), len(call("randomString", 8))
    (6, 8)

    Raises EvaluationError for a variable that the environment does not have.
    """
    return _FUNCTIONS[name](*arguments)


def _environment(name: str) -> str:
    if name not in os.environ:
        raise EvaluationError(f"The environment has no variable {name!r}")
    return os.environ[name]


def _uuid() -> str:
    from uuid import uuid4

    return str(uuid4())


def _text(length: int) -> str:
    return "".join(random.choices(string.ascii_letters + string.digits, k=length))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "newUuid": _uuid,
    "newDate": lambda: datetime.now(UTC),
    "getEnv": _environment,
    "randomBool": lambda: random.random() < 0.5,
    "randomInt": random.randint,
    "randomString": _text,
    "randomWord": lambda: random.choice(_WORDS),
    "randomFirstName": lambda: random.choice(_FIRST),
    "randomLastName": lambda: random.choice(_LAST),
    "randomFullName": lambda: f"{random.choice(_FIRST)} {random.choice(_LAST)}",
    "randomEmail": lambda: f"{random.choice(_FIRST)}.{random.choice(_LAST)}@example.org".lower(),
}
