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
}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_the_table_names_pages() -> None:
    assert set(NO_PROJECT) <= {name_of(path) for path in page_files(NOTEBOOKS)}


@pytest.mark.parametrize("page", page_files(NOTEBOOKS), ids=name_of)
def test_page(page: Path, tmp_path: Path) -> None:
    target = tmp_path / "library"
    with open_shell(page.parent) as shell:
        if name_of(page) in NO_PROJECT:
            with pytest.raises(ExportError, match=NO_PROJECT[name_of(page)]):
                _exported(shell, page, target)
            assert not any(tmp_path.iterdir())
            return
        bench, exported = _exported(shell, page, target)
        assert exported.tests > 0
        _holds_its_own_tests(target)
        _answers_alike(bench, exported)


def _exported(shell: object, page: Path, target: Path) -> tuple[Workbench, Exported]:
    run_notebook(shell, page)
    extension = Extension.of(shell)
    assert extension is not None
    bench = extension.workbench
    return bench, export(bench, target, extension.parsers, notebook=page.name)


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
    files = [path for path in exported.folder.iterdir() if path.is_file() and Path(path.name).exists()]
    data = {Path(path.name).resolve(): path.read_bytes() for path in files if path.suffix != ".py"}
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
