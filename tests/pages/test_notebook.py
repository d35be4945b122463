import doctest
import importlib
from pathlib import Path

import nbformat
import pytest

import flask_magic.pages
from flask_magic.pages.errors import PageError
from flask_magic.pages.notebook import cell_name, dumps, load, save

MODULES = sorted(path.stem for path in Path(flask_magic.pages.__path__[0]).glob("[a-z]*.py"))


def test_the_file_is_the_one_that_nbformat_writes(page: Path) -> None:
    notebook = nbformat.read(page, as_version=4)
    nbformat.validate(notebook)
    assert dumps(load(page)) == nbformat.writes(notebook) + "\n" == page.read_text(encoding="utf-8")


def test_every_kind_of_output_is_written_as_nbformat_does(page: Path) -> None:
    notebook = load(page)
    data = {
        "text/html": "<p>\n</p>",
        "image/svg+xml": "<svg>\n</svg>",
        "image/png": "aGk=\n",
        "a/b+json": {"x": [1]},
    }
    notebook["cells"][1]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "one\ntwo\x0cthree"},
        {"output_type": "display_data", "data": data, "metadata": {}},
        {"output_type": "error", "ename": "E", "evalue": "a\nb", "traceback": ["x\ny"]},
    ]
    assert dumps(notebook) == nbformat.writes(nbformat.from_dict(notebook)) + "\n"
    save(page, notebook)
    assert load(page) == notebook


def test_save_leaves_an_equal_file_and_no_partial_one(page: Path) -> None:
    assert not save(page, load(page))
    assert save(page.with_name("new.ipynb"), load(page))
    assert not list(page.parent.glob("*.part"))


@pytest.mark.parametrize(
    ("text", "message"), [("{", "not a notebook"), ("[]", "not a notebook"), (None, "cannot be read")]
)
def test_what_is_no_notebook_is_told(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "x.ipynb"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(PageError, match=message):
        load(path)


def test_a_cell_is_named_by_page_number_and_first_line(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.chdir(folder.parent)
    path = folder / "02-routing" / "02-variable-rules.ipynb"
    name = cell_name(path, 14, {"source": "\n%%flask_route /tools\ndef tools(): ..."})
    assert name == "notebooks/02-routing/02-variable-rules.ipynb · cell 14 (%%flask_route /tools)"


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"flask_magic.pages.{name}")).failed == 0
