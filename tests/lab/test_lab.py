"""Pages in the real JupyterLab, as a learner meets them: one of each chapter.

All pages run cell by cell in tests/notebooks, by a driver that sends what JupyterLab sends.
"""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

from flask_magic.pages.exercises import exercises
from flask_magic.pages.notebook import cell_name, load, page_files, tags_of
from flask_magic.pages.run import KERNELSPEC
from flask_magic.pages.sanitize import read_rules
from lab.conftest import COLLECTION, NOTEBOOKS, Lab
from lab.notebook import OpenNotebook

FIRST = {path.parent: path for path in reversed(page_files(COLLECTION))}
PAGES = sorted(path.relative_to(COLLECTION).as_posix() for path in FIRST.values())
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


@pytest.mark.parametrize(("options", "scripts"), [("--no-proxy", "ran"), ("", "did not run")])
def test_the_live_app_is_seen_below_its_cell(options: str, scripts: str, lab: Lab, window: Page) -> None:
    """On a port of its own, and through the proxy of JupyterLab: there its scripts would have the notebook's rights."""
    view = """%%flask_route /
def home():
    return "<h1>{}</h1><p>did not run</p><script>document.querySelector('p').textContent = 'ran'</script>"
"""
    sources = ["%load_ext flask_magic", view.format("Drills"), f"%flask_serve {options}"]
    name = f"live{options}.ipynb"
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources], metadata={"kernelspec": KERNELSPEC})
    nbformat.write(notebook, lab.folder / name)
    opened = OpenNotebook(window, lab, name)
    opened.run_all()
    app = opened.output(2).frame_locator("iframe.fm-live")
    expect(app.locator("h1")).to_have_text("Drills")
    expect(app.locator("p")).to_have_text(scripts)
    opened.write(1, view.format("Saws"))
    opened.run_next(1)
    opened.output(2).locator("iframe.fm-live").evaluate("frame => frame.src = frame.src")
    expect(app.locator("h1")).to_have_text("Saws")
    with window.expect_popup() as tab:
        opened.output(2).get_by_role("link", name="open it in a tab").click()
    expect(tab.value.locator("h1")).to_have_text("Saws")
    expect(tab.value.locator("p")).to_have_text("ran")
