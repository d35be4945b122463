"""Runs in real kernels: what a cell can do to whoever runs it."""

import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest
from alive import gone_soon
from services import require

from flask_magic.pages.notebook import Notebook, code_cells, dumps, parse
from flask_magic.workshop.prepare import prepare
from flask_magic.workshop.run_one import run_one
from flask_magic.workshop.spec import Limits, Result, Spec

from .conftest import code


def notebook_of(*sources: str) -> str:
    """A notebook with these code cells, the first of which has the parameters."""
    cells = [
        {**code(source, *(["parameters"] if not place else [])), "outputs": []} for place, source in enumerate(sources)
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4})


def ran(*sources: str, **options: Any) -> Result:
    """What came of running these cells for Ada."""
    parameters = options.pop("parameters", {})
    return run_one(Spec("Ada", notebook_of("participant: str = ''", *sources), parameters, **options))


def printed(result: Result) -> str:
    """All that the cells have printed, as far as it was kept."""
    outputs = [output for cell in code_cells(executed(result)) for output in cell["outputs"]]
    return "".join(output.get("text", "") for output in outputs)


def executed(result: Result) -> Notebook:
    import json

    return parse(json.loads(result.notebook))


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Each run's folder is gone when it has ended."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    yield
    assert list(tmp_path.glob("fm-*")) == []


def test_parameters_are_what_they_are_and_each_run_has_a_world_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET", "s3cr3t")
    monkeypatch.setenv("SHARED", "yes")
    name = "'''; import os; os._exit(1) #\\ {participant} \u202e"
    result = ran(
        "import os, tempfile; from pathlib import Path; print(repr(participant))",
        "print(*(os.environ.get(name) for name in ('SECRET', 'SHARED', 'PORT', 'DATABASE_URL')), sep='\\n')",
        "print(Path.cwd(), Path.home(), tempfile.gettempdir(), get_ipython().ipython_dir, sep='\\n')",
        parameters={"participant": name},
        environment=("SHARED",),
    )
    assert (result.state, result.message) == ("ok", "")
    shown, secret, shared, port, database, *folders = printed(result).splitlines()
    assert (shown, secret, shared) == (repr(name), "None", "yes")
    assert 1024 < int(port) < 65536
    assert database.startswith(f"sqlite:///{tmp_path}/fm-")
    assert len({Path(folder) for folder in folders}) == 4
    assert [folder for folder in folders if not folder.startswith(f"{tmp_path}/fm-")] == []


@pytest.mark.parametrize(
    ("cell", "error", "state"),
    [
        ("import sys; sys.exit(0)", "SystemExit", "failed"),
        ("import os; os._exit(0)", "KernelDied", "lost"),
        ("1 / 0", "ZeroDivisionError", "failed"),
        ("import os; os.kill(os.getpid(), 9)", "KernelDied", "lost"),
        ("import os; os.kill(os.getppid(), 9)", "RunDied", "lost"),
        ("b = bytearray(3 << 30); print(len(b))", "MemoryError", "failed"),
    ],
)
def test_a_cell_that_ends_its_run_is_named(cell: str, error: str, state: str) -> None:
    result = ran("print('before')", cell, "print('after')", limits=Limits(memory=1024))
    assert (result.error, result.state) == (error, state)
    if error in ("SystemExit", "ZeroDivisionError", "KernelDied"):
        assert printed(result).startswith("before\n")
        assert "after" not in printed(result)


def test_a_cell_that_hangs_is_ended() -> None:
    result = ran("print('before')", "while True: pass", limits=Limits(cell=1))
    assert (result.state, result.error) == ("failed", "CellTimeout")
    assert result.message == "A cell did not end within 1 seconds."
    assert printed(result) == "before\n"


def test_a_notebook_that_takes_too_long_is_ended_and_what_it_did_is_kept() -> None:
    forever = "import time\nfor n in range(10_000): print(n, flush=True); time.sleep(0.05)"
    result = ran("print('before')", forever, limits=Limits(cell=0, run=4))
    assert (result.state, result.error) == ("failed", "RunTimeout")
    assert printed(result).startswith("before\n0\n1\n")


def test_a_run_can_be_stopped() -> None:
    stop = threading.Event()
    threading.Timer(1.5, stop.set).start()
    result = run_one(Spec("Ada", notebook_of("", "import time; time.sleep(600)")), stop)
    assert (result.state, result.error) == ("lost", "Stopped")
    assert result.seconds < 60


def test_sixty_megabytes_of_output_are_cut() -> None:
    result = ran(
        "for _ in range(60): print('x' * 1_000_000)",
        "from IPython.display import HTML; HTML('y' * 2_000_000)",
        "raise ValueError('z' * 3_000_000)",
        limits=Limits(output=50_000),
    )
    assert (result.state, result.error) == ("failed", "ValueError")
    assert len(result.notebook) < 200_000
    assert printed(result).count("This cell's output was cut here: more than 50,000 bytes.") == 2


