"""One run, from its spec to its result: a spawned process in a room of its own, minded until it has ended.

Nothing here knows of a cohort, a journal or a backend: the same function serves on this machine and on another.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask_magic.workshop.execute import JOB, NOTEBOOK, OUTCOME
from flask_magic.workshop.isolate import isolated
from flask_magic.workshop.judge import Verdict, checks_in, judge, read_executed
from flask_magic.workshop.reap import reap
from flask_magic.workshop.room import Room
from flask_magic.workshop.spec import Result, Spec

__all__ = ["run_one"]

#: Bytes of the log that are kept, from its end.
LOG = 200_000
#: Seconds between two looks at the clock.
TICK = 0.2
#: Bytes of an executed notebook above which it is not read.
LARGEST = 500_000_000
BY_A_CELL = "PapermillExecutionError"


def run_one(spec: Spec, stop: threading.Event | None = None) -> Result:
    """Run what `spec` says, and tell how it ended. `stop` ends it early, from another thread.

    What the notebook does is a result. Raises OSError where this machine cannot even begin.
    """
    if spec.broken:
        return Result("failed", "InvalidNotebook", spec.broken)
    if spec.delay and stop is not None:
        stop.wait(spec.delay)
    elif spec.delay:
        time.sleep(spec.delay)
    room = Room.make()
    try:
        return _run(spec, room, stop or threading.Event())
    finally:
        room.remove()


def _run(spec: Spec, room: Room, stop: threading.Event) -> Result:
    (room.run / NOTEBOOK).write_text(spec.notebook, encoding="utf-8")
    (room.run / JOB).write_text(json.dumps(_job(spec)), encoding="utf-8")
    environment = room.environment(spec.environment)
    command = [sys.executable, "-m", "flask_magic.workshop.execute", str(room.folder)]
    if spec.isolate:
        command = isolated(command, room, environment["JUPYTER_PATH"])
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=room.work,
        env=environment,
        start_new_session=True,
    )
    try:
        log, ended = _mind(process, began + spec.limits.run, stop)
    finally:
        reap(room.token, process.pid)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
    outcome = _outcome(ended, process.returncode, room, spec)
    return _result(spec, room, outcome, log, time.monotonic() - began)


def _job(spec: Spec) -> dict[str, Any]:
    return {
        "parameters": dict(spec.parameters),
        "kernel": spec.kernel,
        "execution_timeout": spec.limits.cell,
        "start_timeout": spec.limits.start,
        "memory": spec.limits.memory,
        "output": spec.limits.output,
        "log_output": spec.log_output,
        "prepare_only": spec.prepare_only,
        "forgiving": spec.forgiving,
    }


def _mind(process: subprocess.Popen[bytes], until: float, stop: threading.Event) -> tuple[str, str]:
    """Read what the process prints until it ends, time is up, or `stop`; the log's end, and which of the three."""
    assert process.stdout is not None
    log = bytearray()
    is_open = True
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if stop.is_set():
                ended = "stopped"
                break
            if time.monotonic() > until:
                ended = "timeout"
                break
            is_over, data = process.poll() is not None, b""
            if not is_open:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(TICK)
            elif selector.select(0 if is_over else TICK):
                data = os.read(process.stdout.fileno(), 65536)
                is_open = bool(data)
                log += data
                del log[:-LOG]
            if is_over and not data:
                ended = "over"
                break
    return log.decode("utf-8", "replace"), ended


def _outcome(ended: str, code: int | None, room: Room, spec: Spec) -> dict[str, Any]:
    if ended == "timeout":
        return {"error": "RunTimeout", "message": f"The run did not end within {spec.limits.run} seconds."}
    if ended == "stopped":
        return {"error": "Stopped", "message": "The run was stopped.", "lost": True}
    try:
        outcome: dict[str, Any] = json.loads((room.run / OUTCOME).read_text(encoding="utf-8"))
        return outcome
    except (OSError, ValueError):
        message = f"The process of the run ended with exit code {code} before the notebook did. Its log says more."
        return {"error": "RunDied", "message": message, "lost": True}


def _result(spec: Spec, room: Room, outcome: dict[str, Any], log: str, seconds: float) -> Result:
    text, error, message = _read(room.run / NOTEBOOK), str(outcome["error"]), str(outcome["message"])
    checks: list[dict[str, Any]] = []
    if error == BY_A_CELL:  # papermill tells of a cell that failed, also of one that may: the notebook says which
        error = message = ""
    try:
        notebook = read_executed(text)
        checks = checks_in(notebook, spec) if error else judge(notebook, spec)
    except Verdict as verdict:
        text = text if _is_readable(text) else ""
        if not error:
            error, message = verdict.error, verdict.message
    state = "ok" if not error else "lost" if outcome.get("lost") else "failed"
    return Result(state, error, message, text, log, round(seconds, 2), checks)  # type: ignore[arg-type]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.stat().st_size <= LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _is_readable(text: str) -> bool:
    """Whether it is worth keeping, for people to look at: cut off in the middle it is not."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
