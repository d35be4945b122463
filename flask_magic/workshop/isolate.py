"""A run that sees nothing but Python and its own room, and no network: by bubblewrap, where that is installed."""

from __future__ import annotations

import shutil
import site
import sys
from pathlib import Path

import flask_magic
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.room import Room

__all__ = ["isolated", "must_be_possible"]

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = (
    "alternatives", "fonts", "group", "hosts", "ld.so.cache", "localtime", "mime.types", "nsswitch.conf", "passwd",
    "ssl", "timezone",
)  # fmt: skip


def must_be_possible() -> None:
    """WorkshopError where there is no bubblewrap."""
    if shutil.which("bwrap") is None:
        raise WorkshopError("--isolate needs bubblewrap (`bwrap`). On Debian and Ubuntu: apt install bubblewrap")


def isolated(command: list[str], room: Room, kernels: str) -> list[str]:
    """The command that runs `command` in a world of its own: no files but these, no processes, no network.

    `kernels` is the JUPYTER_PATH of the run.
    """
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix, site.getuserbase(), str(Path(sys.executable).resolve())}
    places = [*SYSTEM, *(f"/etc/{name}" for name in SETTINGS), *sorted(python), *kernels.split(":")]
    places.append(str(Path(flask_magic.__file__).parent))
    words = ["bwrap", "--unshare-all", "--as-pid-1", "--die-with-parent", "--new-session"]
    words += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    for place in places:
        words += ["--ro-bind-try", place, place]
    return [*words, "--bind", str(room.folder), str(room.folder), "--chdir", str(room.work), "--", *command]
