"""What a notebook becomes for JupyterLite, and what its kernel finds, without a browser."""

import json
import sys
import zipfile
from pathlib import Path

import pytest
from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.errors import ExtensionError

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "live"))

from flask_magic_shelf import Shelf
from lite import build, for_browser
from live_build import lab_kernel

ROOT = Path(__file__).parents[2]


def test_a_cell_that_runs_is_handed_out_without_outputs() -> None:
    text = new_markdown_cell("Some text")
    code = new_code_cell("6 * 7", execution_count=1, outputs=[new_output("execute_result", {"text/plain": "42"})])
    stub = new_code_cell("...", metadata={"exercise": {"name": "one", "role": "stub"}})
    given = for_browser(new_notebook(cells=[text, code, stub]))["cells"]
    assert given[1] == new_code_cell("6 * 7", id=code["id"])
    assert [given[0], given[2]] == [text, stub]


def test_a_cell_that_cannot_run_is_told_with_what_it_shows() -> None:
    outputs = [
        new_output("stream", text="a\n~~~\n"),
        new_output("display_data", {"text/html": "<p>b", "text/plain": "b"}),
        new_output("error", ename="OSError", evalue="c", traceback=["\x1b[31mOSError\x1b[0m: c"]),
    ]
    cells = [new_code_cell("%%sh\nls", outputs=outputs), new_code_cell("!ls")]
    loud, silent = for_browser(new_notebook(cells=cells))["cells"]
    reason = "*This cell cannot run in a browser: it needs a shell.*"
    shown = "*On a computer it shows:*\n\n~~~~\na\n~~~\nb\nOSError: c\n~~~~"
    assert loud["source"] == f"{reason}\n\n~~~~python\n%%sh\nls\n~~~~\n\n{shown}"
    assert silent["source"] == f"{reason}\n\n~~~~python\n!ls\n~~~~"
    assert {"cell_type", "id", "metadata", "source"} == set(loud)


def test_a_failed_build_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExtensionError, match=r"JupyterLite could not be built:\n(.|\n)*file"):
        build({}, tmp_path / "file" / "lite")


def test_jupyterlite_s_kernel_is_made_for_the_pages_pyodide() -> None:
    pinned = json.loads((ROOT / "book" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert pinned["pyodide"] == PYODIDE_VERSION
    assert "pyodide_kernel/kernel.py" in zipfile.ZipFile(lab_kernel()).namelist()


def test_a_package_is_loaded_when_it_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {
        name: {"name": f"{name}.zip", "version": "1", "bytes": size, "modules": modules}
        for name, size, modules in (("wide", 20, ["drills", "saws"]), ("narrow", 10, ["drills"]))
    }
    for name, part in parts.items():
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for module in part["modules"]:
                archive.writestr(f"{module}/__init__.py", f"held_by = {name!r}")
    fetched: list[str] = []

    def fetch(name: str) -> bytes:
        fetched.append(name)
        return (tmp_path / name.partition("?")[0]).read_bytes()

    folder = tmp_path / "packages"
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Shelf(parts, fetch, str(folder))])
    import drills

    assert (drills.held_by, fetched) == ("narrow", ["narrow.zip?v=1"])
    import saws

    assert (saws.held_by, fetched) == ("wide", ["narrow.zip?v=1", "wide.zip?v=1"])
    with pytest.raises(ModuleNotFoundError):
        import hammers  # noqa: F401
    del sys.modules["drills"], sys.modules["saws"]
