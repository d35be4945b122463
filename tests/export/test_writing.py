"""Whole or not at all, and never over what somebody wrote."""

import errno
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from flask_magic.errors import ExportError
from flask_magic.export.writing import MANIFEST, Written, check_target, staging, write_project

Write = Callable[..., Written]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The folder to write into; it is not there yet."""
    return tmp_path / "shop"


@pytest.fixture
def write(target: Path) -> Write:
    """Write some files into the target."""

    def write(force: bool = False, **files: str) -> Written:
        check_target(target, force=force)
        with staging(target) as staged:
            for name, text in files.items():
                path = staged / name.replace("__", "/").replace("_", ".")
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
            return write_project(staged, target, force=force)

    return write


def files_in(folder: Path) -> dict[str, str]:
    """The files of a folder with their texts, the manifest aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def test_a_second_export_brings_the_first_up_to_date(target: Path, write: Write) -> None:
    write(app_py="1", tests__old_py="2", README_md="3")
    (target / "mine.txt").write_text("mine")
    written = write(app_py="11", README_md="3", tests__new_py="4")
    assert files_in(target) == {"README.md": "3", "app.py": "11", "mine.txt": "mine", "tests/new.py": "4"}
    assert (written.files, written.aside, written.stale) == (3, [], [])
    assert sorted(json.loads((target / MANIFEST).read_text())["files"]) == ["README.md", "app.py", "tests/new.py"]


def test_a_changed_file_is_refused_by_name_and_nothing_changes(target: Path, write: Write) -> None:
    write(app_py="1", README_md="2")
    (target / "app.py").write_text("mine")
    with pytest.raises(ExportError, match=r"changed since they were exported: app\.py"):
        write(app_py="3", README_md="4")
    assert files_in(target) == {"README.md": "2", "app.py": "mine"}
    assert [path.name for path in target.parent.iterdir()] == ["shop"]


def test_with_force_a_changed_file_is_kept_aside_each_time(target: Path, write: Write) -> None:
    write(app_py="1")
    for mine in ("a", "b"):
        (target / "app.py").write_text(mine)
        written = write(force=True, app_py="2")
    assert written.aside == ["app.py.orig2"]
    assert files_in(target) == {"app.py": "2", "app.py.orig": "a", "app.py.orig2": "b"}


def test_a_change_that_is_what_comes_now_is_none(target: Path, write: Write) -> None:
    write(app_py="1")
    (target / "app.py").write_text("2")
    assert write(app_py="2").aside == []


def test_a_folder_of_somebody_else_s_needs_force(target: Path, write: Write) -> None:
    target.mkdir()
    (target / "app.py").write_text("mine")
    with pytest.raises(ExportError, match="was not exported by flask-magic"):
        write(app_py="1")
    assert write(force=True, app_py="1").aside == ["app.py.orig"]
    assert files_in(target) == {"app.py": "1", "app.py.orig": "mine"}


def test_a_changed_file_that_is_no_part_any_more_stays(target: Path, write: Write) -> None:
    write(app_py="1", fees_py="2")
    (target / "fees.py").write_text("mine")
    assert write(app_py="1").stale == ["fees.py"]
    assert files_in(target)["fees.py"] == "mine"


def test_nothing_is_written_through_a_link(target: Path, write: Write, tmp_path: Path) -> None:
    write(app_py="1")
    (tmp_path / "elsewhere").mkdir()
    (target / "tests").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match="tests is a link"):
        write(force=True, app_py="1", tests__new_py="2")
    (target / "app.py").unlink()
    (tmp_path / "precious.py").write_text("mine")
    (target / "app.py").symlink_to(tmp_path / "precious.py")
    assert write(force=True, app_py="1").aside == ["app.py.orig"]
    assert (tmp_path / "precious.py").read_text() == "mine"
    assert (target / "app.py.orig").is_symlink()


def test_a_manifest_names_no_file_outside(target: Path, write: Write, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("")
    write(app_py="1")
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (target / MANIFEST).write_text(json.dumps({"files": {"../precious": digest, str(tmp_path / "precious"): digest}}))
    write(force=True, app_py="1")
    assert (tmp_path / "precious").exists()


def test_an_empty_folder_is_as_good_as_none(target: Path, write: Write) -> None:
    target.mkdir()
    write(app_py="1")
    assert files_in(target) == {"app.py": "1"}


def test_files_in_the_way_of_folders(target: Path, write: Write) -> None:
    target.write_text("a file")
    with pytest.raises(ExportError, match="shop is a file"):
        write(app_py="1")
    with pytest.raises(ExportError, match="shop is a file: there can be no folder in it"):
        check_target(target / "inner", force=False)


def test_a_place_that_cannot_be_written_is_told(target: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        pytest.raises(ExportError, match=r"shop cannot be written: No space left on device\.") as caught,
        staging(target),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.todo.startswith("Make room, or name a folder")
    assert list(target.parent.iterdir()) == []
    monkeypatch.setattr(tempfile, "mkdtemp", lambda **_: Path("/dev/null/x").mkdir())
    with pytest.raises(ExportError, match=r"shop cannot be written: Not a directory\."):
        write(app_py="1")


def test_what_fails_on_the_way_leaves_nothing(target: Path) -> None:
    with suppress(RuntimeError), staging(target) as staged:
        (staged / "app.py").write_text("1")
        raise RuntimeError
    assert list(target.parent.iterdir()) == []
