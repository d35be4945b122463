"""`%flask_process` and `%http --to`, with real servers."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import trustme
from alive import gone_soon, is_gone
from notebook_shell import Notebook
from services import require

from flask_magic.completion import complete
from flask_magic.errors import MagicLineError, ProcessFailed, UnexpectedStatus, UnknownName
from flask_magic.magics.command_parser import CommandParser
from flask_magic.magics.parsers import Parsers

APP = """%%flask_file app.py
from flask import Flask, redirect, request, session, url_for
app = Flask(__name__)
app.secret_key = "only for this test"

@app.get("/")
def index():
    session["seen"] = session.get("seen", 0) + 1
    return {"seen": session["seen"]}

@app.get("/old")
def old():
    return redirect(url_for("index"))

@app.get("/broken")
def broken():
    raise LookupError("no such shelf")

@app.get("/stream")
def stream():
    return (part for part in ("one ", "two"))

@app.post("/echo")
def echo():
    return request.get_data()

@app.get("/scheme")
def scheme():
    return request.scheme
"""
GUNICORN = "gunicorn --no-control-socket -b 127.0.0.1:{port}"
WEB = f"%flask_process web {GUNICORN} app:app"
FLASK = "%flask_process web flask run --debug --port {port}"


@pytest.fixture
def project(notebook: Notebook) -> Notebook:
    """A notebook with a project that holds an app."""
    notebook.run("%flask_project shop", "project")
    notebook.run(APP, "file")
    return notebook


def test_gunicorn_serves_the_project(project: Notebook) -> None:
    ran = project.run(WEB)
    assert ran.text == f"web: {GUNICORN} app:app · answers"
    assert str(project.bench.processes.get("web").port) not in ran.html
    first = project.run("r = %http --to web /")
    assert first.text.splitlines()[:3] == ["GET /   to web", "200 OK", "Content-Type: application/json"]
    assert "127.0.0.1" not in first.text
    assert project.ns["r"].json == {"seen": 1}
    assert project.run("r = %http --to web / --as ada -q").displays == []
    assert project.ns["r"].json == {"seen": 1}, "another client has other cookies"
    assert "302 FOUND → GET /" in project.run("r = %http --to web /old --follow").text
    assert project.ns["r"].json == {"seen": 2}
    assert "as ada   to web" in project.run("%http /old --as ada --to web").text
    assert "chunk" in project.run("%http --to web /stream").text
    assert project.run("r = %http --to web POST /echo name=drill").result is None
    assert project.ns["r"].text == '{"name": "drill"}'
    project.fails("%http --to web /broken --expect 200", UnexpectedStatus, "answered 500")
    log = project.run("%flask_process web --log").text
    assert "[{time}] [{pid}] [INFO] Listening at: http://127.0.0.1:{port} ({pid})" in log
    assert 'File "app.py", line 16, in broken' in log
    assert "LookupError: no such shelf" in log
    assert str(project.bench.processes.get("web").port) in project.run("%flask_process --log web --reveal").text


def test_a_line_in_the_log_is_about_the_request_before_it(project: Notebook) -> None:
    project.run(f"%flask_process web {GUNICORN} --access-logfile - app:app")
    log = project.run("%http --to web /old\n%flask_process web --log").text
    assert '127.0.0.1 - - [{time}] "GET /old HTTP/1.1" 302' in log


def test_running_the_cell_again_starts_anew_and_shows_the_same(project: Notebook) -> None:
    first = project.run(WEB)
    project.run("%http --to web /")
    port = project.bench.processes.get("web").port
    assert project.run(WEB).text == first.text
    assert project.bench.processes.get("web").port == port
    assert '{"seen": 1}' in project.run("%http --to web /").text


def test_flask_run_reloads_a_file_that_is_rewritten(project: Notebook) -> None:
    project.run(FLASK)
    assert project.run("%http --to web /scheme").text.endswith("\n\nhttp")
    project.run(APP.replace("return request.scheme", "return 'changed'"), "file")
    until = time.monotonic() + 20
    while "changed" not in (answer := _answer(project)) and time.monotonic() < until:
        time.sleep(0.05)
    assert "changed" in answer
    broken = project.run("%http --to web /broken --head --expect 500").text
    assert "500 INTERNAL SERVER ERROR" in broken
    log = project.run("%flask_process web --log").text
    assert " * Running on http://127.0.0.1:{port}" in log
    assert "Debugger PIN: •••" in log


def _answer(project: Notebook) -> str:
    ran, error = project.attempt("%http --to web /scheme")
    return str(error) if error else ran.text


def test_gunicorn_over_tls(project: Notebook) -> None:
    authority = trustme.CA()
    folder = project.bench.project.folder
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    command = f"{GUNICORN} --certfile server.pem --keyfile server.pem app:app"
    project.run(f"%flask_process web --cafile ca.pem {command}")
    assert project.run("%http --to web /scheme").text.endswith("\n\nhttps")
    assert "WARNING" not in project.run("%flask_process web --log").text, "asking whether it is up is no bad request"
    project.run(f"%flask_process web --tls {command}")
    project.fails("%http --to web /scheme", ProcessFailed, "certificate that is not trusted")


NGINX = """%%flask_file nginx.conf
daemon off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log /dev/stdout;
  client_body_temp_path tmp-body;
  proxy_temp_path tmp-proxy;
  fastcgi_temp_path tmp-fastcgi;
  uwsgi_temp_path tmp-uwsgi;
  scgi_temp_path tmp-scgi;
  server {
    listen 127.0.0.1:{port};
    location / { proxy_pass http://127.0.0.1:{web.port}; proxy_set_header Host $host; }
  }
}
"""


def test_nginx_before_gunicorn(project: Notebook) -> None:
    require("nginx")
    project.run(WEB)
    project.run(NGINX)
    command = "nginx -p {folder} -c {file:nginx.conf}"
    assert project.run(f"%flask_process front {command}").text == f"front: {command} · answers"
    assert project.run("%http --to front /scheme").text.endswith("\n\nhttp")
    assert '[{time}] "GET /scheme HTTP/1.1" 200' in project.run("%flask_process front --log").text
    project.run("%flask_process web --stop")
    project.run("%http --to front /scheme --expect 502 --head")


def test_two_servers_at_once(project: Notebook) -> None:
    project.run(WEB)
    project.run("%flask_process --env GREETING=hello PLACE=here static {python} -m http.server -b 127.0.0.1 {port}")
    assert "from flask import" in project.run("%http --to static /app.py").text
    assert project.run("%flask_process --list").text == (
        f"web: {GUNICORN} app:app · answers\nstatic: {{python}} -m http.server -b 127.0.0.1 {{port}} · answers"
    )
    assert project.run("%flask_process web --stop").text == "web is stopped."
    assert project.run("%flask_process web --stop").text == "web is stopped.", "the cell can be run again"
    project.fails("%http --to web /", ProcessFailed, "web is stopped. Run the cell again")
    assert project.run("r = %http --to static /app.py").text.startswith("GET /app.py   to static\n200 OK")
    assert project.run("%flask_process --stop").text == "web is stopped.\nstatic is stopped."
    assert project.run("%flask_process").text.splitlines()[0].endswith("· is stopped")


def test_a_server_that_cannot_start_says_why(project: Notebook) -> None:
    ran, error = project.attempt(f"%flask_process web {GUNICORN} --preload shop:app")
    assert type(error) is ProcessFailed
    assert ran.displays == []
    shown = error._render_traceback_()
    assert shown[0].startswith("ProcessFailed: web ended with exit code")
    assert any("ModuleNotFoundError: No module named 'shop'" in line for line in shown)
    assert str(project.bench.processes.get("web").port) not in "\n".join(shown)


def test_a_server_that_listens_before_it_can_serve_says_why(project: Notebook) -> None:
    project.attempt(f"%flask_process web {GUNICORN} shop:app")  # up, or not any more: its worker decides
    _, error = project.attempt("%http --to web /")
    assert type(error) is ProcessFailed
    assert "ModuleNotFoundError: No module named 'shop'" in error.why


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("%http --to wbe /", UnknownName, r"No process is called 'wbe'\. Did you mean 'web'\?"),
        ("%http --to web --app app /", MagicLineError, "not to both"),
        ("%flask_process wbe --log", UnknownName, "Did you mean 'web'"),
        ("%flask_process wbe --stop", UnknownName, "Did you mean 'web'"),
        ("%flask_process web", MagicLineError, "There is no command for web to run"),
        ("%flask_process web --log tail", MagicLineError, "take no command"),
        ("%flask_process --redy x web sleep 1", MagicLineError, r"no option --redy\. Did you mean '--ready'\?"),
        ("%flask_process --env LEVEL web sleep 1", MagicLineError, "'LEVEL' is not an environment variable"),
        ("%flask_process web gunicron app:app", ProcessFailed, "Did you mean 'gunicorn'"),
    ],
)
def test_lines_that_are_wrong(notebook: Notebook, line: str, error: type[Exception], message: str) -> None:
    notebook.run("%flask_process web sleep 60")
    notebook.fails(line, error, message)
    notebook.run("%flask_process --stop")


def test_nothing_started_yet(notebook: Notebook) -> None:
    assert notebook.run("%flask_process --list").text == "No process was started."
    assert notebook.run("%flask_process --stop").text == "No process runs."


def test_everything_after_the_commands_first_word_is_its_own() -> None:
    read = Parsers()["flask_process"].read
    line = "--timeout 3 web --env A=1 B=2 --tls uwsgi --stop --env C=3 -- x"
    arguments = read(line)
    assert (arguments.name, arguments.timeout, arguments.env, arguments.tls, arguments.stop) == (
        "web",
        3.0,
        ["A=1", "B=2"],
        True,
        False,
    )
    assert arguments.command == ["uwsgi", "--stop", "--env", "C=3", "--", "x"]
    assert read("web -- --odd").command == ["--odd"]
    assert CommandParser("%x", lenient=True).read("--what ever").command == ["--what", "ever"]


def test_variables_of_the_notebook_stand_in_a_command(notebook: Notebook) -> None:
    notebook.run("words = 'ready to lend'")
    notebook.run("%flask_process desk --ready lend sh -c 'echo {{words}}; sleep 60'")
    assert notebook.run("%flask_process desk --log").text == "log of desk\nready to lend"


def test_a_long_log_is_cut(notebook: Notebook) -> None:
    notebook.run("%flask_process desk --ready 250 sh -c 'seq 250; sleep 60'")
    lines = notebook.run("%flask_process desk --log").text.splitlines()
    assert lines[1:3] == ["(150 earlier lines: --reveal shows them)", "151"]
    assert len(notebook.run("%flask_process desk --log --reveal").text.splitlines()) == 251


def test_what_a_process_prints_is_escaped(notebook: Notebook) -> None:
    notebook.run("%flask_process desk --ready b sh -c 'echo \"<script>1</script><b>\"; sleep 60'")
    html = notebook.run("%flask_process desk --log").html
    assert "&lt;script&gt;" in html
    assert "<script>" not in html


def test_tab_offers_the_names(notebook: Notebook) -> None:
    notebook.run("%flask_process web sleep 60")
    for line in ("%http --to ", "%flask_process ", "%flask_process --stop ", "%flask_process --log w"):
        word = line.rpartition(" ")[2]
        assert complete(line, word, notebook.bench, Parsers()) == ["web"], line


def test_unloading_stops_all(notebook: Notebook) -> None:
    notebook.run("%flask_process desk --ready . sh -c 'echo $$ .; exec sleep 60'")
    process = notebook.bench.processes.get("desk")
    notebook.shell.extension_manager.unload_extension("flask_magic")
    assert gone_soon([int(process.raw_log().split()[0])])
    notebook.load()


class Kernel:
    """A real kernel in a folder."""

    def __init__(self, folder: Path) -> None:
        from jupyter_client.manager import KernelManager

        self.manager: Any = KernelManager()
        self.manager.kernel_cmd = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, source: str) -> dict[str, Any]:
        """Run a cell, and give what its last expression evaluates to."""
        expressions = {"value": "json.dumps(value)"}
        reply = self.client.execute(source, user_expressions=expressions, reply=True, timeout=60)["content"]
        assert reply["status"] == "ok", reply
        data: dict[str, Any] = json.loads(eval(reply["user_expressions"]["value"]["data"]["text/plain"]))
        return data

    def close(self) -> None:
        """Leave nothing behind."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


START = """
import json, os, urllib.request
%load_ext flask_magic
%flask_process desk --ready . sh -c 'sleep 60 & echo $$ $! .; wait'
%flask_process web {python} -m http.server --bind 127.0.0.1 {port}
processes = get_ipython()._flask_magic.workbench.processes
value = {"pids": processes.get("desk").raw_log().split()[:2], "kernel": os.getpid()}
"""


@pytest.mark.parametrize("end", ["killed", "asked to end"])
def test_no_process_outlives_the_kernel(tmp_path: Path, end: str) -> None:
    kernel = Kernel(tmp_path)
    try:
        value = kernel.run(START)
        pids = [int(pid) for pid in value["pids"]]
        assert len(pids) == 2
        assert not any(map(is_gone, pids))
        if end == "killed":
            os.kill(value["kernel"], signal.SIGKILL)
        else:
            kernel.manager.shutdown_kernel()
        assert gone_soon(pids)
    finally:
        kernel.close()
