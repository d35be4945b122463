"""A run that sees nothing but Python and its own room, and no network: by bubblewrap, where that is installed."""

from __future__ import annotations

import os
import site

from flask_magic.walls import can_isolate, walled
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.room import Room

__all__ = ["isolated", "must_be_possible"]


def must_be_possible() -> None:
    """WorkshopError where there is no bubblewrap, or where it may not work."""
    if not can_isolate():
        raise WorkshopError(
            "--isolate needs bubblewrap (`bwrap`), which is not installed, or may not work here, as in many"
            " containers. On Debian and Ubuntu: apt install bubblewrap"
        )


def isolated(command: list[str], room: Room, kernels: str) -> list[str]:
    """The command that runs `command` in a world of its own: no files but these, no processes, no network.

    `kernels` is the JUPYTER_PATH of the run.
    """
    # Beside kernels Jupyter keeps what opens those that run, and beside packages the user's other files.
    shown = [site.getusersitepackages(), *(f"{place}/kernels" for place in kernels.split(os.pathsep))]
    return walled(command, room.folder, shown, "--unshare-all", "--as-pid-1", "--chdir", str(room.work))
