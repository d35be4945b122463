import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flask_magic.cli import main


@pytest.fixture(autouse=True)
def _here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["pages", *arguments], catch_exceptions=False)


def test_check_says_what_is_good_and_what_is_not_written() -> None:
    result = call("check")
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "1 of 8 topics have a page · 0 problems · 1 cells change state"
    assert "Not yet written: Introduction and Fundamentals / What is Flask?, " in result.output
    assert "and 4 more." in result.output


def test_check_fails_on_a_problem_and_names_it(page: Path) -> None:
    page.write_text(page.read_text(encoding="utf-8").replace("$5", "$6").replace("`$6`", "$6"), encoding="utf-8")
    result = call("check", "notebooks")
    assert result.exit_code == 1
    assert "notebooks/02-routing/02-variable-rules.ipynb · cell 1 (# Variable Rules): a bare `$`" in result.output


def test_check_fails_while_the_indexes_are_out_of_date(page: Path) -> None:
    page.unlink()
    result = call("check")
    assert result.exit_code == 1
    for path in ("notebooks/index.ipynb", "notebooks/02-routing/index.ipynb"):
        assert f"{path}: it is out of date: run `flask-magic pages index notebooks`" in result.output
    assert call("index").output.splitlines() == [
        "notebooks/index.ipynb is written.",
        "notebooks/02-routing/index.ipynb is removed: its chapter has no page.",
    ]
    assert call("check").exit_code == 0
    assert call("index").output == "The indexes of notebooks are up to date.\n"


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_text("{}", encoding="utf-8")])
def test_an_opener_that_is_missing_or_edited_is_told_and_written(change: Callable[[Path], object]) -> None:
    opener = Path("notebooks/02-routing/index.ipynb")
    before = opener.read_bytes()
    change(opener)
    assert f"{opener}: it is out of date" in call("check").output
    assert call("index").output == f"{opener} is written.\n"
    assert opener.read_bytes() == before


def test_an_opener_has_nothing_to_run_and_keeps_its_bytes() -> None:
    path = "notebooks/02-routing/index.ipynb"
    assert call("run", path).output == f"✓ {path} · unchanged\n"
    assert path not in call("run", "notebooks").output


def test_check_goes_on_after_a_broken_page(page: Path) -> None:
    page.with_name("01-basic-routing.ipynb").write_text("{", encoding="utf-8")
    result = call("check")
    assert result.exit_code == 1
    assert "01-basic-routing.ipynb is not a notebook" in result.output
    assert "1 cells change state" in result.output


def test_run_says_which_pages_changed_and_which_failed(page: Path) -> None:
    assert call("run").output == "✓ notebooks/02-routing/02-variable-rules.ipynb · unchanged\n"
    page.write_text(page.read_text(encoding="utf-8").replace('"tools[7]"', '"tools[6]"'), encoding="utf-8")
    result = call("run", "notebooks/02-routing")
    assert result.exit_code == 1
    assert "✗ notebooks/02-routing/02-variable-rules.ipynb · cell 4" in result.output
    assert "1 pages failed" in result.output


def test_new_begins_a_page() -> None:
    result = call("new", "Routing / Basic Routing")
    assert result.output == "notebooks/02-routing/01-basic-routing.ipynb is begun: look for TODO.\n"
    assert call("new", "Routing / Basic Routing").exit_code == 1


def test_copy_and_reset_say_what_they_did() -> None:
    assert call("copy", "notebooks", "work").output == "4 files copied to work.\n"
    assert call("copy", "notebooks", "work").output == ""
    result = call("copy", "notebooks", "work", "--reset", "02-variable-rules")
    assert result.output.splitlines() == [
        "work/02-routing/02-variable-rules.ipynb is as it was.",
        "Your version is kept as work/02-routing/02-variable-rules.bak-1.ipynb.",
    ]
    assert "Error: Which page?" in call("copy", "notebooks", "work", "--reset", "").output


def test_toc_is_written() -> None:
    assert call("toc", "notebooks", "book/_toc.yml").output == "book/_toc.yml is written.\n"
    assert "- file: notebooks/index" in Path("book/_toc.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--version"], ["flask_magic.pages", "IPython", "flask", "nbformat", "jupyter_client"]),
        (["pages", "copy", "notebooks", "work"], ["IPython", "flask", "nbformat", "jupyter_client"]),
    ],
)
def test_what_a_learner_waits_for_imports_nothing_heavy(arguments: list[str], unwanted: list[str]) -> None:
    code = """if True:
        import sys
        from flask_magic.cli import main
        main(sys.argv[2:], standalone_mode=False)
        loaded = sorted(set(sys.argv[1].split(",")) & set(sys.modules))
        sys.exit(f"imported: {loaded}" if loaded else 0)"""
    done = subprocess.run(
        [sys.executable, "-c", code, ",".join(unwanted), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_unknown_command_is_told() -> None:
    result = CliRunner().invoke(main, ["page"])
    assert result.exit_code == 2
    assert "No such command 'page'" in result.output


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["paegs"], "Did you mean 'pages'?"),
        (["pages", "chekc"], "Did you mean 'check'?"),
        (["workshop", "shwo"], "'show'?"),
    ],
)
def test_a_command_that_is_not_there_is_met_with_the_nearest(words: list[str], near: str) -> None:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert near in result.output
