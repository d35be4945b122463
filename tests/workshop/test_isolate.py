"""Walls around a run: what is shown within them, and that they have to be possible."""

import os
import site
from pathlib import Path

import pytest

from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.isolate import isolated, must_be_possible
from flask_magic.workshop.room import Room


def test_of_the_user_s_own_only_packages_and_kernels_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "USER_BASE", str(tmp_path))
    monkeypatch.setattr(site, "USER_SITE", str(tmp_path / "lib"))
    words = isolated(["true"], Room(tmp_path / "room", "x"), f"{tmp_path}/share/jupyter{os.pathsep}/usr/share/jupyter")
    shown = {words[place + 1] for place, word in enumerate(words) if word == "--ro-bind-try"}
    own = {one for one in shown if one.startswith(str(tmp_path))}
    assert own == {f"{tmp_path}/lib", f"{tmp_path}/share/jupyter/kernels"}
    assert [words[place + 1] for place, word in enumerate(words) if word == "--bind"] == [str(tmp_path / "room")]


def test_without_bubblewrap_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorkshopError, match=r"--isolate needs bubblewrap .*apt install bubblewrap"):
        must_be_possible()
