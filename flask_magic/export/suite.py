"""The tests of a project: pytest functions for what was tried and holds, and the fixtures that they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .cases import Case, Exercise, Scene

__all__ = ["Anew", "conftest", "exercise_function", "exercises_module", "requests_module"]

#: Characters of a test's name.
LONGEST = 60


@dataclass(frozen=True)
class Anew:
    """How the app is made for a test: the module (`app`, or the package with its factory), and what it needs.

    `modules` are the top modules that hold state, `data` files and folders that are copied beside it, `environment`
    configuration, in which `{folder}` is the test's folder.
    """

    module: str
    app: str
    factory: bool
    modules: Sequence[str]
    data: Sequence[str] = ()
    environment: tuple[tuple[str, str], ...] = ()


def conftest(anew: Anew) -> str:
    """The text of tests/conftest.py."""
    modules = ", ".join(map(repr, anew.modules)) + ","
    lines = [
        '"""Fixtures: the app, made anew for each test in a folder of its own, and a client."""',
        "import importlib",
        "import shutil" if anew.data else "",
        "import sys",
        "from pathlib import Path" if anew.data else "",
        "import pytest",
        "",
        "PROJECT = Path(__file__).parents[1]" if anew.data else "",
        "SETTINGS = {",
        '    "TESTING": True,',
        '    "PROPAGATE_EXCEPTIONS": False,  # a view that fails answers 500, as on a server',
        "}",
        "",
        "",
        "@pytest.fixture",
        "def app(tmp_path, monkeypatch):",
        '    """The app as it is when it starts: what one test changes, the next does not see."""',
    ]
    lines += [
        f"    shutil.copytree(PROJECT / {name!r}, tmp_path / {name!r})"
        if name.endswith("/")
        else f"    (tmp_path / {name!r}).parent.mkdir(parents=True, exist_ok=True)\n"
        f"    shutil.copy(PROJECT / {name!r}, tmp_path / {name!r})"
        if "/" in name
        else f"    shutil.copy(PROJECT / {name!r}, tmp_path)"
        for name in anew.data
    ]
    for name, value in anew.environment:
        said = repr(value) if "{folder}" not in value else f"f{value.replace('{folder}', '{tmp_path}')!r}"
        lines.append(f"    monkeypatch.setenv({name!r}, {said})")
    lines += [
        "    monkeypatch.chdir(tmp_path)",
        "    for name in list(sys.modules):",
        f'        if name.partition(".")[0] in ({modules}):',
        "            monkeypatch.delitem(sys.modules, name)",
    ]
    if anew.factory:
        lines.append(f"    return importlib.import_module({anew.module!r}).create_app(SETTINGS)")
    else:
        lines += [
            f"    app = importlib.import_module({anew.module!r}).{anew.app}",
            "    app.config.update(SETTINGS)",
            "    return app",
        ]
    lines += ["", "", "@pytest.fixture", "def client(app):", '    """A visitor without cookies."""']
    lines.append("    return app.test_client()")
    return "\n".join(lines) + "\n"


def requests_module(scenes: Iterable[Scene]) -> str:
    """The text of tests/test_requests.py: a function a scene."""
    functions: list[str] = []
    names: set[str] = set()
    for scene in scenes:
        name = _unused(_name_of(scene), names)
        functions.append(_scene_function(name, scene))
    text = "\n\n\n".join(functions)
    head = ['"""Requests of the notebook, and what they are answered."""']
    head += ["from io import BytesIO"] if "BytesIO(" in text else []
    return "\n\n".join([*head, text]) + "\n"


def exercises_module(exercises: Iterable[Exercise], homes: Mapping[str, str]) -> str:
    """The text of tests/test_exercises.py: a function an exercise."""
    found = list(exercises)
    imports = dict.fromkeys(line for exercise in found for line in exercise.imports)
    names: set[str] = set()
    functions = []
    for exercise in found:
        name = re.sub(r"\W+", "_", exercise.name)
        functions.append(exercise_function(exercise, homes, _unused(f"test_{name}", names)))
    return "\n\n".join(['"""The checks of the solved exercises."""', "\n".join(imports), *functions]) + "\n"


def exercise_function(exercise: Exercise, homes: Mapping[str, str], name: str = "test", *, header: bool = False) -> str:
    """The test of an exercise; what comes from the app is imported in it, since the app is made anew for each test.

    `homes` says in which module each name is; `header` puts the other imports before the function.
    """
    lines = [f'"""The check of the exercise {exercise.name}."""']
    lines += [f"from {homes[one]} import {one}" for one in exercise.from_app]
    lines += exercise.body.splitlines()
    function = f"def {name}(app, client):\n" + "\n".join(f"    {line}" if line else "" for line in lines)
    return "\n".join([*exercise.imports, function] if header else [function])


def _scene_function(name: str, scene: Scene) -> str:
    everything = [*scene.before, *scene.cases]
    clients = list(dict.fromkeys(case.client for case in everything if case.call.startswith(f"{case.client}.")))
    needs_app = any(client != "client" for client in clients) or any(c.call.startswith("app.") for c in everything)
    fixtures = ["app"] * needs_app + ["client"] * ("client" in clients)
    lines = [f"{client} = app.test_client()" for client in clients if client != "client"]
    lines += [case.call for case in scene.before]
    for case in scene.cases:
        lines += ["", *_case_lines(case)]
    body = "\n".join(f"    {line}" if line else "" for line in lines).strip("\n")
    return f"def {name}({', '.join(fixtures)}):\n{body}"


def _case_lines(case: Case) -> list[str]:
    if not case.status:  # it is sent for what follows
        return [case.call]
    lines = [f"response = {case.call}", f"assert response.status_code == {case.status}"]
    if case.location is not None:
        lines.append(f"assert response.location == {case.location!r}")
    if case.has_json:
        if case.json is None or isinstance(case.json, bool):
            lines.append(f"assert response.json is {case.json!r}")
        else:
            lines.append(f"assert response.json == {case.json!r}")
    return lines


def _name_of(scene: Scene) -> str:
    """`test_post_loans_then_get_loans` for what is sent first and last."""
    slugs = [_slug(case) for case in scene.cases]
    words = list(dict.fromkeys([slugs[0], slugs[-1]]))
    return ("test_" + "_then_".join(words))[:LONGEST].rstrip("_")


def _slug(case: Case) -> str:
    method, _, target = case.title.partition(" ")
    path = re.sub(r"^https?://[^/]*", "", target).partition("?")[0]
    return re.sub(r"[^A-Za-z0-9]+", "_", f"{method.lower()} {path.strip('/') or 'root'}").strip("_")


def _unused(name: str, names: set[str]) -> str:
    number, chosen = 2, name
    while chosen in names:
        chosen, number = f"{name}_{number}", number + 1
    names.add(chosen)
    return chosen
