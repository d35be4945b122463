"""Walls around a process, by bubblewrap: it sees the system's programs, Python, and one folder that it can write.

For a learner's server in a live class, and for a run of a workshop that is isolated.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import flask_magic

__all__ = ["can_isolate", "walled"]

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = (
    "alternatives", "fonts", "group", "hosts", "ld.so.cache", "localtime", "mime.types", "nsswitch.conf", "passwd",
    "resolv.conf", "ssl", "timezone",
)  # fmt: skip


def can_isolate() -> bool:
    """Is bubblewrap installed, and may it make rooms here? Many containers forbid it."""
    words = ["bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    return shutil.which("bwrap") is not None and not subprocess.run(words, capture_output=True, check=False).returncode


def walled(command: Iterable[str], folder: Path, shown: Iterable[Path | str] = (), *options: str) -> list[str]:
    """The command that runs `command` where `folder` is the only lasting place, and `shown` can be read besides.

    `options` are bubblewrap's: what is not shared with the machine, where it begins. `/tmp` goes when the command ends.

    >>> walled(["true"], Path("/srv/ada"), [], "--unshare-all")[:2]
    ['bwrap', '--unshare-all']
    """
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path(sys.executable).resolve())}
    places = [*SYSTEM, *(f"/etc/{name}" for name in SETTINGS), *sorted(python)]
    places += map(str, [Path(flask_magic.__file__).parent, *shown])
    words = ["bwrap", *options, "--die-with-parent", "--new-session"]
    words += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    for place in places:
        words += ["--ro-bind-try", place, place]
    return [*words, "--bind", str(folder), str(folder), "--", *command]
