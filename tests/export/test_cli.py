"""`flask-magic export NOTEBOOK DIR`."""

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flask_magic.cli import main
from flask_magic.pages.notebook import save

HEAD = ["%load_ext flask_magic", "from flask import Flask\napp = Flask(__name__)"]


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook in a folder of its own; the working directory is above it."""
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "pages" / "shop.ipynb", [*HEAD, "@app.get('/')\ndef home(): return {'x': 1}", "%http /"])


def write(path: Path, cells: list[str], tags: tuple[str, ...] = ()) -> Path:
    """A notebook of these code cells; `tags` are the last one's."""
    made = [
        {"cell_type": "code", "execution_count": None, "id": f"c{n}", "metadata": {}, "outputs": [], "source": source}
        for n, source in enumerate(cells)
    ]
    made[-1]["metadata"] = {"tags": list(tags)}
    save(path, {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return path


def invoke(*words: str) -> Result:
    """Run the command; the process is as it was, however it ends."""
    modules, path, folder, environment = set(sys.modules), list(sys.path), Path.cwd(), dict(os.environ)
    result = CliRunner().invoke(main, ["export", *words])
    assert (sys.path, Path.cwd(), dict(os.environ)) == (path, folder, environment)
    assert not {"app", "fees"} & (set(sys.modules) - modules)
    return result


def test_a_notebook_s_file_is_run_and_exported(notebook: Path, tmp_path: Path) -> None:
    (notebook.parent / "fees.py").write_text("def fee(): return 3\n")
    write(notebook, [*HEAD, "from fees import fee\n@app.get('/')\ndef home(): return {'x': fee()}", "%http /"])
    result = invoke("pages/shop.ipynb", "shop")
    assert result.output.splitlines()[0] == "shop/ is a project of 7 files, with 1 test."
    assert (tmp_path / "shop" / "fees.py").is_file()
    assert "begun in shop.ipynb" in (tmp_path / "shop" / "app.py").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pages", "shop"]


def test_a_package_of_an_app_by_name_again_with_force(notebook: Path, tmp_path: Path) -> None:
    target = tmp_path / "tool_library"
    target.mkdir()
    (target / "README.md").write_text("mine")
    refused = invoke(str(notebook), "tool_library", "--package", "--app", "app")
    assert (refused.exit_code, "was not exported by flask-magic" in refused.output) == (1, True)
    result = invoke(str(notebook), "tool_library", "--package", "--app", "app", "--force")
    assert "What was in the way is kept: README.md.orig." in result.output
    assert (target / "tool_library" / "views.py").is_file()


def test_a_cell_that_fails_ends_it_unless_it_is_meant_to(notebook: Path, tmp_path: Path) -> None:
    cells = [*HEAD, "@app.get('/')\ndef home(): return 'x'", "1 / 0"]
    write(notebook, cells)
    result = invoke(str(notebook), "shop")
    assert result.exit_code == 1
    assert "shop.ipynb · cell 4 (1 / 0) fails: ZeroDivisionError: division by zero" in result.output
    assert not (tmp_path / "shop").exists()
    write(notebook, cells, ("raises-exception",))
    assert invoke(str(notebook), "shop").exit_code == 0


@pytest.mark.parametrize(
    ("name", "folder", "message"),
    [
        ("nope.ipynb", "shop", "nope.ipynb cannot be read"),
        ("pages/broken.ipynb", "shop", "is not a notebook of format 4"),
        ("pages/bare.ipynb", "shop", "is not a notebook of format 4: cell 1 lacks a part"),
        ("pages/shop.ipynb", "my shop", "'my shop' cannot be the name of a project.\nUse letters"),
        ("pages/shop.ipynb", "pages", "pages has files in it"),
    ],
)
def test_wrong_words(notebook: Path, name: str, folder: str, message: str) -> None:
    (notebook.parent / "broken.ipynb").write_text("{}")
    cell = {"cell_type": "code", "source": "app = Flask(__name__)"}
    (notebook.parent / "bare.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    result = invoke(name, folder)
    assert (result.exit_code, message in result.output) == (1, True)


def test_it_has_help() -> None:
    text = invoke("--help").output
    assert "Usage: main export [OPTIONS] NOTEBOOK DIR" in text
    assert all(option in text for option in ("--package", "--force", "--app"))
