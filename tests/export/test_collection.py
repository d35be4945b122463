"""Every page of the collection is exported, and its project is what a reader would want to leave with.

A page runs once, in this process; its project runs its own tests, and one gunicorn answers what the page had sent.
"""

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flask_magic.errors import ExportError
from flask_magic.export import Exported, export
from flask_magic.export.formatting import require_ruff
from flask_magic.export.notebook import open_shell, run_notebook
from flask_magic.extension import Extension
from flask_magic.pages.notebook import page_files
from flask_magic.processes import Command, Processes
from flask_magic.workbench import Workbench

from .replaying import answers, by_call, by_socket, start_afresh

# A page may leave a file open: that is known when the file object dies, wherever that is.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

#: Pages whose app cannot be a project of its own, and what the export says.
NO_PROJECT = {
    "01-introduction/02-installation": "no app to export: no cell makes one",
    "01-introduction/04-development-server": "no app to export: no cell makes one",
    "01-introduction/05-project-structure": "comes from the module library: it is a project already",
    "06-databases/04-database-migrations": "comes from the module shop: it is a project already",
    "07-blueprints/01-concept-and-purpose": "comes from the module main: it is a project already",
    "07-blueprints/04-blueprint-resources": "comes from the module app: it is a project already",
}

#: Pages whose project cannot begin where the page's app is, so that their answers differ.
ELSEWHERE = {
    "06-databases/06-using-other-databases": "its database is one in memory, and begins empty",
    "08-sessions/01-how-sessions-work": "its views.py was written anew for other servers, and its app has the old one",
}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_the_tables_name_pages() -> None:
    assert {*NO_PROJECT, *ELSEWHERE} <= {name_of(path) for path in page_files(NOTEBOOKS)}


#: Pages with a blueprint, an extension, templates, forms and modules of their own, as packages.
PACKAGES = [
    "02-routing/04-url-building",
    "03-request-handling/03-application-context",
    "04-templates/07-context-processors",
    "05-forms/03-rendering-forms-in-templates",
    "05-forms/05-csrf-protection",
]


@pytest.mark.parametrize("page", page_files(NOTEBOOKS), ids=name_of)
def test_page(page: Path, tmp_path: Path) -> None:
    if name_of(page) in NO_PROJECT:
        with open_shell(page.parent) as shell, pytest.raises(ExportError, match=NO_PROJECT[name_of(page)]):
            _exported(shell, page, tmp_path / "library")
        assert not any(tmp_path.iterdir())
    else:
        _is_a_project(page, tmp_path / "library")


@pytest.mark.parametrize("name", PACKAGES)
def test_page_as_a_package(name: str, tmp_path: Path) -> None:
    _is_a_project(NOTEBOOKS / f"{name}.ipynb", tmp_path / "library", package=True)


def _is_a_project(page: Path, target: Path, *, package: bool = False) -> None:
    with open_shell(page.parent) as shell:
        bench, exported = _exported(shell, page, target, package=package)
        assert exported.tests > 0
        _holds_its_own_tests(target, bench)
        if name_of(page) not in ELSEWHERE:
            _answers_alike(bench, exported)


def _exported(shell: object, page: Path, target: Path, *, package: bool = False) -> tuple[Workbench, Exported]:
    run_notebook(shell, page)
    extension = Extension.of(shell)
    assert extension is not None
    bench = extension.workbench
    return bench, export(bench, target, extension.parsers, notebook=page.name, package=package)


def _holds_its_own_tests(folder: Path, bench: Workbench) -> None:
    environment = {**bench.environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    for command in (
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        [require_ruff(), "check", "--no-cache", "."],
        [require_ruff(), "format", "--no-cache", "--check", "."],
    ):
        ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def _answers_alike(bench: Workbench, exported: Exported) -> None:
    """What the page has sent is answered by a server of the project as by the page's app, begun afresh."""
    app = bench.apps.named()[exported.kept.app]
    sent = [one for one in bench.sent if bench.apps.named().get(one.entry.app or "") is app]
    files = {path.relative_to(exported.folder): path for path in exported.folder.rglob("*") if path.is_file()}
    data = {name.resolve(): path.read_bytes() for name, path in files.items() if name.exists() and name.suffix != ".py"}
    runs = []
    for _ in range(2):
        start_afresh(exported.kept, bench.namespace, data)
        runs.append(answers(app, sent, by_call(app)))
    gunicorn = shutil.which("gunicorn", path=Path(sys.executable).parent) or "gunicorn"
    with closing(Processes()) as processes:
        command = [gunicorn, "--bind", "127.0.0.1:{port}", "--workers", "1", exported.target]
        secret = {"FLASK_SECRET_KEY": str(app.secret_key)} if app.secret_key else {}
        server = processes.start("web", Command(command, exported.folder, environment=secret))
        assert server.port is not None
        served = answers(app, sent, by_socket(server.port))
    for one, first, second, there in zip(sent, *runs, served, strict=True):
        title = f"{one.entry.request.method} {one.entry.request.target}"
        assert there[0] == first[0], title
        if first[1] is None and first[0] == 500:
            continue  # the app gave no answer, and the server did
        assert there[1:3] == first[1:3], title
        if first == second:  # else the app itself says something new each time, such as a token
            assert there == first, title
