"""Ends every process that a run has started, however it was started and wherever it has put itself.

`python -m flask_magic.workshop.reap TOKEN FOLDER` ends a run as a whole, and removes its folder.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from flask_magic.workshop.room import TOKEN

if TYPE_CHECKING:
    import psutil

__all__ = ["PATIENCE", "adopt_orphans", "reap"]

#: Seconds after which even a bomb of forks is left alone.
PATIENCE = 10.0


def reap(token: str, root: int | None = None) -> None:
    """Kill the process `root`, all that descend from it, and all whose environment holds `token`; never this one.

    A process group is not enough: a kernel leads its own, and so does whatever a cell starts as a service.
    """
    until = time.monotonic() + PATIENCE
    while processes := list(_members(token, root)):
        for process in processes:
            with suppress(Exception):
                process.suspend()  # what stands still starts nothing more
        for process in processes:
            with suppress(Exception):
                process.kill()
        if time.monotonic() > until:
            return
        time.sleep(0.01)


def adopt_orphans() -> None:
    """Processes below this one whose parent has ended become its children, and can be found by `reap`; Linux only."""
    if sys.platform == "linux":
        import ctypes

        pr_set_child_subreaper = 36
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def _members(token: str, root: int | None) -> Iterator[psutil.Process]:
    import psutil

    below: set[int] = set()
    with suppress(psutil.Error):
        if root is not None:
            top = psutil.Process(root)
            below = {one.pid for one in top.children(recursive=True)} | ({root} - {os.getpid()})
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            is_member = process.pid in below or process.environ().get(TOKEN) == token
            if is_member and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                yield process


if __name__ == "__main__":
    reap(sys.argv[1])
    shutil.rmtree(sys.argv[2], ignore_errors=True)
