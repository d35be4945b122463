"""`flask-magic pages run`: execute pages and store what they show; an unchanged page keeps its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask_magic.display.server import LIVE
from flask_magic.pages.driver import PageKernel
from flask_magic.pages.errors import PageError
from flask_magic.pages.exercises import role_of
from flask_magic.pages.notebook import (
    Notebook,
    cell_name,
    hash_of,
    load,
    page_files,
    save,
    shown,
    tags_of,
)

__all__ = ["pages_named", "run_page"]

# What a notebook says of its language, without the version: a new patch release of Python changes no page.
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# Written by frontends, and different on every run or every machine.
PASSING = ("execution", "collapsed", "scrolled", "trusted", "ExecuteTime")


def pages_named(names: Iterable[Path]) -> list[Path]:
    """The pages that files and folders stand for; PageError for a name that is neither."""
    pages: list[Path] = []
    for name in names:
        if name.is_dir():
            pages += page_files(name) or sorted(name.glob("[0-9][0-9]-*.ipynb")) or sorted(name.glob("*.ipynb"))
        elif name.is_file():
            pages.append(name)
        else:
            raise PageError(f"{shown(name)} does not exist. Name pages (….ipynb) or the folder that holds them.")
    return pages


def run_page(path: Path, *, timeout: float = 60) -> bool:
    """Execute the page at `path` and store its outputs; false where the file did not change.

    Raises PageError at the first cell that fails without the tag `raises-exception`, or that has the tag and
    does not fail. The file then stays as it was.
    """
    notebook = load(path)
    tidy(notebook)
    with PageKernel(path.parent, timeout=timeout) as kernel:
        for number, cell in enumerate(notebook["cells"], 1):
            if cell["cell_type"] != "code":
                continue
            cell["outputs"], cell["execution_count"] = [], None
            if not cell["source"].strip():
                continue
            name = cell_name(path, number, cell)
            try:
                execution = kernel.run(cell)
            except PageError as error:
                raise PageError(f"{name}: {error.message}") from error
            expected = "raises-exception" in tags_of(cell)
            if execution.error and not expected:
                raise PageError(f"{name}: {execution.error['ename']}: {execution.error['evalue']}")
            if expected and not execution.error:
                raise PageError(f"{name}: it should fail (tag raises-exception), and it did not.")
            cell["outputs"], cell["execution_count"] = _stored(execution.outputs), execution.count
    return save(path, notebook)


def _stored(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outputs as a page keeps them: without the extension's stylesheet (a change of look changes no page), and
    without links and frames of a live server, which is gone by then.
    """
    for output in outputs:
        data = output.get("data", {})
        html = data.get("text/html", "")
        if html.startswith("<style>"):
            data["text/html"] = "<style></style>"
        elif LIVE.search(html):
            data["text/html"] = LIVE.sub("", html)
    return outputs


def tidy(notebook: Notebook) -> None:
    """Bring `notebook` into the form that is stored: format, kernel, metadata, the hashes of its stubs."""
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    kept = {"flask_magic": notebook["metadata"]["flask_magic"]} if "flask_magic" in notebook["metadata"] else {}
    notebook["metadata"] = {**kept, "kernelspec": dict(KERNELSPEC), "language_info": dict(LANGUAGE)}
    for cell in notebook["cells"]:
        for key in PASSING:
            cell["metadata"].pop(key, None)
        if role_of(cell)[1] == "stub":
            cell["metadata"]["exercise"]["hash"] = hash_of(cell["source"])
