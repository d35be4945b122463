"""The `flask-magic` command: its groups are imported when they are used, so that it starts at once."""

from __future__ import annotations

from importlib import import_module

import click

__all__ = ["main"]

# Name of the command, and where it is.
COMMANDS = {
    "pages": "flask_magic.pages.cli:pages",
    "workshop": "flask_magic.workshop.cli:workshop",
}


class LateGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=LateGroup)
@click.version_option(package_name="flask-magic")
def main() -> None:
    """Work on a collection of Flask notebooks."""
