"""The user's part of a traceback: the lines of cells and of the user's own files."""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["UserFrame", "definition", "render", "show_user_frames", "user_frames"]


@dataclass(frozen=True)
class UserFrame:
    """One step of a traceback. `place` names the cell by its first line, or the file; `line` counts from 1."""

    place: str
    line: int
    function: str
    code: str


def user_frames(error: BaseException) -> list[UserFrame]:
    """The frames of an exception that lie in cells or in the user's files, outermost first."""
    return _frames(error.__traceback__)


def _frames(tb: TracebackType | None) -> list[UserFrame]:
    frames = []
    for entry in traceback.extract_tb(tb):
        if _is_users(entry.filename) and not (entry.line or "").startswith("get_ipython().run_cell_magic"):
            frames.append(UserFrame(_place(entry.filename), entry.lineno or 0, entry.name, (entry.line or "").strip()))
    return frames


def definition(function: Any) -> UserFrame | None:
    """Where a function is defined, its decorators passed over; None for what is no function of the user's."""
    code = getattr(function, "__code__", None)
    if code is None or not _is_users(code.co_filename):
        return None
    line = code.co_firstlineno
    while (text := linecache.getline(code.co_filename, line).strip()).startswith("@"):
        line += 1
    return UserFrame(_place(code.co_filename), line, code.co_name, text)


def _is_users(filename: str) -> bool:
    if filename.startswith("<") and not filename.startswith("<ipython-input"):
        return False
    path = Path(filename)
    own = Path(__file__).parent
    library = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]
    return not any(path.is_relative_to(folder) for folder in (own, *library))


def is_cell(filename: str) -> bool:
    """Was this code typed into a cell? (IPython keeps a cell's source under a name of no real file.)"""
    return bool(linecache.getlines(filename)) and not Path(filename).exists()


def _place(filename: str) -> str:
    if is_cell(filename):
        lines = [line.strip() for line in linecache.getlines(filename)]
        return f"cell “{next((line for line in lines if line), '')}”"
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name


def render(error: BaseException) -> list[str]:
    """An exception as lines of text: the user's frames, then its causes and itself.

    >>> try:
    ...     1 / 0
    ... except ZeroDivisionError as error:
    ...     render(error)[-1]
    'ZeroDivisionError: division by zero'
    """
    lines = []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and (user_frames(cause) or error.__cause__):
        lines += [*render(cause), "", "which led to:", ""]
    for frame in user_frames(error):
        lines.append(f"{frame.place}, line {frame.line}, in {frame.function}")
        if frame.code:
            lines.append(f"    {frame.code}")
    lines += _said(error)
    lines += [f"  {note}" for note in getattr(error, "__notes__", [])]
    return lines


def _said(error: BaseException) -> list[str]:
    """The exception's name, with its module as Python writes it, and its message."""
    kind = type(error)
    name = (
        kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    )
    return f"{name}: {error}".rstrip(": ").split("\n")


def show_user_frames(error: BaseException, lines: list[str] | None = None) -> None:
    """Have IPython render this exception with the user's frames only; `lines` where they were rendered before.

    Without them it is rendered when it is shown, with the frames that it passes until then.

    Its traceback stays whole for `%debug`; only what is shown is shorter. An exception that takes no attribute is
    left as it is.
    """
    if hasattr(error, "_render_traceback_"):
        return
    with suppress(AttributeError):
        error._render_traceback_ = lambda: lines or render(error)  # type: ignore[attr-defined]
