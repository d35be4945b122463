"""What one run needs and what comes of it, as plain data: the same here and on another machine."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

__all__ = ["Limits", "Result", "Spec", "key_of"]

#: Another release of one of these may give another notebook.
PACKAGES = ("flask", "flask-magic", "ipykernel", "ipython", "jinja2", "papermill", "werkzeug")


@dataclass(frozen=True)
class Limits:
    """What a run may take: seconds a cell (0: any), to start, and in all; MiB of memory a process (0: any); bytes of
    output a cell.
    """

    cell: int = 120
    start: int = 60
    run: int = 1800
    memory: int = 2048
    output: int = 1_000_000


@dataclass(frozen=True)
class Spec:
    """One run: whose, of which notebook (its text), with which parameters, and how.

    `checks` are the exercises whose checks the notebook holds. `expect` says what they have to be: `open` in a
    handout, `recorded` in a solution and in what was handed in. `forgiving`: a learner's cell that fails or takes
    too long does not end the run. `claimed` holds the hints that a handed-in notebook says were used. `environment`
    names variables that are let through. `probe` is a check that has to fail. `broken` says why there is nothing to
    run. `delay`: seconds to wait first.
    """

    participant: str
    notebook: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    level: str = ""
    checks: tuple[str, ...] = ()
    expect: Literal["open", "recorded"] = "recorded"
    claimed: Mapping[str, int] = field(default_factory=dict)
    probe: str = ""
    broken: str = ""
    kernel: str | None = None
    limits: Limits = Limits()
    environment: tuple[str, ...] = ()
    log_output: bool = False
    prepare_only: bool = False
    forgiving: bool = False
    isolate: bool = False
    attempt: int = 1
    delay: float = 0


@dataclass(frozen=True)
class Result:
    """How a run ended.

    `state` is ok, failed (what the notebook did) or lost (what the machine did: worth another try). `error` is a
    class of errors in one word, `message` a sentence. `notebook` is as far as it came, empty where it never began.
    """

    state: Literal["ok", "failed", "lost"]
    error: str = ""
    message: str = ""
    notebook: str = ""
    log: str = ""
    seconds: float = 0
    checks: list[dict[str, Any]] = field(default_factory=list)


def key_of(spec: Spec) -> str:
    """What tells whether a run would be the same again: the notebook, the parameters, the versions.

    >>> key_of(Spec("Ada", "{}")) == key_of(Spec("Ada", "{}", attempt=2))
    True
    """
    more = [dict(spec.parameters), spec.kernel, spec.prepare_only, spec.expect, spec.broken, _versions()]
    return hashlib.sha256(json.dumps([_digest(spec.notebook), *more], sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=8)  # a cohort has one notebook for each level
def _digest(notebook: str) -> str:
    return hashlib.sha256(notebook.encode()).hexdigest()


@cache
def _versions() -> tuple[str, ...]:
    return (platform.python_version(), *map(_version, PACKAGES))


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package
