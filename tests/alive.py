"""Do processes still live?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path


def is_gone(pid: int) -> bool:
    """Has this process ended? (One that nobody has waited for yet has ended, too.)"""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except ProcessLookupError:
        return True
    except FileNotFoundError:  # it ended just now, or there is no /proc: then the signal's answer stands
        return Path("/proc/self").exists()


def gone_soon(pids: Iterable[int]) -> bool:
    """Are all of these gone, given time?"""
    pids = list(pids)
    until = time.monotonic() + 20
    while not all(map(is_gone, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    return all(map(is_gone, pids))
