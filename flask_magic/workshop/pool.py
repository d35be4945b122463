"""Runs on this machine: threads, each of which minds one spawned process at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Protocol

from flask_magic.workshop.run_one import run_one
from flask_magic.workshop.spec import Result, Spec

__all__ = ["Backend", "Pool"]


class Backend(Protocol):
    """Where runs are run: at most `size` at a time are handed over by `submit`, and `next` waits for one to end."""

    @property
    def size(self) -> int:
        """How many runs are worth handing over now."""

    def submit(self, spec: Spec) -> None:
        """Hand over a run."""

    def next(self) -> tuple[Spec, Result]:
        """The run that has ended, when one has. Raises OSError or MachineError where none can be run any more."""

    def close(self) -> None:
        """End what still runs, and leave nothing behind."""


class Pool:
    """`size` runs at a time on this machine.

    >>> pool = Pool(2)
    >>> pool.size
    2
    >>> pool.close()
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="workshop")
        self._ended: SimpleQueue[tuple[Spec, Result | BaseException]] = SimpleQueue()

    def submit(self, spec: Spec) -> None:
        """Hand over a run."""
        self._threads.submit(self._run, spec)

    def next(self) -> tuple[Spec, Result]:
        """The run that has ended, when one has. Raises what kept it from beginning."""
        spec, result = self._ended.get()
        if isinstance(result, BaseException):
            raise result
        return spec, result

    def close(self) -> None:
        """End the runs that still run, with all their processes."""
        self._stop.set()
        self._threads.shutdown(cancel_futures=True)

    def _run(self, spec: Spec) -> None:
        try:
            self._ended.put((spec, run_one(spec, self._stop)))
        except BaseException as error:
            self._ended.put((spec, error))
