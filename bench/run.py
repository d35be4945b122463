"""Measure how long things take on this machine, and write bench/README.md.

    python bench/run.py            everything
    python bench/run.py requests   one part: tests, lab, requests, live, site

Timings are never asserted: they belong here and not in a test.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from live import measure_live
from site_pages import measure_site

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
README = ROOT / "bench" / "README.md"


def seconds(command: list[str], folder: Path, **environment: str) -> float:
    """How long a command takes; it must succeed."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return time.perf_counter() - started


def measure_tests() -> list[str]:
    """`make test`, part by part, in a fresh clone with a fresh environment."""
    with tempfile.TemporaryDirectory() as place:
        clone = Path(place) / "clone"
        seconds(["git", "clone", "--quiet", str(ROOT), str(clone)], ROOT)
        parts = [
            ("set-up: environment, lock, project", ["make", "setup"]),
            ("ruff and mypy", ["make", "lint"]),
            ("the tests of the package, the pages, the browser and the site", ["make", "unit"]),
            ("every notebook by nbval", ["make", "nbval"]),
        ]
        rows = [(name, seconds(command, clone)) for name, command in parts]
    rows.append(("**all**", sum(took for _, took in rows)))
    return [
        "## `make test`, part by part",
        "",
        "In a fresh clone with a fresh environment; packages come from pip's and uv's caches where they have them.",
        "",
        "| part | seconds |",
        "|---|---:|",
        *(f"| {name} | {took:.0f} |" for name, took in rows),
    ]


def measure_lab() -> list[str]:
    """A second `make lab` over starting JupyterLab by hand: seconds until the server answers."""
    plain = [_until_it_answers(["jupyter", "lab"]) for _ in range(3)]
    copied = [_time(lambda: seconds(["make", "-s", "setup"], ROOT)) for _ in range(3)]
    with tempfile.TemporaryDirectory() as place:
        command = [str(BIN / "flask-magic"), "pages", "copy", "notebooks", place]
        seconds(command, ROOT)
        copied = [took + _time(lambda: seconds(command, ROOT)) for took in copied]
    return [
        "## A second `make lab`",
        "",
        "| | seconds (median of 3) |",
        "|---|---:|",
        f"| JupyterLab's own start, until it answers | {statistics.median(plain):.1f} |",
        f"| what `make lab` adds: set-up looked at, pages looked at | {statistics.median(copied):.1f} |",
    ]


def _time(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _until_it_answers(command: list[str]) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token=bench"]
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        program = [str(BIN / command[0]), *command[1:], *options, f"--ServerApp.root_dir={place}"]
        server = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while time.perf_counter() - started < 60:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token=bench", timeout=1)
                    return time.perf_counter() - started
                except (urllib.error.URLError, TimeoutError, ConnectionError):
                    time.sleep(0.05)
            raise SystemExit("JupyterLab did not answer within 60 seconds")
        finally:
            server.terminate()
            server.wait()


def measure_requests() -> list[str]:
    """One request by `%http`, by the workbench, and by a bare test client; loading; a cell that is run again."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_cell("import flask")
    shell.run_cell("%load_ext flask_magic", silent=True)
    shell.run_cell("app = flask.Flask('bench')\n@app.get('/')\ndef index(): return 'hello'")
    app = shell.user_ns["app"]
    client = app.test_client()
    bare = _each(lambda: client.get("/"), 500)
    magic = _each(lambda: shell.run_line_magic("http", "/ -q"), 500)
    traced = _each(_tracing(app), 200)
    after = _each(lambda: client.get("/"), 500)
    rows = [
        ("loading the extension in a kernel that has imported Flask", _loading() * 1e3, "ms"),
        ("test client, bare", bare * 1e6, "µs"),
        ("test client, traced", traced * 1e6, "µs"),
        ("test client, bare, after it was traced", after * 1e6, "µs"),
        ("`%http / -q`", magic * 1e6, "µs"),
    ]
    for count in (10, 1_000, 10_000):
        rows.append((f"an edited view, run again, in an app of {count:,} rules", _rerun(count) * 1e3, "ms"))
    return [
        "## Requests and re-running",
        "",
        "| | |",
        "|---|---:|",
        *(f"| {name} | {value:.2f} {unit} |" for name, value, unit in rows),
    ]


_LOAD = """
import time
import flask, ipykernel.ipkernel, ipykernel.zmqshell
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
started = time.perf_counter()
shell.extension_manager.load_extension("flask_magic")
print("seconds", time.perf_counter() - started)
"""


def _loading() -> float:
    """Seconds that loading takes in a new process, the median of seven."""
    runs = [subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True) for _ in range(7)]
    return statistics.median(float(run.stdout.split()[-1]) for run in runs)


def _each(call: Callable[[], object], times: int) -> float:
    call()
    return _time(lambda: [call() for _ in range(times)]) / times


def _tracing(app: Any) -> Callable[[], object]:
    """A request by a bare test client that is traced."""
    from flask_magic.trace import Tracer

    tracer, client = Tracer(), app.test_client()

    def call() -> object:
        with tracer.trace(app):
            return client.get("/")

    return call


def _rerun(count: int) -> float:
    """Seconds that a cell with one route costs when it is run again."""
    from flask import Flask

    from flask_magic.ledger import Ledger

    app = Flask("bench")
    for number in range(count):
        app.add_url_rule(f"/rule/{number}", f"rule{number}", lambda: "x")
    ledger = Ledger({})
    ledger.adopt(app)

    def run() -> None:
        ledger.begin("cell", cell_id="1")
        app.add_url_rule("/edited", "edited", lambda: "y")
        ledger.finish()

    run()
    app.test_client().get("/edited")
    return _each(run, 50)


PARTS = {
    "tests": measure_tests,
    "lab": measure_lab,
    "requests": measure_requests,
    "live": measure_live,
    "site": measure_site,
}


def main(names: list[str]) -> None:
    """Measure the named parts (default: all) and write their sections, keeping the others as they are."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise SystemExit(f"There is no part {unknown[0]!r}. The parts are {', '.join(PARTS)}.")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, {platform.system()}"
    old = _sections()
    for name in names or list(PARTS):
        old[name] = [f"<!-- {name} -->", *PARTS[name](), "", f"*Measured on {machine}.*"]
    head = ["# How long things take", "", "Made by `make bench`. Figures are of one machine: trust ratios."]
    body = [line for name in PARTS if name in old for line in ("", *old[name])]
    README.write_text("\n".join([*head, *body, ""]), encoding="utf-8")


def _sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    name = ""
    for line in README.read_text(encoding="utf-8").splitlines() if README.exists() else []:
        if line.startswith("<!-- "):
            name = line.split()[1]
        if name:
            sections.setdefault(name, []).append(line)
    return {name: _stripped(lines) for name, lines in sections.items()}


def _stripped(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines.pop()
    return lines


if __name__ == "__main__":
    if shutil.which("git") is None:
        raise SystemExit("The benchmark clones the repository and needs git.")
    main(sys.argv[1:])
