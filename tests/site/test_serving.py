"""The site on a web server that is set up as the README says."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser
from services import require
from traps import PAGE as TRAPS
from visit import DESK, reading

README = Path(__file__).parents[2] / "README.md"
# What a server needs to run as anybody, beside others.
SETTINGS = """\
daemon off; master_process off; pid {folder}/pid; error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    {server}
}}
"""


@pytest.fixture(scope="module")
def nginx(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the README's server, but for its port and its folder."""
    program = require("nginx")
    folder = tmp_path_factory.mktemp("nginx")
    server = re.search(r"```nginx\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = server.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("/srv/flask-live", str(site))
    shutil.copyfile("/etc/nginx/mime.types", folder / "mime.types")
    (folder / "nginx.conf").write_text(SETTINGS.format(folder=folder, server=server))
    running = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        while running.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            sleep(0.05)
        assert running.poll() is None, "nginx refused the README's settings: see above"
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait()


@pytest.mark.parametrize(
    ("file", "kind"),
    [("_static/mermaid.mjs", "text/javascript"), ("_static/site.css", "text/css"), ("searchindex.js", "javascript")],
)
def test_a_file_has_its_type_and_is_compressed(nginx: str, file: str, kind: str) -> None:
    with urlopen(Request(f"{nginx}/{file}", headers={"Accept-Encoding": "gzip"})) as response:
        assert response.headers["Content-Type"].endswith(kind)
        assert response.headers["Content-Encoding"] == "gzip"


def test_a_page_works_on_it(browser: Browser, nginx: str) -> None:
    with reading(browser, nginx, **DESK) as reader:
        seen = reader.visit(f"{TRAPS}.html")
    assert seen.outside + seen.errors == []
    assert all(height > 20 for height, _ in seen.seen["diagrams"])
