"""The `flask-magic` command."""

import click


@click.group()
@click.version_option(package_name="flask-magic")
def main() -> None:
    """Work on a collection of Flask notebooks."""
