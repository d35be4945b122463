from collections.abc import Callable
from pathlib import Path

import pytest

from flask_magic.pages.errors import PageError
from flask_magic.pages.notebook import Notebook, hash_of, load
from flask_magic.pages.run import pages_named, run_page

Edit = Callable[[Callable[[Notebook], object]], None]


def test_an_unchanged_page_keeps_its_bytes(page: Path) -> None:
    before = page.read_bytes()
    assert not run_page(page)
    assert page.read_bytes() == before


def test_outputs_counts_hashes_and_metadata_are_put_right(page: Path, edit: Edit) -> None:
    before = page.read_bytes()

    def spoil(notebook: Notebook) -> None:
        notebook["metadata"]["language_info"]["version"] = "3.11.7"
        notebook["metadata"]["widgets"] = {}
        for cell in notebook["cells"]:
            cell["metadata"]["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00"}
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], 99
        notebook["cells"][11]["metadata"]["exercise"]["hash"] = "old"

    edit(spoil)
    assert run_page(page)
    assert page.read_bytes() == before
    stub = load(page)["cells"][11]
    assert stub["metadata"]["exercise"]["hash"] == hash_of(stub["source"])


def test_a_cell_that_fails_is_named_and_the_file_stays(page: Path, edit: Edit) -> None:
    edit(lambda notebook: notebook["cells"][3].update(source="tools = {}\ntools[7]"))
    before = page.read_bytes()
    with pytest.raises(PageError, match=r"02-variable-rules\.ipynb · cell 4 \(tools = \{\}\): KeyError: 7"):
        run_page(page)
    assert page.read_bytes() == before


def test_a_cell_that_should_fail_and_does_not_is_named(page: Path, edit: Edit) -> None:
    edit(lambda notebook: notebook["cells"][8].update(source="tools[7]"))
    with pytest.raises(PageError, match=r"cell 9 \(tools\[7\]\): it should fail"):
        run_page(page)


def test_pages_are_named_by_file_chapter_or_collection(page: Path, folder: Path) -> None:
    assert pages_named([page]) == pages_named([page.parent]) == pages_named([folder]) == [page]
    with pytest.raises(PageError, match="does not exist"):
        pages_named([folder / "nope.ipynb"])
