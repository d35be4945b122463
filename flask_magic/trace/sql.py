"""SQL statements that SQLAlchemy sends, with their parameters and the line that caused them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from itertools import islice
from typing import Any

from ..masking import MASK
from .events import now
from .functions import caller, is_secret, masked, shortened
from .recorder import here, note, raised

__all__ = ["SqlWatch"]

#: Of a statement's parameters this many are told.
PARAMETERS = 20


class SqlWatch:
    """Listens on SQLAlchemy's `Engine` class, from the first trace until `close`.

    It is not taken off after each trace: taking a listener off while another thread runs a statement breaks that
    statement. Where nothing is traced it does nothing.
    """

    def __init__(self) -> None:
        self._listening = False

    def open(self) -> None:
        """Listen, where SQLAlchemy is in use."""
        if "sqlalchemy" not in sys.modules:
            return
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        self._listening = True
        for name, listener in _LISTENERS.items():
            if not event.contains(Engine, name, listener):
                event.listen(Engine, name, listener)

    def close(self) -> None:
        """Listen no more."""
        if not self._listening:
            return
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        self._listening = False
        for name, listener in _LISTENERS.items():
            if event.contains(Engine, name, listener):
                event.remove(Engine, name, listener)


def _before(_connection: Any, _cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    at = here()
    if at is None:
        return
    text = " ".join(statement.split())
    event = note(at, "sql", text.partition(" ")[0].upper(), says=shortened(text, 400), place=caller())
    rows = getattr(context, "compiled_parameters", None) or (parameters if many else [parameters])
    event.details = _told(rows[0] if rows else (), _names_a_secret(context, statement))
    if len(rows) > 1 or many:
        event.details.append(("rows", str(len(rows))))
    if context is not None:
        context._flask_magic_event = (event, now())


def _after(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    event, started = getattr(context, "_flask_magic_event", (None, 0.0))
    if event is not None:
        event.seconds = now() - started


def _failed(failure: Any) -> None:
    event, _ = getattr(failure.execution_context, "_flask_magic_event", (None, 0.0))
    if event is not None:
        said = event.says
        raised(event, failure.original_exception)
        event.details.append(("error", event.says))
        event.says = said


def _names_a_secret(context: Any, statement: str) -> bool:
    """Does a statement that the app wrote itself name a secret? Its parameters may be called anything."""
    written = getattr(context, "is_text", False) or getattr(context, "compiled", None) is None
    return written and any(is_secret(word) for word in re.findall(r"\w+", statement))


def _told(parameters: Any, hidden: bool) -> list[tuple[str, str]]:
    pairs = parameters.items() if isinstance(parameters, dict) else enumerate(parameters or (), 1)
    told = [
        (str(name), MASK if hidden and isinstance(value, str | bytes) else masked(str(name), value))
        for name, value in islice(pairs, PARAMETERS)
    ]
    return told if len(parameters or ()) <= PARAMETERS else [*told, ("…", f"{len(parameters) - PARAMETERS} more")]


def _commit(_connection: Any) -> None:
    _tell("COMMIT")


def _rollback(_connection: Any) -> None:
    _tell("ROLLBACK")


def _tell(name: str) -> None:
    at = here()
    if at is not None:
        note(at, "sql", name, place=caller())


_LISTENERS: dict[str, Callable[..., Any]] = {
    "before_cursor_execute": _before,
    "after_cursor_execute": _after,
    "handle_error": _failed,
    "commit": _commit,
    "rollback": _rollback,
}
