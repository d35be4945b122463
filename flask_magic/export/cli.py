"""`flask-magic export NOTEBOOK DIR`."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import FlaskMagicError

__all__ = ["export_notebook"]


@click.command("export")
@click.argument("notebook", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--package", is_flag=True, help="A package with an application factory, instead of app.py.")
@click.option("--force", is_flag=True, help="Write into a folder that has other files in it, too; these are kept.")
@click.option("--app", metavar="NAME", help="The variable of the app.")
def export_notebook(notebook: Path, folder: Path, package: bool, force: bool, app: str | None) -> None:
    """Run NOTEBOOK, and turn its app into a project with tests, in the folder DIR."""
    from ..extension import Extension
    from .exporting import export
    from .notebook import open_shell, run_notebook
    from .subject import project_name
    from .writing import check_target

    given, folder = str(folder), folder.absolute()
    try:
        project_name(folder, package=package)  # before the notebook runs, which may take long
        check_target(folder, force=force)
        with open_shell(notebook.absolute().parent) as shell:
            run_notebook(shell, notebook.absolute())
            extension = Extension.of(shell)
            assert extension is not None
            exported = export(
                extension.workbench,
                folder,
                extension.parsers,
                package=package,
                force=force,
                app=app,
                notebook=notebook.name,
            )
    except FlaskMagicError as error:
        raise click.ClickException("\n".join(filter(None, (error.what, error.why, error.todo)))) from error
    for line in exported.told(given):
        click.echo(line)
