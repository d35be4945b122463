"""`flask-magic workshop …`: each command imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path

import click

from flask_magic.cli import SuggestingGroup
from flask_magic.workshop.errors import WorkshopError

__all__ = ["workshop"]

NOTEBOOK = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(cls=SuggestingGroup)
def workshop() -> None:
    """List and show workshops, and prepare their handouts; papermill runs these."""


@workshop.command("list")
@click.argument("folder", type=FOLDER, default=Path("workshops"))
def list_workshops(folder: Path) -> None:
    """List the workshops in FOLDER."""
    from flask_magic.pages.notebook import load, shown
    from flask_magic.workshop.prepare import about, exercise_names

    found = sorted(folder.glob("*.ipynb"))
    if not found:
        raise WorkshopError(f"{shown(folder)} holds no notebooks. Name the folder of the workshops.")
    for path in found:
        notebook = load(path)
        facts = about(notebook)
        if facts and "level" not in facts:
            exercises = len(exercise_names(notebook))
            click.echo(f"{shown(path)} · {facts['title']} · {facts['minutes']} minutes · {exercises} exercises")


@workshop.command()
@click.argument("notebook", type=NOTEBOOK)
def show(notebook: Path) -> None:
    """Show the parameters of NOTEBOOK, their types and defaults, and its exercises."""
    from flask_magic.pages.notebook import load
    from flask_magic.workshop.parameters import parameters_of
    from flask_magic.workshop.prepare import about, exercise_names

    source = load(notebook)
    facts, parameters = about(source), parameters_of(source)
    if facts:
        click.echo(f"{facts['title']} · {facts['minutes']} minutes")
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
    from flask_magic.pages.notebook import dumps, load, save, shown
    from flask_magic.workshop.prepare import prepare

    prepared = prepare(load(notebook), level, mode)
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
