"""Every page in the real JupyterLab, as a learner meets it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from flask_magic.pages.exercises import exercises
from flask_magic.pages.notebook import cell_name, load, page_files, tags_of
from flask_magic.pages.sanitize import read_rules
from lab.conftest import COLLECTION, NOTEBOOKS, Lab
from lab.notebook import OpenNotebook

PAGES = [path.relative_to(COLLECTION).as_posix() for path in page_files(COLLECTION)]
RULES = read_rules(NOTEBOOKS)


@pytest.mark.parametrize("path", PAGES)
def test_run_all_shows_what_is_stored_and_no_error_that_is_not_meant(path: str, lab: Lab, window: Page) -> None:
    notebook = load(COLLECTION / path)
    opened = OpenNotebook(window, lab, path)
    opened.run_all()
    for number, (cell, now) in enumerate(zip(notebook["cells"], opened.saved()["cells"], strict=True), 1):
        if cell["cell_type"] != "code":
            continue
        name = cell_name(COLLECTION / path, number, cell)
        failed = [output["ename"] for output in now["outputs"] if output["output_type"] == "error"]
        assert bool(failed) == ("raises-exception" in tags_of(cell)), f"{name}: {failed or 'no error'}"
        assert now["execution_count"] == cell["execution_count"], name
        varies = "varies" in tags_of(cell)
        shown, stored = (RULES.comparable(outputs["outputs"], varies=varies) for outputs in (now, cell))
        assert shown == stored, name


def test_a_learner_solves_an_exercise(lab: Lab, window: Page) -> None:
    path = PAGES[0]
    (exercise, *_) = exercises(load(COLLECTION / path))
    assert exercise.solution
    opened = OpenNotebook(window, lab, path)
    opened.run_all()
    expect(opened.output(exercise.check)).to_contain_text("☐")
    opened.write(exercise.stub, exercise.solution)
    opened.run_next(exercise.check - exercise.stub + 1)
    expect(opened.output(exercise.check)).to_contain_text("✓")
    expect(opened.output(exercise.check)).not_to_contain_text("✗")


def test_the_index_leads_to_a_page(lab: Lab, window: Page) -> None:
    title = (load(COLLECTION / PAGES[0])["cells"][0]["source"].partition("\n")[0]).removeprefix("# ")
    OpenNotebook(window, lab, "index.ipynb")
    window.locator(f".jp-RenderedMarkdown a[href*='{Path(PAGES[0]).name}']").last.click()
    expect(window.locator(".jp-NotebookPanel:not(.lm-mod-hidden) h1")).to_contain_text(title)
