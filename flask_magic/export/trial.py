"""Tries what may become a test against the exported project, in a process of its own: each attempt with the app anew.

Run as a script, `python trial.py`, in an empty folder: it reads what to try as JSON from standard input, and writes a
line of JSON for each scene and exercise. It imports nothing of the package, as the project does not.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Try everything; the results go to standard output, and what the app prints does not."""
    plan = json.load(sys.stdin)
    results = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.path.insert(0, plan["folder"])
    for scene in plan["scenes"]:
        print(json.dumps({"scene": _scene(plan, scene)}), file=results, flush=True)
    for code in plan["exercises"]:
        print(json.dumps({"exercise": _exercise(plan, code)}), file=results, flush=True)
    results.close()


def _scene(plan: dict[str, Any], scene: dict[str, Any]) -> dict[str, Any]:
    """The attempt that holds most: `before` says which of the requests of earlier cells it began with."""
    best: dict[str, Any] = {}
    for before in scene["befores"]:
        found = _attempt(plan, before, scene["cases"])
        score = sum(bool(one["status"]) + bool(one["json"]) for one in found)
        if not best or score > best["score"]:
            best = {"before": before, "cases": found, "score": score}
        if score == 2 * len(scene["cases"]):
            break
    return best


def _attempt(plan: dict[str, Any], before: list[dict[str, Any]], cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each request whether its status, its JSON and its location are what they were."""
    try:
        with _anew(plan) as app:
            names: dict[str, Any] = {"app": app, "BytesIO": BytesIO}
            for case in (*before, *cases):
                names.setdefault(case["client"], app.test_client())
            for case in before:
                _compared(case, names)
            return [_compared(case, names) for case in cases]
    except Exception as error:  # the app cannot even be made
        return [_failed(error)] * len(cases)


def _failed(error: Exception) -> dict[str, Any]:
    came = f"{type(error).__name__}: {error}".rstrip(": ")
    return {"status": False, "json": False, "location": False, "came": came}


def _compared(case: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    try:
        response = eval(case["call"], names)
    except Exception as error:  # one that no server would answer, such as a teardown's
        return _failed(error)
    status = response.status_code
    said = response.get_json(silent=True) if case["has_json"] else None
    found = {
        "status": status == case["status"],
        "json": status == case["status"] and (not case["has_json"] or said == case["json"]),
        "location": response.headers.get("Location") == case["location"],
        "came": status,
    }
    response.close()
    return found


def _exercise(plan: dict[str, Any], code: str) -> str:
    """An empty text, or what came of a check's test."""
    try:
        with _anew(plan) as app:
            names: dict[str, Any] = {"__name__": "trial"}
            exec(code, names)
            names["test"](app, app.test_client())
    except Exception as error:
        return f"{type(error).__name__}: {error}".rstrip(": ")
    return ""


@contextlib.contextmanager
def _anew(plan: dict[str, Any]) -> Iterator[Any]:
    """The app as it is when it starts, in a temporary folder: what the fixture `app` of tests/conftest.py does."""
    for name in [one for one in sys.modules if one.partition(".")[0] in plan["modules"]]:
        del sys.modules[name]
    importlib.invalidate_caches()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name in plan["data"]:
            source, target = Path(plan["folder"], name), Path(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
        for name, value in plan["environment"].items():
            os.environ[name] = value.replace("{folder}", folder)
        module = importlib.import_module(plan["module"])
        settings = {"TESTING": True, "PROPAGATE_EXCEPTIONS": False}
        if plan["factory"]:
            yield module.create_app(settings)
        else:
            app = getattr(module, plan["app"])
            app.config.update(settings)
            yield app


if __name__ == "__main__":
    main()
