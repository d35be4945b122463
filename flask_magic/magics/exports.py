"""The magic that turns a notebook into a project."""

from __future__ import annotations

import os
from pathlib import Path

from ..display import Note, show
from .base import WorkbenchMagics

__all__ = ["ExportMagics"]


class ExportMagics(WorkbenchMagics):
    """Leave with a project."""

    def flask_export(self, line: str) -> None:
        """Turn the notebook's app into a project with tests."""
        from ..export import export

        arguments = self._read("flask_export", line)
        exported = export(
            self.workbench,
            self.workbench.notebook_folder / arguments.dir,
            self.parsers,
            package=arguments.package,
            force=arguments.force,
            app=arguments.app or self.settings.app or None,
            earlier=self._before_loading(),
            notebook=self._notebook_name(),
        )
        show(Note(exported.told(arguments.dir)))

    def _before_loading(self) -> list[str]:
        """The cells that ran before the extension was loaded."""
        inputs = list(getattr(self.shell.history_manager, "input_hist_raw", None) or [])
        loading = [n for n, text in enumerate(inputs) if "load_ext flask_magic" in text]
        return [text for text in inputs[: loading[-1]] if text.strip()] if loading else []

    def _notebook_name(self) -> str | None:
        """The name of the notebook's file, where the frontend tells it: Jupyter Server does, and VS Code."""
        told = self.shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME", "")
        name = Path(str(told)).name
        return name if name.endswith(".ipynb") else None
