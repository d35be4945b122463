"""Has tests tried against the staged project, and sorts out what holds."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..errors import ExportError
from ..expecting import status_fits
from ..masking import mask_text
from . import trial
from .cases import Case, Exercise, Left, Scene
from .suite import Anew, exercise_function

__all__ = ["Tried", "try_out"]

#: Seconds that all attempts together may take.
PATIENCE = 90


class Tried:
    """What holds, and what does not, with the reason."""

    def __init__(self) -> None:
        self.scenes: list[Scene] = []
        self.exercises: list[Exercise] = []
        self.left: list[Left] = []

    @property
    def tests(self) -> int:
        """How many tests these are."""
        return len(self.scenes) + len(self.exercises)


def try_out(
    folder: Path,
    anew: Anew,
    scenes: Sequence[Scene],
    exercises: Sequence[Exercise],
    homes: Mapping[str, str],
    environment: Mapping[str, str],
) -> Tried:
    """Try scenes and exercises against the project in `folder`, in a process of its own with this `environment`.

    Each scene begins with the app anew. Where it does not hold so, it is tried after what its clients had sent before,
    and after all earlier requests that may have changed something. Raises ExportError where there is no app to try.
    """
    plan = {
        "folder": str(folder),
        "module": anew.module,
        "app": anew.app,
        "factory": anew.factory,
        "modules": list(anew.modules),
        "data": list(anew.data),
        "environment": dict(anew.environment),
        "scenes": [
            {"cases": _data(scene.cases), "befores": [_data(before) for before in _befores(scenes, position)]}
            for position, scene in enumerate(scenes)
        ],
        "exercises": [exercise_function(one, homes, header=True) for one in exercises],
    }
    results, end = _results(plan, environment)
    problem = results[0]["start"] if results else end
    if problem:
        raise ExportError(
            "The app cannot be made outside of the notebook, so nothing was written.",
            why=mask_text(problem),
            todo="It may need what a cell did that is no part of the app, such as to set os.environ.",
        )
    tried = Tried()
    found = [result["scene"] for result in results if "scene" in result]
    for position, scene in enumerate(scenes):
        befores = _befores(scenes, position)
        if position < len(found):
            _sort_out(scene, befores, found[position], tried)
        else:
            tried.left += [Left(case.title, end) for case in scene.cases]
    _forget_repeated(tried)
    said = [result["exercise"] for result in results if "exercise" in result]
    for number, exercise in enumerate(exercises):
        reason = said[number] if number < len(said) else end
        if reason:
            tried.left.append(
                Left(f"exercise {exercise.name}", f"its check does not hold for the project: {mask_text(reason)}")
            )
        else:
            tried.exercises.append(exercise)
    return tried


def _data(cases: Sequence[Case]) -> list[dict[str, Any]]:
    return [asdict(case) for case in cases]


def _befores(scenes: Sequence[Scene], position: int) -> list[list[Case]]:
    """What may have to come before a scene: nothing, what its clients sent, whatever changed something."""
    clients = {case.client for case in scenes[position].cases}
    earlier = [case for scene in scenes[:position] for case in scene.cases]
    own = [case for case in earlier if case.client in clients and not case.safe]
    changing = [case for case in earlier if not case.safe]
    befores: list[list[Case]] = [[]]
    for one in (own, changing):
        if one not in befores and len(one) <= 20:
            befores.append(one)
    return befores


def _results(plan: dict[str, Any], environment: Mapping[str, str]) -> tuple[list[dict[str, Any]], str]:
    """What came of the attempts, and why there are no more."""
    end = ""
    with tempfile.TemporaryDirectory() as empty:
        command = [sys.executable, "-B", "-W", "ignore", trial.__file__]
        try:
            ran = subprocess.run(
                command,
                input=json.dumps(plan),
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                cwd=empty,
                env=environment,
            )
            output = ran.stdout
            if ran.returncode:
                end = f"the process in which it was tried ended with exit code {ran.returncode}"
        except subprocess.TimeoutExpired as error:
            output = (error.stdout or b"").decode(errors="replace") if error.stdout else ""
            end = "it took too long"
    return [json.loads(line) for line in output.splitlines(keepends=True) if line.endswith("\n")], end


def _sort_out(scene: Scene, befores: list[list[Case]], found: dict[str, Any], tried: Tried) -> None:
    """Keep of a scene what holds; what does not is sent all the same where something after it holds."""
    cases: list[Case] = []
    for case, outcome in zip(scene.cases, found["cases"], strict=True):
        status = case.status
        fits = outcome["status"]
        if not fits and case.expected and isinstance(outcome["came"], int):
            fits, status = status_fits(outcome["came"], case.expected), outcome["came"]
        if fits:
            has_json = case.has_json and outcome["json"] and status == case.status
            location = case.location if outcome["location"] else None
            cases.append(replace(case, status=status, has_json=has_json, location=location))
            continue
        tried.left.append(Left(case.title, _reason(case, outcome["came"])))
        cases.append(replace(case, status=0))
    while cases and not cases[-1].status:
        cases.pop()
    if cases:
        before = next(one for one in befores if _data(one) == found["before"])
        tried.scenes.append(Scene(cases, before))


def _reason(case: Case, came: int | str) -> str:
    if isinstance(came, str):
        return f"it ends in an exception that no handler takes: {mask_text(came)}"
    return f"it was answered {case.status}, and is answered {came} now"


def _forget_repeated(tried: Tried) -> None:
    """A scene that says nothing new is left out, and a request that holds elsewhere is not one that does not."""
    kept: list[Scene] = []
    for position, scene in enumerate(tried.scenes):
        others = [*kept, *tried.scenes[position + 1 :]]
        if not any(scene.before == other.before and _says_all(other, scene) for other in others):
            kept.append(scene)
    tried.scenes = kept
    held = {case.title for scene in kept for case in scene.cases if case.status}
    tried.left = list(dict.fromkeys(one for one in tried.left if one.what not in held))


def _says_all(scene: Scene, other: Scene) -> bool:
    """Does a scene begin as another one does, and ask for as much at least?

    What changes something counts only at the beginning; what does not is the same wherever nothing was changed before.
    """
    if len(other.cases) > len(scene.cases):
        return False
    unchanged = []
    for case in scene.cases:
        if not case.safe:
            break
        unchanged.append(case)
    if all(case.safe for case in other.cases):
        return all(any(_says(one, case) for one in unchanged) for case in other.cases)
    return all(_says(one, case) for one, case in zip(scene.cases, other.cases, strict=False))


def _says(one: Case, other: Case) -> bool:
    """Is it the same request, with as many demands at least?"""
    if (one.client, one.call, one.status) != (other.client, other.call, other.status):
        return False
    return (one.has_json and one.json == other.json) if other.has_json else True
