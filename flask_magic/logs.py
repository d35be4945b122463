"""The log records of one request, for its display rather than for stderr."""

from __future__ import annotations

import contextvars
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask.logging import default_handler

from .log_masking import mask_paths

__all__ = ["LogLine", "collect_logs", "kept_logging"]


@dataclass(frozen=True)
class LogLine:
    """One log record: `level` by name, the logger's name, the message, its paths from the working directory on."""

    level: str
    logger: str
    message: str


_SILENT = logging.NullHandler()


@contextmanager
def collect_logs(tell: Callable[[LogLine], None] | None = None) -> Iterator[tuple[list[LogLine], io.StringIO]]:
    """Collect the records made while the block runs, in it and in what it calls; `tell` hears of each.

    Gives the list, and a stream to be the request's `wsgi.errors`, where Flask's default handler writes. Records
    are caught where they are made: a handler on the root logger would keep Flask from adding its own.
    """
    lines: list[LogLine] = []
    collecting: contextvars.ContextVar[bool] = contextvars.ContextVar("collecting", default=False)
    plain_factory = logging.getLogRecordFactory()
    plain_last_resort = logging.lastResort

    def factory(*args: object, **kwargs: object) -> logging.LogRecord:
        record = plain_factory(*args, **kwargs)
        if collecting.get():
            lines.append(LogLine(record.levelname, record.name, mask_paths(record.getMessage(), [Path.cwd()])))
            if tell is not None:
                tell(lines[-1])
        return record

    def elsewhere(_record: logging.LogRecord) -> bool:
        return not collecting.get()

    token = collecting.set(True)
    # Outside of a request context, as in `teardown_appcontext`, Flask's own handler falls back on stderr.
    default_handler.addFilter(elsewhere)
    logging.setLogRecordFactory(factory)
    logging.lastResort = _SILENT
    try:
        yield lines, io.StringIO()
    finally:
        if logging.getLogRecordFactory() is factory:
            logging.setLogRecordFactory(plain_factory)
        default_handler.removeFilter(elsewhere)
        logging.lastResort = plain_last_resort
        collecting.reset(token)


@contextmanager
def kept_logging() -> Iterator[None]:
    """Put every logger back as it was before the block.

    A migration's `env.py` configures logging from a file, which disables each logger that is there already: after
    that, an app in the same process logs no more.

    >>> logger = logging.getLogger("shop")
    >>> with kept_logging():
    ...     logger.disabled = True
    >>> logger.disabled
    False
    """
    root = logging.getLogger()
    loggers = [root, *(one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger))]
    states = [(one, one.level, one.handlers[:], one.propagate, one.disabled) for one in loggers]
    try:
        yield
    finally:
        for logger, level, handlers, propagate, disabled in states:
            logger.setLevel(level)
            logger.handlers[:] = handlers
            logger.propagate, logger.disabled = propagate, disabled
