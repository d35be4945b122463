"""Notebook files as plain dictionaries: reading, writing, and what the tools ask of their cells.

The standard library is enough here. That keeps `flask-magic pages copy` fast, and the files written are byte
for byte those that nbformat writes (a test compares them).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from flask_magic.pages.errors import PageError

__all__ = ["Cell", "Notebook", "cell_name", "code_cells", "hash_of", "load", "page_files", "parse", "save", "tags_of"]

Cell: TypeAlias = dict[str, Any]
Notebook: TypeAlias = dict[str, Any]

# What nbformat splits into lines besides text/*.
SPLIT_TOO = ("application/javascript", "image/svg+xml")


def load(path: Path) -> Notebook:
    """The notebook in the file `path`, its multi-line texts joined; PageError where there is none."""
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise PageError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PageError(
            f"{path} is not a notebook of format 4: {error}. Open it in JupyterLab to repair it."
        ) from error


def parse(notebook: Notebook) -> Notebook:
    """The same notebook, its multi-line texts joined.

    ValueError, KeyError, TypeError or AttributeError where it lacks what is taken for granted of one of format 4.
    """
    for cell in notebook["cells"]:
        cell["source"] = _joined(cell["source"])
        for output in cell.get("outputs", ()):
            if "text" in output:
                output["text"] = _joined(output["text"])
            data = output.get("data", {})
            data.update({mime: _joined(value) for mime, value in data.items() if _is_text(mime)})
    if notebook.get("nbformat") != 4 or not isinstance(notebook.get("metadata"), dict):
        raise ValueError("it does not say so, or has no metadata")
    for number, cell in enumerate(notebook["cells"], 1):
        if not _is_cell(cell):
            raise ValueError(f"cell {number} lacks a part, or has one of another kind")
    return notebook


def dumps(notebook: Notebook) -> str:
    """The text of the file: sorted keys, one space of indent, long texts as lists of lines."""
    return json.dumps(_split(notebook), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def save(path: Path, notebook: Notebook) -> bool:
    """Write `notebook` to `path`, making its folder; false where the file already says the same.

    The file appears whole or not at all: a copy cut short by Ctrl-C never leaves half a page behind.
    """
    text = dumps(notebook)
    with suppress(OSError):
        if path.read_text(encoding="utf-8") == text:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return True


def page_files(folder: Path) -> list[Path]:
    """The pages of a collection: every notebook in a chapter's folder (`NN-…/NN-….ipynb`), in order."""
    return sorted(folder.glob("[0-9][0-9]-*/[0-9][0-9]-*.ipynb"))


def code_cells(notebook: Notebook) -> Iterator[Cell]:
    """The cells that run: code cells with a source."""
    return (cell for cell in notebook["cells"] if cell["cell_type"] == "code" and cell["source"].strip())


def tags_of(cell: Cell) -> list[str]:
    """The tags of a cell, an empty list where it has none."""
    tags: list[str] = cell["metadata"].get("tags", [])
    return tags


def hash_of(source: str) -> str:
    r"""What tells an untouched stub: the first 16 hex digits of its stripped source's sha256.

    >>> hash_of("...\n") == hash_of("...")
    True
    """
    return hashlib.sha256(source.strip().encode()).hexdigest()[:16]


def cell_name(path: Path, number: int, cell: Cell) -> str:
    """How messages name a cell: `02-routing/02-variable-rules.ipynb · cell 14 (%%flask_route /tools)`.

    Cells are counted from 1 over all cells of the notebook, as a reader counts them.
    """
    first = next((line.strip() for line in cell["source"].splitlines() if line.strip()), "empty")
    if len(first) > 48:
        first = first[:47].rstrip() + "…"
    return f"{shown(path)} · cell {number} ({first})"


def shown(path: Path) -> str:
    """`path` as messages show it: relative to the working directory where it lies in it."""
    with suppress(ValueError):
        return path.resolve().relative_to(Path.cwd()).as_posix()
    return path.as_posix()


def _is_cell(cell: Any) -> bool:
    if cell.get("cell_type") not in ("code", "markdown", "raw") or not isinstance(cell["source"], str):
        return False
    metadata, outputs = cell.get("metadata"), cell.get("outputs", [])
    if not isinstance(metadata, dict) or not isinstance(metadata.get("tags", []), list):
        return False
    return isinstance(outputs, list) and all("output_type" in output for output in outputs)


def _is_text(mime: str) -> bool:
    return mime.startswith("text/") or mime in SPLIT_TOO


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _split(notebook: Notebook) -> Notebook:
    return {**notebook, "cells": [_split_cell(cell) for cell in notebook["cells"]]}


def _split_cell(cell: Cell) -> Cell:
    cell = {**cell, "source": _lines(cell["source"])}
    if "outputs" in cell:
        cell["outputs"] = [_split_output(output) for output in cell["outputs"]]
    return cell


def _split_output(output: dict[str, Any]) -> dict[str, Any]:
    if output["output_type"] == "stream":
        return {**output, "text": _lines(output["text"])}
    if "data" in output:
        data = {mime: _lines(value) if _is_text(mime) else value for mime, value in output["data"].items()}
        return {**output, "data": data}
    return output


def _lines(text: str) -> list[str]:
    # Like nbformat: str.splitlines, which also cuts at form feeds and their like.
    return text.splitlines(keepends=True)
