"""What the build says of a page's cells, and how it makes the runtime, without a browser."""

import asyncio
import json
import re
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "live"))

from flask_magic_kernel import Kernel
from live_build import BuildError, Choice, fetch, needed_by, pack, top_modules
from live_needs import PROCESS, SERVER, SHELL, SOCKET, THREAD, imported, reasons

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("%%sh\nls", SHELL),
        ("!ls", SHELL),
        ("files = !ls", SHELL),
        ("import os\nos.system('ls')", SHELL),
        ("%flask_process web flask run", PROCESS),
        ("%flask_process web --stop", PROCESS),
        ("from subprocess import run as go\ngo('ls')", PROCESS),
        ("import subprocess as s\nif 1:\n    s.run('ls')", PROCESS),
        ("%%flask_check it\nimport subprocess\nassert subprocess.run('ls')", PROCESS),
        ("from flask_magic.processes import Processes\nProcesses()", PROCESS),
        ("if 1:\n    r = %http --to web /", SERVER),
        ("from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor()", THREAD),
        ("import threading\nthreading.Thread(target=print).start()", THREAD),
        ("import asyncio\nawait asyncio.get_running_loop().run_in_executor(None, print)", THREAD),
        ("import subprocess, threading\nlock = threading.Lock()", ""),
        ("import os\nos.environ['x'] = 'y'\nfrom http import HTTPStatus\nHTTPStatus.OK", ""),
        ("%http /to --body", ""),
        ("%%flask_file app.py\nimport subprocess\nsubprocess.run('ls')", ""),
        ("%%flask_route /\ndef index(): return 'subprocess.run'", ""),
        ("def broken(", ""),
    ],
)
def test_what_a_browser_lacks_is_seen_in_the_source(source: str, reason: str) -> None:
    assert list(reasons([source])) == [reason]


def test_a_function_can_be_defined_and_not_called() -> None:
    define = "import socket\ndef ask(): socket.create_connection()"
    cells = [define, "def more(): return ask()", "more()", "more = len", "more"]
    assert list(reasons(cells)) == ["", "", SOCKET, "", ""]


def test_what_a_lost_cell_makes_is_lost() -> None:
    cells = ["import threading\nthread = threading.Thread()", "thread.join()", "thread = None", "thread"]
    missing = "it needs `thread`, which a cell above makes that cannot run here"
    assert list(reasons(cells)) == [THREAD, missing, "", ""]


@pytest.mark.parametrize("view", ["%%flask_route {}\ndef view(): run()", "@app.get('{}')\ndef view(): run()"])
def test_a_request_to_a_view_that_cannot_run(view: str) -> None:
    lost = view.format("/a/<int:n>/b")
    cells = ["from subprocess import run", lost, "%http /a/7/b?c=d", "%flask_trace /a/7/b", "%http /a/7"]
    check = "%%flask_check it\nassert client.get('/a/1/b').text"
    assert list(reasons([*cells, check])) == ["", PROCESS, PROCESS, PROCESS, "", PROCESS]
    mended = lost.replace("run()", "...")
    assert list(reasons([*cells[:2], mended, cells[2]])) == ["", PROCESS, "", ""]


def test_imports_of_cells_and_of_written_files_count() -> None:
    cells = [
        "import flask_login as login",
        "%%flask_file pkg/a.py\nfrom sqlalchemy import orm",
        "%%flask_file a.txt\nimport x",
    ]
    assert imported([{"source": source} for source in cells]) == {"flask_login", "sqlalchemy"}


def test_a_package_is_packed_without_what_is_left_out(tmp_path: Path) -> None:
    choice = Choice(("flask",), left_out=("flask/json/*",), only=(("flask/sansio", frozenset({"app"})),))
    first, again = tmp_path / "first.zip", tmp_path / "again.zip"
    for archive in (first, again):
        pack(archive, [distribution("flask"), distribution("markupsafe")], choice)
    names = zipfile.ZipFile(first).namelist()
    assert {"flask/app.py", "flask/sansio/app.py", "markupsafe/_native.py"} <= set(names)
    kinds = {PurePosixPath(name).suffix for name in names}
    assert kinds.isdisjoint({".so", ".pyc"})
    assert not any(name.startswith(("flask/json/", "flask/sansio/s")) for name in names)
    assert first.read_bytes() == again.read_bytes()
    assert top_modules(first) == ["flask", "markupsafe"]


def test_extras_are_followed_and_the_unused_left_out() -> None:
    assert "asgiref" in needed_by("flask[async]")
    assert "asgiref" not in needed_by("flask")
    assert "jinja2" not in needed_by("flask", unused=["jinja2"])


def test_a_failed_download_says_what_to_do_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no such host >&2\nexit 1\n", encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(BuildError, match=r"needs the network once(.|\n)*no such host"):
        fetch(ROOT / "book", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(BuildError, match=r"`npm`, which is not on PATH: install Node\.js"):
        fetch(ROOT / "book", tmp_path / "cache")


def test_the_lock_names_no_host_and_holds_every_hash() -> None:
    lock = json.loads((ROOT / "book" / "package-lock.json").read_text(encoding="utf-8"))
    fetched = [package for name, package in lock["packages"].items() if name]
    assert len(fetched) >= 3
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in fetched)


def _run(*sources: str) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []

    async def run() -> None:
        kernel = Kernel(said.append)
        for source in sources:
            await kernel.run(source)

    main = sys.modules["__main__"]
    try:
        asyncio.run(run())
    finally:
        sys.modules["__main__"] = main
    return said


def test_the_kernel_tells_outputs_as_a_notebook_stores_them() -> None:
    said = _run("import sys\nsys.stdout.write('a\\n')\nsys.stderr.write('b\\n')\ndisplay('c')\n6 * 7", "1 / 0")
    assert [output["output_type"] for output in said] == ["stream", "stream", "display_data", "execute_result", "error"]
    assert [said[0]["text"], said[1]["text"]] == ["a\n", "b\n"]
    assert said[3]["data"] == {"text/plain": "42"}
    assert said[3]["execution_count"] == 1
    assert (said[4]["ename"], said[4]["evalue"]) == ("ZeroDivisionError", "division by zero")
    assert "Cell In[2], line 1" in re.sub("\x1b.*?m", "", "".join(said[4]["traceback"]))


def test_a_loop_that_prints_does_not_drown_the_page() -> None:
    said = _run("for number in range(20_000): print(number)")
    assert "".join(output["text"] for output in said).split() == [str(number) for number in range(20_000)]
    assert len(said) < 2_000
