"""Regular expressions: Hurl's are those of Rust, here they are Python's, with what Rust writes otherwise."""

from __future__ import annotations

import re
import warnings

__all__ = ["PatternError", "compile_pattern"]


class PatternError(ValueError):
    """A regular expression that Python does not know."""


def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""Compile a pattern; raises PatternError.

    >>> compile_pattern(r"\d+").findall("a1b22"), compile_pattern("(?<no>[[:digit:]])$").search("a1\n")
    (['1', '22'], None)
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a later Python may read otherwise
            return re.compile(_in_python(pattern))
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        raise PatternError(str(error) or type(error).__name__) from None


_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": r"\t ", "digit": "0-9", "lower": "a-z", "upper": "A-Z",
    "space": r"\t\n\v\f\r ", "word": r"0-9A-Za-z_", "xdigit": "0-9A-Fa-f", "punct": r"!-/:-@\[-`{-~",
}  # fmt: skip
_PART = re.compile(r"\\[xu]\{([0-9A-Fa-f]{1,6})\}|\\.|\(\?<(?![=!])|\[:([a-z]+):\]|\[\^?\]?|\]|\$", re.DOTALL)
_SEVERAL_LINES = re.compile(r"\(\?[a-z]*m")


def _in_python(pattern: str) -> str:
    """The same pattern in Python's words: the end, named groups, characters by number, classes by name."""
    inside = False
    end = "$" if _SEVERAL_LINES.search(pattern) else r"\Z"  # Python's $ takes a last line's end for it, too

    def written(part: re.Match[str]) -> str:
        nonlocal inside
        text = part[0]
        if part[1]:
            return re.escape(chr(int(part[1], 16)))
        if part[2]:
            return _CLASSES.get(part[2], text) if inside else text
        if text.startswith("["):
            opens, inside = not inside, True
            return text if opens else re.escape("[") + text[1:]
        if text == "]":
            inside = False
        elif text == r"\z":
            return r"\Z"
        elif text == "$" and not inside:
            return end
        elif text == "(?<" and not inside:
            return "(?P<"
        return text

    return _PART.sub(written, pattern)
