"""What a driver promises, with pretended runs: nobody lost, nobody run again, nothing broken."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flask_magic.workshop.campaign import Campaign
from flask_magic.workshop.driver import plan_runs
from flask_magic.workshop.errors import MachineError, WorkshopError
from flask_magic.workshop.folders import Output, folder_of
from flask_magic.workshop.journal import Journal
from flask_magic.workshop.spec import Result, Spec

from .crashes import FACTS, NOTEBOOK, Pretended, broken_files, campaign, ok_in

NAMES = [f"learner {number}" for number in range(40)]


def test_a_driver_killed_at_any_step_is_resumed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.workshop.crashes", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) > 30
    assert [one["status"] for one in told] == [-9] * (len(told) - 1) + [0]
    assert {(len(one["before"]), len(one["ok_before"])) for one in told} >= {(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)}
    for one in told:
        assert (one["broken"], one["resumed"], sorted(one["ok"])) == ([], 0, ["Ada", "Bo"])
        assert [name for name in one["ok_before"] if one["runs"].count(name) != 1] == []
        assert len(one["runs"]) <= 4
        assert [name for name in one["files"] if name.startswith(".")] == [".lock"]


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of one MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.name != "posix" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be mounted by root, outside of most containers")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_breaks_nothing_and_can_be_resumed(full_disk: Path, tmp_path: Path) -> None:
    command = campaign(tmp_path, NAMES, 60_000)
    command.output.path = full_disk / "out"
    with pytest.raises(MachineError, match=r"No space left on device|disk is full") as caught:
        command.run()
    assert caught.value.exit_code == 3
    assert "the same command goes on" in caught.value.message
    assert broken_files(full_disk) == []
    subprocess.run(["mount", "-o", "remount,size=20m", str(full_disk)], check=True)
    before = ok_in(command.output)
    assert 0 < len(before) < len(NAMES)
    assert command.run() == 0
    assert sorted(ok_in(command.output)) == sorted(NAMES)
    assert broken_files(full_disk) == []
    runs = (tmp_path / "runs").read_text().splitlines()
    assert [name for name in before if runs.count(name) != 1] == []


def test_a_file_too_large_for_the_system_breaks_nothing(tmp_path: Path) -> None:
    code = """if True:
        import resource, sys
        from pathlib import Path
        from flask_magic.workshop.errors import MachineError
        from tests.workshop.crashes import campaign
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            campaign(Path(sys.argv[1]), ["Ada", "Bo"], 200_000).run()
        except MachineError as error:
            sys.exit(error.exit_code)"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 3
    assert broken_files(tmp_path / "out") == []
    assert list((tmp_path / "out").glob("*/notebook.ipynb")) == []
    assert campaign(tmp_path, ["Ada", "Bo"], 200_000).run() == 0


class Full(Pretended):
    """A backend on whose machine Bo's run cannot begin."""

    size = 1

    def next(self) -> tuple[Spec, Result]:
        if self._runs.read_text().split()[-1] == "Bo":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().next()


def test_a_run_that_cannot_begin_ends_the_class_which_goes_on_later(tmp_path: Path) -> None:
    command = campaign(tmp_path, ["Ada", "Bo"])
    command.backend = lambda: Full(tmp_path / "runs")
    with pytest.raises(MachineError, match=r"No run can begin any more: .*No space left on device") as caught:
        command.run()
    assert caught.value.exit_code == 3
    assert (ok_in(command.output), (tmp_path / "out" / "index.html").exists()) == (["Ada"], True)
    assert campaign(tmp_path, ["Ada", "Bo"]).run() == 0
    assert (tmp_path / "runs").read_text().split() == ["Ada", "Bo", "Bo"]


class Losing(Pretended):
    """A backend that loses Bo's first attempt, and all of Cy's."""

    def next(self) -> tuple[Spec, Result]:
        spec, result = super().next()
        if spec.participant == "Cy" or (spec.participant == "Bo" and spec.attempt == 1):
            return spec, Result("lost", "KernelDied", "The kernel died.", f"{NOTEBOOK} ")
        return spec, result


