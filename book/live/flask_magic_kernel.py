"""A notebook's kernel for a browser: runs cells, and tells what they show in the form that a notebook stores.

The worker (`_static/live/worker.js`) holds one `Kernel`. It needs IPython alone, so that it runs in any Python; with
flask_magic loaded in a cell it can also visit the app as a browser does.
"""

from __future__ import annotations

import io
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import cached_property
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Any as AnyValue
from traitlets import Type
from traitlets.config import Config

__all__ = ["Compiler", "Kernel"]

Send = Callable[[dict[str, Any]], None]


class Kernel:
    """One shell. `send` gets each message while a cell runs: an output of nbformat, or one of the two kinds that
    change outputs, `clear_output` and `update_display_data`. An output that shows exchanges of `%http` also has
    `visits`: for each of them a number by which `visit` opens its page, or None.

    >>> import asyncio
    >>> said = []
    >>> asyncio.run(Kernel(said.append).run("print(6 * 7)"))
    True
    >>> said
    [{'output_type': 'stream', 'name': 'stdout', 'text': '42\\n'}]
    """

    def __init__(self, send: Send) -> None:
        config = Config()
        config.HistoryManager.enabled = False  # its database is written by a thread
        _Shell.clear_instance()  # an earlier kernel's
        InteractiveShell.clear_instance()
        self._outlet = _Outlet(send)
        self._shell = _Shell.instance(config=config, send=self._outlet.send)

    async def run(self, source: str, cell_id: str | None = None, metadata: dict[str, Any] | None = None) -> bool:
        """Run a cell, and say whether it came to its end without an exception.

        `cell_id` and `metadata` are what a frontend sends of a cell: with them flask_magic tells one cell from
        another, and an exercise's untouched stub. An exception is sent as an output of the kind `error`.
        """
        shell, outlet = self._shell, self._outlet
        shell.request = {"metadata": {**(metadata or {}), "cellId": cell_id}}
        with redirect_stdout(_Stream(outlet, "stdout")), redirect_stderr(_Stream(outlet, "stderr")):
            transformed = shell.transform_cell(source)
            result = await shell.run_cell_async(
                source, store_history=True, transformed_cell=transformed, cell_id=cell_id
            )
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        outlet.flush()
        return bool(result.success)

    async def visit(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Open a page that a cell has shown, or follow a link or form of it: see `flask_magic_visit.Visits.answer`."""
        workbench = self._shell.workbench
        if workbench is None:
            return {"refused": "The extension flask_magic is not loaded."}
        answer: dict[str, Any] = self._shell.display_pub.visits.answer(workbench, asked)
        return answer


class _Outlet:
    """All that goes out, in its order; text at most every moment: a loop that prints must not drown the page."""

    MOMENT = 0.02  # seconds

    def __init__(self, send: Send) -> None:
        self._send = send
        self._name = ""
        self._waiting: list[str] = []
        self._sent = 0.0

    def send(self, message: dict[str, Any]) -> None:
        self.flush()
        self._send(message)

    def write(self, name: str, text: str) -> None:
        if name != self._name:
            self.flush()
        self._name = name
        self._waiting.append(text)
        if time.monotonic() - self._sent > self.MOMENT:
            self.flush()

    def flush(self) -> None:
        if text := "".join(self._waiting):
            self._waiting.clear()
            self._sent = time.monotonic()
            self._send({"output_type": "stream", "name": self._name, "text": text})


class _Stream(io.TextIOBase):
    encoding = "utf-8"
    errors = "replace"

    def __init__(self, outlet: _Outlet, name: str) -> None:
        super().__init__()
        self._outlet = outlet
        self.name = name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._outlet.write(self.name, text)
        return len(text)


class _Publisher(DisplayPublisher):
    _shows: tuple[int | None, ...] = ()

    @cached_property
    def visits(self) -> Any:
        from flask_magic_visit import Visits

        return Visits()

    def showing(self, renderable: object) -> None:
        """flask_magic says what it publishes next."""
        if self.shell.workbench is not None:
            self._shows = tuple(self.visits.offer(self.shell.workbench, renderable))

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        kind = "update_display_data" if update else "display_data"
        message = {"output_type": kind, "data": data, "metadata": metadata or {}}
        shows, self._shows = self._shows, ()
        more = {"transient": transient, "visits": [*shows]}
        self.shell.send(message | {name: value for name, value in more.items() if value})

    def clear_output(self, wait: bool = False) -> None:
        self.shell.send({"output_type": "clear_output", "wait": wait})


class _Result(DisplayHook):
    """The value of a cell's last line: sent as it is, without the prompt of a terminal."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        if format_dict:
            message = {"output_type": "execute_result", "data": format_dict, "metadata": md_dict or {}}
            self.shell.send(message | {"execution_count": self.prompt_count})

    def finish_displayhook(self) -> None:
        self._is_active = False


class Compiler(CachingCompiler):
    """Names cells as ipykernel does."""

    def get_code_name(self, raw_code: str, *_: object) -> str:
        """A file's name that is a number: tracebacks and logs of a cell show it, or hide it."""
        return f"/cells/{zlib.crc32(raw_code.encode())}.py"


class _Shell(InteractiveShell):
    send = AnyValue()
    request = AnyValue({})
    compiler_class = Type(Compiler)
    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Result)

    @property
    def workbench(self) -> Any:
        """That of flask_magic, where the extension is loaded."""
        if "flask_magic" not in sys.modules:
            return None
        from flask_magic.extension import Extension

        extension = Extension.of(self)
        return extension and extension.workbench

    def get_parent(self) -> dict[str, Any]:
        """The request that runs now, as ipykernel's shell gives it: flask_magic reads its metadata."""
        request: dict[str, Any] = self.request
        return request

    def enable_gui(self, gui: str | None = None) -> None:
        pass

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.send({"output_type": "error", "ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)})
