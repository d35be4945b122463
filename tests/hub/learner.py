"""A learner without a browser: what one sends to the hub, with cookies as a browser has them."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import requests
import websocket
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

OUTPUTS = {"stream", "display_data", "execute_result", "error"}


class Learner:
    """Somebody at the class's login page."""

    def __init__(self, address: str, name: str) -> None:
        self.address, self.name = address, name
        self.home = f"/user/{name}/"
        self.session = requests.Session()

    def log_in(self, password: str) -> requests.Response:
        """Fill in the login form; what comes in the end, which is the form again for a wrong password."""
        self.session.get(f"{self.address}/hub/login")
        form = {"username": self.name, "password": password, "_xsrf": self._token("/hub/")}
        return self.session.post(f"{self.address}/hub/login?next=/hub/home", data=form)

    def start(self) -> None:
        """Ask for the server, and wait until its first page is there."""
        answer = self.get("/hub/spawn")
        deadline = time.monotonic() + 120
        while "/hub/" in answer.url:
            assert time.monotonic() < deadline, f"{self.name} has no server: {answer.status_code} {answer.url}"
            time.sleep(0.3)
            answer = self.get(f"{self.home}lab")
        assert answer.ok, answer.text

    def get(self, path: str) -> requests.Response:
        """A page, or an answer of an API."""
        return self.session.get(self.address + path)

    def send(self, method: str, path: str, data: object = None) -> requests.Response:
        """A request that changes something."""
        own = next((home for home in (self.home, "/hub/") if path.startswith(home)), self.home)
        return self.session.request(
            method, self.address + path, json=data, headers={"X-XSRFToken": self._token(own), "Referer": self.address}
        )

    def run(self, path: str) -> list[list[NotebookNode]]:
        """The outputs of each code cell of a notebook, run in a kernel of its own as JupyterLab does."""
        notebook = self.get(f"{self.home}api/contents/{path}").json()["content"]
        session = {"path": path, "type": "notebook", "name": path, "kernel": {"name": "python3"}}
        started = self.send("POST", f"{self.home}api/sessions", session)
        assert started.status_code == 201, started.text
        kernel = started.json()["kernel"]["id"]
        channel = websocket.create_connection(
            f"{self.address.replace('http', 'ws', 1)}{self.home}api/kernels/{kernel}/channels",
            cookie="; ".join(f"{one.name}={one.value}" for one in self._cookies(self.home)),
            timeout=60,
        )
        try:
            cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
            return [_outputs(channel, "".join(cell["source"]), cell["id"]) for cell in cells]
        finally:
            channel.close()

    def _token(self, path: str) -> str:
        return next((one.value or "" for one in self._cookies(path) if one.name == "_xsrf"), "")

    def _cookies(self, path: str) -> list[Any]:
        found = [one for one in self.session.cookies if path.startswith(one.path)]
        return sorted(found, key=lambda one: len(one.path), reverse=True)


def _outputs(channel: websocket.WebSocket, code: str, cell: str) -> list[NotebookNode]:
    """Run one cell; what it shows, until the kernel is idle again and has answered."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "username": "",
        "session": "s",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
    message = {"header": header, "parent_header": {}, "metadata": {"cellId": cell}, "content": content}
    channel.send(json.dumps({**message, "channel": "shell", "buffers": []}))
    outputs, waits_for = [], {"idle", "execute_reply"}
    while waits_for:
        answer = json.loads(channel.recv())
        if answer["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        waits_for -= {answer["msg_type"], answer["content"].get("execution_state")}
        if answer["msg_type"] not in OUTPUTS:
            continue
        output = output_from_msg(answer)
        if (
            outputs
            and output["output_type"] == outputs[-1]["output_type"] == "stream"
            and output.name == outputs[-1].name
        ):
            outputs[-1].text += output.text  # what is printed in one go may come in two messages
        else:
            outputs.append(output)
    return outputs
