"""A learner's room: the commands that run there, their limits, and the walls, by bubblewrap.

Several learners share one account of the machine. In a room a process sees the system's programs, Python, the
collection, and one folder that it can write: no other learner's files or processes, and none of the teacher's.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import flask_magic

__all__ = ["can_isolate", "isolated", "limited"]

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = (
    "alternatives", "fonts", "group", "hosts", "ld.so.cache", "localtime", "mime.types", "nsswitch.conf", "passwd",
    "resolv.conf", "ssl", "timezone",
)  # fmt: skip
#: How many processes and threads may be in one room.
TASKS = 512


def can_isolate() -> bool:
    """Is bubblewrap installed, and may it make rooms here? Many containers forbid it."""
    words = ["bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    return shutil.which("bwrap") is not None and not subprocess.run(words, capture_output=True, check=False).returncode


def isolated(command: Iterable[str], folder: Path, *shown: Path) -> list[str]:
    """The command that runs `command` in a room whose only lasting place is `folder`; `shown` can be read there.

    `/tmp` is the room's own, and goes with it. The network is the machine's: the hub has to reach the server.
    """
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path(sys.executable).resolve())}
    places = [*SYSTEM, *(f"/etc/{name}" for name in SETTINGS), *sorted(python)]
    places += map(str, [Path(flask_magic.__file__).parent, *shown])
    words = ["bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    words += ["--cap-drop", "ALL", "--die-with-parent", "--new-session"]
    words += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    for place in places:
        words += ["--ro-bind-try", place, place]
    return [*words, "--bind", str(folder), str(folder), "--chdir", str(folder), "--", *command]


def limited(command: Iterable[str], mebibytes: int, tasks: int | None = None) -> list[str]:
    """The command that runs `command` politely, each of its processes with so much memory at most (Linux only).

    `tasks` is for a room: elsewhere, whatever else the account runs would count, too.
    """
    words = ["nice", "-n", "5"]
    if shutil.which("prlimit"):
        words += ["prlimit", f"--data={mebibytes << 20}", *([f"--nproc={tasks}"] if tasks else [])]
    return [*words, *command]
