"""Where a cohort's runs are kept: folders whose names no participant chooses, files that are whole or absent."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_magic.pages.notebook import shown
from flask_magic.workshop.errors import MachineError, WorkshopError

__all__ = ["JOURNAL", "Output", "folder_of", "write_whole"]

JOURNAL = "journal.sqlite"
LOCK = ".lock"


def folder_of(identity: str) -> str:
    """The name of a participant's folder: what is harmless of the name, and a hash that tells alike ones apart.

    >>> folder_of("../Zoë")
    'zoe-8840d1f496'
    >>> folder_of("李雷")
    'participant-3a47328a60'
    """
    plain = unicodedata.normalize("NFKD", identity).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "participant"
    return f"{slug}-{hashlib.sha256(identity.encode()).hexdigest()[:10]}"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all, whatever happens meanwhile; MachineError where it fails.

    It appears under its name only when all of it is on the disk.
    """
    data = content.encode() if isinstance(content, str) else content
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise MachineError(f"{shown(path)} cannot be written: {error.strerror}.") from error


def _sync(folder: Path) -> None:
    """The folder's entries to the disk, too; Windows has no such thing."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Output:
    """The folder in which a cohort's notebooks, reports and journal are kept."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def journal(self) -> Path:
        """The file of the journal."""
        return self.path / JOURNAL

    def check(self) -> None:
        """WorkshopError where the folder holds something else, so that nothing of it is written over."""
        if self.path.exists() and not self.path.is_dir():
            raise WorkshopError(f"{shown(self.path)} is a file. Name a folder with -o.")
        if self.path.is_dir() and not self.journal.exists() and {one.name for one in self.path.iterdir()} - {LOCK}:
            raise WorkshopError(f"{shown(self.path)} holds other files. Name a new folder with -o.")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The folder for this process alone. WorkshopError while another one has it."""
        from filelock import FileLock, Timeout

        self.check()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / LOCK, timeout=0)
            lock.acquire()
        except Timeout:
            raise WorkshopError(
                f"{shown(self.path)} is being written by another run. Wait for it, or name another folder with -o."
            ) from None
        except OSError as error:
            raise MachineError(f"{shown(self.path)} cannot be written: {error.strerror}.") from error
        try:
            yield
        finally:
            lock.release()

    def place(self, folder: str) -> Path:
        """A participant's folder. MachineError where it has been put elsewhere, by a link."""
        path = self.path / folder
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise MachineError(f"{shown(self.path)}/{folder} leads out of the folder, and is not written.")
        return path

    def keep_notebook(self, folder: str, text: str) -> None:
        """Write a participant's notebook. The one that is there, of an earlier attempt, moves to `attempts/`."""
        path = self.place(folder) / "notebook.ipynb"
        waiting = path.with_name(".notebook.new")
        write_whole(waiting, text)
        try:
            if path.exists():
                attempts = path.parent / "attempts"
                attempts.mkdir(exist_ok=True)
                path.replace(attempts / f"{1 + sum(1 for _ in attempts.iterdir())}.ipynb")
            waiting.replace(path)
        except OSError as error:
            raise MachineError(f"{shown(path)} cannot be written: {error.strerror}.") from error
