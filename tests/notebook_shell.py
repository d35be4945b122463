"""A notebook without a kernel: one IPython shell, run cell by cell."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config


@dataclass
class Ran:
    """What a cell showed: `displays` are MIME bundles, `text` their plain text, joined."""

    result: Any
    displays: list[dict[str, Any]]
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """All plain text that was displayed."""
        return "\n".join(bundle.get("text/plain", "") for bundle in self.displays)

    @property
    def html(self) -> str:
        """All HTML that was displayed."""
        return "\n".join(bundle.get("text/html", "") for bundle in self.displays)


class Notebook:
    """A fresh shell with the extension loaded (unless `load` is False). `close` leaves nothing behind."""

    def __init__(self, *, load: bool = True) -> None:
        self._main = sys.modules["__main__"]
        config = Config()
        config.HistoryManager.enabled = False
        InteractiveShell.clear_instance()
        # Displays go through `InteractiveShell.instance()`, so it has to be that one while the test runs.
        self.shell: Any = InteractiveShell.instance(config=config)
        if load:
            self.load()

    def load(self) -> None:
        """Load the extension, as `%load_ext` outside of a cell."""
        with capture_output():
            assert self.shell.extension_manager.load_extension("flask_magic") is None

    def close(self) -> None:
        """Unload, and take the shell's traces out of the process."""
        self.shell.extension_manager.unload_extension("flask_magic")
        self.shell.reset(new_session=False)
        self.shell.restore_sys_module_state()
        InteractiveShell.clear_instance()
        sys.modules["__main__"] = self._main

    @property
    def ns(self) -> dict[str, Any]:
        """The notebook's variables."""
        namespace: dict[str, Any] = self.shell.user_ns
        return namespace

    @property
    def bench(self) -> Any:
        """The extension's workbench."""
        return self.shell._flask_magic.workbench

    @property
    def client(self) -> Any:
        """A test client of the variable `app`, without cookies."""
        return self.ns["app"].test_client()

    def attempt(
        self, source: str, cell_id: str | None = None, metadata: dict[str, Any] | None = None, *, loop: bool = False
    ) -> tuple[Ran, BaseException | None]:
        """Run a cell; what it showed, and what it raised. `loop` runs it inside a running event loop, as kernels do."""
        options = {"cell_id": cell_id, "cell_meta": metadata}
        with capture_output() as captured:
            result = asyncio.run(self._run_in_loop(source, options)) if loop else self.shell.run_cell(source, **options)
        displays = [output.data for output in captured.outputs]
        ran = Ran(result.result, displays, captured.stdout, captured.stderr)
        return ran, result.error_before_exec or result.error_in_exec

    async def _run_in_loop(self, source: str, options: dict[str, Any]) -> ExecutionResult:
        result = await self.shell.run_cell_async(source, transformed_cell=self.shell.transform_cell(source), **options)
        self.shell.events.trigger("post_execute")
        self.shell.events.trigger("post_run_cell", result)
        return result

    def run(
        self, source: str, cell_id: str | None = None, metadata: dict[str, Any] | None = None, *, loop: bool = False
    ) -> Ran:
        """Run a cell, and raise what it raises."""
        ran, error = self.attempt(source, cell_id, metadata, loop=loop)
        if error is not None:
            raise error
        return ran

    def fails(
        self, source: str, expected: type[BaseException], match: str = "", cell_id: str | None = None, **options: Any
    ) -> Ran:
        """Run a cell that has to raise exactly `expected`; `match` is searched in its message."""
        ran, error = self.attempt(source, cell_id, **options)
        if error is None:
            pytest.fail(f"no {expected.__name__} was raised; shown: {ran.text}")
        assert type(error) is expected, f"{type(error).__name__}: {error}"
        assert re.search(match, str(error)), f"{match!r} is not in {str(error)!r}"
        return ran

    def get(self, path: str, **options: Any) -> str:
        """`STATUS body` of a GET by a new client; a standard error page is its status alone."""
        response = self.client.get(path, **options)
        text = "" if response.status_code >= 300 and "<!doctype" in response.text else response.text
        return f"{response.status_code} {text}".strip()
