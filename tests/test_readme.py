"""What the README shows is what happens."""

import re
from pathlib import Path

from notebook_shell import Notebook

README = Path(__file__).parents[1] / "README.md"


def test_its_cells_show_what_stands_below_them(notebook: Notebook) -> None:
    blocks = re.findall(r"^```(python|text)\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert [kind for kind, _ in blocks].count("text") >= 5
    shown = ""
    for kind, block in blocks:
        if kind == "python":
            shown = notebook.run(block).text if "%load_ext" not in block else ""
        else:
            assert shown.strip() == block.strip()
