"""Regular expressions: Hurl's are those of Rust, here they are Python's."""

from __future__ import annotations

import re
import warnings

__all__ = ["PatternError", "compile_pattern"]


class PatternError(ValueError):
    """A regular expression that Python does not know."""


def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""Compile a pattern; raises PatternError.

    >>> compile_pattern(r"\d+").findall("a1b22")
    ['1', '22']
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a later Python may read otherwise
            return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(str(error) or type(error).__name__) from None
