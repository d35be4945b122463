"""Runs one command and ends it when standard input ends, which it does when the kernel is gone, however it died.

Run as a script by `processes`, outside the kernel's process group: `python keeper.py COMMAND…`. It exits with the
command's exit code, or 128 and the signal's number, as a shell does. The command prints to the keeper's standard
error; on standard output the keeper says one line, when the command is started. It imports nothing of the package.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

#: Seconds between the polite signal and the one that cannot be refused.
GRACE = 3.0


def main(command: list[str]) -> int:
    """Run `command` in a process group of its own until it ends or standard input does; its exit code."""
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, lambda *_: None)  # SIG_IGN would be the command's, too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr, process_group=0
        )
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    print("started", flush=True)
    threading.Thread(target=_end_with_input, args=(child.pid,), daemon=True).start()
    try:
        code = child.wait()
    finally:
        _signal_group(child.pid, signal.SIGKILL)  # what the command started and left behind
    return code if code >= 0 else 128 - code


def _end_with_input(group: int) -> None:
    while os.read(0, 1024):  # not sys.stdin: its lock, held here, would break the interpreter's exit
        pass
    _signal_group(group, signal.SIGTERM)
    time.sleep(GRACE)
    _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says the second of a group that is dying
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