def test_what_the_machine_lost_is_run_once_more_and_every_attempt_is_kept(tmp_path: Path) -> None:
    specs = [Spec(name, NOTEBOOK) for name in ("Ada", "Bo", "Cy")]
    command = Campaign(specs, FACTS, Output(tmp_path / "out"), lambda: Losing(tmp_path / "runs"), bar=False)
    assert command.run() == 1
    with Journal(command.output.journal) as journal:
        found = {row.participant: (row.state, row.attempts, row.error) for row in journal.rows()}
    assert found == {"Ada": ("ok", 1, ""), "Bo": ("ok", 2, ""), "Cy": ("failed", 2, "KernelDied")}
    kept = {name: len(list((tmp_path / "out" / folder_of(name)).rglob("*.ipynb"))) for name in ("Ada", "Bo", "Cy")}
    assert kept == {"Ada": 1, "Bo": 2, "Cy": 2}


def test_what_failed_is_run_again_when_it_is_asked_for(tmp_path: Path) -> None:
    specs = [Spec("Cy", NOTEBOOK)]
    command = Campaign(specs, FACTS, Output(tmp_path / "out"), lambda: Losing(tmp_path / "runs"), bar=False, retries=0)
    assert (command.run(), command.run()) == (1, 1)
    assert (tmp_path / "runs").read_text().split() == ["Cy"]
    command.again, command.backend = "failed", lambda: Pretended(tmp_path / "runs")
    assert command.run() == 0
    assert (tmp_path / "runs").read_text().split() == ["Cy", "Cy"]


def test_a_notebook_that_somebody_has_edited_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign(tmp_path, ["Ada", "Bo"]).run() == 0
    path = tmp_path / "out" / folder_of("Ada") / "notebook.ipynb"
    path.write_text("my answers")
    (tmp_path / "out" / folder_of("Bo") / "notebook.ipynb").unlink()
    changed = campaign(tmp_path, ["Ada", "Bo"])
    changed.specs[0] = Spec("Ada", NOTEBOOK, {"seed": 2})
    assert changed.run() == 0
    assert path.read_text() == "my answers"
    assert (tmp_path / "runs").read_text().split() == ["Ada", "Bo", "Bo"]
    assert "Edited since, and left alone: 1." in capsys.readouterr().out
    changed.again = "all"
    assert changed.run() == 0
    assert [one.read_text() for one in path.parent.glob("attempts/*")] == ["my answers"]


def test_another_notebook_or_another_parameter_is_another_run(tmp_path: Path) -> None:
    first = campaign(tmp_path, ["Ada"])
    assert first.run() == 0
    with Journal(first.output.journal) as journal:
        for spec in (
            Spec("Ada", f"{NOTEBOOK} "),
            Spec("Ada", NOTEBOOK, {"seed": 2}),
            Spec("Ada", NOTEBOOK, kernel="x"),
        ):
            assert plan_runs([spec], journal, first.output).specs == [spec]
        assert plan_runs([Spec("Ada", NOTEBOOK, attempt=2)], journal, first.output).done == ["Ada"]


def test_a_folder_belongs_to_one_workshop(tmp_path: Path) -> None:
    assert campaign(tmp_path, ["Ada"]).run() == 0
    other = campaign(tmp_path, ["Ada"])
    other.facts = {**FACTS, "title": "Products"}
    with pytest.raises(WorkshopError, match=r"holds runs of 'Sums' \(learner\). Name another folder"):
        other.run()
    assert campaign(tmp_path, ["Ada"]).run() == 0


def test_two_campaigns_do_not_write_one_folder(tmp_path: Path) -> None:
    command = campaign(tmp_path, ["Ada"])
    with command.output.locked(), pytest.raises(WorkshopError, match="is being written by another run") as caught:
        campaign(tmp_path, ["Ada"]).run()
    assert caught.value.exit_code == 2
    assert not (tmp_path / "runs").exists()
