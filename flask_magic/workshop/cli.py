"""`flask-magic workshop …`: each command imports what it needs when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from flask_magic.cli import SuggestingGroup
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.options import Options, run_options

__all__ = ["workshop"]

NOTEBOOK = click.Path(path_type=Path, dir_okay=False)
#: What the extra `workshop` brings.
EXTRA = ("filelock", "ipykernel", "nh3", "papermill", "psutil", "tqdm")
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(cls=SuggestingGroup)
def workshop() -> None:
    """List and show workshops, prepare their handouts, run them for a class, and grade what is handed in."""


@workshop.command("list")
@click.argument("folder", type=FOLDER, default=Path("workshops"))
def list_workshops(folder: Path) -> None:
    """List the workshops in FOLDER."""
    from flask_magic.pages.notebook import shown
    from flask_magic.workshop.prepare import about, exercise_names
    from flask_magic.workshop.source import is_source, read_notebook

    found = sorted(folder.glob("*.ipynb"))
    if not found:
        raise WorkshopError(f"{shown(folder)} holds no notebooks. Name the folder of the workshops.")
    for path in found:
        notebook = read_notebook(path)
        if about(notebook) and is_source(notebook):
            count = len(exercise_names(notebook))
            click.echo(f"{shown(path)} · {_title(notebook)} · {count} exercise{'' if count == 1 else 's'}")


@workshop.command()
@click.argument("notebook", type=NOTEBOOK)
def show(notebook: Path) -> None:
    """Show the parameters of NOTEBOOK, their types and defaults, and its exercises."""
    from flask_magic.workshop.parameters import parameters_of
    from flask_magic.workshop.prepare import about, exercise_names
    from flask_magic.workshop.source import read_notebook

    source = read_notebook(notebook)
    facts, parameters = about(source), parameters_of(source)
    if facts:
        click.echo(_title(source))
    rows = [("parameter", "type", "default"), *((one.name, one.type, repr(one.default)) for one in parameters)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, kind, default in rows:
        click.echo(f"{name:<{widths[0]}}  {kind:<{widths[1]}}  {default}")
    click.echo(f"exercises: {', '.join(exercise_names(source)) or 'none'}")
    if "level" in facts:
        click.echo(f"prepared: {facts['level']}, {facts['mode']}")


@workshop.command("prepare")
@click.argument("notebook", type=NOTEBOOK)
@click.option("--level", required=True, help="novice, practitioner or expert.")
@click.option("--mode", default="learner", show_default=True, help="learner or solution.")
@click.option("-o", "--output", required=True, type=NOTEBOOK, help="The notebook to write.")
@click.option("--force", is_flag=True, help="Write it also where it would replace another one.")
def prepare_command(notebook: Path, level: str, mode: str, output: Path, force: bool) -> None:
    """Write the handout of NOTEBOOK for a level, or with its solutions for the teacher."""
    from flask_magic.pages.notebook import dumps, save, shown
    from flask_magic.workshop.prepare import prepare
    from flask_magic.workshop.source import read_notebook

    prepared = prepare(read_notebook(notebook), level, mode)
    if output.exists():
        if output.samefile(notebook):
            raise WorkshopError(f"{shown(output)} is the workshop's source. Name another file with -o.")
        if not force and output.read_text(encoding="utf-8", errors="replace") != dumps(prepared):
            raise WorkshopError(
                f"{shown(output)} is there already, and may hold somebody's answers."
                " Name another file with -o, or replace it with --force."
            )
    try:
        changed = save(output, prepared)
    except OSError as error:
        raise WorkshopError(f"{shown(output)} cannot be written: {error.strerror}.") from error
    click.echo(f"{shown(output)} {'is written' if changed else 'is up to date'}: {level}, {mode}.")


@workshop.command()
@click.argument("notebook", type=NOTEBOOK)
@click.option("--cohort", type=NOTEBOOK, help="A CSV file: a row for each participant, a column for each parameter.")
@click.option("--level", default="", help="novice, practitioner or expert, where NOTEBOOK is a workshop's source.")
@click.option("--mode", default="learner", show_default=True, help="learner or solution, for a source, too.")
@run_options
@click.option("--prepare-only", is_flag=True, help="Write the notebooks with their parameters, and run none.")
def run(notebook: Path, cohort: Path | None, level: str, mode: str, **options: Any) -> None:
    """Run NOTEBOOK for one participant, or for each of a cohort, and write notebooks and reports."""
    _must_have_extra()
    from flask_magic.workshop.requested import requested_run

    sys.exit(requested_run(notebook, cohort, level, mode, Options(**options)).run())


@workshop.command()
@click.argument("submissions", type=FOLDER)
@click.option("--notebook", required=True, type=NOTEBOOK, help="The workshop's source.")
@click.option("--level", default="", help="Everybody's level, whatever the notebooks say of themselves.")
@run_options
def grade(submissions: Path, notebook: Path, level: str, **options: Any) -> None:
    """Run the notebooks in the folder SUBMISSIONS with the workshop's own checks and with hidden parameters.

    One is called `ada.ipynb`, or is the only one in `ada/`. This is no sandbox: they run as you. See --isolate.
    """
    _must_have_extra()
    from flask_magic.workshop.requested import requested_grading

    sys.exit(requested_grading(submissions, notebook, level, Options(**options, prepare_only=False)).run())


@workshop.command()
@click.argument("output", type=FOLDER)
@click.option("--site", help="Where the site is, for links to its pages.")
def report(output: Path, site: str | None) -> None:
    """Write the reports in OUTPUT anew, from its journal and notebooks."""
    _must_have_extra()
    from flask_magic.pages.notebook import shown
    from flask_magic.workshop.folders import Output
    from flask_magic.workshop.journal import Journal
    from flask_magic.workshop.reports.summary import write_reports

    folder = Output(output)
    if not folder.journal.is_file():
        raise WorkshopError(f"{shown(output)} has no journal: nothing was run into it.")
    with folder.locked(), Journal(folder.journal) as journal:
        if site is not None:
            journal.state_facts({"site": site})
        rows = write_reports(folder, journal)
    click.echo(f"{shown(output / 'index.html')} is written: {len(rows)} participant{'' if len(rows) == 1 else 's'}.")


def _title(notebook: dict[str, Any]) -> str:
    from flask_magic.workshop.prepare import about

    facts = about(notebook)
    minutes = facts.get("minutes")
    return str(facts.get("title", "no title")) + (f" · {minutes} minutes" if minutes else "")


def _must_have_extra() -> None:
    """WorkshopError with the pip command, where what running needs is not installed."""
    from importlib.util import find_spec

    if not all(map(find_spec, EXTRA)):
        raise WorkshopError("Running workshops needs more packages: pip install 'flask-magic[workshop]'")
