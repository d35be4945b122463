"""`flask-magic pages copy`: a learner's own copy of the collection, which no update overwrites."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from flask_magic.errors import did_you_mean
from flask_magic.pages.errors import PageError
from flask_magic.pages.notebook import Notebook, load, page_files, save, shown

__all__ = ["Copied", "copy_collection", "reset_page"]

INDEX = "index.ipynb"
NOT_FOR_LEARNERS = ("conftest.py", "outline.md", "sanitize.cfg")


@dataclass
class Copied:
    """What was done: files that are new in the copy, and old versions that were put aside."""

    new: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)


def copy_collection(source: Path, destination: Path) -> Copied:
    """Copy what `destination` does not have yet of `source`: notebooks without outputs, other files as is.

    What is there stays as it is. One exception: an index (the collection's, a chapter's) is a list and no page,
    and follows the collection; where the learner's differs, it is put aside first. PageError where `source`
    holds no notebooks.
    """
    _must_be_collection(source, destination)
    copied = Copied()
    for path in _files(source):
        target = destination / path.relative_to(source)
        if path.name == INDEX and target.exists():
            if _sources(load(path)) != _sources(load(target)):
                copied.kept.append(_put_aside(target))
                _copy(path, target)
        elif not target.exists():
            _copy(path, target)
            copied.new.append(target)
    return copied


def reset_page(source: Path, destination: Path, name: str) -> Copied:
    """Restore one page of `destination`, putting the learner's version aside as `….bak-1.ipynb`.

    `name` is a page's path in the collection, with or without `.ipynb` and with or without the folder before
    it; the page's own name is enough where only one has it. PageError, with the nearest name, for an unknown
    page.
    """
    _must_be_collection(source, destination)
    path = _page_named(source, destination, name)
    target = destination / path.relative_to(source)
    copied = Copied(new=[target])
    if target.exists():
        copied.kept.append(_put_aside(target))
    _copy(path, target)
    return copied


def _must_be_collection(source: Path, destination: Path) -> None:
    if not (page_files(source) or (source / INDEX).is_file()):
        raise PageError(
            f"{shown(source)} holds no notebooks. Name the folder of the collection first, then the copy's."
        )
    if destination.resolve().is_relative_to(source.resolve()):
        raise PageError(f"{shown(destination)} lies inside {shown(source)}: name another folder.")


def _files(source: Path) -> list[Path]:
    def wanted(path: Path) -> bool:
        parts = path.relative_to(source).parts
        hidden = any(part.startswith((".", "__")) for part in parts)
        return path.is_file() and not hidden and parts[0] not in NOT_FOR_LEARNERS

    return sorted(filter(wanted, source.rglob("*")))


def _copy(path: Path, target: Path) -> None:
    if path.suffix != ".ipynb":
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        return
    notebook = load(path)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    save(target, notebook)


def _put_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.stem}.bak-{number}{path.suffix}")).exists():
        number += 1
    path.rename(aside)
    return aside


def _sources(notebook: Notebook) -> list[str]:
    return [cell["source"] for cell in notebook["cells"]]


def _page_named(source: Path, destination: Path, name: str) -> Path:
    known = {path.relative_to(source).as_posix().removesuffix(".ipynb"): path for path in page_files(source)}
    wanted = name.strip().removeprefix("./").removesuffix(".ipynb")
    for folder in (source, destination):
        wanted = wanted.removeprefix(f"{folder.name}/")
    if wanted in known:
        return known[wanted]
    ends = [path for page, path in known.items() if page.rpartition("/")[2] in (wanted, wanted.rpartition("/")[2])]
    if "/" not in wanted and len(ends) == 1:
        return ends[0]
    example = next(iter(known), "02-routing/02-variable-rules")
    if not wanted:
        raise PageError(f"Which page? Name it like this: PAGE={example}")
    hint = did_you_mean(wanted, known) or did_you_mean(wanted, [page.rpartition("/")[2] for page in known])
    raise PageError(f"The collection has no page '{wanted}'. {hint or f'Names look like this: {example}'}")
