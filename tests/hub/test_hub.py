"""A live class: five learners with a server each, who work at the same time and stay apart."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from alive import gone_soon
from lab.conftest import Lab
from lab.notebook import OpenNotebook
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, expect

from flask_magic.pages.copy import copy_collection
from flask_magic.pages.notebook import load, page_files, tags_of
from flask_magic.pages.run import KERNELSPEC
from flask_magic.pages.sanitize import read_rules
from hub.conftest import CONFIG, ISOLATED, NAMES, PASSWORD, PROJECT, TEACHER_PASSWORD, Hub, environment
from hub.learner import Learner

NOTEBOOKS = PROJECT / "notebooks"
FIRST = {path.parent: path.relative_to(NOTEBOOKS).as_posix() for path in reversed(page_files(NOTEBOOKS))}
PAGES = sorted(FIRST.values())
RULES = read_rules(NOTEBOOKS)


def put(learner: Learner, name: str, *sources: str) -> str:
    """Write a notebook of code cells into the learner's folder, as the learner; its name."""
    cells = [new_code_cell(source) for source in sources]
    content = {"type": "notebook", "content": new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC})}
    answer = learner.send("PUT", f"{learner.home}api/contents/{name}", content)
    assert answer.status_code == 201, answer.text
    return name


def shown(outputs: list[NotebookNode]) -> str:
    """What a cell printed; an error's name where it failed."""
    return "".join(output.get("text") or output.get("ename", "") for output in outputs)


def names_in(folder: Path) -> set[str]:
    """The files of a folder and of those in it, except what Jupyter adds."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in files if not path.parts[-1].startswith(".")}


def test_each_has_the_collection(hub: Hub, learners: dict[str, Learner], tmp_path: Path) -> None:
    copy_collection(NOTEBOOKS, tmp_path)
    for name in learners:
        assert names_in(hub.folder / name / "work") == names_in(tmp_path)
        assert f"comes in: {name}" in hub.said


def test_each_runs_a_page_and_sees_what_the_page_shows(learners: dict[str, Learner]) -> None:
    pages = dict(zip(learners, PAGES * len(learners), strict=False))
    with ThreadPoolExecutor() as pool:
        runs = dict(zip(learners, pool.map(lambda name: learners[name].run(pages[name]), learners), strict=True))
    assert len(runs) == len(NAMES)
    for name, run in runs.items():
        cells = [cell for cell in load(NOTEBOOKS / pages[name])["cells"] if cell["cell_type"] == "code"]
        for cell, outputs in zip(cells, run, strict=True):
            varies = "varies" in tags_of(cell)
            seen, stored = (RULES.comparable(one, varies=varies) for one in (outputs, cell["outputs"]))
            assert seen == stored, f"{name}, {pages[name]}, {cell['source']}"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong password"),
        ("ada", "falsches Paßwort"),
        ("ada", ""),
        ("ada", TEACHER_PASSWORD),
        ("teacher", PASSWORD),
        ("../ada", PASSWORD),
        ("..%2fada", PASSWORD),
        (".hub", PASSWORD),
        ("ada bo", PASSWORD),
        ("a" * 33, PASSWORD),
        ("", PASSWORD),
    ],
)
def test_who_is_refused(name: str, password: str, hub: Hub) -> None:
    stranger = Learner(hub.address, name)
    answer = stranger.log_in(password)
    assert answer.status_code == 403
    assert "Invalid username or password" in answer.text
    assert stranger.get("/hub/home").url.startswith(f"{hub.address}/hub/login")


def test_nobody_reaches_another_s_server(learners: dict[str, Learner]) -> None:
    ada, bo = learners["ada"], learners["bo"]
    for path in ("lab", "api/contents", "api/contents/work/index.ipynb", "api/kernels", "files/index.ipynb"):
        assert bo.get(f"{ada.home}{path}").status_code in (403, 404), path
        assert ada.get(f"{bo.home}{path}").status_code in (403, 404), path
    # Nor with a token that is asked for with one's own rights.
    token = bo.send("POST", "/hub/api/users/bo/tokens", {}).json()["token"]
    answer = bo.session.get(bo.address + f"{ada.home}api/contents", headers={"Authorization": f"token {token}"})
    assert answer.status_code == 403
    assert ada.get(f"{ada.home}api/contents").ok


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/hub/admin"),
        ("GET", "/hub/api/users"),
        ("POST", "/hub/api/users/mallory"),
        ("GET", "/hub/api/users/ada"),
        ("DELETE", "/hub/api/users/ada/server"),
        ("POST", "/hub/api/users/ada/tokens"),
        ("GET", "/hub/api/proxy"),
        ("POST", "/hub/api/shutdown"),
    ],
)
def test_a_learner_does_not_rule_the_hub(method: str, path: str, learners: dict[str, Learner]) -> None:
    assert learners["bo"].send(method, path).status_code in (403, 404)
    assert learners["ada"].get("/user/ada/api/status").ok


def test_a_learner_s_code_finds_nothing_of_others_or_of_the_hub(hub: Hub, learners: dict[str, Learner]) -> None:
    bo = learners["bo"]
    look = f"""
