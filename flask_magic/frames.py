"""The user's part of a traceback: the lines of cells, of the user's own files and of templates."""

from __future__ import annotations

import functools
import linecache
import re
import sysconfig
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2 import FileSystemLoader
from jinja2.exceptions import TemplateSyntaxError

if TYPE_CHECKING:
    import flask

__all__ = ["UserFrame", "definition", "mask_messages", "render", "show_user_frames", "user_frames"]


@dataclass(frozen=True)
class UserFrame:
    """One step of a traceback. `place` names the cell by its first line, or the file; `line` counts from 1.

    `function` is empty where a template's own line runs and no block of it.
    """

    place: str
    line: int
    function: str
    code: str


def user_frames(error: BaseException) -> list[UserFrame]:
    """The frames of an exception that lie in cells, in the user's files or in templates, outermost first."""
    return _frames(error.__traceback__, error.source if isinstance(error, TemplateSyntaxError) else None)


def _frames(tb: TracebackType | None, source: str | None) -> list[UserFrame]:
    """`source` is what Jinja could not read, where that is what failed."""
    frames = []
    for (frame, _), entry in zip(traceback.walk_tb(tb), traceback.extract_tb(tb), strict=True):
        line, code = entry.lineno or 0, (entry.line or "").strip()
        if frame.f_code.co_name == "render_template_string":
            source = _template_string(frame)
        if "__jinja_exception__" in frame.f_globals:  # Jinja's stand-in for a frame of a compiled template
            function = entry.name if entry.name.startswith("block ") else ""
            if entry.filename.startswith("<"):
                lines = (source or "").splitlines()
                code = lines[line - 1].strip() if line <= len(lines) else ""
                frames.append(UserFrame("template string", line, function, code))
            elif is_users(entry.filename):
                frames.append(UserFrame(place_of(entry.filename), line, function, code))
        elif is_users(entry.filename) and not code.startswith("get_ipython().run_cell_magic"):
            frames.append(UserFrame(place_of(entry.filename), line, entry.name, code))
    return frames


_REFERS = re.compile(r"\{%[-+]?\s*(?:extends|include|import|from)\b")


def _template_string(frame: FrameType) -> str | None:
    """The source that is rendered; None where a line might also be another template's that has no file."""
    source, app = frame.f_locals.get("source"), frame.f_locals.get("app")
    alone = isinstance(source, str) and not _REFERS.search(source)
    return source if alone or isinstance(getattr(app, "jinja_loader", None), FileSystemLoader) else None


def definition(function: Any) -> UserFrame | None:
    """Where a function is defined, its decorators passed over; None for what is no function of the user's."""
    code = getattr(function, "__code__", None)
    if code is None or not is_users(code.co_filename):
        return None
    line = code.co_firstlineno
    while (text := linecache.getline(code.co_filename, line).strip()).startswith("@"):
        line += 1
    return UserFrame(place_of(code.co_filename), line, code.co_name, text)


def is_users(filename: str) -> bool:
    if filename.startswith("<") and not filename.startswith("<ipython-input"):
        return False
    path = Path(filename)
    return not any(path.is_relative_to(folder) for folder in _library())


@functools.cache
def _library() -> tuple[Path, ...]:
    """The folders of what is not the user's."""
    library = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]
    # In a browser's Python sysconfig names folders that are not there.
    return Path(__file__).parent, *library, Path(traceback.__file__).parent, Path(jinja2.__file__).parents[1]


def is_cell(filename: str) -> bool:
    """Was this code typed into a cell? (IPython keeps a cell's source under a name of no real file.)"""
    return bool(linecache.getlines(filename)) and not Path(filename).exists()


def place_of(filename: str) -> str:
    if is_cell(filename):
        lines = [line.strip() for line in linecache.getlines(filename)]
        return f"cell “{next((line for line in lines if line), '')}”"
    path = Path(filename).absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name


def render(error: BaseException, app: flask.Flask | None = None) -> list[str]:
    """An exception as lines of text: its causes, the user's frames, itself, and what to do about it.

    `app` is the app that it came from, where that is known.

    >>> try:
    ...     1 / 0
    ... except ZeroDivisionError as error:
    ...     render(error)[-1]
    'ZeroDivisionError: division by zero'
    """
    from .advice.errors import advise

    lines = _told(error)
    return [*lines, *(line for line in (f"  → {advice}" for advice in advise(error, app)) if line not in lines)]


def _told(error: BaseException) -> list[str]:
    lines = []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and (user_frames(cause) or error.__cause__):
        lines += [*_told(cause), "", "which led to:", ""]
    for frame in user_frames(error):
        lines.append(f"{frame.place}, line {frame.line}" + (f", in {frame.function}" if frame.function else ""))
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


_PLACE = re.compile(r".+, line \d+(?:, in .+)?")


def mask_messages(lines: list[str]) -> list[str]:
    """Rendered lines without the secrets that messages hold. Lines of code stay: they stand in a cell anyway.

    >>> mask_messages(["app.py, line 3, in login", "    check(token=token)", "ValueError: token=abc"])
    ['app.py, line 3, in login', '    check(token=token)', 'ValueError: token=•••']
    """
    from .masking import mask_text

    above = ["", *lines]
    return [
        line if _PLACE.fullmatch(line) or _PLACE.fullmatch(before) else mask_text(line)
        for before, line in zip(above, lines, strict=False)
    ]


def show_user_frames(error: BaseException, lines: list[str] | None = None, *, reveal: bool = False) -> None:
    """Have IPython render this exception with the user's frames only; `lines` where they were rendered before.

    Without them it is rendered when it is shown, with the frames that it passes until then. Secrets in its message
    are masked, in the exception itself, too, unless `reveal`.

    Its traceback stays whole for `%debug`; only what is shown is shorter. An exception that takes no attribute is
    left as it is.
    """
    if hasattr(error, "_render_traceback_"):
        return
    from .display.markup import visible
    from .masking import mask_text

    with suppress(AttributeError):
        if reveal:
            error._render_traceback_ = lambda: list(map(visible, lines or render(error)))  # type: ignore[attr-defined]
            return
        error._render_traceback_ = lambda: list(  # type: ignore[attr-defined]
            map(visible, mask_messages(lines or render(error)))
        )
    # Beside the traceback a notebook stores the message, which is what `str` makes of the exception.
    error.args = tuple(mask_text(part) if isinstance(part, str) else part for part in error.args)
