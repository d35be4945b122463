import pytest

from flask_magic.pages.outputs import forbidden


def stream(text: str) -> list[dict[str, str]]:
    return [{"output_type": "stream", "name": "stdout", "text": text}]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("listening on 127.0.0.1:40123", "a port"),
        ("http://localhost:5000/", "a port"),
        ("saved in /tmp/tmpabc/tools.db", "a path"),
        ("/home/me/app.py, line 3", "a path"),
        ("<Flask object at 0x7f30a2b4c5d0>", "a memory address"),
        ("File .venv/lib/python3.11/site-packages/flask/app.py:10", "a path or stack frame"),
        ("2026-11-22 23:37:37,123 INFO", "the time"),
        ("[22/Nov/2026 23:37:37] GET /", "the time"),
        ("Date: Sun, 22 Nov 2026 23:37:37 GMT", "the time"),
    ],
)
def test_what_another_run_would_change_is_found_and_in_the_pages_own_words_is_not(text: str, what: str) -> None:
    (message,) = forbidden(stream(text), "")
    assert message.startswith(f"the output holds {what}")
    assert list(forbidden(stream(text), f"print({text!r})")) == []


@pytest.mark.parametrize(
    "text",
    [
        "remote address 127.0.0.1",
        "http://localhost/tools",
        "/tools/home/7",
        "hex(255) is 0xff",
        "due 2026-03-14",
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ],
)
def test_what_is_the_same_on_every_run_is_let_through(text: str) -> None:
    assert list(forbidden(stream(text), "")) == []


def test_tracebacks_colours_and_json_are_read_too() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["at /tmp\x1b[0m/x"]}
    data = {
        "output_type": "display_data",
        "data": {"a/b+json": {"x": ["0x7f30a2b4c5d0"]}, "image/png": "/tmp/x"},
    }
    assert len(list(forbidden([error], ""))) == 1
    assert len(list(forbidden([data], ""))) == 1
