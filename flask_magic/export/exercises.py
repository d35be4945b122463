"""Checks of exercises: those of solved ones become tests where all they speak of is part of the app."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Mapping

import flask

from ..arguments import MagicParser
from ..checks import CheckResult
from .cases import Exercise, Left
from .dependencies import Program
from .names import names_in
from .secrets import Secrets
from .sources import CellSource
from .statements import statements_of

__all__ = ["exercises_of"]

_HEAD = re.compile(r"^#\s*(?:hint|objective|page|stub):.*\n?", re.MULTILINE)
_GIVEN = frozenset({"app", "client"})


def exercises_of(
    checks: Mapping[str, tuple[str, CheckResult, flask.Flask]],
    app: flask.Flask,
    program: Program,
    provided: Iterable[str],
    parsers: Mapping[str, MagicParser],
    secrets: Secrets,
) -> tuple[list[Exercise], list[Left]]:
    """The checks that may be tests, and the exercises that cannot be, with the reason.

    `checks` are the latest results by name, `provided` the names that the project's modules have.
    """
    found: list[Exercise] = []
    left: list[Left] = []
    given = set(provided)
    for name, (source, result, checked) in checks.items():
        what = f"exercise {name}"
        if result.state != "passed":
            left.append(Left(what, "it is not solved yet" if result.state == "open" else "its check fails"))
        elif checked is not app:
            left.append(Left(what, "its check is about another app"))
        elif secrets.are_in(source):
            left.append(Left(what, "its check tells a secret"))
        else:
            exercise = _exercise(name, source, program, given, parsers)
            if isinstance(exercise, Left):
                left.append(exercise)
            else:
                found.append(exercise)
    return found, left


def _exercise(
    name: str, source: str, program: Program, provided: set[str], parsers: Mapping[str, MagicParser]
) -> Exercise | Left:
    text = _HEAD.sub("", source)
    names = names_in(text)
    exercise = Exercise(name, "")
    for used in sorted((names.now | names.late) - names.binds - _GIVEN):
        binder = program.final(used)
        if binder is not None and binder.imports is not None:
            exercise.imports.append(binder.imports.line())
        elif used in provided:
            exercise.from_app.append(used)
        elif not hasattr(builtins, used) and not used.startswith("__"):
            return Left(f"exercise {name}", f"{used} is no part of the app")
    body = []
    for one in statements_of(CellSource(text, 0, 0), parsers, {}):
        if one.imports is None:
            body.append(one.text)
        else:
            exercise.imports.append(one.imports.line())
    exercise.body = "\n".join(body)
    return exercise
