"""The one exception of the page tools."""

import click

__all__ = ["PageError"]


class PageError(click.ClickException):
    """Something that the person at the command line can mend; shown as `Error: …` with exit status 1.

    >>> PageError("notebooks/nope.ipynb does not exist.").exit_code
    1
    """
