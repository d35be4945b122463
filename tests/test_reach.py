"""The address at which a browser finds a port of this machine."""

import json
import os
from pathlib import Path

import pytest

from flask_magic import reach
from flask_magic.reach import Address, jupyter_base_url


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def write(runtime: Path, pid: int, text: str) -> None:
    (runtime / f"jpserver-{pid}.json").write_text(text, encoding="utf-8")


def test_without_a_jupyter_server_the_port_itself(runtime: Path) -> None:
    write(runtime, os.getppid() + 1, json.dumps({"base_url": "/another/"}))
    assert Address.of(8000) == Address("http://127.0.0.1:8000/", proxied=False)
    assert Address.of(8000, proxy=True) == Address("http://127.0.0.1:8000/", proxied=False)


def test_the_kernel_s_own_server_passes_requests_on(runtime: Path) -> None:
    write(runtime, os.getppid(), json.dumps({"base_url": "/lab-7/"}))
    assert Address.of(8000) == Address("/lab-7/proxy/8000/", proxied=True)
    assert Address.of(8000, proxy=False).proxied is False


def test_a_hub_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    assert Address.of(8000).url == "/user/ada/proxy/8000/"


def test_without_the_proxy_the_port_itself(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(runtime, os.getppid(), json.dumps({"base_url": "/"}))
    monkeypatch.setattr(reach, "PROXY", "a_package_that_nobody_has")
    assert Address.of(8000).proxied is False
    assert Address.of(8000, proxy=True).proxied is True


@pytest.mark.parametrize("text", ["", "[", "{}", "[]"])
def test_a_file_that_is_being_written_is_no_server(runtime: Path, text: str) -> None:
    write(runtime, os.getppid(), text)
    assert jupyter_base_url() is None
