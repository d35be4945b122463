"""Running a notebook's file in this process, to export it: no kernel, one IPython shell."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import ExportError
from ..pages.notebook import cell_name, code_cells, load, tags_of
from .subject import refuse_without_app

__all__ = ["open_shell", "run_notebook"]


@contextmanager
def open_shell(folder: Path) -> Iterator[Any]:
    """An IPython shell whose working directory is `folder`, with the extension loaded; nothing of it is left behind."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    main, modules, path, before = sys.modules["__main__"], set(sys.modules), list(sys.path), Path.cwd()
    environment = dict(os.environ)
    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    shell: Any = InteractiveShell.instance(config=config)
    try:
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        with capture_output():
            shell.extension_manager.load_extension("flask_magic")
        yield shell
    finally:
        shell.extension_manager.unload_extension("flask_magic")
        shell.reset(new_session=False)
        shell.restore_sys_module_state()
        InteractiveShell.clear_instance()
        sys.modules["__main__"] = main
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(before)
        for name in set(sys.modules) - modules:  # what the notebook's folder and its project had
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and not Path(file).exists():
                del sys.modules[name]


def run_notebook(shell: Any, path: Path) -> None:
    """Run the cells of a notebook in order.

    Raises PageError where the file is no notebook, and ExportError where it makes no app, or where a cell fails that
    is not tagged `raises-exception`.
    """
    from IPython.utils.capture import capture_output

    notebook = load(path)
    refuse_without_app(cell["source"] for cell in code_cells(notebook))
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] != "code" or not cell["source"].strip():
            continue
        with capture_output():
            result = shell.run_cell(
                cell["source"], store_history=True, cell_id=cell.get("id"), cell_meta=cell["metadata"]
            )
        error = result.error_before_exec or result.error_in_exec
        if error is not None and "raises-exception" not in tags_of(cell):
            raise ExportError(
                f"{cell_name(path, number, cell)} fails: {type(error).__name__}: {error}",
                todo="Mend it, or tag it raises-exception where it is meant to fail.",
            ) from error
