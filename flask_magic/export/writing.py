"""Putting a project into its folder: whole or not at all, and without losing what somebody wrote there.

A file of the project says what was exported, with its hash. So a later export knows which files are still as it left
them; the others are refused by name, or with `force` kept beside the new ones as `NAME.orig`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import ExportError

__all__ = ["MANIFEST", "Written", "check_target", "staging", "write_project"]

MANIFEST = ".flask-magic.json"
_HEADER = "what flask-magic exported; a file whose hash differs was changed since, and is not overwritten"


class Written:
    """What was done: how many files were written, the files that were kept aside, and those left alone."""

    def __init__(self) -> None:
        self.files = 0
        self.aside: list[str] = []
        self.stale: list[str] = []


def check_target(target: Path, *, force: bool) -> None:
    """Raises ExportError where the folder is not one to write into."""
    if target.exists() and not target.is_dir():
        raise ExportError(f"{target.name} is a file, and the project needs a folder.", todo="Name another folder.")
    for parent in target.parents:
        if parent.exists():
            if not parent.is_dir():
                raise ExportError(
                    f"{parent.name} is a file: there can be no folder in it.", todo="Name another folder."
                )
            break
    if not target.is_dir() or force or _manifest(target) is not None or not any(target.iterdir()):
        return
    raise ExportError(
        f"{target.name} has files in it, and was not exported by flask-magic.",
        why="An export would mix with them.",
        todo="Name another folder, or add --force: what is in the way is kept as NAME.orig.",
    )


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """An empty folder on the same file system, gone at the end unless it became the project's.

    Raises ExportError where it cannot be made, or where a file cannot be written meanwhile.
    """
    parent = next(one for one in target.parents if one.is_dir())
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=parent))
        try:
            folder.chmod(0o755)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise ExportError(
            f"{target.name} cannot be written: {error.strerror or error}.",
            todo="Make room, or name a folder in a place that you may write into.",
        ) from error


def write_project(staged: Path, target: Path, *, force: bool, notebook: str | None = None) -> Written:
    """Move all files of `staged` into `target`.

    Raises ExportError, having changed nothing, where a file of the user's is in the way.
    """
    files = {one.relative_to(staged).as_posix(): one for one in sorted(staged.rglob("*")) if one.is_file()}
    hashes = {name: _hash(path) for name, path in files.items()}
    manifest = {"about": _HEADER, "notebook": notebook, "files": hashes}
    (staged / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    written = Written()
    written.files = len(files)
    if not target.exists() or not any(target.iterdir()):
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            target.rmdir()
        staged.replace(target)
        return written
    known = _manifest(target) or {}
    _check_no_link(target, files)
    changed = [name for name in files if _is_users(target / name, known.get(name), hashes[name])]
    if changed and not force:
        raise ExportError(
            f"{target.name} has files that were changed since they were exported: {', '.join(changed)}.",
            why="An export would overwrite them.",
            todo="Rename them, or add --force: they are kept as NAME.orig.",
        )
    for name in changed:
        written.aside.append(_set_aside(target, name))
    for name, path in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        path.replace(target / name)
    for name in known.keys() - files.keys():
        path = target / name
        if path.is_file() and not path.is_symlink() and _hash(path) == known[name]:
            path.unlink()
            with suppress(OSError):
                path.parent.rmdir()
        elif path.exists():
            written.stale.append(name)
    (staged / MANIFEST).replace(target / MANIFEST)
    return written


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _manifest(target: Path) -> Mapping[str, str] | None:
    """The files of an earlier export with their hashes; None where there was none."""
    try:
        files = json.loads((target / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {str(name): str(value) for name, value in files.items() if _is_inside(str(name))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in Path(name).parts


def _is_users(path: Path, known: str | None, new: str) -> bool:
    """Is something in the way that no export has left there as it is?"""
    if path.is_symlink() or path.is_dir():
        return True
    return path.exists() and _hash(path) not in (known, new)


def _check_no_link(target: Path, files: Mapping[str, Path]) -> None:
    for name in files:
        for parent in [target / one for one in Path(name).parents if one != Path()]:
            if parent.is_symlink() or (parent.exists() and not parent.is_dir()):
                raise ExportError(
                    f"{parent.relative_to(target).as_posix()} is {'a link' if parent.is_symlink() else 'a file'}"
                    " where the project has a folder.",
                    todo="Move it away, or name another folder.",
                )


def _set_aside(target: Path, name: str) -> str:
    number, aside = 2, f"{name}.orig"
    while (target / aside).exists() or (target / aside).is_symlink():
        aside, number = f"{name}.orig{number}", number + 1
    (target / name).replace(target / aside)
    return aside
