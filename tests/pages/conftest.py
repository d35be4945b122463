"""The small collection of the fixtures, as a copy that a test may spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flask_magic.pages.notebook import Cell, Notebook, load, save

FIXTURES = Path(__file__).parents[1] / "fixtures" / "collection"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The notebooks of a copy of the collection; its wrong answers lie beside it."""
    shutil.copytree(FIXTURES, tmp_path / "collection", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "collection" / "notebooks"


@pytest.fixture
def page(folder: Path) -> Path:
    """The one page of that copy."""
    return folder / "02-routing" / "02-variable-rules.ipynb"


@pytest.fixture
def edit(page: Path) -> Callable[[Callable[[Notebook], Any]], None]:
    """Change the page by a function that gets its notebook."""

    def change(how: Callable[[Notebook], Any]) -> None:
        notebook = load(page)
        how(notebook)
        save(page, notebook)

    return change


def cell(source: str, **metadata: Any) -> Cell:
    """A code cell."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "a-cell",
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }
