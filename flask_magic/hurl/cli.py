"""`flask-magic http FILE…`: Hurl files against an app, without a server.

The exit codes are Hurl's: 0 all passed, 1 options that cannot be, 2 a file that cannot be read, 3 an entry that cannot
be sent, 4 an assert that failed.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import click
import flask

from ..display import ExchangeDisplay, Hidden, OutcomeDisplay
from ..display.hurl import hide
from ..display.markup import Renderable, visible
from ..errors import FlaskMagicError, HurlAssertsFailed, HurlSyntaxError, UnknownName
from ..exchange import Exchange
from ..masking import mask_text
from ..request_line import Request
from ..workbench import Workbench
from .junit import FileReport, write_report
from .options import option_value, variables_of
from .outcome import Outcome
from .parser import parse
from .run import run
from .templates import Variables

__all__ = ["http"]

BAD_OPTIONS, BAD_FILE, NOT_RUN, FAILED = 1, 2, 3, 4
_FILE = click.Path(path_type=Path)


class _BadOptions(click.UsageError):
    exit_code = BAD_OPTIONS


class _Command(click.Command):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Click's own, which would end with 2."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise _BadOptions(error.format_message(), ctx) from None


@click.command(cls=_Command)
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--app", "place", required=True, metavar="MODULE:APP", help="The app, or a function that makes it.")
@click.option("--variable", "pairs", multiple=True, metavar="NAME=VALUE", help="Set a variable.")
@click.option("--variables-file", "files_of_variables", multiple=True, type=_FILE, help="Set variables, one a line.")
@click.option("--secret", "hidden", multiple=True, metavar="NAME=VALUE", help="A variable that is not shown.")
@click.option("--test", is_flag=True, help="Show one line a file, and what failed, instead of each exchange.")
@click.option("--report-junit", type=_FILE, metavar="FILE", help="Write a report in JUnit's XML.")
@click.option("--from-entry", type=click.IntRange(1), default=1, metavar="N", help="Begin at this entry.")
@click.option("--to-entry", type=click.IntRange(1), metavar="N", help="End with this entry.")
@click.option("--file-root", type=_FILE, metavar="FOLDER", help="Where files lie; else beside the Hurl file.")
@click.option("-L", "--location", is_flag=True, help="Follow redirects.")
@click.option("--retry", metavar="N", help="Send an entry that fails again, so often; -1 for no limit.")
@click.option("--retry-interval", metavar="TIME", help="Wait before it is sent again, such as 300ms.")
@click.option("--delay", metavar="TIME", help="Wait before each request.")
@click.option("-H", "--header", "headers", multiple=True, metavar="NAME: VALUE", help="Send a header.")
@click.option("-u", "--user", metavar="NAME:PASSWORD", help="Send credentials.")
@click.option("--reveal", is_flag=True, help="Show cookie values, tokens and other secrets.")
def http(
    files: tuple[Path, ...],
    place: str,
    pairs: tuple[str, ...],
    files_of_variables: tuple[Path, ...],
    hidden: tuple[str, ...],
    test: bool,
    report_junit: Path | None,
    from_entry: int,
    to_entry: int | None,
    file_root: Path | None,
    location: bool,
    headers: tuple[str, ...],
    reveal: bool,
    **values: str | None,
) -> None:
    """Send the requests of Hurl FILES to an app, and try what it answers; no server is started."""
    try:
        given = variables_of(_of_environment("HURL_VARIABLE_") + _of_environment("HURL_"))
        for path in files_of_variables:
            given |= variables_of(path.read_text(encoding="utf-8").splitlines())
        given |= variables_of(pairs)
        secrets = variables_of([*_of_environment("HURL_SECRET_"), *hidden])
        defaults = [("location", "true")] * location + [("header", header) for header in headers]
        defaults += [(name.replace("_", "-"), value) for name, value in values.items() if value is not None]
        for name, value in defaults:
            option_value(name, value)
        app = load_app(place)
    except (FlaskMagicError, OSError, UnicodeDecodeError) as error:
        _end(str(error), BAD_OPTIONS)
    code, reports = 0, []
    for path in files:
        runner = FileRun(path, app, given | secrets, [str(value) for value in secrets.values()], test, reveal)
        if file_root is not None:
            runner.variables.folder = file_root
        runner.defaults = defaults
        code = max(code, runner.run(from_entry, to_entry))
        reports.append(runner.report)
    if test:
        passed = sum(not report.failures and not report.errors for report in reports)
        click.echo(f"{len(reports)} {'file' if len(reports) == 1 else 'files'}: {passed} as expected")
    if report_junit is not None:
        try:
            write_report(report_junit, reports)
        except OSError as error:
            _end(f"The report cannot be written: {error}", BAD_OPTIONS)
    sys.exit(code)


def _end(message: str, code: int) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(code)


def _of_environment(prefix: str) -> list[str]:
    """Variables of the environment that set Hurl's, as `HURL_VARIABLE_host`; names of Hurl's options are all upper."""
    found = ((name.removeprefix(prefix), value) for name, value in os.environ.items() if name.startswith(prefix))
    return [f"{name}={value}" for name, value in found if prefix != "HURL_" or not name[:1].isupper()]


def load_app(place: str) -> flask.Flask:
    """The app at `module:name`, or what a function there makes, as `flask --app` finds it. Raises UnknownName."""
    from flask.cli import ScriptInfo

    sys.path.insert(0, str(Path.cwd()))  # as `flask` does
    try:
        return ScriptInfo(place, set_debug_flag=False).load_app()
    except click.ClickException as error:  # Flask's NoAppException
        raise UnknownName(f"There is no app at {place!r}: {error.message.strip()}") from None


class FileRun:
    """The run of one file: its own cookies, its own captures.

    `values` are the variables, `secrets` texts that are shown nowhere. With `brief` exchanges are not shown.
    `defaults` are the options of every entry.
    """

    def __init__(
        self, path: Path, app: flask.Flask, values: dict[str, Any], secrets: list[str], brief: bool, reveal: bool
    ) -> None:
        self.path = path
        self.bench = Workbench({"app": app})
        self.secrets = secrets
        self.brief = brief
        self.reveal = reveal
        self.variables = Variables(dict(values), folder=path.parent)
        self.defaults: list[tuple[str, str]] = []
        self.report = FileReport(str(path))

    def run(self, first: int, last: int | None) -> int:
        """Run the file up to an entry that fails; the exit code."""
        started = time.perf_counter()
        try:
            return self._run(first, last)
        finally:
            self.report.seconds = time.perf_counter() - started
            if self.brief:
                state = "error" if self.report.errors else "failed" if self.report.failures else "passed"
                click.echo(f"{self.path}: {state}")

    def _run(self, first: int, last: int | None) -> int:
        try:
            text = self.path.read_text(encoding="utf-8")
            file = parse(text)
        except (OSError, UnicodeDecodeError) as error:
            return self._fail(f"{self.path}: {error}", BAD_FILE)
        except HurlSyntaxError as error:
            return self._fail(f"{self.path}:{error.line}:{error.column}\n{_told(error)}", BAD_FILE)
        self.variables.lines = text.replace("\r\n", "\n").split("\n")
        outcomes = run(
            file, self._send, self.variables, reveal=self.reveal, first=first, last=last, defaults=self.defaults
        )
        for outcome in outcomes:
            self.secrets += [str(outcome.captures[name]) for name in outcome.redacted]
            self._show(outcome)
            failure = outcome.failure(list(self.variables.lines))
            if failure is not None:
                code = FAILED if any(row.failed for row in outcome.rows) else NOT_RUN
                return self._fail(f"{self.path}: {self._of(failure, outcome)}", code)
        return 0

    def _send(self, request: Request, follow: bool) -> Exchange:
        return self.bench.send(request, app="app", follow=follow)

    def _show(self, outcome: Outcome) -> None:
        if self.brief:
            return
        displays: list[Renderable] = []
        if outcome.exchange is not None:
            displays.append(ExchangeDisplay(outcome.exchange, reveal=self.reveal))
        below = OutcomeDisplay(outcome)
        if not below.is_empty:
            displays.append(below)
        for display in displays:
            click.echo(Hidden(display, () if self.reveal else self.secrets).text())
        click.echo()

    def _of(self, failure: BaseException, outcome: Outcome) -> str:
        """A failure in words; the app's own exception beside the asserts that came of it."""
        told = _told(failure)
        if outcome.exchange is not None and failure is outcome.exchange.error:
            where = "\n".join(f"  {line}" for line in outcome.exchange.error_lines)
            failed = [row.check for row in outcome.rows if row.failed]
            told = f"{outcome.title}: the app raised {type(failure).__name__}\n{where}".rstrip()
            told += "".join(f"\n  ✗ {row.message}: expected {row.expected}, came {row.came}" for row in failed)
        return told if self.reveal else mask_text(told)

    def _fail(self, message: str, code: int) -> int:
        masked = visible(message if self.reveal else hide(message, self.secrets))
        (self.report.failures if code == FAILED else self.report.errors).append(masked)
        click.echo(f"error: {masked}", err=True)
        return code


def _told(error: BaseException) -> str:
    if not isinstance(error, FlaskMagicError):
        return f"{type(error).__name__}: {error}"
    lines = [error.what, *(f"  {line}" for line in error.why.splitlines())]
    if error.todo and not isinstance(error, HurlAssertsFailed):
        lines += [f"  → {line}" for line in error.todo.splitlines()]
    return "\n".join(lines)