import os, pathlib
environments = [path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/environ") if os.access(path, os.R_OK)]
print({PASSWORD!r}.encode() in b"".join(environments), {TEACHER_PASSWORD!r}.encode() in b"".join(environments))
print(len(environments) > 1, sorted(os.listdir({str(hub.folder)!r})))
print(os.access({str(NOTEBOOKS)!r}, os.W_OK), os.path.exists({str(PROJECT / "Makefile")!r}))
"""
    (outputs,) = bo.run(put(bo, "look.ipynb", look))
    if ISOLATED:
        assert shown(outputs) == "False False\nTrue ['bo']\nFalse False\n"
    else:  # as book/teaching.md says
        assert shown(outputs).splitlines()[1].startswith("True ['.hub', 'ada', 'bo'")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits a process's memory like this")
def test_a_process_has_so_much_memory(learners: dict[str, Learner]) -> None:
    cleo = learners["cleo"]
    name = put(cleo, "much.ipynb", "much = bytearray(2 << 30)", "print(len(bytearray(256 << 20)) >> 20)")
    assert [shown(outputs) for outputs in cleo.run(name)] == ["MemoryError", "256\n"]


def test_a_class_has_so_many_places(hub: Hub, learners: dict[str, Learner]) -> None:
    sixth = Learner(hub.address, "fay")
    assert sixth.log_in(PASSWORD).ok
    answer = sixth.get("/hub/spawn")
    assert answer.status_code == 429
    assert "limit exceeded" in answer.text
    assert not (hub.folder / "fay").exists()
    assert len(learners) == len(NAMES)


def test_the_teacher_sees_who_is_there_and_can_stop_a_server(hub: Hub, learners: dict[str, Learner]) -> None:
    teacher = Learner(hub.address, "teacher")
    assert teacher.log_in(TEACHER_PASSWORD).ok
    assert teacher.get("/hub/admin").ok
    there = {user["name"] for user in teacher.get("/hub/api/users").json() if user["server"]}
    assert set(learners) <= there
    # JupyterHub gives an admin no access to a learner's server.
    assert teacher.get("/user/dan/api/contents").status_code == 403
    assert teacher.send("DELETE", "/hub/api/users/dan/server").status_code in (202, 204)


def test_what_a_learner_wrote_is_there_again_and_a_page_that_is_gone(hub: Hub, learners: dict[str, Learner]) -> None:
    eve = learners["eve"]
    name = put(eve, "mine.ipynb", "print(6 * 7)")
    assert eve.send("DELETE", f"{eve.home}api/contents/{PAGES[0]}").status_code == 204
    assert eve.send("DELETE", "/hub/api/users/eve/server").status_code in (202, 204)
    eve.start()
    assert shown(eve.run(name)[0]) == "42\n"
    assert (hub.folder / "eve" / "work" / PAGES[0]).is_file()


@pytest.mark.skipif(not ISOLATED, reason="without rooms a link leads where the account can write")
def test_a_link_where_a_page_was_leads_the_copy_nowhere_else(hub: Hub, learners: dict[str, Learner]) -> None:
    eve = learners["eve"]
    outside = hub.folder.parent / "outside"
    outside.mkdir()
    chapter = PAGES[0].partition("/")[0]
    link = f"import os\nos.rename({chapter!r}, 'old')\nos.symlink({str(outside)!r}, {chapter!r})\nprint('linked')"
    assert shown(eve.run(put(eve, "link.ipynb", link))[0]) == "linked\n"
    assert eve.send("DELETE", "/hub/api/users/eve/server").status_code in (202, 204)
    assert eve.send("POST", "/hub/api/users/eve/server").status_code == 500
    assert "The collection could not be copied for eve" in hub.said
    assert list(outside.iterdir()) == []


def test_in_a_browser_with_a_live_app(hub: Hub, learners: dict[str, Learner], browser: Browser) -> None:
    """By the login form to JupyterLab; the app that a cell serves is seen through the hub."""
    ada = learners["ada"]
    view = '%%flask_route /\ndef home():\n    return "<h1>Drills</h1>"'
    put(ada, "live.ipynb", "%load_ext flask_magic", view, "%flask_serve")
    window = browser.new_page()
    window.set_default_timeout(60_000)
    window.goto(hub.address)
    expect(window.get_by_text("a to z, digits, - and _")).to_be_visible()
    window.get_by_label("Username").fill("Ada")
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign in").click()
    expect(window.locator(".jp-RenderedMarkdown h1")).to_contain_text("Flask, live: all pages", timeout=60_000)
    opened = OpenNotebook(window, Lab(f"{hub.address}/user/ada", "", hub.folder / "ada" / "work"), "live.ipynb")
    opened.run_all()
    app = opened.output(2).frame_locator("iframe.fm-live")
    expect(app.locator("h1")).to_have_text("Drills", timeout=60_000)
    address = opened.output(2).get_by_role("link", name="open it in a tab").get_attribute("href") or ""
    assert "/user/ada/proxy/" in address
    assert learners["bo"].get(address.removeprefix(hub.address)).status_code == 403
    window.close()


def test_a_class_that_cannot_begin_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jupyterhub", "--config", str(CONFIG)]
    settings = environment(password="short")
    ended = subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "The class cannot begin:",
        "FLASK_CLASS_PASSWORD has 5 characters, and needs at least 8.",
    ]
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_everything_and_the_files_stay(hub: Hub, learners: dict[str, Learner]) -> None:
    """The last test of this file: it ends the class."""
    processes = psutil.Process(hub.process.pid).children(recursive=True)
    (home,) = {one for one in NAMES if one == "ada"}
    assert sum("jupyterhub-singleuser" in " ".join(one.cmdline()) for one in processes) >= len(learners) - 1
    assert hub.interrupt() == 0
    assert gone_soon(one.pid for one in processes)
    assert json.loads((hub.folder / home / "work" / "live.ipynb").read_text(encoding="utf-8"))["cells"]
    assert PASSWORD not in hub.said
