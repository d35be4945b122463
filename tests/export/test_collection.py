"""Every page of the collection is exported, and its project is what a reader would want to leave with.

A page runs once, in this process; its project runs its own tests, and one gunicorn answers what the page had sent.
"""

import io
import shutil
import subprocess
import sys
from contextlib import chdir, closing, redirect_stdout
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

#: Pages whose project does not answer yet as the notebook does, and how it differs.
NOT_YET_ALIKE = {
    "06-databases/02-defining-models": "the project defines the Table attended twice",
    "06-databases/03-database-setup-and-initialization": "GET /tools answers 200 in the project, 500 on the page",
    "06-databases/06-using-other-databases": "its cause is not known",
    "07-blueprints/02-creating-a-blueprint": "the export says that the app cannot be made outside of the notebook",
    "08-sessions/01-how-sessions-work": "POST /login answers 500 on one side",
}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_the_tables_name_pages() -> None:
    assert NO_PROJECT.keys() | NOT_YET_ALIKE.keys() <= {name_of(path) for path in page_files(NOTEBOOKS)}


#: Pages with a blueprint, an extension, templates, forms and modules of their own, as packages.
PACKAGES = [
    "02-routing/04-url-building",
    "03-request-handling/03-application-context",
    "04-templates/07-context-processors",
    "05-forms/03-rendering-forms-in-templates",
    "05-forms/05-csrf-protection",
]


@pytest.mark.parametrize("page", page_files(NOTEBOOKS), ids=name_of)
def test_page(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if reason := NOT_YET_ALIKE.get(name_of(page)):
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
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
        _holds_its_own_tests(target)
        _answers_alike(bench, exported)


def _exported(shell: object, page: Path, target: Path, *, package: bool = False) -> tuple[Workbench, Exported]:
    run_notebook(shell, page)
    extension = Extension.of(shell)
    assert extension is not None
    bench = extension.workbench
    return bench, export(bench, target, extension.parsers, notebook=page.name, package=package)


def _holds_its_own_tests(folder: Path) -> None:
    """Its pytest runs in this process, as pytest's own tests run theirs: half a second saved, for each page."""
    modules, path = dict(sys.modules), list(sys.path)
    said = io.StringIO()
    with chdir(folder), redirect_stdout(said), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        patch.delenv("PYTEST_ADDOPTS", raising=False)
        code = pytest.main(["-q", "-p", "no:cacheprovider", "--capture=no"])
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "/").is_relative_to(folder):
            del sys.modules[name]
    sys.modules.update({name: modules[name] for name in modules.keys() - sys.modules.keys()})
    sys.path[:] = path
    assert code == 0, said.getvalue()
    for options in (["check"], ["format", "--check"]):
        ran = subprocess.run([require_ruff(), *options, "--no-cache", "."], cwd=folder, capture_output=True, text=True)
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
