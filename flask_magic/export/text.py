"""Editing a piece of Python where its syntax tree says, so that comments and layout stay."""

from __future__ import annotations

import ast
from collections.abc import Iterable

__all__ = ["Edit", "edited", "span", "unparsed"]

#: Where a piece begins and ends, in bytes, and what comes in its place.
Edit = tuple[int, int, str]


def span(text: str, node: ast.expr | ast.stmt) -> tuple[int, int]:
    """Where a node of `text` begins and ends, in bytes.

    >>> span("x = 1", ast.parse("x = 1").body[0].value)
    (4, 5)
    """
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; they do not overlap.

    >>> edited("x = 1", [(4, 5, "2")])
    'x = 2'
    """
    data = text.encode()
    for start, end, new in sorted(edits, reverse=True):
        data = data[:start] + new.encode() + data[end:]
    return data.decode()


def unparsed(node: ast.AST) -> str:
    """The code of a node, in one form however it is written."""
    return ast.unparse(node)
