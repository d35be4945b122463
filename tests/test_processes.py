"""Processes: started, waited for, stopped, and never left behind."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alive import gone_soon

from flask_magic.errors import MagicLineError, ProcessFailed, UnknownName
from flask_magic.processes import Command, Processes, free_port

SERVER = ["{python}", "-m", "http.server", "--bind", "127.0.0.1", "{port}"]


@pytest.fixture
def processes() -> Iterator[Processes]:
    """The processes of a notebook, all stopped at the end."""
    some = Processes()
    yield some
    some.close()


def holds_soon(condition: Callable[[], bool]) -> bool:
    """Does a condition come true, given time?"""
    until = time.monotonic() + 20
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def sleeper(*, port: bool = False) -> list[str]:
    """A command that prints its process id and that of a child, and sleeps; with `port` it never answers there."""
    code = "import os, subprocess, sys, time; print(os.getpid(), subprocess.Popen(['sleep', '60']).pid); time.sleep(60)"
    return ["{python}", "-c", code, *(["{port}"] if port else [])]


def pids(log: str) -> list[int]:
    """The ids that `sleeper` printed."""
    return [int(word) for word in log.split()]


def test_it_answers_once_it_is_started(processes: Processes, tmp_path: Path) -> None:
    web = processes.start("web", Command(SERVER, tmp_path))
    assert web.state == "answers"
    assert web.port is not None
    with socket.create_connection(("127.0.0.1", web.port)) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b"200 OK" in connection.makefile("rb").read()


def test_it_runs_in_the_folder_with_the_notebooks_folder_importable(processes: Processes, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "beside.py").write_text("NAME = 'beside the notebook'")
    code = "import beside, os; print(os.getcwd()); print(beside.NAME, os.environ['LEVEL']); import time; time.sleep(60)"
    command = Command(["{python}", "-c", code], project, tmp_path, {"LEVEL": "3"}, ready="beside the")
    assert processes.start("one", command).raw_log().split("\n")[:2] == [str(project), "beside the notebook 3"]


def test_it_reads_nothing(processes: Processes) -> None:
    command = Command(["sh", "-c", "cat; echo end of input; sleep 60"], ready="end of input")
    assert processes.start("one", command).state == "runs"


def test_stop_ends_what_it_started_as_well(processes: Processes) -> None:
    one = processes.start("one", Command(sleeper(), ready="\n"))
    started = pids(one.raw_log())
    assert len(started) == 2
    assert processes.stop("one") == ["one"]
    assert gone_soon(started)
    assert one.state == "is stopped"
    assert pids(one.raw_log()) == started, "the log is kept"


def test_stop_does_not_wait_for_one_that_will_not_end(processes: Processes) -> None:
    code = "import os, signal, time; signal.signal(15, signal.SIG_IGN); print(os.getpid()); time.sleep(60)"
    one = processes.start("one", Command(["{python}", "-c", code], ready="\n"))
    processes.stop()
    assert gone_soon(pids(one.raw_log()))


def test_starting_again_stops_the_old_one_and_keeps_its_port(processes: Processes, tmp_path: Path) -> None:
    first = processes.start("web", Command(SERVER, tmp_path))
    second = processes.start("web", Command(SERVER, tmp_path))
    assert first.state == "is stopped"
    assert second.state == "answers"
    assert second.port == first.port
    assert processes.names() == ["web"]


def test_a_port_that_somebody_else_holds_is_left_to_them(processes: Processes, tmp_path: Path) -> None:
    first = processes.start("web", Command(SERVER, tmp_path))
    processes.stop("web")
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", first.port or 0))
        holder.listen()
        second = processes.start("web", Command(SERVER, tmp_path))
    assert second.state == "answers"
    assert second.port != first.port


def test_two_at_once_and_one_knows_the_others_port(processes: Processes, tmp_path: Path) -> None:
    (tmp_path / "proxy.conf").write_text("listen {port}; pass {web.port}; in {folder}; {other}")
    web = processes.start("web", Command(SERVER, tmp_path))
    code = "import sys; print(open(sys.argv[1]).read()); import http.server as s;"
    code += "s.HTTPServer(('127.0.0.1', int(sys.argv[2])), s.BaseHTTPRequestHandler).serve_forever()"
    proxy = processes.start("proxy", Command(["{python}", "-c", code, "{file:proxy.conf}", "{port}"], tmp_path))
    assert web.port != proxy.port
    expected = f"listen {proxy.port}; pass {web.port}; in {tmp_path}; {{other}}"
    assert holds_soon(lambda: proxy.raw_log().strip() == expected)
    assert proxy.log()[0].startswith("listen {port};")
    assert processes.stop() == ["web", "proxy"]


def test_one_that_dies_at_once(processes: Processes) -> None:
    code = "import sys; [print('line', n) for n in range(30)]; sys.exit(3)"
    with pytest.raises(ProcessFailed, match=r"web ended with exit code 3 before it answered\.") as caught:
        processes.start("web", Command(["{python}", "-c", code, "{port}"]))
    assert caught.value.why.split("\n") == [f"line {n}" for n in range(10, 30)]
    assert processes.get("web").state == "ended with exit code 3"


def test_one_that_a_signal_ends(processes: Processes) -> None:
    code = "import os; os.kill(os.getpid(), 9)"
    with pytest.raises(ProcessFailed, match="exit code 137"):
        processes.start("web", Command(["{python}", "-c", code, "{port}"]))


def test_one_that_goes_into_the_background_is_not_left_there(processes: Processes) -> None:
    with pytest.raises(ProcessFailed, match="exit code 0") as caught:
        processes.start("web", Command(["sh", "-c", "sleep 60 & echo $!; exit 0", "{port}"]))
    assert "stay in front" in caught.value.todo
    assert gone_soon(pids(processes.get("web").raw_log()))


def test_one_that_never_answers_is_stopped(processes: Processes) -> None:
    with pytest.raises(ProcessFailed, match=r"did not answer within 1 s, and was stopped") as caught:
        processes.start("web", Command(sleeper(port=True), timeout=1))
    assert "127.0.0.1, at {port}" in caught.value.todo
    assert gone_soon(pids(processes.get("web").raw_log()))


def test_one_that_never_says_it_is_ready(processes: Processes) -> None:
    with pytest.raises(ProcessFailed, match=r"did not print 'ready to lend' within 0.5 s"):
        processes.start("web", Command(["sleep", "60"], ready="ready to lend", timeout=0.5))


def test_an_interrupted_start_leaves_nothing(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_seconds: float) -> None:
        if processes.get("web").raw_log():
            raise KeyboardInterrupt

    monkeypatch.setattr("flask_magic.process.time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        processes.start("web", Command(sleeper(port=True)))
    monkeypatch.undo()
    started = pids(processes.get("web").raw_log())
    assert started
    assert gone_soon(started)


@pytest.mark.parametrize(
    ("name", "words", "error", "message"),
    [
        ("web", ["gunicron", "app:app"], ProcessFailed, r"no command 'gunicron' here\. Did you mean 'gunicorn'\?"),
        ("gunicorn", ["app:app"], ProcessFailed, r"%flask_process web gunicorn app:app"),
        ("web", ["nosuchserverhere"], ProcessFailed, r"no command 'nosuchserverhere' here\. Is it installed\?"),
        ("web", ["./serve.sh"], ProcessFailed, r"no command './serve.sh'"),
        (
            "web",
            ["cat", "{file:ngix.conf}"],
            ProcessFailed,
            r"'ngix.conf' cannot be read.* Did you mean 'nginx.conf'\?",
        ),
        ("web", ["echo", "{cahce.port}"], UnknownName, r"No process with a port is called 'cahce'"),
        ("web:1", ["echo"], MagicLineError, r"'web:1' cannot be a process's name"),
    ],
)
def test_what_cannot_be_started(
    processes: Processes, tmp_path: Path, name: str, words: list[str], error: type[Exception], message: str
) -> None:
    (tmp_path / "nginx.conf").touch()
    with pytest.raises(error, match=message):
        processes.start(name, Command(words, tmp_path))
    assert processes.names() == []


def test_names_that_nobody_has(processes: Processes) -> None:
    processes.start("cache", Command(["sleep", "60"]))
    with pytest.raises(UnknownName, match=r"No process is called 'cahce'\. Did you mean 'cache'\?"):
        processes.get("cahce")
    with pytest.raises(ProcessFailed, match="cache has no port to send to"):
        processes.running("cache")
    processes.stop("cache")
    with pytest.raises(ProcessFailed, match="cache is stopped"):
        processes.running("cache")


def test_the_command_is_shown_as_it_was_written(tmp_path: Path) -> None:
    words = ["gunicorn", "-b", "127.0.0.1:{port}", f"{tmp_path}/a b", "\x1b[31mred"]
    assert Command(words, tmp_path).shown == "gunicorn -b 127.0.0.1:{port} 'a b' red"


def test_in_a_browser_it_says_that_there_are_none(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    with pytest.raises(ProcessFailed, match="needs a real computer"):
        processes.start("web", Command(SERVER))


def test_on_windows_it_says_where_they_run(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ProcessFailed, match="runs on Linux and macOS"):
        processes.start("web", Command(SERVER))


def test_a_free_port_is_free() -> None:
    port = free_port()
    assert free_port(port) == port
    with socket.socket() as one:
        one.bind(("127.0.0.1", port))


def test_the_port_of_another_process_is_masked_by_its_name(processes: Processes, tmp_path: Path) -> None:
    web = processes.start("web", Command([sys.executable, "-m", "http.server", "{port}"], tmp_path, tmp_path))
    code = "import sys; print('no room at', sys.argv[1]); sys.exit(1)"
    with pytest.raises(ProcessFailed) as failed:
        processes.start("second", Command([sys.executable, "-c", code, "{web.port}"], tmp_path, tmp_path))
    rendered = "\n".join(failed.value._render_traceback_())
    assert "no room at {web.port}" in rendered
    assert str(web.port) not in rendered
