"""`flask-magic pages …`: each command imports what it needs when it runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from flask_magic.cli import SuggestingGroup
from flask_magic.pages.errors import PageError

__all__ = ["pages"]

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(cls=SuggestingGroup)
def pages() -> None:
    """Check, run, begin, copy and index the pages of a collection."""


@pages.command()
@click.argument("folder", type=FOLDER, default=Path("notebooks"))
def check(folder: Path) -> None:
    """Say what is wrong with the pages in FOLDER, and what is not yet written."""
    from flask_magic.pages.check import changing_cells, check_indexes, check_page
    from flask_magic.pages.notebook import page_files
    from flask_magic.pages.outline import read_outline

    outline = read_outline(folder)
    found = page_files(folder)
    problems = [problem for path in found for problem in check_page(path, outline)]
    problems += check_indexes(folder, outline)
    for problem in problems:
        click.echo(problem)
    missing = [topic.value for topic in outline.topics if not (folder / topic.path).is_file()]
    if missing:
        more = f", and {len(missing) - 3} more" if len(missing) > 3 else ""
        click.echo(f"Not yet written: {', '.join(missing[:3])}{more}.")
    written = len(outline.topics) - len(missing)
    click.echo(
        f"{written} of {len(outline.topics)} topics have a page · {len(problems)} problems"
        f" · {sum(changing_cells(path) for path in found if not _broken(path))} cells change state"
    )
    if problems:
        raise SystemExit(1)


@pages.command()
@click.argument("names", metavar="[PAGES]...", type=click.Path(path_type=Path), nargs=-1)
@click.option("--timeout", default=60.0, show_default=True, help="Seconds that one cell may take.")
def run(names: Sequence[Path], timeout: float) -> None:
    """Execute PAGES (files or folders; all of notebooks/ when none is named) and store what they show."""
    from flask_magic.pages.notebook import shown
    from flask_magic.pages.run import pages_named, run_page

    failed = 0
    for path in pages_named(names or [Path("notebooks")]):
        try:
            changed = run_page(path, timeout=timeout)
        except PageError as error:
            failed += 1
            click.echo(f"✗ {error.message}", err=True)
        else:
            click.echo(f"✓ {shown(path)}{'' if changed else ' · unchanged'}")
    if failed:
        raise PageError(f"{failed} pages failed; their files are as they were.")


@pages.command()
@click.argument("topic")
@click.option("--dir", "folder", type=FOLDER, default=Path("notebooks"), show_default=True)
def new(topic: str, folder: Path) -> None:
    """Begin the page of TOPIC, named as in the outline: "Routing / Variable Rules"."""
    from flask_magic.pages.new import new_page
    from flask_magic.pages.notebook import shown
    from flask_magic.pages.outline import read_outline

    click.echo(f"{shown(new_page(folder, read_outline(folder), topic))} is begun: look for TODO.")


@pages.command()
@click.argument("source", type=FOLDER)
@click.argument("destination", type=FOLDER)
@click.option("--reset", metavar="PAGE", help="Restore this page; the version that is there is kept beside it.")
def copy(source: Path, destination: Path, reset: str | None) -> None:
    """Copy what DESTINATION does not have yet of the collection SOURCE, without outputs."""
    from flask_magic.pages.copy import copy_collection, reset_page
    from flask_magic.pages.notebook import shown

    if reset is not None:
        done = reset_page(source, destination, reset)
        click.echo(f"{shown(done.new[0])} is as it was.")
    else:
        done = copy_collection(source, destination)
        if done.new:
            click.echo(f"{len(done.new)} files copied to {shown(destination)}.")
    for path in done.kept:
        click.echo(f"Your version is kept as {shown(path)}.")


@pages.command()
@click.argument("folder", type=FOLDER, default=Path("notebooks"))
def index(folder: Path) -> None:
    """Write FOLDER/index.ipynb, the list of all topics, and the page that opens each chapter."""
    from flask_magic.pages.notebook import save, shown
    from flask_magic.pages.opener import indexes, stale_openers
    from flask_magic.pages.outline import read_outline

    outline = read_outline(folder)
    stale = stale_openers(folder, outline)
    written = [path for path, notebook in indexes(folder, outline).items() if save(path, notebook)]
    for path in written:
        click.echo(f"{shown(path)} is written.")
    for path in stale:
        path.unlink()
        click.echo(f"{shown(path)} is removed: its chapter has no page.")
    if not written and not stale:
        click.echo(f"The indexes of {shown(folder)} are up to date.")


@pages.command()
@click.argument("folder", type=FOLDER)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def toc(folder: Path, file: Path) -> None:
    """Write Jupyter Book's contents of FOLDER to FILE, with the pages that exist."""
    from flask_magic.pages.index import table_of_contents
    from flask_magic.pages.notebook import shown
    from flask_magic.pages.outline import read_outline

    text = table_of_contents(folder, read_outline(folder))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    click.echo(f"{shown(file)} is written.")


def _broken(path: Path) -> bool:
    from flask_magic.pages.notebook import load

    try:
        load(path)
    except PageError:
        return True
    return False
