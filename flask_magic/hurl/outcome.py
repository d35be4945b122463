"""Trying a response: what is captured of it, and a row for each thing that is expected."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..checks import CheckRow
from ..errors import HurlAssertsFailed, HurlRunError, pointed
from ..masking import MASK, mask_json, mask_text
from .filters import apply_all
from .predicates import holds
from .printer import print_assert, print_predicate, print_query
from .query import Answer, evaluate
from .request import content_of
from .templates import Variables
from .tree import (
    Assert,
    Body,
    BytesValue,
    Capture,
    Entry,
    FileValue,
    JsonBody,
    KeyValue,
    MultiLine,
    Position,
    Query,
    Quoted,
    Response,
)
from .values import NOTHING, EvaluationError, settled, shown

if TYPE_CHECKING:
    from ..exchange import Exchange

__all__ = ["Outcome", "Row"]


@dataclass
class Row:
    """One thing that was expected, as it is shown, and where it stands in the text."""

    check: CheckRow
    at: Position

    @property
    def failed(self) -> bool:
        """Did it not hold?"""
        return self.check.state != "passed"


@dataclass
class Outcome:
    """What came of one entry.

    `exchange` is None where it was skipped or could not be sent. `error` is what keeps it from being done: the
    app's own exception, or HurlRunError. `captures` are the variables it has set; `redacted` those of them that are
    not to be shown. `tries` counts how often it was sent.
    """

    entry: Entry
    number: int
    exchange: Exchange | None = None
    rows: list[Row] = field(default_factory=list)
    captures: dict[str, Any] = field(default_factory=dict)
    redacted: set[str] = field(default_factory=set)
    error: BaseException | None = None
    skipped: bool = False
    tries: int = 1
    reveal: bool = False

    @property
    def passed(self) -> bool:
        """Is all as it was expected?"""
        return self.error is None and not any(row.failed for row in self.rows)

    @property
    def title(self) -> str:
        """Method and target, masked unless revealed."""
        if self.exchange is None:
            return f"{self.entry.request.method} (entry {self.number})"
        target = self.exchange.sent.target
        return f"{self.exchange.sent.method} {target if self.reveal else mask_text(target)}"

    def failure(self, lines: list[str]) -> BaseException | None:
        """What has to be raised, None where nothing. `lines` are those of the text."""
        failed = [row for row in self.rows if row.failed]
        if self.error is not None and not (failed and isinstance(self.error, HurlRunError)):
            return self.error
        if not failed:
            return None
        why = [_told(row, lines, self.reveal) for row in failed]
        if isinstance(self.error, HurlRunError):
            why.append(f"{self.error.what}\n{self.error.why}".rstrip())
        count = f"{len(failed)} of {len(self.rows)}" if len(self.rows) > 1 else "one"
        verb = "asserts failed" if len(self.rows) > 1 else "assert failed"
        return HurlAssertsFailed(f"{self.title}: {count} {verb}.", why="\n".join(why))

    def keep_body(self, name: str, variables: Variables) -> None:
        """Write the response's body to a file; `-` and an empty name write nothing. Raises HurlRunError."""
        if name in ("", "-") or self.exchange is None or self.exchange.response is None:
            return
        path = variables.path(name)
        try:
            path.write_bytes(Answer(self.exchange).content)
        except (OSError, ValueError, EvaluationError) as error:
            reason = getattr(error, "strerror", None) or error
            raise HurlRunError(f"The body cannot be written to {name!r}: {reason}.") from None

    # -- trying

    def try_response(self, variables: Variables) -> None:
        """Capture, and try all that is expected. A capture that finds nothing is the outcome's `error`."""
        response = self.entry.response
        if self.exchange is None or self.exchange.response is None or response is None:
            return
        answer = Answer(self.exchange)
        self._try_head(response, answer, variables)
        for capture in response.captures:
            try:
                self._capture(capture, answer, variables)
            except HurlRunError as error:
                self.error = self.error or error
        for one in response.asserts:
            self.rows.append(Row(self._assert(one, answer, variables), one.at))
        if response.body is not None:
            self.rows.append(Row(self._body(response, answer, variables), response.body_at))

    def _try_head(self, response: Response, answer: Answer, variables: Variables) -> None:
        if response.version:
            row = _compared(f"HTTP/{response.version}", f"HTTP/{response.version}", f"HTTP/{answer.version}")
            self.rows.append(Row(row, response.at))
        if response.status is not None:
            status = f"status {response.status}"
            row = _compared(status, str(response.status), str(answer.response.status_code))
            self.rows.append(Row(row, response.at))
        for header in response.headers:
            self.rows.append(Row(self._header(header, answer, variables), header.key.at))

    def _header(self, header: KeyValue, answer: Answer, variables: Variables) -> CheckRow:
        name = variables.text(header.key)
        expected = variables.text(header.value)
        came = answer.headers(name)
        message = f"{name}: {self._masked(name, expected)}"
        if expected in came:
            return CheckRow("passed", message)
        texts = ", ".join(str(self._masked(name, one)) for one in came) or shown(NOTHING)
        return CheckRow("failed", message, str(self._masked(name, expected)), texts)

    def _capture(self, capture: Capture, answer: Answer, variables: Variables) -> None:
        name = variables.text(capture.name)
        try:
            value = settled(apply_all(capture.filters, evaluate(capture.query, answer, variables), variables))
        except EvaluationError as error:
            self._refuse(capture, variables, f"{name} cannot be captured: {error}.")
        if value is NOTHING:
            self._refuse(capture, variables, f"{name} cannot be captured: {print_query(capture.query)} finds nothing.")
        self.captures[name] = variables.own[name] = value
        if capture.redact:
            self.redacted.add(name)

    def _refuse(self, capture: Capture, variables: Variables, what: str) -> None:
        line = variables.lines[capture.at.line - 1] if capture.at.line <= len(variables.lines) else ""
        raise HurlRunError(f"line {capture.at.line}: {what}", why=pointed(line, capture.at.column))

    def _assert(self, one: Assert, answer: Answer, variables: Variables) -> CheckRow:
        message = print_assert(one)
        message = message if self.reveal else mask_text(message)
        predicate = one.predicate
        expected: Any = NOTHING
        value: Any = NOTHING
        try:
            if predicate.argument is not None:
                read = variables.pattern if predicate.name == "matches" else variables.value
                expected = read(predicate.argument)
            value = apply_all(one.filters, evaluate(one.query, answer, variables), variables)
            if holds(predicate.name, value, expected, negated=predicate.negated):
                return CheckRow("passed", message)
            reason = ""
        except (EvaluationError, HurlRunError) as error:
            reason = str(error)
        if predicate.argument is not None and expected is NOTHING:
            wanted = print_predicate(predicate)
        else:
            words = ["not"] * predicate.negated + [predicate.name] * (predicate.name != "==")
            if predicate.argument is not None:
                words.append(self._shown(one.query, getattr(expected, "pattern", expected)))
            wanted = " ".join(words)
        came = self._shown(one.query, value)
        if reason and reason != "nothing came":
            said = reason if self.reveal else mask_text(reason)
            came = said if value is NOTHING else f"{came} ({said})"
        return CheckRow("failed", message, wanted, came)

    def _body(self, response: Response, answer: Answer, variables: Variables) -> CheckRow:
        body = response.body
        assert body is not None
        message = "the body"
        try:
            expected, came = content_of(body, variables), _content(body, answer)
        except (EvaluationError, HurlRunError) as error:
            return CheckRow("failed", message, came=str(error))
        if expected == came:
            return CheckRow("passed", message)
        if isinstance(body, JsonBody) or (isinstance(body, MultiLine) and body.kind == "json"):
            # How JSON is laid out is the app's affair.
            try:
                wanted, found = json.loads(expected), json.loads(came)
            except ValueError:
                pass
            else:
                if holds("==", found, wanted):
                    return CheckRow("passed", message)
                pair = (wanted, found) if self.reveal else (mask_json(wanted), mask_json(found))
                return CheckRow("failed", message, *map(shown, pair))
        try:
            texts = [expected.decode(), came.decode()]
        except UnicodeDecodeError:
            return CheckRow("failed", message, shown(expected), shown(came))
        texts = texts if self.reveal else list(map(mask_text, texts))
        return CheckRow("failed", message, *map(shown, texts))

    def _shown(self, query: Query, value: Any) -> str:
        """A value that a query gives, or is expected to; masked where the query's own words name a secret."""
        if self.reveal or value is NOTHING:
            return shown(value)
        argument = ""
        if isinstance(query.argument, Quoted):
            argument = "".join(part for part in query.argument.text.parts if isinstance(part, str))
        if query.name == "cookie" and not re.search(r"\[(?!value\])", argument, re.IGNORECASE):
            return MASK
        for word in re.findall(r"[\w-]+", argument):
            if self._masked(word, value) != value:
                return shown(self._masked(word, value))
        return mask_text(shown(value))

    def _masked(self, name: str, value: Any) -> Any:
        return value if self.reveal else mask_json({name: value})[name]


def _content(body: Body, answer: Answer) -> bytes:
    """The answer's bytes; those of its text in UTF-8 where a text is expected, whatever its charset."""
    plain = isinstance(body, (BytesValue, FileValue)) or (
        isinstance(body, MultiLine) and body.kind in ("hex", "base64")
    )
    return answer.content if plain else answer.text.encode()


def _compared(message: str, expected: str, came: str) -> CheckRow:
    return CheckRow("passed", message) if expected == came else CheckRow("failed", message, expected, came)


def _told(row: Row, lines: list[str], reveal: bool) -> str:
    line = lines[row.at.line - 1] if row.at.line <= len(lines) else ""
    masked = line if reveal else mask_text(line)
    expected = f"expected {row.check.expected}, came {row.check.came}" if row.check.expected else f"{row.check.came}"
    return f"line {row.at.line}: {expected}\n{pointed(masked, row.at.column)}"
