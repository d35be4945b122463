"""A learner's room: the commands that run there, their limits, and the walls.

Several learners share one account of the machine. In a room a process sees the system's programs, Python, the
collection, and one folder that it can write: no other learner's files or processes, and none of the teacher's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from flask_magic.walls import walled

__all__ = ["TASKS", "isolated", "limited"]

#: How many processes and threads may be in one room.
TASKS = 512
#: The network is the machine's: the hub has to reach the server.
_APART = (
    "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--cap-drop", "ALL",
)  # fmt: skip


def isolated(command: Iterable[str], folder: Path, *shown: Path) -> list[str]:
    """The command that runs `command` in a room whose only lasting place is `folder`; `shown` can be read there."""
    return walled(command, folder, shown, *_APART, "--chdir", str(folder))


def limited(command: Iterable[str], mebibytes: int, tasks: int | None = None) -> list[str]:
    """The command that runs `command` politely, each of its processes with so much memory at most (Linux only).

    `tasks` is for a room: elsewhere, whatever else the account runs would count, too.
    """
    words = ["nice", "-n", "5"]
    if shutil.which("prlimit"):
        words += ["prlimit", f"--data={mebibytes << 20}", *([f"--nproc={tasks}"] if tasks else [])]
    return [*words, *command]
