"""From a notebook to a project in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import flask

from ..arguments import MagicParser
from ..workbench import Workbench
from .cases import Left
from .configuration import without_secrets
from .dependencies import Kept, Program
from .documents import Project, gitignore, pyproject, readme
from .exercises import exercises_of
from .files import Files, files_of
from .formatting import format_folder, require_ruff
from .imports import dependencies
from .package import package_modules
from .requests import scenes_of
from .single import Code, single_module
from .sources import cell_sources
from .statements import statements_of
from .subject import app_of, check_place, project_name
from .suite import Anew, conftest, exercises_module, requests_module
from .trying import Tried, try_out
from .writing import Written, check_target, staging, write_project

__all__ = ["Exported", "export", "read_program"]


@dataclass
class Exported:
    """What an export has made: the folder, what was done there, how many tests, what is no test, what a server loads,
    and what was kept of the notebook.
    """

    folder: Path
    written: Written
    tests: int
    left: list[Left]
    target: str
    kept: Kept

    def told(self, name: str) -> list[str]:
        """What there is to say to a person, who calls the folder `name`."""
        name = name.rstrip("/")
        factory = self.target.partition(":")[0]
        run = "flask run" if factory == "app" else f"flask --app {factory} run"
        lines = [f"{name}/ is a project of {_count(self.written.files, 'file')}, with {_count(self.tests, 'test')}."]
        lines.append(f"Run it: cd {name} && {run}    Test it: python -m pytest")
        if self.left:
            lines.append(f"What is no test, and why, is in {name}/README.md: {_counts(self.left)}.")
        if self.written.aside:
            lines.append(f"What was in the way is kept: {', '.join(self.written.aside)}.")
        if self.written.stale:
            lines.append(f"Changed, and no part of the app any more: {', '.join(self.written.stale)}.")
        return lines


def export(
    workbench: Workbench,
    target: Path,
    parsers: Mapping[str, MagicParser],
    *,
    package: bool = False,
    force: bool = False,
    app: str | None = None,
    earlier: Sequence[str] = (),
    notebook: str | None = None,
) -> Exported:
    """Write the app of a notebook into the folder `target`, as a project with tests.

    `package` makes a package with an application factory, `force` writes into a folder that has other files in it,
    `app` is the variable of the app, `earlier` are cells that ran before the extension was loaded, `notebook` is the
    name of its file. Raises ExportError, and AppError and UnknownName where it is not clear which app is meant; then
    nothing is written.
    """
    require_ruff()
    title, name = target.absolute().name, project_name(target.absolute(), package=package)
    target = target.resolve()  # what a link leads to is the folder
    check_target(target, force=force)
    check_place(workbench, target)
    variable, live = app_of(workbench, app)
    program, kept = read_program(workbench, variable, live, parsers, earlier)
    folder = workbench.project.folder if workbench.project is not None else Path.cwd()
    docstring = f"A Flask app, begun in {notebook}." if notebook else "A Flask app, begun in a notebook."
    shown = without_secrets(kept)
    code = single_module(shown, docstring)
    files = files_of(live, _blueprints(workbench, live).values(), code.modules["app.py"], folder)
    if package:
        code = package_modules(shown, program, name, docstring, files)
    sent = [one for one in workbench.sent if workbench.apps.named().get(one.entry.app or "") is live]
    scenes, left = scenes_of(sent, shown.secrets)
    checks = workbench.checks.latest if "checks" in vars(workbench) else {}
    exercises, unsolved = exercises_of(checks, live, program, code.homes, parsers, shown.secrets)
    with staging(target) as staged:
        prefix = f"{name}/" if package else ""
        _put(staged, {f"{prefix}{path}": data for path, data in files.items()} | files.beside)
        _put(staged, {path: text.encode() for path, text in code.modules.items()})
        ways = _ways(variable, files, name, package=package)
        tries = [(try_out(staged, anew, scenes, exercises, code.homes, workbench.environment), anew) for anew in ways]
        tried, anew = max(tries, key=lambda one: one[0].tests)
        left = [*left, *tried.left, *unsolved]
        made = _write_tests(staged, tried, anew, code)
        project = Project(
            title, name if package else "app", f"{name}:create_app()" if package else f"app:{variable}",
            notebook, package, *dependencies(_python(staged), [*anew.modules, "conftest"]), shown.secrets,
            [one for one in files.data if one.rstrip("/") not in ("static", "templates")],
            left, max(tried.tests, 1),
        )  # fmt: skip
        documents = {
            "pyproject.toml": pyproject(project), "README.md": readme(project), ".gitignore": gitignore(anew.data),
        }  # fmt: skip
        _put(staged, {path: text.encode() for path, text in documents.items()})
        format_folder(staged, [*code.modules, *made])
        written = write_project(staged, target, force=force, notebook=notebook)
    return Exported(target, written, project.tests, left, project.target, kept)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _counts(left: Sequence[Left]) -> str:
    exercises = sum(one.what.startswith("exercise ") for one in left)
    counts = [(len(left) - exercises, "request"), (exercises, "exercise")]
    return " and ".join(_count(number, what) for number, what in counts if number)


def read_program(
    workbench: Workbench,
    variable: str,
    app: flask.Flask,
    parsers: Mapping[str, MagicParser],
    earlier: Sequence[str] = (),
) -> tuple[Program, Kept]:
    """All statements of a notebook's cells, and those that the app of this variable needs. Raises ExportError."""
    namespace = workbench.namespace
    statements = [
        statement
        for cell in cell_sources(workbench, app, earlier)
        for statement in statements_of(cell, parsers, namespace)
    ]
    program = Program(statements, variable, _blueprints(workbench, app), namespace)
    return program, program.kept()


