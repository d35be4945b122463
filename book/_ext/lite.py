"""JupyterLab in the reader's browser: JupyterLite, built beside the pages, with their notebooks and on their Python.

The kernel's `pyodideUrl` is `book/_static/live/lab.js`, so Pyodide and the packages are on the site once, and nothing
comes from another host. A notebook comes as `flask-magic pages copy` hands it out, without outputs. A cell that cannot
run in a browser becomes text: its source, the reason, and what it shows on a computer.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import live_needs
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from flask_magic.pages.notebook import Cell, Notebook, code_cells, load, save
from flask_magic.pages.sanitize import ANSI

FOLDER = "lite"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
# What the kernel would install by itself; all of it is in the Python that it gets.
PRESENT = ["comm", "ipykernel", "ipython", "jedi", "micropip", "piplite", "pyodide-kernel"]
SITE = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "Flask, live",
        "disabledExtensions": [
            # It would make the browser's storage the kernel's folder, by a request for each access to a file: slow for
            # a database, and what an app has written would be there the next time.
            "@jupyterlite/application-extension:service-worker-manager",
            # It asks for icons of a Jupyter server.
            "@jupyter-notebook/notebook-extension:tab-icon",
        ],
        "litePluginSettings": {
            f"{KERNEL}:kernel": {
                "pyodideUrl": "./../_static/live/lab.js",
                "disablePyPIFallback": True,
                "loadPyodideOptions": {"packages": PRESENT},
            }
        },
    },
}
BUILD = {
    "LiteBuildConfig": {
        "apps": ["notebooks", "tree", "edit", "lab"],
        "contents": ["contents"],
        "federated_extensions": [str(Path(sys.prefix) / "share" / "jupyter" / "labextensions" / KERNEL)],
        "ignore_sys_prefix": True,
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    }
}


def for_browser(notebook: Notebook) -> Notebook:
    """The notebook as a reader gets it: changed in place, and returned."""
    cells = list(code_cells(notebook))
    for cell, reason in zip(cells, live_needs.reasons([cell["source"] for cell in cells]), strict=True):
        if reason:
            _tell(cell, reason)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return notebook


def _tell(cell: Cell, reason: str) -> None:
    """Turn a code cell into a text that tells what it is, and why it cannot run."""
    shown = "\n".join(ANSI.sub("", _plain(output)).rstrip("\n") for output in cell.pop("outputs"))
    parts = [f"*This cell cannot run in a browser: {reason}.*", _fence(cell["source"], "python")]
    if shown.strip():
        parts += ["*On a computer it shows:*", _fence(shown)]
    del cell["execution_count"]
    cell |= {"cell_type": "markdown", "source": "\n\n".join(parts)}


def _plain(output: dict[str, Any]) -> str:
    """An output as a terminal has it; "" for a picture."""
    if output["output_type"] == "error":
        return "\n".join(output["traceback"])
    text: str = output["text"] if output["output_type"] == "stream" else output["data"].get("text/plain", "")
    return text


def _fence(text: str, language: str = "") -> str:
    return f"~~~~{language}\n{text}\n~~~~"


def build(pages: dict[str, Path], output: Path) -> None:
    """Build JupyterLite into the folder `output`, with the notebooks `pages` by their address on the site.

    Raises `ExtensionError` with the words of the build.
    """
    # A new folder each time: a build that goes on from an earlier one drops settings, and then asks a public host.
    with TemporaryDirectory() as place:
        for name, path in pages.items():
            save(Path(place, "contents", f"{name}.ipynb"), for_browser(load(path)))
        Path(place, "jupyter-lite.json").write_text(json.dumps(SITE), encoding="utf-8")
        Path(place, "jupyter_lite_config.json").write_text(json.dumps(BUILD), encoding="utf-8")
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(output.resolve())]
        run = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if run.returncode:
        raise ExtensionError(f"JupyterLite could not be built:\n{(run.stdout + run.stderr)[-4000:]}")


def notebooks(app: Sphinx) -> dict[str, Path]:
    """The notebooks of the site by the names of their pages."""
    paths = {page: Path(app.env.doc2path(page)) for page in sorted(app.env.found_docs)}
    return {page: path for page, path in paths.items() if path.suffix == ".ipynb"}


def has(app: Sphinx, page: str) -> bool:
    """Is the page a notebook in which something can be run?"""
    path = notebooks(app).get(page)
    return path is not None and any(code_cells(load(path)))


def build_lab(app: Sphinx, error: Exception | None) -> None:
    """Build it with all notebooks of the site, when the pages are there."""
    if error is None and app.builder.format == "html":
        build(notebooks(app), Path(app.outdir) / FOLDER)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    app.connect("build-finished", build_lab)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
