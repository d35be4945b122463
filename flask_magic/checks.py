"""An exercise's check: each assert is one row, and a failed one does not stop the next."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from typing import Any, Literal

import flask

from .ledger import source_hash
from .logs import collect_logs, kept_logging
from .masking import mask_text
from .stubs import Stubs

__all__ = ["CheckResult", "CheckRow", "Checks", "run_rows"]

State = Literal["passed", "failed", "open"]


@dataclass
class CheckRow:
    """One assert: what is asked for, and where it failed, what was expected and what came."""

    state: State
    message: str
    expected: str | None = None
    came: str | None = None

    def opened(self) -> CheckRow:
        """The same demand, not tried yet."""
        return CheckRow("open", self.message)


class _Stopped(CheckRow):
    """A statement between the asserts that failed; nothing that is asked for."""


@dataclass
class CheckResult:
    """What a check found. `hint` is the one shown now, `hints_used` how many have been."""

    name: str
    state: State
    rows: list[CheckRow] = field(default_factory=list)
    hint: str | None = None
    hints_used: int = 0
    objective: str | None = None
    page: str | None = None

    def data(self) -> dict[str, Any]:
        """The machine-readable form, for tests, reports and the site."""
        return {
            "name": self.name,
            "state": self.state,
            "objective": self.objective,
            "page": self.page,
            "rows": [{key: value for key, value in vars(row).items() if value is not None} for row in self.rows],
            "hint": self.hint,
            "hints_used": self.hints_used,
        }


@dataclass
class _Attempts:
    failures: int = 0
    answer: str = ""


class Checks:
    """Runs the checks of one notebook and counts, exercise by exercise, the failures of changed answers."""

    def __init__(self, stubs: Stubs) -> None:
        self.stubs = stubs
        self._attempts: dict[str, _Attempts] = {}
        #: What the latest run of each exercise's check was and found: its source, the result, the app it was for.
        self.latest: dict[str, tuple[str, CheckResult, flask.Flask]] = {}

    def run(self, name: str, source: str, app: flask.Flask, namespace: dict[str, Any]) -> CheckResult:
        """Run a check's source with `app` and a new `client` at hand.

        Comments at its head are read: `# hint: …`, `# objective: …`, `# stub: …` (the hash of the untouched stub).
        Never raises: what goes wrong is a row.

        The notebook's variables can be read; what the check assigns stays in the check.
        """
        hints = re.findall(r"^#\s*hint:\s*(.+?)\s*$", source, re.MULTILINE)
        self.stubs.declare(name, _head(source, "stub"))
        rows = run_rows(source, app, namespace)
        result = CheckResult(name, "passed", rows, objective=_head(source, "objective"), page=_head(source, "page"))
        untouched = self.stubs.is_untouched(name)
        if untouched:
            # An untouched stub is not a wrong answer: what is asked for stands open.
            result.state = "open"
            result.rows = [row.opened() for row in rows if not isinstance(row, _Stopped)]
        elif not rows or any(row.state != "passed" for row in rows):
            result.state = "failed"
            self._count_failure(name, result, hints)
        else:
            attempts = self._attempts.get(name, _Attempts())
            result.hints_used = min(attempts.failures, len(hints))
        self.latest[name] = source, result, app
        return result

    def _count_failure(self, name: str, result: CheckResult, hints: list[str]) -> None:
        attempts = self._attempts.setdefault(name, _Attempts())
        answer = source_hash(self.stubs.source(name) or "")
        if answer != attempts.answer:
            attempts.failures += 1
            attempts.answer = answer
        result.hints_used = min(attempts.failures, len(hints))
        if hints:
            result.hint = hints[result.hints_used - 1]


def _head(source: str, key: str) -> str | None:
    match = re.search(rf"^#\s*{key}:\s*(.+?)\s*$", source, re.MULTILINE)
    return match[1] if match else None


def run_rows(source: str, app: flask.Flask, namespace: dict[str, Any]) -> list[CheckRow]:
    """The rows of a check's source.

    >>> app = flask.Flask("demo")
    >>> [row.came for row in run_rows("assert client.get('/').status_code == 200", app, {})]
    ['404']
    """
    names = {**namespace, "app": app, "client": app.test_client()}
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        return [CheckRow("failed", f"the check itself cannot be read: {error.msg}, line {error.lineno}")]
    rows: list[CheckRow] = []
    # Flask logs an exception to the request's error stream, which is stderr unless a client says otherwise.
    with kept_logging(), collect_logs() as (_, stream), redirect_stderr(stream), _last_error(app) as errors:
        for statement in statements:
            errors.clear()
            if isinstance(statement, ast.Assert):
                rows.append(_assert_row(statement, names, errors))
            else:
                row = _run_statement(statement, names)
                if row is not None:
                    rows.append(row)
    return rows


@contextmanager
def _last_error(app: flask.Flask) -> Iterator[list[BaseException]]:
    errors: list[BaseException] = []

    def notice(_sender: Any, exception: BaseException, **_: Any) -> None:
        errors.append(exception)

    flask.got_request_exception.connect(notice, app, weak=False)
    try:
        yield errors
    finally:
        flask.got_request_exception.disconnect(notice)


def _run_statement(statement: ast.stmt, names: dict[str, Any]) -> CheckRow | None:
    try:
        exec(compile(ast.Module([statement], []), "<check>", "exec"), names)
    except Exception as error:
        return _Stopped("failed", f"`{ast.unparse(statement)}` should work", came=_exception(error))
    return None


def _assert_row(statement: ast.Assert, names: dict[str, Any], errors: list[BaseException]) -> CheckRow:
    message = _message(statement, names)
    try:
        passed, expected, came = _examine(statement.test, names)
    except Exception as error:
        return CheckRow("failed", message, came=_exception(error))
    if passed:
        return CheckRow("passed", message)
    if errors and came is not None:
        came = f"{came} (the view raised {_exception(errors[-1])})"
    return CheckRow("failed", message, expected, came)


def _message(statement: ast.Assert, names: dict[str, Any]) -> str:
    if statement.msg is None:
        return f"`{ast.unparse(statement.test)}`"
    try:
        return mask_text(str(_value(statement.msg, names)))
    except Exception:
        return f"`{ast.unparse(statement.test)}`"


def _examine(test: ast.expr, names: dict[str, Any]) -> tuple[bool, str | None, str | None]:
    """Whether a test holds; where it is a comparison, also what was expected (right) and what came (left)."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        # Each side is evaluated once: a request must not be sent again to be shown.
        sides = {"__left": _value(test.left, names), "__right": _value(test.comparators[0], names)}
        compared = ast.Compare(ast.Name("__left", ast.Load()), test.ops, [ast.Name("__right", ast.Load())])
        if _value(compared, sides):
            return True, None, None
        return False, _operator(test.ops[0]) + _shown(sides["__right"]), _shown(sides["__left"])
    value = _value(test, names)
    return bool(value), None, None if value in (False, True) else _shown(value)


_WORDS: dict[type[ast.cmpop], str] = {
    ast.Eq: "", ast.Is: "", ast.NotEq: "not ", ast.IsNot: "not ", ast.In: "one of ", ast.NotIn: "none of ",
    ast.Lt: "less than ", ast.LtE: "at most ", ast.Gt: "more than ", ast.GtE: "at least ",
}  # fmt: skip


def _operator(operator: ast.cmpop) -> str:
    return _WORDS[type(operator)]


def _value(expression: ast.expr, names: dict[str, Any]) -> Any:
    code = compile(ast.fix_missing_locations(ast.Expression(expression)), "<check>", "eval")
    return eval(code, names)


def _shown(value: Any) -> str:
    text = mask_text(re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value)))
    return text if len(text) <= 120 else text[:119] + "…"


def _exception(error: BaseException) -> str:
    return mask_text(f"{type(error).__name__}: {error}".rstrip(": "))
