"""A real hub with its proxy, as `make hub` starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from services import require

from flask_magic.processes import free_port
from flask_magic.walls import can_isolate
from hub.learner import Learner

PROJECT = Path(__file__).parents[2]
CONFIG = PROJECT / "hub" / "jupyterhub_config.py"
PROXY = ".cache/hub/node_modules/.bin/configurable-http-proxy"
PASSWORD, TEACHER_PASSWORD = "tool library", "a teacher's password has to be a long one"
NAMES = ("ada", "bo", "cleo", "dan", "eve")
#: Whether learners are walled off here: not in a container that forbids it.
ISOLATED = can_isolate()


def environment(**settings: str) -> dict[str, str]:
    """The environment of a hub: this one, without what it says of a class, and with these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_CLASS_")}
    return {**kept, **{f"FLASK_CLASS_{name.upper()}": value for name, value in settings.items()}}


@dataclass
class Hub:
    """A running hub."""

    process: subprocess.Popen[bytes]
    address: str
    folder: Path
    log: Path

    @property
    def said(self) -> str:
        """What the teacher's terminal shows."""
        return self.log.read_text(encoding="utf-8")

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if requests.get(f"{self.address}/hub/login", timeout=10).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.1)
        pytest.fail(f"the hub did not start:\n{self.said}")

    def interrupt(self) -> int:
        """What Ctrl-C does in a terminal; the exit code."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=60)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A class with a teacher, on a free port of 127.0.0.1."""
    require("node")
    require("npm")
    fetched = subprocess.run([require("make"), PROXY], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert fetched.returncode == 0, fetched.stdout + fetched.stderr
    place = tmp_path_factory.mktemp("hub")
    address, folder, log = f"http://127.0.0.1:{free_port()}", place / "class", place / "log"
    settings = environment(
        password=PASSWORD,
        teacher_password=TEACHER_PASSWORD,
        url=address,
        dir=str(folder),
        size=str(len(NAMES)),
        isolate="yes" if ISOLATED else "no",
    )
    command = [sys.executable, "-m", "jupyterhub", "--config", str(CONFIG)]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=place, env=settings, stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True
        )
    hub = Hub(process, address, folder, log)
    try:
        hub.wait()
        yield hub
    finally:
        hub.interrupt()


@pytest.fixture(scope="module")
def learners(hub: Hub) -> dict[str, Learner]:
    """Five learners, each with a server, who all came at once."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(NAMES, pool.map(lambda name: come_in(hub, name), NAMES), strict=True))


def come_in(hub: Hub, name: str) -> Learner:
    """A learner who has logged in and started a server."""
    learner = Learner(hub.address, name)
    assert learner.log_in(PASSWORD).url == f"{hub.address}/hub/home"
    learner.start()
    return learner
