import subprocess
import sys
from pathlib import Path

import pytest

from flask_magic.workshop.errors import MachineError, WorkshopError
from flask_magic.workshop.folders import Output, write_whole


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Output:
    monkeypatch.chdir(tmp_path)
    return Output(Path("out"))


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_whole(path, "ä")
    write_whole(path, b"other")
    assert path.read_bytes() == b"other"
    assert [one.name for one in path.parent.iterdir()] == ["file"]


def test_a_file_that_does_not_fit_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    code = """if True:
        import resource, sys
        from pathlib import Path
        from flask_magic.workshop.errors import MachineError
        from flask_magic.workshop.folders import write_whole
        path = Path("file")
        write_whole(path, "old")
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_whole(path, "new" * 1000)
        except MachineError as error:
            print(error.message)"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "file cannot be written: File too large.\n"
    assert (tmp_path / "file").read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_one_at_a_time_writes_a_folder(output: Output) -> None:
    with output.locked():
        assert output.path.is_dir()
        with pytest.raises(WorkshopError, match="out is being written by another run"), Output(output.path).locked():
            pass
    with output.locked():
        pass


def test_a_folder_with_other_things_in_it_is_not_touched(output: Output) -> None:
    output.path.mkdir()
    (output.path / "essay.txt").touch()
    with pytest.raises(WorkshopError, match="out holds other files"), output.locked():
        pass
    assert [one.name for one in output.path.iterdir()] == ["essay.txt"]
    with pytest.raises(WorkshopError, match=r"essay\.txt is a file"):
        Output(output.path / "essay.txt").check()
    with pytest.raises(MachineError, match="cannot be written"), Output(output.path / "essay.txt" / "x").locked():
        pass


def test_a_link_leads_nobody_out_of_the_folder(output: Output, tmp_path: Path) -> None:
    output.path.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (output.path / "ada-1").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MachineError, match="out/ada-1 leads out of the folder"):
        output.keep_notebook("ada-1", "{}")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_every_attempt_s_notebook_is_kept(output: Output) -> None:
    for text in ("1", "2", "3"):
        output.keep_notebook("ada", text)
    files = {path.relative_to(output.path / "ada").as_posix(): path.read_text() for path in output.path.rglob("*.*")}
    assert files == {"notebook.ipynb": "3", "attempts/1.ipynb": "1", "attempts/2.ipynb": "2"}
