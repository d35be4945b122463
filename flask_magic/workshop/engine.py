"""Papermill with limits: the client that talks to the kernel, capped, and where the choice of kernel is made."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.execute import execute_notebook
from papermill.log import logger
from traitlets import Int, Unicode
from traitlets.config import Config

__all__ = ["Engine", "KernelDidNotStart", "execute"]

NAME = "flask-magic"
#: Seconds for the output that still comes when a cell has ended: megabytes take their time.
LATE_OUTPUT = 60
#: Seconds between two looks at a notebook that is not ready yet.
SNAPSHOT = 1.0
#: Characters in the path of a socket, less what comes after it; macOS takes 104 in all.
LONGEST = 95
#: The type of a message that is none any more.
IGNORED = "ignored"


class KernelDidNotStart(Exception):
    """The kernel gave no answer in time, or died before it did."""


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """Papermill's client that keeps `output_limit` bytes of a cell's output, and of the notebook a snapshot."""

    output_limit = Int(1_000_000)
    snapshot = Unicode("")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._left: dict[int, int] = {}
        self._saved = 0.0

    def start_new_kernel_client(self) -> Any:
        """A client of a kernel that answers. Raises KernelDidNotStart."""
        try:
            return super().start_new_kernel_client()
        except Exception as error:
            raise KernelDidNotStart(str(error)) from error

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Take a message of the kernel, as far as the cell may still show something."""
        self.look()
        return super().process_message(self._capped(msg, cell_index), cell, cell_index)

    def look(self, **_: Any) -> None:
        """Save a snapshot, unless there is one of just now."""
        if time.monotonic() - self._saved > SNAPSHOT:
            self.save_snapshot()

    def save_snapshot(self) -> None:
        """What is there so far, for whoever has to end this run."""
        self._saved = time.monotonic()
        path = Path(self.snapshot)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(self.nb), encoding="utf-8")
        part.replace(path)

    def _capped(self, msg: dict[str, Any], cell_index: int) -> dict[str, Any]:
        kind, content = msg["msg_type"], msg["content"]
        if kind == "clear_output":
            self._left.pop(cell_index, None)
        if kind not in ("stream", "display_data", "execute_result", "update_display_data", "error"):
            return msg
        left = self._left.get(cell_index, self.output_limit)
        size = len(content["text"]) if kind == "stream" else len(json.dumps(content))
        self._left[cell_index] = left - size
        if size <= left:
            return msg
        if kind == "error":  # that it failed has to be seen
            cut = {"ename": content["ename"][:200], "evalue": content["evalue"][:1000], "traceback": []}
            return {**msg, "content": cut}
        if left < 0:
            return {**msg, "msg_type": IGNORED, "content": {}}
        self._left[cell_index] = -1
        kept, name = (content["text"][:left], content["name"]) if kind == "stream" else ("", "stdout")
        notice = f"\n… This cell's output was cut here: more than {self.output_limit:,} bytes.\n"
        header = {**msg["header"], "msg_type": "stream"}
        return {**msg, "header": header, "msg_type": "stream", "content": {"name": name, "text": kept + notice}}

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Handle an output, unless it was one too many."""
        return None if msg["msg_type"] == IGNORED else super().output(outs, msg, display_id, cell_index)


class Engine(NBClientEngine):  # type: ignore[misc]
    """Papermill's engine with this client."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the cells of `nb_man.nb` in a new kernel."""
        job = options["job"]
        config = Config()
        sockets = str(Path(options["snapshot"]).parent / "kernel")
        if os.name == "posix" and len(sockets) < LONGEST:
            # Sockets in the run's own folder: no two kernels can be given one port.
            config.KernelManager.transport = "ipc"
            config.KernelManager.ip = sockets
        client = Client(
            nb_man,
            config=config,
            log=logger,
            log_output=job["log_output"],
            kernel_name=kernel_name,
            timeout=job["execution_timeout"] or None,
            startup_timeout=job["start_timeout"],
            iopub_timeout=LATE_OUTPUT,
            interrupt_on_timeout=job["forgiving"],
            shutdown_kernel="immediate",
            store_widget_state=False,
            output_limit=job["output"],
            snapshot=options["snapshot"],
        )
        client.on_cell_start = client.look
        try:
            return client.execute()
        finally:
            client.save_snapshot()


def execute(job: dict[str, Any], path: Path) -> None:
    """Run the notebook in `path`, in its place, as `job` says. Raises what papermill raises, and KernelDidNotStart."""
    papermill_engines.register(NAME, Engine)
    execute_notebook(
        os.path.relpath(path),
        os.path.relpath(path),
        job["parameters"],
        engine_name=NAME,
        request_save_on_cell_execute=False,
        prepare_only=job["prepare_only"],
        kernel_name=job["kernel"],
        progress_bar=False,
        log_output=job["log_output"],
        job=job,
        snapshot=str(path),
    )
