"""Measure how fast a cohort runs on this machine, and write bench/cohort.md.

    python bench/cohort.py             everything, a quarter of an hour
    python bench/cohort.py journal     one part: speed, memory, journal, thousand

Timings are never asserted: they belong here and not in a test.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from flask_magic.pages.notebook import dumps, load, save
from flask_magic.workshop.folders import Output
from flask_magic.workshop.journal import Journal, Row
from flask_magic.workshop.prepare import prepare
from flask_magic.workshop.reports.standing import facts_of
from flask_magic.workshop.reports.summary import write_summary
from flask_magic.workshop.run_one import run_one
from flask_magic.workshop.spec import Spec

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
WORKSHOP = ROOT / "workshops" / "01-first-service.ipynb"
REPORT = ROOT / "bench" / "cohort.md"
#: Participants in a measurement of speed.
CLASS = 24
WORKERS = 2


def seconds(command: list[str], folder: Path) -> float:
    """How long a command takes; it must succeed."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return time.perf_counter() - began


def write_cohort(path: Path, size: int) -> None:
    """A table of this many participants."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["participant", "seed"], *([f"learner {n}", n] for n in range(size))])


def measure_speed(folder: Path) -> list[str]:
    """Participants a minute: papermill's own command in a loop, this one, and this one on Dask."""
    save(folder / "handout.ipynb", prepare(load(WORKSHOP), "novice", "learner"))
    write_cohort(folder / "cohort.csv", CLASS)
    loop = sum(
        seconds([str(BIN / "papermill"), "handout.ipynb", f"{n}.ipynb", "-p", "seed", str(n)], folder)
        for n in range(CLASS // 2)
    )
    run = [str(BIN / "flask-magic"), "workshop", "run", "handout.ipynb", "--cohort", "cohort.csv"]
    rows = [("`papermill` in a loop", CLASS // 2 / loop * 60)]
    for workers in (1, WORKERS):
        took = seconds([*run, "-o", f"out-{workers}", "-n", str(workers)], folder)
        rows.append((f"`flask-magic workshop run -n {workers}`", CLASS / took * 60))
    rows.append((f"the same on Dask, {WORKERS} workers", CLASS / _on_dask(run, folder) * 60))
    return [
        "## Participants a minute",
        "",
        f"Workshop 1, {CLASS} participants, from the command to its end, reports included.",
        "",
        "| | participants a minute |",
        "|---|---:|",
        *(f"| {name} | {speed:.0f} |" for name, speed in rows),
    ]


def _on_dask(run: list[str], folder: Path) -> float:
    def start(*words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", *words[1:], "--no-dashboard"]
        return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    file = folder / "scheduler.json"
    options = ["--scheduler-file", str(file), "--host", "127.0.0.1"]
    processes = [start("scheduler", *options, "--port", "0")]
    try:
        while not file.exists():
            time.sleep(0.05)
        worker = ["worker", *options, "--nthreads", "1", "--no-nanny", "--local-directory", str(folder / "scratch")]
        processes += [start(*worker) for _ in range(WORKERS)]
        time.sleep(8)  # until all have come
        return seconds([*run, "-o", "out-dask", "--scheduler", json.loads(file.read_text())["address"]], folder)
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def measure_memory(_folder: Path) -> list[str]:
    """The most memory that a run and whoever minds it take."""
    own, peak, over = psutil.Process(), [0, 0], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            sizes = [_size(process) for process in own.children(recursive=True)]
            peak[0], peak[1] = max(peak[0], sum(sizes)), max(peak[1], len(sizes))

    watcher = threading.Thread(target=look)
    watcher.start()
    handout = prepare(load(WORKSHOP), "novice", "learner")
    result = run_one(Spec("Ada", dumps(handout), {"seed": 7}))
    over.set()
    watcher.join()
    assert result.state == "ok", result.message
    return [
        "## Memory",
        "",
        "Unique to the processes of one run of workshop 1 (papermill and the kernel), at its peak: "
        f"{peak[0] / 2**20:.0f} MiB in {peak[1]} processes.",
    ]


def _size(process: psutil.Process) -> int:
    try:
        size: int = process.memory_full_info().uss
    except psutil.Error:
        return 0
    return size


def measure_journal(folder: Path) -> list[str]:
    """What ten thousand participants cost the driver, their runs not counted."""
    facts = {**facts_of(load(WORKSHOP)), "kind": "run", "mode": "learner", "site": ""}
    checks: list[dict[str, Any]] = [
        {"name": one["name"], "state": "open", "rows": [{"state": "open", "message": "x" * 60}] * 6, "hints_used": 0}
        for one in facts["exercises"]
    ]
    rows = [Row(f"learner {n}", f"learner-{n}", "novice", {"seed": n}, "key") for n in range(10_000)]
    output = Output(folder)
    with Journal(output.journal) as journal:
        steps: list[tuple[str, Callable[[], object]]] = [
            ("planned", lambda: (journal.state_facts(facts), journal.plan(rows))),
            ("begun, one by one", lambda: [journal.begin(row.participant) for row in rows]),
            ("ended, one by one", lambda: [journal.finish(row.participant, "ok", checks=checks) for row in rows]),
            ("read", journal.rows),
            ("index.html, results.csv, results.json, junit.xml", lambda: write_summary(output, journal)),
        ]
        times = [(name, _time(step)) for name, step in steps]
    sizes = ", ".join(f"{path.name} {path.stat().st_size / 1e6:.1f} MB" for path in sorted(folder.iterdir()))
    return [
        "## The journal at 10,000 participants",
        "",
        "| | seconds |",
        "|---|---:|",
        *(f"| {name} | {took:.1f} |" for name, took in times),
        "",
        f"Sizes: {sizes}.",
    ]


def _time(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def measure_thousand(folder: Path) -> list[str]:
    """A thousand participants, each in a kernel of their own, to the end."""
    save(folder / "handout.ipynb", prepare(load(WORKSHOP), "novice", "learner"))
    write_cohort(folder / "cohort.csv", 1000)
    run = [str(BIN / "flask-magic"), "workshop", "run", "handout.ipynb", "--cohort", "cohort.csv", "-o", "out"]
    took = seconds(run, folder)
    with Journal(folder / "out" / "journal.sqlite") as journal:
        rows = journal.rows()
    ok, again = sum(row.state == "ok" for row in rows), sum(row.attempts > 1 for row in rows)
    size = sum(path.stat().st_size for path in (folder / "out").rglob("*") if path.is_file())
    return [
        "## A thousand participants",
        "",
        f"Workshop 1, {len(os.sched_getaffinity(0))} at a time: {ok} of {len(rows)} ok in {took / 60:.1f} minutes,"
        f" {len(rows) / took * 60:.0f} a minute. {again} took more than one attempt. {size / 1e6:.0f} MB written.",
    ]


PARTS: dict[str, Callable[[Path], list[str]]] = {
    "speed": measure_speed,
    "memory": measure_memory,
    "journal": measure_journal,
    "thousand": measure_thousand,
}


def main(chosen: list[str]) -> None:
    """Measure the chosen parts, or all, and write them in the place of what was measured before."""
    for name in chosen or PARTS:
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as folder:
            lines = PARTS[name](Path(folder))
        machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
        lines += ["", f"*Measured on {machine}; load {load:.1f} when it began.*"]
        print("\n".join(lines), flush=True)
        write_part(name, lines)


def write_part(name: str, lines: list[str]) -> None:
    """Put a part into the report, under its mark."""
    text = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
    found = dict(re.findall(r"<!-- (\w+) -->\n(.*?)\n*(?=<!-- |\Z)", text, re.DOTALL))
    found[name] = "\n".join(lines)
    parts = [f"<!-- {part} -->\n{found[part]}" for part in PARTS if part in found]
    head = "# How fast a cohort runs\n\nMade by `python bench/cohort.py`. Figures are of one machine: trust ratios."
    REPORT.write_text("\n\n".join([head, *parts]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
