"""What other programs print is shown without what changes from run to run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flask_magic.log_masking import mask_log, mask_paths, mask_port, plain

FOLDER = Path("/srv/scratch-x1/shop")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "[2026-01-31 08:00:00 +0000] [4711] [INFO] Booting worker with pid: 4712",
            "[{time}] [{pid}] [INFO] Booting worker with pid: {pid}",
        ),
        (
            '127.0.0.1 - - [31/Jan/2026 08:00:00] "GET /tools/4711 HTTP/1.1" 200 -',
            '127.0.0.1 - - [{time}] "GET /tools/4711 HTTP/1.1" 200 -',
        ),
        (
            '127.0.0.1 - - [31/Jan/2026:08:00:00 +0000] "GET / HTTP/1.1" 200 2',
            '127.0.0.1 - - [{time}] "GET / HTTP/1.1" 200 2',
        ),
        (
            "2026/01/31 08:00:00 [notice] 17#17: start worker process 18",
            "{time} [notice] {pid}: start worker process {pid}",
        ),
        ("17:C 31 Jan 2026 08:00:00.123 * Redis is starting", "{pid}:C {time} * Redis is starting"),
        ("17:M 31 Jan 2026 08:00:00.123 * Running, port=5001.", "{pid}:M {time} * Running, port={port}."),
        ("version 1.5001.2 of 5001x", "version 1.5001.2 of 5001x"),
        ("2026-01-31 08:00:00.123 UTC [17] LOG:  database is ready", "{time} [{pid}] LOG:  database is ready"),
        ("INFO:     Started server process [17]", "INFO:     Started server process [{pid}]"),
        ('INFO:     127.0.0.1:40312 - "GET / HTTP/1.1" 200 OK', 'INFO:     127.0.0.1:••• - "GET / HTTP/1.1" 200 OK'),
        (" * Running on http://127.0.0.1:5001", " * Running on http://127.0.0.1:{port}"),
        (" * Debugger PIN: 123-456-789", " * Debugger PIN: •••"),
        (f'  File "{FOLDER}/app.py", line 3, in tools', '  File "app.py", line 3, in tools'),
        (f" * Detected change in '{FOLDER}'", " * Detected change in '.'"),
        (f"{FOLDER}-old/app.py", f"{FOLDER}-old/app.py"),
        (f"{sys.executable} was started", "python was started"),
        ("the loan of tool [12] is due on 2026-01-31", "the loan of tool [12] is due on 2026-01-31"),
    ],
)
def test_lines_of_servers(line: str, shown: str) -> None:
    assert mask_log(line, 5001, [FOLDER]) == shown


def test_the_home_folder_is_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert mask_paths("in /home/ada/tools, not in /home/adam", []) == "in ~/tools, not in /home/adam"


def test_a_library_is_named_by_its_package() -> None:
    import flask

    assert mask_paths(f'File "{flask.__file__}"', []) == 'File "site-packages/flask/__init__.py"'


def test_only_the_own_port_is_named() -> None:
    assert mask_port("http://127.0.0.1:5001/ http://127.0.0.1:50011/", 5001) == (
        "http://127.0.0.1:{port}/ http://127.0.0.1:50011/"
    )
    assert mask_port("http://127.0.0.1:5001/", None) == "http://127.0.0.1:5001/"


def test_colours_and_other_control_characters_are_left_out() -> None:
    assert plain("\x1b[31m\x1b[1mWARNING\x1b[0m\r\n\x1b]0;title\x07\x07done") == "WARNING\ndone"