def test_what_a_cell_leaves_running_is_ended() -> None:
    leaves = """import os, subprocess, sys, time
server = subprocess.Popen([sys.executable, '-m', 'http.server', os.environ['PORT']], start_new_session=True)
hidden = subprocess.Popen([sys.executable, '-c', 'import os, time; os.fork() and os._exit(0); time.sleep(600)'], env={})
forked = os.fork()
if not forked:
    os.setsid()
    time.sleep(600)
print(server.pid, forked)"""
    before = {process.pid for process in psutil.process_iter()}
    result = ran(leaves)
    assert result.state == "ok"
    assert gone_soon(map(int, printed(result).split()))
    new = [process for process in psutil.process_iter() if process.pid not in before]
    assert [one for one in new if "time.sleep(600)" in " ".join(_command(one))] == []


def test_a_cell_that_forks_again_and_again_leaves_nobody(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    forks = f"""import os, time
first = os.getpid()
for _ in range(5): os.fork()
if os.getpid() != first:
    with open({str(pids)!r}, 'a') as file: print(os.getpid(), file=file)
    time.sleep(600)
time.sleep(1)"""
    result = ran(forks, "print('after')")
    assert (result.state, printed(result)) == ("ok", "after\n")
    assert len(pids.read_text().split()) == 31
    assert gone_soon(map(int, pids.read_text().split()))


def test_a_kernel_that_a_cell_has_forked_is_one_kernel() -> None:
    result = ran("import os; os.fork()", "print('after')")
    assert (result.state, printed(result)) == ("ok", "after\n")


def _command(process: psutil.Process) -> list[str]:
    try:
        words: list[str] = process.cmdline()
    except psutil.Error:
        return []
    return words


def test_a_notebook_can_be_prepared_and_not_run() -> None:
    result = ran("1 / 0", parameters={"participant": "Bo"}, prepare_only=True)
    assert result.state == "ok"
    assert 'participant = "Bo"' in [cell["source"].splitlines()[-1] for cell in code_cells(executed(result))]
    assert printed(result) == ""


def test_a_broken_submission_is_a_failed_run() -> None:
    result = run_one(Spec("Ada", "", broken="ada.ipynb is none"))
    assert (result.state, result.error, result.message) == ("failed", "InvalidNotebook", "ada.ipynb is none")


def test_a_learner_s_cells_may_fail_and_hang_when_they_are_graded(small: Notebook) -> None:
    handout = prepare(small, "novice", "learner")
    for cell in handout["cells"]:
        cell["outputs"] = []
    stub = handout["cells"][2]
    stub["source"], stub["metadata"]["tags"] = "total = 3\nwhile True: pass", ["raises-exception"]
    limits = Limits(cell=1)
    spec = Spec(
        "Ada", dumps(handout), checks=("sum",), kernel="python3", forgiving=True, limits=limits, claimed={"sum": 2}
    )
    result = run_one(spec)
    assert (result.state, result.message) == ("ok", "")
    assert [(check["name"], check["state"], check["hints_used"]) for check in result.checks] == [("sum", "passed", 2)]


def test_an_isolated_run_sees_no_files_no_network_and_no_other_processes(tmp_path: Path) -> None:
    require("bwrap")
    if subprocess.run(
        ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, check=False
    ).returncode:
        pytest.skip("bubblewrap may not make namespaces here, as in many containers")
    (tmp_path / "submissions").mkdir()
    here = Path(__file__).parents[2]
    result = ran(
        "import os, socket; from pathlib import Path",
        f"print(Path({str(tmp_path / 'submissions')!r}).exists(), Path({str(here / 'workshops')!r}).exists())",
        "print(sorted(set(os.listdir('/')) & {'root', 'home', 'work', 'opt', 'srv', 'var'}))",
        "print(len([name for name in os.listdir('/proc') if name.isdigit()]) < 5, socket.if_nameindex())",
        "import flask_magic; Path('file').write_text('x'); print(Path.cwd().name)",
        isolate=True,
    )
    assert (result.state, result.message) == ("ok", "")
    files, folders, processes, work = printed(result).splitlines()
    assert files == "False False"
    assert folders == str(
        sorted(
            {Path(p).parts[1] for p in (str(here), os.sys.prefix, os.sys.base_prefix)}
            & {"root", "home", "work", "opt", "srv", "var"}
        )
    )  # type: ignore[attr-defined]
    assert processes == "True [(1, 'lo')]"
    assert work == "work"
    assert shutil.which("bwrap")