def _blueprints(workbench: Workbench, app: flask.Flask) -> dict[str, flask.Blueprint]:
    """The blueprints that the notebook's variables hold."""
    return {
        name: value
        for name, value in workbench.namespace.items()
        if isinstance(value, flask.Blueprint) and not name.startswith("_") and value in app.blueprints.values()
    }


def _ways(variable: str, files: Files, name: str, *, package: bool) -> Iterator[Anew]:
    """How the app may be made for a test: with empty databases, and with those that the notebook has left."""
    modules = [name] if package else ["app", *files.modules]
    data = [one for one in files.data if not (package and any(path.startswith(one) for path in files))]
    empty = {f"FLASK_{key}": f"sqlite:///{{folder}}/{path}" for key, path in files.databases.items()}
    yield Anew(modules[0], variable, package, modules, data, tuple(empty.items()))
    kept = {key: path for key, path in files.databases.items() if f"instance/{path}" in files.beside}
    if kept:
        full = empty | {f"FLASK_{key}": f"sqlite:///{{folder}}/instance/{path}" for key, path in kept.items()}
        data += [f"instance/{path}" for path in kept.values()]
        yield Anew(modules[0], variable, package, modules, data, tuple(full.items()))


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _write_tests(folder: Path, tried: Tried, anew: Anew, code: Code) -> list[str]:
    """Write the tests; the paths of the files."""
    tests = {"tests/conftest.py": conftest(anew)}
    if tried.scenes:
        tests["tests/test_requests.py"] = requests_module(tried.scenes)
    if tried.exercises:
        tests["tests/test_exercises.py"] = exercises_module(tried.exercises, code.homes)
    if len(tests) == 1:
        tests["tests/test_app.py"] = '"""The app can be made."""\n\n\ndef test_app(app):\n    assert app.url_map\n'
    _put(folder, {path: text.encode() for path, text in tests.items()})
    return list(tests)


def _python(folder: Path) -> list[str]:
    """The Python of a project, its tests aside."""
    files = sorted(folder.rglob("*.py"))
    return [one.read_text(encoding="utf-8") for one in files if "tests" not in one.relative_to(folder).parts[:1]]
