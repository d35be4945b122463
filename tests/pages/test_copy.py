from pathlib import Path

import pytest

from flask_magic.pages.copy import copy_collection, reset_page
from flask_magic.pages.errors import PageError
from flask_magic.pages.notebook import load, save

PAGE = "02-routing/02-variable-rules.ipynb"


@pytest.fixture
def work(folder: Path, tmp_path: Path) -> Path:
    copy_collection(folder, tmp_path / "work")
    return tmp_path / "work"


def change(path: Path) -> None:
    notebook = load(path)
    notebook["cells"][3]["source"] = "mine = 1"
    save(path, notebook)


def test_a_copy_has_every_page_without_outputs_and_what_pages_need(work: Path) -> None:
    files = sorted(path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file())
    assert files == [PAGE, "02-routing/index.ipynb", "02-routing/practice.py", "index.ipynb"]
    cells = [cell for cell in load(work / PAGE)["cells"] if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in cells] == [[]] * 7
    assert {cell["execution_count"] for cell in cells} == {None}
    assert cells[-1]["metadata"]["exercise"]["name"] == "loan"


def test_a_second_copy_changes_nothing_and_adds_what_is_new(folder: Path, work: Path) -> None:
    change(work / PAGE)
    mine = (work / PAGE).read_bytes()
    new = folder / "03-templates" / "01-rendering-templates.ipynb"
    save(new, load(folder / PAGE))
    done = copy_collection(folder, work)
    assert (work / PAGE).read_bytes() == mine
    assert done.new == [work / "03-templates" / "01-rendering-templates.ipynb"]
    assert done.kept == []


@pytest.mark.parametrize("name", ["index.ipynb", "02-routing/index.ipynb"])
def test_an_index_follows_the_collection_and_the_old_one_is_kept(folder: Path, work: Path, name: str) -> None:
    notebook = load(work / name)
    notebook["cells"][0]["source"] = "my notes"
    save(work / name, notebook)
    kept = (work / name).with_name("index.bak-1.ipynb")
    assert copy_collection(folder, work).kept == [kept]
    assert load(kept)["cells"][0]["source"] == "my notes"
    assert load(work / name) == load(folder / name)


@pytest.mark.parametrize(
    "name", [PAGE, PAGE.removesuffix(".ipynb"), f"work/{PAGE}", f"notebooks/{PAGE}", "02-variable-rules"]
)
def test_reset_restores_one_page_and_keeps_the_learners(folder: Path, work: Path, name: str) -> None:
    fresh = (work / PAGE).read_bytes()
    for number in (1, 2):
        change(work / PAGE)
        done = reset_page(folder, work, name)
        assert (work / PAGE).read_bytes() == fresh
        assert done.kept == [work / "02-routing" / f"02-variable-rules.bak-{number}.ipynb"]
        assert load(done.kept[0])["cells"][3]["source"] == "mine = 1"


def test_reset_brings_back_a_page_that_was_deleted(folder: Path, work: Path) -> None:
    (work / PAGE).unlink()
    assert reset_page(folder, work, PAGE).kept == []
    assert (work / PAGE).is_file()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("02-routing/02-variable-ruels", "Did you mean '02-routing/02-variable-rules'"),
        ("variable-rules", "Did you mean '02-routing/02-variable-rules'"),
        ("", "Which page"),
        ("xyz", "Names look like this: 02-routing/02-variable-rules"),
    ],
)
def test_an_unknown_page_is_told(folder: Path, work: Path, name: str, message: str) -> None:
    with pytest.raises(PageError, match=message):
        reset_page(folder, work, name)


def test_a_copy_into_itself_and_of_nothing_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PageError, match="lies inside"):
        copy_collection(folder, folder / "work")
    with pytest.raises(PageError, match="holds no notebooks"):
        copy_collection(tmp_path / "nothing", tmp_path / "work")
