"""`flask-magic http` as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

FILES = Path(__file__).parent / "files"
TOOLS = ["--variable", "host=http://shop.test", "--variable", "name=drill", "--variable", "price=12"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in FILES.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def command(folder: Path, *words: str, app: str = "shop:app") -> subprocess.CompletedProcess[str]:
    line = [str(Path(sys.executable).with_name("flask-magic")), "http", *words, "--app", app]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        line, cwd=folder, capture_output=True, encoding="utf-8", env=environment, timeout=120, check=False
    )


def write(folder: Path, text: str, name: str = "one.hurl") -> str:
    (folder / name).write_text(text)
    return name


def test_files_run_each_with_its_own_cookies_and_captures(folder: Path) -> None:
    ran = command(folder, "login.hurl", "other.hurl", "tools.hurl", *TOOLS)
    assert (ran.returncode, ran.stderr) == (0, "")
    for line in ("302 FOUND", "  ✓ redirects count == 1", "tool_id = 1", "  sent 3 times"):
        assert line in ran.stdout
    assert "wrench" not in ran.stdout
    alone = write(folder, "GET /\nHTTP 302")
    assert command(folder, "login.hurl", alone).returncode == 0, "the second file is another visitor"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("GET /login\nHTTP 201", 4, "line 2: expected 201, came 200\n  HTTP 201\n  ^"),
        ("GET /{{no}}", 3, "There is no variable 'no'"),
        ("GET /boom\n", 3, "shop.py, line 70, in boom"),
        ("GET /boom\nHTTP 200", 4, "✗ status 200: expected 200, came 500"),
        ("GTE /", 2, "one.hurl:1:1\nline 1: GTE is not a method of HTTP.\n  GTE /\n  ^\n  → Did you mean 'GET'?"),
    ],
)
def test_the_exit_code_and_the_message_say_what_failed(folder: Path, text: str, code: int, said: str) -> None:
    ran = command(folder, write(folder, text))
    assert ran.returncode == code
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("words", "app", "said"),
    [
        (["other.hurl", "--tset"], "shop:app", "--test"),
        (["other.hurl", "--variable", "x"], "shop:app", "'x' sets no variable"),
        (["other.hurl", "--variables-file", "none"], "shop:app", "none"),
        (["other.hurl"], "shop:ap", "There is no app at 'shop:ap'"),
        (["other.hurl"], "shpo:app", "There is no app at 'shpo:app'"),
        ([], "shop:app", "FILES"),
    ],
)
def test_options_that_cannot_be_end_with_1(folder: Path, words: list[str], app: str, said: str) -> None:
    ran = command(folder, *words, app=app)
    assert ran.returncode == 1
    assert said in ran.stderr


def test_a_file_that_is_not_there_ends_with_2_and_the_others_run(folder: Path) -> None:
    ran = command(folder, "none.hurl", "other.hurl", "--test")
    assert ran.returncode == 2
    assert ran.stdout == "none.hurl: error\nother.hurl: passed\n2 files: 1 as expected\n"


def test_a_factory_makes_the_app(folder: Path) -> None:
    assert command(folder, "other.hurl", app="shop:create_app").returncode == 0


def test_secrets_are_shown_nowhere(folder: Path) -> None:
    text = 'GET /login?a={{pin}}\nHTTP 201\n[Asserts]\nurl == "x"\n'
    ran = command(folder, write(folder, text), "--secret", "pin=hunter22", "--report-junit", "report.xml")
    assert ran.returncode == 4
    assert "hunter22" not in ran.stdout + ran.stderr + (folder / "report.xml").read_text()
    assert "a=•••" in ran.stdout


def test_variables_come_from_a_file(folder: Path) -> None:
    (folder / "vars.env").write_text("# of the shop\nhost=\n\nname=saw\nprice=1.5\n")
    write(folder, (folder / "tools.hurl").read_text().replace("{{host}}", ""))
    ran = command(folder, "one.hurl", "--variables-file", "vars.env", "--variable", "price=2")
    assert ran.returncode == 0
    assert '✓ jsonpath "$.price" == {{price}}' in ran.stdout
    assert '"price": 2' in ran.stdout


def test_a_report_and_chosen_entries(folder: Path) -> None:
    bad = write(folder, "GET /boom\n\nGET /login\nHTTP 201\n\nGET /boom", "bad.hurl")
    words = ["--from-entry", "2", "--to-entry", "2", "--test", "--report-junit", "report.xml"]
    ran = command(folder, bad, write(folder, "GET /\n\nGET /login\nHTTP 200"), *words)
    assert ran.returncode == 4
    suite = ElementTree.parse(folder / "report.xml").getroot()[0]
    assert {key: suite.attrib[key] for key in ("tests", "failures", "errors")} == {
        "tests": "2",
        "failures": "1",
        "errors": "0",
    }
    assert [case.attrib["name"] for case in suite] == ["bad.hurl", "one.hurl"]
    assert "expected 201, came 200" in str(suite[0][0].text)
    assert not list(folder.glob(".*.part"))
