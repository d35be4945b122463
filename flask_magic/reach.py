"""Where a browser reaches a port of this machine: directly, or through jupyter-server-proxy.

The browser may sit elsewhere (a hub, Binder, a server in a data centre); then only Jupyter's own address leads here.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from .process import HOST

__all__ = ["Address", "jupyter_base_url"]

PROXY = "jupyter_server_proxy"


@dataclass(frozen=True)
class Address:
    """The address of a port, and whether Jupyter passes requests on.

    >>> Address.of(8000, proxy=False).url
    'http://127.0.0.1:8000/'
    """

    url: str
    proxied: bool

    @classmethod
    def of(cls, port: int, *, proxy: bool | None = None) -> Address:
        """The address of a port of this machine.

        `proxy` None takes Jupyter's where this kernel belongs to a Jupyter server and the proxy is installed.
        """
        base = jupyter_base_url() if proxy is not False else None
        if proxy is None and find_spec(PROXY) is None:
            base = None
        if base is None:
            return cls(f"http://{HOST}:{port}/", False)
        return cls(f"{base}proxy/{port}/", True)


def jupyter_base_url() -> str | None:
    """The path below which the Jupyter server of this kernel lives, such as `/`; None where it has none.

    A hub says so in the environment. Any other server writes it down, beside its process id, which is the kernel's
    parent (jupyter_server, "list_running_servers").
    """
    if prefix := os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        return prefix
    if find_spec("jupyter_core") is None:
        return None
    from jupyter_core.paths import jupyter_runtime_dir

    file = Path(jupyter_runtime_dir()) / f"jpserver-{os.getppid()}.json"
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["base_url"])
    except (OSError, ValueError, KeyError, TypeError):  # gone, or half written
        return None
