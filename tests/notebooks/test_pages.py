"""The second gate: every page in a kernel of its own, driven as JupyterLab drives it.

nbval runs each cell once and knows nothing of exercises; here each cell runs twice, and every exercise is
answered with its stub, its solution and its wrong answers. One test a page; `-k variable-rules` picks one.
"""

from pathlib import Path

import pytest
from services import require

from flask_magic.pages.check import check_indexes, check_page
from flask_magic.pages.gate import judge
from flask_magic.pages.notebook import page_files
from flask_magic.pages.outline import read_outline
from flask_magic.pages.requires import missing
from flask_magic.pages.sanitize import read_rules

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
FIXTURES = ROOT / "tests" / "fixtures" / "collection" / "notebooks"


def pages() -> list[Path]:
    """The pages of the collection, or those of the fixtures while there are none."""
    return page_files(NOTEBOOKS) or page_files(FIXTURES)


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_page(path: Path) -> None:
    for command in missing(path):
        require(command)
    problems = check_page(path, read_outline(path.parents[1]))
    assert not problems, "\n".join(map(str, problems))
    verdict = judge(path, read_rules(NOTEBOOKS))
    assert not verdict.complaints, "\n".join(verdict.complaints)
    assert verdict.cells > verdict.changing, "a page whose every cell changes state is not compared at all"
    assert verdict.answers >= 5, "each exercise is tried open, wrong twice, solved, and open again"


def test_the_index_and_the_openers_of_chapters_are_up_to_date() -> None:
    assert (NOTEBOOKS / "index.ipynb").is_file()
    assert check_indexes(NOTEBOOKS, read_outline(NOTEBOOKS)) == []
