"""What an exception and its traceback hold, and how it is said in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

__all__ = ["frames_of", "is_a", "listed", "local", "raised_in", "short", "shown_path"]


def frames_of(error: BaseException) -> list[FrameType]:
    """The frames of an exception's traceback, the innermost first."""
    frames = []
    tb = error.__traceback__
    while tb is not None:
        frames.append(tb.tb_frame)
        tb = tb.tb_next
    return frames[::-1]


def raised_in(error: BaseException, function: str, *modules: str) -> bool:
    """Was the exception raised by this function of one of these modules (or of a package's)?"""
    frame = next(iter(frames_of(error)), None)
    if frame is None or frame.f_code.co_name != function:
        return False
    return _module(frame).startswith(modules)


def local(error: BaseException, name: str, function: str, *modules: str) -> Any:
    """The innermost such function's local variable, or None."""
    for frame in frames_of(error):
        if frame.f_code.co_name == function and _module(frame).startswith(modules):
            return frame.f_locals.get(name)
    return None


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def is_a(error: BaseException, name: str) -> bool:
    """Is it an exception of the class with this full name? The package need not be installed.

    >>> is_a(KeyError("x"), "builtins.LookupError")
    True
    """
    return any(f"{kind.__module__}.{kind.__qualname__}" == name for kind in type(error).__mro__)


def listed(words: Iterable[object], last: str = "and") -> str:
    """Words as a sentence lists them; many are cut short.

    >>> listed(["a", "b", "c"]), listed("abcdefgh")
    ('a, b and c', 'a, b, c, d, e and more')
    """
    said = [str(word) for word in words]
    if len(said) > 6:
        said = [*said[:5], "more"]
    return f" {last} ".join(part for part in (", ".join(said[:-1]), *said[-1:]) if part)


def short(text: str, most: int = 60) -> str:
    """A text of the client's, cut where it is long.

    >>> short("a" * 100, 10)
    'aaaaaaaaa…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def shown_path(path: Path) -> str:
    """A path as the reader knows it: from the working directory on, else its last two names."""
    if path.is_relative_to(Path.cwd()):
        return path.relative_to(Path.cwd()).as_posix()
    return "/".join(path.parts[-2:])
