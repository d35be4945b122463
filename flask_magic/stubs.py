"""Exercise stubs: has a gap been filled, has a repair been begun?"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from difflib import SequenceMatcher

from .ledger import Cell, source_hash

__all__ = ["Stubs", "has_gap"]

_ALIKE = 0.5  # how much of a stub must be left in a cell without id for it to be that stub, edited


def has_gap(source: str) -> bool:
    """Does a cell still hold a `...` to be filled in, in its rule or in its code?

    The dots of a type such as `tuple[int, ...]` are no gap.

    >>> has_gap("%%flask_route /loans/<...>\\ndef loan(): return 'x'")
    True
    """
    first, _, body = source.lstrip().partition("\n")
    if first.startswith("%%"):
        if "..." in first:
            return True
        source = body
    try:
        tree = ast.parse(
            "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
        )
    except SyntaxError:
        return "..." in source
    in_types = {id(node) for sub in ast.walk(tree) if isinstance(sub, ast.Subscript) for node in ast.walk(sub.slice)}
    return any(
        isinstance(node, ast.Constant) and node.value is Ellipsis and id(node) not in in_types
        for node in ast.walk(tree)
    )


@dataclass
class _Stub:
    cell: Cell
    original: str  # hash of the untouched source
    text: str  # the source that was first seen


class Stubs:
    """Which cell is the stub of which exercise, and whether it is still untouched.

    JupyterLab sends a cell's metadata along, and with it the exercise's name and the hash of the untouched stub.
    Where no metadata come, the stub is the cell that ran right before the check's first run, as the pages are laid
    out.
    """

    def __init__(self) -> None:
        self._stubs: dict[str, _Stub] = {}
        self._ran: list[tuple[Cell, str]] = []

    def saw(self, cell: Cell) -> None:
        """A cell runs."""
        exercise = cell.metadata.get("exercise")
        if isinstance(exercise, dict) and exercise.get("role") == "stub" and "name" in exercise:
            original = exercise.get("hash") or source_hash(cell.source)
            self._stubs[str(exercise["name"])] = _Stub(cell, str(original), cell.source)
        if not cell.source.lstrip().startswith("%%flask_check"):
            self._ran.append((cell, cell.source))

    def declare(self, name: str, original: str | None) -> None:
        """A check of exercise `name` runs, and says what its untouched stub was (None: it does not say).

        A frontend that sends no metadata leaves it to the check to know: a notebook that comes in solved would
        read as untouched otherwise.
        """
        stub = self._stubs.get(name) or self._stub(name)
        if stub is not None and original is not None:
            stub.original = original

    def source(self, name: str) -> str | None:
        """The learner's present answer to exercise `name`, or None where no stub is known."""
        stub = self._stub(name)
        if stub is None:
            return None
        if stub.cell.id is not None:
            return stub.cell.source
        alike = (source for _, source in reversed(self._ran) if _ratio(source, stub.text) >= _ALIKE)
        return next(alike, stub.cell.source)

    def is_untouched(self, name: str) -> bool:
        """Is the stub as it was given out, or does it still hold a gap?"""
        source, stub = self.source(name), self._stubs.get(name)
        if source is None or stub is None:
            return False
        return source_hash(source) == stub.original or has_gap(source)

    def _stub(self, name: str) -> _Stub | None:
        if name not in self._stubs and self._ran:
            cell, source = self._ran[-1]
            self._stubs[name] = _Stub(cell, source_hash(source), source)
        return self._stubs.get(name)


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
