"""The `flask-magic` command: its groups are imported when they are used, so that it starts at once."""

from __future__ import annotations

from importlib import import_module

import click

from .errors import did_you_mean

__all__ = ["SuggestingGroup", "main"]

# Name of the command, and where it is.
COMMANDS = {
    "export": "flask_magic.export.cli:export_notebook",
    "http": "flask_magic.hurl.cli:http",
    "pages": "flask_magic.pages.cli:pages",
    "workshop": "flask_magic.workshop.cli:workshop",
}


class SuggestingGroup(click.Group):
    """A group that names the nearest command when there is none of the name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Click's own, with "did you mean" added to its error."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"{error.message} {near}".strip(), ctx) from None


class LateGroup(SuggestingGroup):
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
    """Work on a collection of Flask notebooks; send Hurl files to an app."""
