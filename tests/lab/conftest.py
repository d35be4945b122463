"""A real JupyterLab server on a copy of the pages, and a real Chromium."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from services import require

from flask_magic.pages.copy import copy_collection
from flask_magic.pages.notebook import page_files

TESTS = Path(__file__).parents[1]
NOTEBOOKS = TESTS.parent / "notebooks"
COLLECTION = NOTEBOOKS if page_files(NOTEBOOKS) else TESTS / "fixtures" / "collection" / "notebooks"
# All cells in the document at once, so that a test sees each of them; and no question about news.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@dataclass(frozen=True)
class Lab:
    """Where the server is, and the folder it shows."""

    address: str
    token: str
    folder: Path


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on a free port of 127.0.0.1, with a copy of the collection as a learner gets it."""
    require("chromium")
    home = tmp_path_factory.mktemp("lab")
    copy_collection(COLLECTION, home / "work")
    for name, values in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    token = secrets.token_hex(16)
    environment = {
        **os.environ,
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]
    command = [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={home / 'work'}"]
    with (home / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=home)
    try:
        yield Lab(_address(server, home), token, home / "work")
    finally:
        server.terminate()
        server.wait(timeout=30)


def _address(server: subprocess.Popen[bytes], home: Path) -> str:
    """Where the server listens: it writes that down once it does."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        for file in (home / "runtime").glob("jpserver-*.json"):
            text = file.read_text(encoding="utf-8")
            if text.endswith("}"):
                return f"http://127.0.0.1:{json.loads(text)['port']}"
        time.sleep(0.1)
    pytest.fail("JupyterLab did not start:\n" + (home / "log").read_text(encoding="utf-8"))


@pytest.fixture
def window(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A new window; when the test fails, its picture is kept where the message says."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(60_000)
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        picture = tmp_path / "window.png"
        page.screenshot(path=picture)
        print(f"The window as it was: {picture}")
    page.close()
