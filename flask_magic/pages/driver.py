"""One kernel for one page, driven the way JupyterLab drives it.

JupyterLab sends a cell's id and its whole metadata with each execute request. flask_magic tells cells apart
by that id, and an exercise's untouched stub by that metadata; nbclient, nbval and papermill send neither. So
`flask-magic pages run` and the tests use this driver. The choice of kernel is made here and nowhere else.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import TYPE_CHECKING, Any

from flask_magic.pages.errors import PageError
from flask_magic.pages.notebook import Cell

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient
    from jupyter_client.manager import KernelManager

__all__ = ["Execution", "PageKernel"]

KERNEL = "python3"
STARTS = 3
# A ResourceWarning is raised while an object dies, where nobody can catch it.
# The kernel's own are not the page's.
STRICT = """
import warnings
warnings.simplefilter("error")
warnings.simplefilter("ignore", ResourceWarning)
warnings.filterwarnings("ignore", module="ipykernel|jupyter_client|tornado|zmq|traitlets")
del warnings
"""
# The stock kernel warns on stderr that it uses TCP, each time.
QUIET = ["--IPKernelApp.log_level=ERROR"]


@dataclass
class Execution:
    """What one run of a cell gave: its outputs as a notebook stores them, and its execution count."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    count: int | None = None

    @property
    def error(self) -> dict[str, Any] | None:
        """The exception that ended the cell, or None."""
        return next((output for output in self.outputs if output["output_type"] == "error"), None)


class PageKernel:
    """A running kernel, in the folder of its page; a context manager, so that no process is left behind.

    `timeout` is what one cell may take, in seconds. `environment` is added to the kernel's environment variables. In
    the kernel warnings are errors. `starts` says how many
    attempts it took to start: a kernel fails to start now and then on a busy machine, and is tried again.

        with PageKernel(page.parent) as kernel:
            execution = kernel.run(cell)
    """

    def __init__(self, folder: Path, *, timeout: float = 60, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.timeout = timeout
        self.environment = {**os.environ, **(environment or {})}
        self.starts = 0
        self._shown: dict[str, list[dict[str, Any]]] = {}

    def __enter__(self) -> PageKernel:
        while True:
            self.starts += 1
            try:
                self._start()
                break
            except (RuntimeError, KeyError) as error:  # KeyError: no kernel of this name
                self._stop()
                if self.starts == STARTS:
                    raise PageError(
                        f"The kernel '{KERNEL}' did not start, {STARTS} times: {error}. "
                        "Is ipykernel installed in this environment?"
                    ) from error
        self._client.execute(STRICT, silent=True, store_history=False, reply=True, timeout=self.timeout)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def run(self, cell: Cell, source: str | None = None) -> Execution:
        """Run a cell, or `source` in its place (as a learner who edited it), and wait for all of its outputs.

        An exception of the cell is an output, as in a notebook. PageError when the cell takes longer than the
        timeout or the kernel dies.
        """
        content: dict[str, Any] = {
            "code": cell["source"] if source is None else source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        metadata = {
            **cell["metadata"],
            "deletedCells": [],
            "recordTiming": False,
            "cellId": cell.get("id", ""),
        }
        message = self._client.session.msg("execute_request", content, metadata=metadata)
        self._client.shell_channel.send(message)
        return self._collect(message["header"]["msg_id"])

    def _start(self) -> None:
        from jupyter_client.manager import KernelManager

        self._manager: KernelManager = KernelManager(kernel_name=KERNEL)
        self._client: BlockingKernelClient = self._manager.client()
        self._manager.start_kernel(cwd=str(self.folder), extra_arguments=QUIET, env=self.environment)
        self._client.load_connection_info(self._manager.get_connection_info())
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def _stop(self) -> None:
        self._client.stop_channels()
        if self._manager.has_kernel:
            self._manager.shutdown_kernel()
        self._manager.cleanup_resources()

    def _collect(self, request: str) -> Execution:
        execution, clear_next = Execution(), False
        deadline = time.monotonic() + self.timeout
        while True:
            message = self._next(deadline)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "execute_input":
                execution.count = content["execution_count"]
            elif kind == "clear_output":
                clear_next = content["wait"]
                if not clear_next:
                    execution.outputs.clear()
            elif kind == "update_display_data":
                for output in self._shown.get(content["transient"]["display_id"], ()):
                    output.update(data=content["data"], metadata=content["metadata"])
            elif kind in ("stream", "display_data", "execute_result", "error"):
                if clear_next:
                    execution.outputs.clear()
                    clear_next = False
                self._add(execution.outputs, kind, content)
        self._client.get_shell_msg(timeout=self.timeout)
        return execution

    def _next(self, deadline: float) -> dict[str, Any]:
        """The next message of the kernel; looks every second whether it still lives."""
        while True:
            try:
                message: dict[str, Any] = self._client.get_iopub_msg(timeout=1)
                return message
            except Empty:
                if not self._manager.is_alive():
                    raise PageError("The kernel died while the cell ran.") from None
                if time.monotonic() > deadline:
                    raise PageError(f"The cell did not end within {self.timeout:g} seconds.") from None

    def _add(self, outputs: list[dict[str, Any]], kind: str, content: dict[str, Any]) -> None:
        if kind == "stream":
            last = outputs[-1] if outputs else {}
            if last.get("name") == content["name"]:
                last["text"] += content["text"]
            else:
                outputs.append({"output_type": kind, "name": content["name"], "text": content["text"]})
        elif kind == "error":
            outputs.append({"output_type": kind, **{key: content[key] for key in ("ename", "evalue", "traceback")}})
        else:
            output = {"output_type": kind, "data": content["data"], "metadata": content["metadata"]}
            if kind == "execute_result":
                output["execution_count"] = content["execution_count"]
            outputs.append(output)
            display = content.get("transient", {}).get("display_id")
            if display:
                self._shown.setdefault(display, []).append(output)
