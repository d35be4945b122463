"""Which pages the site has."""

from pathlib import Path

from flask_magic.pages.index import reference_pages
from flask_magic.pages.notebook import page_files

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"


def _addresses(*paths: Path) -> list[str]:
    return [path.relative_to(ROOT).with_suffix("").as_posix() for path in paths]


#: Every notebook of the site: the lists of pages, and the pages that run.
LISTS = _addresses(FOLDER / "index.ipynb", *reference_pages(FOLDER)[:1], *sorted(FOLDER.glob("[0-9]*/index.ipynb")))
_PAGES = page_files(FOLDER), reference_pages(FOLDER)[1:]  # the first of the reference is a list
RUNNING = _addresses(ROOT / "book" / "intro.ipynb", *_PAGES[0], *_PAGES[1])
NOTEBOOKS = [*LISTS, *RUNNING]
#: Pages that are no notebooks.
MADE = ["404", "book/glossary", "book/teaching", "map", "tags/index", "tags/security"]
