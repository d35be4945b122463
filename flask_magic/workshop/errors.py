"""The one exception of `flask-magic workshop`."""

import click

__all__ = ["WorkshopError"]


class WorkshopError(click.ClickException):
    """Bad usage, or a notebook that is no workshop; shown as `Error: …` with exit status 2.

    >>> WorkshopError("There is no level 'novce'. Did you mean 'novice'?").exit_code
    2
    """

    exit_code = 2
