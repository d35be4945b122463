"""Files that look closely: at bodies as they are sent, at values of every kind, at the words of older versions."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flask_magic.hurl.cli import http

FILES = Path(__file__).parent / "files"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def play(*words: str) -> Result:
    return CliRunner().invoke(http, [*words, "--app", "depot:create_app", "--test"])


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["depot", "bodies", "options", "older"])
def test_a_file_runs_unchanged(name: str) -> None:
    ran = play(f"{name}.hurl", "--variable", "host=http://localhost:8000")
    assert (ran.exit_code, ran.stderr) == (0, "")


def test_options_and_variables_of_all_entries(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sets.env").write_text("# of the depot\n\nroom=red\n")
    (folder / "files").mkdir()
    (folder / "files" / "paint.txt").write_text("paint")
    (folder / "one.hurl").write_text(
        "POST /rooms/{{room}}/old\nfile,paint.txt;\nHTTP 200\n`red: paint`\n\n"
        'GET /seen\nHTTP 200\n[Asserts]\njsonpath "$.headers.X-Shelf[0]" == "{{shelf}}"\n'
        'jsonpath "$.headers.Authorization[0]" exists\nvariable "size" == 7\n'
    )
    monkeypatch.setenv("HURL_VARIABLE_shelf", "top")
    monkeypatch.setenv("HURL_size", "7")
    monkeypatch.setenv("HURL_VERBOSE", "1")
    words = ["--variables-file", "sets.env", "--file-root", "files", "-L", "-H", "X-Shelf: top", "-u", "ada:wrench"]
    assert play("one.hurl", *words).stderr == ""
    (folder / "two.hurl").write_text(
        "GET /rooms/a/old\n[Options]\nvariables-file: sets.env\nHTTP 308\n\n"
        'GET /seen\n[Options]\nvariable: n={{number}}\nHTTP 200\n[Asserts]\nvariable "n" == "007"\n'
    )
    assert play("two.hurl", "--variable", 'number="007"').stderr == ""
    assert play("one.hurl", "--retry", "often").exit_code == 1
    assert play("two.hurl", "--file-root", "nowhere").exit_code == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("GET /seen\n[Options]\noutput: none/kept.txt", "The body cannot be written to 'none/kept.txt': No such file"),
        ("GET /seen\n[Options]\nvariables-file: {{host}}.env", "line 3: The file 'h.env' cannot be read"),
        ("GET /seen\n[Options]\nheader: two words: 1", "line 1: this cannot be a header"),
        ("GET /away\n[Options]\nlocation: true", "line 1: A redirect leads to shop.test, which is not this app"),
        ("GET /{{host toInt}}", "line 1: 'h' is not an integer"),
        ("GET /{{host regex /(x)/}}", "line 1: The filters of 'host' find nothing"),
        ('GET /{{getEnv "FLASK_MAGIC_NONE"}}', "line 1: The environment has no variable"),
        ('GET /packed/gzip\nHTTP 200\n[Asserts]\nbody toDate "%Q" exists', "toDate: "),
    ],
)
def test_what_cannot_be_done_is_told(folder: Path, text: str, said: str) -> None:
    (folder / "one.hurl").write_text(text)
    assert said in play("one.hurl", "--variable", "host=h").stderr


@pytest.mark.parametrize(
    "text",
    [
        "POST /seen\nfile,../outside.txt;",
        "POST /seen\nfile,{outside};",
        "POST /seen\n[Multipart]\na: file,../outside.txt;",
        "GET /seen\n[Options]\nvariables-file: ../outside.txt",
        "GET /seen\n[Options]\noutput: ../outside.txt",
    ],
)
def test_a_text_reads_and_writes_nothing_outside_of_its_folder(folder: Path, text: str) -> None:
    outside = folder.parent / "outside.txt"
    outside.write_text("a=1")
    (folder / "one.hurl").write_text(text.replace("{outside}", str(outside)))
    ran = play("one.hurl")
    assert (ran.exit_code, "lies outside of the folder" in ran.stderr) == (3, True)
    assert outside.read_text() == "a=1"


@pytest.mark.parametrize("there", [True, False])
def test_brotli_is_asked_for_where_it_can_be_unpacked(
    folder: Path, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_magic.hurl.request.can_unpack_brotli", lambda: there)
    (folder / "one.hurl").write_text(
        "GET /seen\n[Options]\ncompressed: true\nHTTP 200\n[Asserts]\n"
        f'jsonpath "$.headers.Accept-Encoding[0]" {"" if there else "not"} contains "br"\n'
    )
    assert play("one.hurl").stderr == ""
