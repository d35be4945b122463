"""The first workshop's source, and a small one that a test may spoil."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from flask_magic.pages.notebook import Cell, Notebook, load

FIRST = Path(__file__).parents[2] / "workshops" / "01-first-service.ipynb"
#: The first workshop's exercises.
CHECKS = ["front", "item", "urlmap", "answers", "pages", "label", "missing"]


@pytest.fixture(scope="session")
def _first() -> Notebook:
    return load(FIRST)


@pytest.fixture
def first(_first: Notebook) -> Notebook:
    """The source of the first workshop."""
    return deepcopy(_first)


def code(source: str, *tags: str, exercise: str = "", role: str = "") -> Cell:
    """A code cell with an old output."""
    metadata: dict[str, Any] = {"tags": list(tags)} if tags else {}
    if exercise:
        metadata["exercise"] = {"name": exercise, "role": role}
    output = {"output_type": "stream", "name": "stdout", "text": "old"}
    return {"cell_type": "code", "execution_count": 3, "metadata": metadata, "outputs": [output], "source": source}


@pytest.fixture
def small() -> Notebook:
    """A workshop of one exercise, `sum`, which has the novice's form only."""
    cells = [
        code("seed: int = 1", "parameters"),
        code("%load_ext flask_magic"),
        code("total = 1 + ...", "novice", exercise="sum", role="stub"),
        code("total = 1 + 2", "solution", exercise="sum", role="solution"),
        code("%%flask_check sum\nassert total == 3", "hide-input", exercise="sum", role="check"),
    ]
    workshop = {"title": "Sums", "minutes": 5}
    metadata = {"flask_magic": {"workshop": workshop}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


Change = Callable[[str], str]


def replaced(old: str, new: str) -> Change:
    """A change of a solution that has to hold `old`."""

    def change(source: str) -> str:
        assert old in source
        return source.replace(old, new)

    return change
