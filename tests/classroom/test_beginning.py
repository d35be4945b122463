"""A class that may begin, and one that may not."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from flask_magic.classroom.beginning import begin, own_folder, proxy_pid
from flask_magic.classroom.settings import ClassError, Settings
from flask_magic.processes import free_port


def settings(folder: Path, port: int | None = None) -> Settings:
    """A class in this folder."""
    return Settings("tool library", dir=folder, url=f"http://127.0.0.1:{port or free_port()}", isolate=False)


def test_its_folder_is_its_owner_s(tmp_path: Path) -> None:
    one = settings(tmp_path / "spring" / "class")
    with begin(one):
        for folder in (one.dir, own_folder(one)):
            assert folder.stat().st_mode & 0o777 == 0o700


def test_two_classes_have_two_folders(tmp_path: Path) -> None:
    with begin(settings(tmp_path / "one")):
        with pytest.raises(ClassError, match=r"a class runs in .*one already\. .*FLASK_CLASS_DIR"):
            begin(settings(tmp_path / "one"))
        begin(settings(tmp_path / "two")).close()
    begin(settings(tmp_path / "one")).close()


def test_a_taken_port_is_told_unless_it_is_what_a_killed_class_left(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        one = settings(tmp_path, other.getsockname()[1])
        with pytest.raises(
            ClassError, match=r"port \d+ is taken\. Name another: FLASK_CLASS_URL=http://127\.0\.0\.1:\d+$"
        ) as caught:
            begin(one)
        assert not str(caught.value).endswith(f":{other.getsockname()[1]}")
        proxy_pid(one).write_text(str(os.getpid()))
        begin(one).close()


def test_without_walls_it_has_to_be_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClassError, match=r"apt install bubblewrap\n.*FLASK_CLASS_ISOLATE=no"):
        begin(Settings("tool library", dir=tmp_path / "class"))
    assert not (tmp_path / "class").exists()
