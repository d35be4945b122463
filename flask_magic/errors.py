"""The extension's own exceptions, each saying what happened, why, and what to do.

    FlaskMagicError
    ├── MagicLineError          an option or argument of a magic's line
    ├── UnknownName             a variable, app, client or exercise that is not there
    ├── AppError                no app, several apps, or not an app
    ├── RouteError              a cell that holds no view function, or a rule that cannot be
    ├── ProjectError            the scratch project, or a path outside it
    ├── CellSyntaxError         the code of a cell magic that is not Python
    ├── CellFailed              a cell that was run again on the user's behalf and failed
    ├── UnsupportedVersion      a Flask or Werkzeug whose inside the extension does not know
    ├── ProcessFailed           a process that did not come up, or cannot be reached
    ├── ServerFailed            the live server cannot be started
    ├── ExportError             a notebook that cannot be a project, or a folder that is not to be written into
    ├── CliFailed               a `flask` command that ended with another exit code than expected
    ├── HurlSyntaxError         a text that is not in Hurl's format, or uses what is not implemented
    ├── HurlRunError            an entry of a Hurl text that cannot be sent, or a capture that finds nothing
    ├── HurlAssertsFailed       a response that is not as a Hurl text expects it (also an AssertionError)
    ├── UnexpectedStatus        a response other than the one expected (also an AssertionError)
    └── ResponsesChanged        requests that were sent again and answered otherwise (also an AssertionError)

They are real exceptions, so that nbval, papermill and nbconvert fail with their name and message. In a
notebook they are rendered without a stack (`_render_traceback_`, a protocol of IPython), because the stack
would show the extension's frames and never the reader's mistake.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "AppError",
    "CellFailed",
    "CellSyntaxError",
    "CliFailed",
    "ExportError",
    "FlaskMagicError",
    "HurlAssertsFailed",
    "HurlRunError",
    "HurlSyntaxError",
    "MagicLineError",
    "ProcessFailed",
    "ProjectError",
    "ResponsesChanged",
    "RouteError",
    "ServerFailed",
    "UnexpectedStatus",
    "UnknownName",
    "UnsupportedVersion",
    "did_you_mean",
    "pointed",
]


class FlaskMagicError(Exception):
    """Base of the tree.

    `what` happened is the message (one line); `why` and `todo` are shown below it.

    >>> print(AppError("No Flask app is called 'ap'.", todo="Did you mean 'app'?"))
    No Flask app is called 'ap'. Did you mean 'app'?
    """

    def __init__(self, what: str, *, why: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.todo = todo

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.todo) if part)

    def _render_traceback_(self) -> list[str]:
        lines = [f"{type(self).__name__}: {self.what}"]
        lines += [f"  {line}" for line in self.why.splitlines()]
        lines += [f"  → {line}" for line in self.todo.splitlines()]
        from .display.markup import visible

        return list(map(visible, lines))


class MagicLineError(FlaskMagicError):
    """A magic's line could not be read."""


class UnknownName(FlaskMagicError):
    """A name stands for nothing here."""


class AppError(FlaskMagicError):
    """It is not clear which Flask app is meant, or what was named is none."""


class RouteError(FlaskMagicError):
    """A cell cannot be registered as a view."""


class ProjectError(FlaskMagicError):
    """The scratch project cannot do this."""


class CellSyntaxError(FlaskMagicError):
    """The code in a cell magic is not Python; `__cause__` is the SyntaxError.

    IPython renders a SyntaxError with the stack of whoever compiled it, which would be the extension's.
    """

    @classmethod
    def of(cls, error: SyntaxError) -> CellSyntaxError:
        """Point into the cell as Python itself does."""
        line = (error.text or "").rstrip("\n")
        caret = " " * max(0, (error.offset or 1) - 1) + "^"
        return cls(f"line {error.lineno}: {error.msg}", why=f"{line}\n{caret}" if line else "")


class CellFailed(FlaskMagicError):
    """A cell that was run again failed; `__cause__` is its exception."""


class UnsupportedVersion(FlaskMagicError):
    """The installed Flask or Werkzeug lacks a name that re-running needs."""


class ProcessFailed(FlaskMagicError):
    """A process did not start, ended too early, or does not answer."""


class ServerFailed(FlaskMagicError):
    """The notebook's own server cannot be started."""


class ExportError(FlaskMagicError):
    """A notebook cannot be turned into a project, or a folder is not to be written into."""


class CliFailed(FlaskMagicError):
    """A `flask` command ended with an exit code that was not expected, or cannot run in a notebook."""


class HurlRunError(FlaskMagicError):
    """An entry of a Hurl text cannot be sent, or a capture finds nothing."""


class HurlSyntaxError(FlaskMagicError):
    """A text is not in Hurl's format. `line` and `column` count from 1."""

    def __init__(self, what: str, *, line: int, column: int, source: str = "", todo: str = "") -> None:
        super().__init__(f"line {line}: {what}", why=pointed(source, column), todo=todo)
        self.line = line
        self.column = column


class HurlAssertsFailed(FlaskMagicError, AssertionError):
    """A response is not as a Hurl text expects it."""


class UnexpectedStatus(FlaskMagicError, AssertionError):
    """The response's status is not the expected one."""


class ResponsesChanged(FlaskMagicError, AssertionError):
    """Requests of the history are not answered as they were."""


def pointed(source: str, column: int) -> str:
    """A line with a caret below one of its columns, which count from 1.

    >>> print(pointed("stauts == 200", 1))
    stauts == 200
    ^
    """
    return f"{source}\n{' ' * (column - 1)}^"


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A sentence with the nearest candidate, or an empty string.

    >>> did_you_mean("--exepct", ["--expect", "--follow"])
    "Did you mean '--expect'?"
    """
    from difflib import get_close_matches

    near = get_close_matches(word, list(candidates), n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else ""
