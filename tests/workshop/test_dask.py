"""Forty runs on two real Dask workers, one of which is killed; and a scheduler with certificates."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from alive import gone_soon
from click.testing import CliRunner

from flask_magic.cli import main
from flask_magic.pages.notebook import save

from .conftest import code

RUN = """import os
with open(os.environ["RUNS"], "a") as file: print(participant, file=file)"""


@contextmanager
def dask(*workers: str, **environment: str) -> Iterator[tuple[str, list["subprocess.Popen[bytes]"]]]:
    """A scheduler and these workers, as processes of their own; the address, and the processes of the workers."""
    processes = []

    def start(*words: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:], "--no-dashboard"]
        with Path(f"{words[0]}.log").open("ab") as log:
            process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log)
        processes.append(process)
        return process

    try:
        protocol = ["--protocol", "tls"] if environment else []
        start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", "file.json", *protocol)
        until = time.monotonic() + 60
        while not (Path("file.json").exists() and Path("file.json").read_text()):  # it is made, then written
            assert time.monotonic() < until, Path("scheduler.log").read_text()
            time.sleep(0.05)
        options = ["--scheduler-file", "file.json", "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1"]
        options += ["--local-directory", "scratch"]
        started = [start("worker", *options, "--name", name) for name in workers]
        yield json.loads(Path("file.json").read_text())["address"], started
    finally:
        for process in reversed(processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # a worker of Dask now and then waits for a scheduler that is gone
                process.kill()
                process.wait()


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a tiny notebook and a class of forty; the file in which runs are counted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNS", str(tmp_path / "runs"))
    cells: list[dict[str, Any]] = [code("participant: str = ''", "parameters"), code(RUN)]
    for cell in cells:
        cell["outputs"] = []
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    save(Path("tiny.ipynb"), {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4})
    Path("cohort.csv").write_text("\n".join(["participant", *(f"learner {number}" for number in range(40))]))
    return tmp_path / "runs"


def test_forty_runs_survive_a_killed_worker(runs: Path) -> None:
    program = "import sys; from flask_magic.cli import main; main(sys.argv[1:])"
    with dask("one", "two") as (address, workers):
        words = ["workshop", "run", "tiny.ipynb", "--cohort", "cohort.csv", "-o", "out", "--scheduler", address]
        command = [sys.executable, "-c", program, *words, "--env", "RUNS"]
        driver = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 300
        while not runs.exists() or len(runs.read_text().splitlines()) < 24:
            assert driver.poll() is None, driver.communicate()
            assert time.monotonic() < until
            time.sleep(0.02)
        workers[0].kill()
        said, complaints = driver.communicate(timeout=300)
    assert (driver.returncode, said) == (0, "40 ok, 0 failed · out/index.html\n"), complaints
    counts = Counter(runs.read_text().splitlines())
    assert len(counts) == 40
    assert sum(counts.values()) <= 41


def test_a_scheduler_with_certificates(tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
    tls = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(tmp_path / "ca.pem")}
    for who in ("SCHEDULER", "WORKER", "CLIENT"):
        tls |= {f"DASK_DISTRIBUTED__COMM__TLS__{who}__{what}": str(tmp_path / "own.pem") for what in ("CERT", "KEY")}
    for name, value in tls.items():
        monkeypatch.setenv(name, value)
    Path("cohort.csv").write_text("participant\nAda\n")
    with dask("one", **tls) as (address, workers):
        assert address.startswith("tls://127.0.0.1:")
        program = "import sys; from flask_magic.cli import main; main(sys.argv[1:])"
        words = ["workshop", "run", "tiny.ipynb", "--cohort", "cohort.csv", "-o", "out", "--scheduler", address]
        done = subprocess.run([sys.executable, "-c", program, *words, "--env", "RUNS"], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, "1 ok, 0 failed · out/index.html\n"), done.stderr
    assert runs.read_text() == "Ada\n"
    assert gone_soon(worker.pid for worker in workers)


def test_a_scheduler_without_workers_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask_magic.workshop.cluster.PATIENCE", 1)
    with dask() as (address, _):
        options = ["workshop", "run", "tiny.ipynb", "-o", "out", "--scheduler", address]
        result = CliRunner().invoke(main, options)
    assert result.exit_code == 3
    assert "has no workers. Start some: dask worker --nthreads 1" in result.stderr
    assert Path("out/index.html").exists()
