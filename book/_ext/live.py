"""Pages that run in the reader's browser: what the site needs for it, and what each page says of its cells.

The runtime is built by `live_build`, the scripts are in `book/_static/live`. A page gets its cells as data, and a
policy by which nothing on it, run or not, can load from another host.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import live_build
import live_needs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

CACHE = Path(".cache") / "live"
# Scripts and styles stand in the theme's pages themselves, hence 'unsafe-inline'; what a cell shows has its scripts
# taken out (_static/live/clean.js). Python is WebAssembly, and its worker starts from a blob. Frames hold documents of
# the page itself (srcdoc), which no policy has to name, and lead nowhere.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "connect-src 'self' blob:",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "form-action 'self'",
        "object-src 'none'",
        "base-uri 'self'",
    )
)


class Live:
    """What one build knows of the runtime: its folder, and the list of its files."""

    def add_runtime(self, app: Sphinx, _: Config) -> None:
        """Put the runtime among the site's static files. Raises ExtensionError with what to do."""
        try:
            made = live_build.build(Path(app.confdir), Path(app.confdir) / CACHE)
        except live_build.BuildError as error:
            raise ExtensionError(str(error)) from error
        self.files = json.loads((made / "files.json").read_text(encoding="utf-8"))
        self.folder = made

    def copy_runtime(self, app: Sphinx, error: Exception | None) -> None:
        """Copy the runtime beside the scripts that use it."""
        if error is None and app.builder.format == "html":
            shutil.copytree(self.folder, Path(app.outdir) / "_static" / "live", dirs_exist_ok=True)

    def add_cells(
        self, app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: nodes.document | None
    ) -> None:
        """Put the policy into the page's head, and its cells, with the script that runs them, below its text."""
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        context["metatags"] = policy + context.get("metatags", "")
        code = [cell for cell in _cells(app, page) if _runs_somewhere(cell)] if doctree else []
        if not code:
            return
        parts = self._parts(live_needs.imported(code))
        why = live_needs.reasons([cell["source"] for cell in code])
        told = {
            "cells": [
                {"id": cell["id"], "source": cell["source"], "metadata": cell["metadata"], "cannot": reason}
                for cell, reason in zip(code, why, strict=True)
            ],
            "parts": parts,
            "bytes": sum(file["bytes"] for file in [*self.files["start"], *map(self.files["more"].get, parts)]),
        }
        data = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
        context["body"] += f'<script type="application/json" id="live-page">{data}</script>'
        app.add_css_file("live/live.css")
        app.add_js_file("live/page.js", type="module")

    def _parts(self, imported: set[str]) -> list[str]:
        """The archives that a page needs which imports these modules, besides the ones of every page."""
        return [name for name, part in self.files["more"].items() if imported & set(part["modules"])]


def _cells(app: Sphinx, page: str) -> list[dict[str, Any]]:
    """The cells of a page's notebook, as nbformat has them, sources joined; none for a page that is no notebook."""
    path = Path(app.env.doc2path(page))
    if path.suffix != ".ipynb":
        return []
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in cells]


def _runs_somewhere(cell: dict[str, Any]) -> bool:
    return bool(cell["cell_type"] == "code" and cell["source"].strip())


def name_cells(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Give each code cell on the page its id, `cell-…`, by which the script finds it."""
    cells = _cells(app, page)
    for node in doctree.findall(nodes.container):
        if node.get("nb_element") == "cell_code":
            node["ids"].append(f"cell-{cells[node['cell_index']]['id']}")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    live = Live()
    app.connect("config-inited", live.add_runtime)
    app.connect("doctree-resolved", name_cells)
    app.connect("html-page-context", live.add_cells)
    app.connect("build-finished", live.copy_runtime)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
