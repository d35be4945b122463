"""A room's walls and limits, by real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from services import require

from flask_magic.classroom.rooms import isolated, limited
from flask_magic.walls import can_isolate

needs_rooms = pytest.mark.skipif(not can_isolate(), reason="bubblewrap may not make rooms here, as in many containers")


def python(code: str) -> list[str]:
    """The command that runs a piece of Python."""
    return [sys.executable, "-c", code]


def run(command: list[str]) -> str:
    """What a command prints, errors too, without the last line's end."""
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return ended.stdout.rstrip("\n")


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    """The room of ada and the one of bo, a file in each."""
    for name in ("ada", "bo"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.txt").write_text(name)
    return tmp_path


@needs_rooms
def test_a_room_has_one_place_to_write(rooms: Path) -> None:
    readme = Path(__file__).parents[2] / "README.md"
    code = f"""import os, pathlib
print(os.getcwd(), os.listdir({str(rooms)!r}), pathlib.Path("mine.txt").read_text())
pathlib.Path("new.txt").write_text("kept")
pathlib.Path("/tmp/new.txt").write_text("not kept")
for place in ({str(rooms)!r} + "/bo/mine.txt", {str(readme)!r}, os.path.expanduser("~/.ssh")):
    print(os.path.exists(place))
for place in ({sys.prefix!r}, "/usr"):
    print(os.access(place, os.W_OK))
"""
    shown = run(isolated(python(code), rooms / "ada"))
    assert shown.split("\n") == [f"{rooms / 'ada'} ['ada'] ada", "False", "False", "False", "False", "False"]
    assert (rooms / "ada" / "new.txt").read_text() == "kept"
    assert not Path("/tmp/new.txt").exists()


@needs_rooms
def test_what_is_shown_can_be_read(rooms: Path) -> None:
    code = f"import pathlib; one = pathlib.Path({str(rooms / 'bo' / 'mine.txt')!r}); print(one.read_text())"
    assert run(isolated(python(code), rooms / "ada", rooms / "bo")) == "bo"
    assert "Read-only file system" in run(isolated(python(f"{code}; one.write_text('')"), rooms / "ada", rooms / "bo"))


@needs_rooms
def test_a_room_sees_its_own_processes_alone(rooms: Path) -> None:
    code = "import os; print(sorted(int(one) for one in os.listdir('/proc') if one.isdigit()) == [1, os.getpid()])"
    assert run(isolated(python(code), rooms / "ada")) == "True"
    code = f"import os, signal; os.kill({os.getpid()}, 0)"
    assert "ProcessLookupError" in run(isolated(python(code), rooms / "ada"))


@needs_rooms
def test_what_a_room_has_started_ends_with_it(rooms: Path) -> None:
    code = "import subprocess; subprocess.Popen(['sh', '-c', 'echo in; sleep 1; echo late > late.txt']); print('out')"
    assert "out" in run(isolated(python(code), rooms / "ada"))
    assert not (rooms / "ada" / "late.txt").exists()


def test_a_process_gets_its_memory_and_no_more() -> None:
    require("prlimit")
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_DATA)); bytearray({} << 20); print('fine')"
    assert run(limited(python(code.format(100)), 300)) == f"({300 << 20}, {300 << 20})\nfine"
    ended = subprocess.run(limited(python(code.format(400)), 300), capture_output=True, text=True, check=False)
    assert "MemoryError" in ended.stderr


def test_tasks_are_counted_in_a_room() -> None:
    require("prlimit")
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_NPROC))"
    assert run(limited(python(code), 300, 77)) == "(77, 77)"


def test_it_is_polite() -> None:
    assert int(run(limited(python("import os; print(os.nice(0))"), 300))) >= min(os.nice(0) + 5, 19)
