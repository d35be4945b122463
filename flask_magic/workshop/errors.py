"""The exceptions of `flask-magic workshop`, and the exit status of each."""

import click

__all__ = ["INTERRUPTED", "MachineError", "WorkshopError"]

#: What a shell gives to a program that Ctrl-C has ended: 128 and the signal's number.
INTERRUPTED = 130


class WorkshopError(click.ClickException):
    """Bad usage, or a notebook that is no workshop; shown as `Error: …` with exit status 2.

    >>> WorkshopError("There is no level 'novce'. Did you mean 'novice'?").exit_code
    2
    """

    exit_code = 2


class MachineError(WorkshopError):
    """What the machine refused: a full disk, a scheduler that does not answer. Exit status 3.

    >>> MachineError("out/journal.sqlite cannot be written: No space left on device.").exit_code
    3
    """

    exit_code = 3
