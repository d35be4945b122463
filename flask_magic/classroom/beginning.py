"""What has to hold before a class begins: walls between learners, a folder of its own, a free address."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from flask_magic.classroom.settings import PREFIX, ClassError, Settings
from flask_magic.processes import free_port
from flask_magic.walls import can_isolate

__all__ = ["begin", "own_folder", "proxy_pid"]


def own_folder(settings: Settings) -> Path:
    """Where the hub keeps what is its own: no learner's name begins with a dot."""
    return settings.dir.absolute() / ".hub"


def proxy_pid(settings: Settings) -> Path:
    """Where the proxy's process id stands; JupyterHub removes it, and what is left is ended by the next class."""
    return own_folder(settings) / "proxy.pid"


def begin(settings: Settings) -> TextIO:
    """Make the class's folder, for its owner alone, and hold it until what is returned is closed.

    ClassError where learners cannot be kept apart and should be, where a class runs in the folder already, and where
    its address is taken.
    """
    if settings.isolate and not can_isolate():
        raise ClassError(
            "bubblewrap keeps learners out of each other's files, and yours. It is not installed, or may not work "
            "here, as in many containers. On Debian and Ubuntu: apt install bubblewrap\n"
            f"Where you trust all who come, and this machine holds nothing else: {PREFIX}ISOLATE=no"
        )
    settings.dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    own_folder(settings).mkdir(mode=0o700, exist_ok=True)
    held = (own_folder(settings) / "lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise ClassError(
            f"a class runs in {settings.dir} already. End it, or name another folder: {PREFIX}DIR"
        ) from None
    parts = urlsplit(settings.url)
    port = parts.port
    # A proxy that a killed hub has left still has the port.
    if not proxy_pid(settings).exists() and free_port(port) != port:
        held.close()
        why = "may be had by root alone" if port and port < 1024 and os.geteuid() else "is taken"
        other = parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{free_port()}").geturl()
        raise ClassError(f"port {port} {why}. Name another: {PREFIX}URL={other}")
    return held
