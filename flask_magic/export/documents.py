"""What stands beside the code of a project: pyproject.toml, README.md, .gitignore."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .cases import Left
from .secrets import Secrets

__all__ = ["Project", "gitignore", "pyproject", "readme"]

_IGNORED = (".venv/", "__pycache__/", "*.py[cod]", "instance/", ".pytest_cache/", ".ruff_cache/", "build/", "dist/")


def gitignore(needed: Iterable[str]) -> str:
    """The text of .gitignore; what tests need of the instance folder is not ignored.

    >>> gitignore(["instance/library.db"]).splitlines()[3:5]
    ['instance/*', '!instance/library.db']
    """
    kept = [f"!{name}" for name in needed if name.startswith("instance/")]
    lines = [one for name in _IGNORED for one in (["instance/*", *kept] if kept and name == "instance/" else [name])]
    return "\n".join(lines) + "\n"


@dataclass
class Project:
    """What the documents say of a project.

    `name` is the distribution's, `module` what is imported (`app`, or the package), `target` what a server loads, such
    as `app:app`.
    """

    name: str
    module: str
    target: str
    notebook: str | None
    is_package: bool
    requirements: Sequence[str] = ()
    unknown: Sequence[str] = ()
    secrets: Secrets = field(default_factory=Secrets)
    data: Sequence[str] = ()
    left: Sequence[Left] = ()
    tests: int = 0


def pyproject(project: Project) -> str:
    """The text of pyproject.toml."""
    requirements = "".join(f"    {json.dumps(one)},\n" for one in project.requirements)
    return f"""\
[build-system]
requires = ["flit_core>=3.11,<5"]
build-backend = "flit_core.buildapi"

[project]
name = {json.dumps(project.name)}
version = "0.1.0"
description = {json.dumps(_description(project))}
readme = "README.md"
requires-python = ">=3.11"
dependencies = [
{requirements}]

[project.optional-dependencies]
test = ["pytest"]

[tool.flit.module]
name = "{project.module}"

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]

[tool.ruff.lint]
extend-select = ["I"]
"""


def _description(project: Project) -> str:
    return "A Flask app" + (f", begun in {project.notebook}." if project.notebook else ", begun in a notebook.")


def readme(project: Project) -> str:
    """The text of README.md."""
    run = "flask run" if not project.is_package and project.module == "app" else f"flask --app {project.module} run"
    begun = f"the notebook `{project.notebook}`" if project.notebook else "a notebook"
    parts = [
        f"# {project.name}",
        f"A Flask app, exported from {begun} by flask-magic.",
        "## Run it",
        f"""\
```sh
python -m venv .venv
. .venv/bin/activate
python -m pip install -e ".[test]"
{run} --debug
```

On a server: `gunicorn "{project.target}"`.""",
        "## Configuration",
        _configuration(project),
        "## Tests",
        _tests(project),
    ]
    if project.data:
        names = ", ".join(f"`{name}`" for name in project.data)
        parts[4:4] = ["## Data", f"{names}: as the notebook left {'it' if len(project.data) == 1 else 'them'}."]
    if project.unknown:
        parts.append(
            "## To be done by hand\n\n"
            + "\n".join(f"- `{name}` is imported, and no installed distribution has it." for name in project.unknown)
        )
    return "\n\n".join(parts) + "\n"


def _configuration(project: Project) -> str:
    text = (
        "The environment has the last word: `FLASK_NAME` sets the key `NAME`, and its value is read as JSON if it can."
    )
    rows = [f"| `FLASK_{key}` | `dev`, for development only |" for key in dict.fromkeys(project.secrets.keys)]
    rows += [f"| `{name}` | `dev`, for development only |" for name in dict.fromkeys(project.secrets.variables)]
    if not rows:
        return text
    table = "\n".join(["| variable | without it |", "|---|---|", *rows])
    return (
        f"{text}\n\n{table}\n\nWhat the notebook set under these names is not in this project. Set them before anybody"
        " else can reach the app, for instance to what `python -c 'import secrets; print(secrets.token_hex())'` prints."
    )


def _tests(project: Project) -> str:
    count = f"{project.tests} test{'' if project.tests == 1 else 's'}"
    text = f"`python -m pytest` runs {count}, made of the notebook's requests and the checks of its solved exercises."
    if not project.left:
        return text
    return f"{text}\n\nThese are no tests:\n\n{_list(project.left)}"


def _list(left: Iterable[Left]) -> str:
    return "\n".join(f"- {_code(one.what)}: {one.why}" for one in left)


def _code(what: str) -> str:
    """A request as code, whatever is in it; an exercise as text."""
    if what.startswith("exercise "):
        return what
    fence = "``" if "`" in what else "`"
    pad = " " if "`" in what else ""
    return f"{fence}{pad}{what}{pad}{fence}".replace("\n", " ")
