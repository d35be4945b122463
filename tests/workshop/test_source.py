import json
from pathlib import Path
from typing import Any

import pytest

from flask_magic.pages.notebook import Notebook, dumps, save
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.prepare import about, prepare
from flask_magic.workshop.source import check_kernel, notebooks_by_level, read_notebook


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"cells": 1, "metadata": {}, "nbformat": 4}',
        '{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4}',
        '{"cells": [{"cell_type": "code", "source": "x"}], "metadata": {}, "nbformat": 4}',
        '{"cells": [{"cell_type": "code", "source": "x", "metadata": {"tags": 1}}], "metadata": {}, "nbformat": 4}',
        '{"cells": [], "metadata": [], "nbformat": 4}',
        '{"cells": [], "metadata": {}, "nbformat": 3}',
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorkshopError, match="is not a notebook of format 4") as caught:
        read_notebook(path)
    assert caught.value.exit_code == 2


def test_a_notebook_cut_off_at_any_place_is_refused(tmp_path: Path, small: Notebook) -> None:
    text, path = dumps(small), tmp_path / "x.ipynb"
    for length in range(0, len(text) - 2, 97):
        path.write_text(text[:length], encoding="utf-8")
        with pytest.raises(WorkshopError):
            read_notebook(path)
    save(path, small)
    assert read_notebook(path) == small


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_notebook_that_is_no_utf_8_is_refused(tmp_path: Path, small: Notebook, encoding: str) -> None:
    small["cells"][1]["source"] += "  # schön"
    path = tmp_path / "x.ipynb"
    path.write_bytes(dumps(small).encode(encoding))
    with pytest.raises(WorkshopError, match=r"x\.ipynb is not a notebook of format 4: 'utf-8' codec"):
        read_notebook(path)


def test_a_source_has_a_notebook_for_each_level(small: Notebook) -> None:
    prepared = notebooks_by_level(small, "learner")
    assert about(prepared("novice"))["level"] == "novice"
    assert prepared("novice") is prepared("novice")
    with pytest.raises(WorkshopError, match="Choose a level: --level novice"):
        prepared("")


def test_what_is_prepared_or_has_no_exercises_is_run_as_it_is(small: Notebook) -> None:
    handout = prepare(small, "novice", "learner")
    assert notebooks_by_level(handout, "solution")("") is handout
    with pytest.raises(WorkshopError, match="is prepared for the level 'novice'"):
        notebooks_by_level(handout, "learner")("expert")
    del small["cells"][2:]
    assert notebooks_by_level(small, "learner")("") is small
    with pytest.raises(WorkshopError, match="has no levels"):
        notebooks_by_level(small, "learner")("expert")


@pytest.mark.parametrize(
    ("metadata", "name", "message"),
    [
        ({}, None, "The notebook names no kernel. Name one: -k python3"),
        ({"kernelspec": None}, None, "The notebook names no kernel"),
        (
            {"kernelspec": {"name": "pyton3"}},
            None,
            "There is no kernel 'pyton3' on this machine. Did you mean 'python3'?",
        ),
        ({"kernelspec": {"name": "python3"}}, "ruby", "There is no kernel 'ruby' on this machine. There are: "),
    ],
)
def test_a_kernel_that_is_not_there_is_told_of(metadata: dict[str, Any], name: str | None, message: str) -> None:
    notebook = json.loads(json.dumps({"cells": [], "metadata": metadata, "nbformat": 4}))
    with pytest.raises(WorkshopError) as caught:
        check_kernel(notebook, name)
    assert message in caught.value.message
    check_kernel(notebook, "python3")
