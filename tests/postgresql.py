"""A PostgreSQL server of the tests' own: a fresh cluster on a free port, gone after them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from services import require

HOST = "127.0.0.1"
# Debian keeps the server's programs off PATH.
PLACES = [str(place) for place in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server; the value is its address, to which a database's name is added."""
    programs = Path(require("initdb", *PLACES)).parent
    with TemporaryDirectory(prefix="postgresql-", dir="/tmp") as place, socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
        free.close()
        data = Path(place) / "data"
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(place, "postgres")
        _run(programs / "initdb", "--auth=trust", "--username=tests", "--no-sync", "--pgdata", str(data))
        options = f"-h {HOST} -p {port} -k {place} -c fsync=off"
        control = programs / "pg_ctl", "--pgdata", str(data), "--wait"
        _run(*control, "--log", f"{place}/log", "--options", options, "start")
        try:
            yield f"postgresql://tests@{HOST}:{port}"
        finally:
            _run(*control, "--mode", "immediate", "stop")


def _run(program: Path, *arguments: str) -> None:
    words = [str(program), *arguments]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    done = subprocess.run(words, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
