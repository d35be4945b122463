"""Sending the entries of a file, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import FlaskMagicError, HurlRunError, UnknownName
from ..redirects import LeavesTheApp
from ..request_line import Request as Sent
from .options import option_value, variables_of
from .outcome import Outcome
from .request import Additions, build
from .templates import Variables
from .tree import Entry, File

if TYPE_CHECKING:
    from ..exchange import Exchange

__all__ = ["Send", "run"]

#: Sends a request; the second argument says whether redirects are followed.
Send: TypeAlias = "Callable[[Sent, bool], Exchange]"

_MOST_REDIRECTS = 50


@dataclass
class _Options:
    additions: Additions = field(default_factory=Additions)
    location: bool = False
    output: str = ""
    coerce: bool = True
    max_redirs: int = _MOST_REDIRECTS
    retry: int = 0
    retry_interval: float = 1.0
    delay: float = 0.0
    skip: bool = False
    repeat: int = 1

    def take(self, name: str, value: Any, variables: Variables) -> None:
        """Take an option; what only says how much is shown, or what curl does, means nothing here."""
        match name:
            case "variable":
                variables.own[value[0]] = value[1]
            case "variables-file":
                _, content = variables.read(value)
                variables.own |= variables_of(content.decode().splitlines())
            case "header":
                self.additions.headers.append(value)
            case "user" | "compressed" | "path-as-is":
                setattr(self.additions, name.replace("-", "_"), value)
            case "location-trusted":
                self.location = self.location or value
            case "no-jsonpath-coercion":
                self.coerce = not value
            case "location" | "output" | "max-redirs" | "retry" | "retry-interval" | "delay" | "skip" | "repeat":
                setattr(self, name.replace("-", "_"), value)


def run(
    file: File,
    send: Send,
    variables: Variables,
    *,
    reveal: bool = False,
    first: int = 1,
    last: int | None = None,
    defaults: Sequence[tuple[str, str]] = (),
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Outcome]:
    """Send the entries from `first` to `last`, counted from 1; yields what came of each.

    The iterator goes on after an entry that failed, if it is asked to: a caller stops by not asking. Captures are put
    into `variables.own`. `defaults` are options of every entry, by name and value. `sleep` waits, for `delay` and
    `retry-interval`, so many seconds.

    >>> import flask
    >>> from flask_magic.hurl.parser import parse
    >>> from flask_magic.workbench import Workbench
    >>> bench = Workbench({"app": flask.Flask("demo")})
    >>> file = parse("GET /nowhere\\nHTTP 404")
    >>> [outcome.passed for outcome in run(file, lambda request, follow: bench.send(request), Variables())]
    [True]
    """
    for number, entry in enumerate(file.entries, 1):
        if number < first or (last is not None and number > last):
            continue
        try:
            options = _read_options(entry, variables, defaults)
        except HurlRunError as error:
            yield Outcome(entry, number, error=error, reveal=reveal)
            continue
        if options.skip or options.repeat == 0:
            yield Outcome(entry, number, skipped=True, reveal=reveal)
            continue
        for _ in range(options.repeat):
            yield _run_with_retries(Outcome(entry, number, reveal=reveal), options, send, variables, sleep)


def _read_options(entry: Entry, variables: Variables, defaults: Sequence[tuple[str, str]]) -> _Options:
    options = _Options()
    for name, text in defaults:
        options.take(name, option_value(name, text), variables)
    for option in entry.request.options:
        try:
            text = variables.text(option.value)
            value = option_value(option.name, text)
            filled = not all(isinstance(part, str) for part in option.value.parts)
            if option.name == "variable" and filled and not isinstance(value[1], str):
                value = value[0], text.partition("=")[2].strip()  # what is filled in is text, as in Hurl
            options.take(option.name, value, variables)
        except (HurlRunError, UnknownName, UnicodeDecodeError) as error:
            said = error.what if isinstance(error, FlaskMagicError) else str(error)
            if said.startswith("line "):
                raise
            todo = error.todo if isinstance(error, FlaskMagicError) else ""
            raise HurlRunError(f"line {option.at.line}: {said}", todo=todo) from None
    return options


def _run_with_retries(
    outcome: Outcome, options: _Options, send: Send, variables: Variables, sleep: Callable[[float], None]
) -> Outcome:
    tries = 0
    while True:
        if options.delay:
            sleep(options.delay)
        tries += 1
        tried = Outcome(outcome.entry, outcome.number, tries=tries, reveal=outcome.reveal)
        _run_once(tried, options, send, variables)
        if tried.passed or tries > options.retry >= 0:
            return tried
        sleep(options.retry_interval)


def _run_once(outcome: Outcome, options: _Options, send: Send, variables: Variables) -> None:
    variables.coerce = options.coerce
    try:
        request = build(outcome.entry.request, variables, options.additions)
        outcome.exchange = exchange = send(request, options.location)
    except FlaskMagicError as error:
        outcome.error = error
        return
    if isinstance(exchange.error, LeavesTheApp):
        outcome.error = HurlRunError(
            f"line {outcome.entry.request.at.line}: {exchange.error}.",
            todo="Leave out the option location, and try the header Location.",
        )
        return
    if exchange.response is not None and 0 <= options.max_redirs < len(exchange.response.history):
        outcome.error = HurlRunError(
            f"line {outcome.entry.request.at.line}: there are more than {options.max_redirs} redirects.",
            todo="The option max-redirs allows more.",
        )
        return
    try:
        outcome.keep_body(options.output, variables)
    except HurlRunError as error:
        outcome.error = error
    outcome.try_response(variables)
    if exchange.error is not None and not _expects_error(outcome):
        outcome.error = exchange.error


def _expects_error(outcome: Outcome) -> bool:
    """Does the text ask for the status of a server's error, and has it come?"""
    response = outcome.entry.response
    exchange = outcome.exchange
    if exchange is None or exchange.response is None or response is None or exchange.response.status_code < 500:
        return False
    asked = [response.status == exchange.response.status_code]
    rows = outcome.rows[-len(response.asserts) - (response.body is not None) :] if response.asserts else []
    asked += [one.query.name == "status" and not row.failed for one, row in zip(response.asserts, rows, strict=False)]
    return any(asked)
