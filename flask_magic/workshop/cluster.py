"""Runs on other machines: a Dask scheduler hands them to its workers, which have this package installed.

Each future is released as soon as its result is here. Otherwise a worker that is lost would take its finished results
along, and Dask would run all of them again.
"""

from __future__ import annotations

import ipaddress
import time
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from flask_magic.workshop.errors import MachineError, WorkshopError
from flask_magic.workshop.run_one import run_one
from flask_magic.workshop.spec import Result, Spec, key_of

__all__ = ["Cluster", "check_address"]

#: Seconds within which the scheduler has to answer, and then a worker to be there.
PATIENCE = 30


def check_address(address: str, *, insecure: bool) -> None:
    """WorkshopError for an address that is none, or where others could read and change what is sent.

    >>> check_address("tls://classroom:8786", insecure=False)
    """
    parts = urlsplit(address)
    if parts.scheme not in ("tls", "tcp") or not parts.hostname or not _port(parts):
        raise WorkshopError(f"--scheduler {address} is no scheduler's address. Write: tls://host:8786")
    if parts.scheme == "tcp" and not insecure and not _is_here(parts.hostname):
        raise WorkshopError(
            f"--scheduler {address} is another machine, and tcp neither hides what is sent nor tells who sends it:"
            " whoever reaches the scheduler can run code on all its workers.\n"
            "Use tls:// with certificates (Dask's setting distributed.comm.tls), or say --insecure."
        )


class Cluster:
    """The workers of the Dask scheduler at `address`. Raises MachineError where it does not answer or has none."""

    def __init__(self, address: str, *, insecure: bool = False, patience: float | None = None) -> None:
        check_address(address, insecure=insecure)
        try:
            from distributed import Client
        except ImportError:
            raise WorkshopError("--scheduler needs Dask: pip install 'flask-magic[cluster]'") from None
        self._address, self._patience = address, PATIENCE if patience is None else patience
        self._name = uuid4().hex[:8]
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._specs: dict[str, Spec] = {}
        self._futures: dict[str, Any] = {}
        try:
            self._client = Client(address, timeout=self._patience, set_as_default=False)
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            raise MachineError(f"The scheduler {address} cannot be reached: {error}") from error
        try:
            self._client.wait_for_workers(1, timeout=self._patience)
        except TimeoutError:
            self.close()
            raise MachineError(
                f"The scheduler {address} has no workers. Start some: dask worker --nthreads 1 {address}"
            ) from None

    @property
    def size(self) -> int:
        """A run for each thread of a worker, and one that waits behind it."""
        threads: int = sum(self._client.ncores().values())
        return 2 * max(1, threads)

    def submit(self, spec: Spec) -> None:
        """Hand over a run, under a key of its own."""
        key = f"workshop-{self._name}-{key_of(spec)[:16]}-{spec.attempt}-{len(self._specs)}"
        self._specs[key] = spec
        future = self._futures[key] = self._client.submit(run_one, spec, key=key, pure=False)
        future.add_done_callback(self._ended.put)

    def next(self) -> tuple[Spec, Result]:
        """The run that has ended, when one has. Raises MachineError where the cluster is gone."""
        future = self._wait()
        spec = self._specs[future.key]
        try:
            result: Result = future.result()
        except Exception as error:
            result = self._judged(error)
        finally:
            future.release()
            del self._futures[future.key]
        return spec, result

    def close(self) -> None:
        """Give up what still runs: it ends on the workers, and nobody waits for it."""
        for future in self._futures.values():
            future.cancel()
        self._client.close()

    def _wait(self) -> Any:
        alone = 0.0
        while True:
            try:
                return self._ended.get(timeout=1)
            except Empty:
                pass
            if self._client.status != "running" or not self._client.ncores():
                alone = alone or time.monotonic()
                if time.monotonic() - alone > self._patience:
                    raise MachineError(f"The scheduler {self._address} is gone, or has no workers any more.")
            else:
                alone = 0.0

    def _judged(self, error: Exception) -> Result:
        """A run that has no result: because its worker was lost, or because it cannot be run there."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return Result("lost", "WorkerLost", "Its workers were lost, one after the other, while it ran.")
        if isinstance(error, OSError):
            return Result("lost", type(error).__name__, f"The worker could not begin: {error}")
        raise MachineError(f"The scheduler {self._address} gave up a run: {type(error).__name__}: {error}") from error


def _port(parts: Any) -> int | None:
    try:
        port: int | None = parts.port
    except ValueError:
        return None
    return port


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
