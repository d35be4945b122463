"""How functions, values and places of the reader's code are told in one line."""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable
from enum import Enum
from typing import Any

from werkzeug.wrappers import Response

from ..frames import definition, is_users, place_of
from ..masking import MASK, mask_json

__all__ = [
    "caller",
    "decorators",
    "expected",
    "is_secret",
    "masked",
    "name_of",
    "place",
    "shortened",
    "shown",
    "text_of",
    "told",
]


def name_of(function: Any) -> str:
    """A function as its author calls it: `tool`, `ToolView.get`; of a class's view the class.

    >>> name_of(functools.partial(print, "x"))
    'print'
    """
    while isinstance(function, functools.partial):
        function = function.func
    function = getattr(function, "view_class", function)
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None) or type(function).__name__
    name = str(name).rpartition("<locals>.")[2]
    return "lambda" if name == "<lambda>" else name


def place(function: Any) -> str:
    """Where a function of the reader's is written; of any other, the package that it comes from."""
    while isinstance(function, functools.partial):
        function = function.func
    try:
        inner = inspect.unwrap(function)
    except ValueError:  # a wrapper that wraps itself
        inner = function
    view_class = getattr(function, "view_class", None)
    inner = getattr(view_class, "dispatch_request", inner) if view_class is not None else inner
    frame = definition(getattr(inner, "__func__", inner))
    if frame is not None:
        return f"{frame.place}, line {frame.line}"
    module = getattr(view_class or inner, "__module__", None) or ""
    return "" if module == "__main__" else module.partition(".")[0]


def decorators(function: Any) -> list[str]:
    """The decorators around a function that tell of it by `functools.wraps`, the outermost first."""
    names: list[str] = []
    while (inner := getattr(function, "__wrapped__", None)) is not None and len(names) < 10:
        code = getattr(function, "__code__", None)
        names.append(code.co_qualname.partition(".<locals>")[0] if code is not None else name_of(function))
        function = inner
    return names


def told(value: Any) -> str:
    """What a function gave back, by its type; a response by its status."""
    if isinstance(value, Response):
        return f"{type(value).__name__} {value.status}"
    if isinstance(value, tuple) and len(value) in (2, 3):
        return "(" + ", ".join(str(part) if isinstance(part, int) else told(part) for part in value) + ")"
    return "None" if value is None else type(value).__name__


def caller() -> str:
    """The line of the reader's code that is the nearest to what happens now, template lines included; else empty.

    The line that sent the request is none of them.
    """
    frame = sys._getframe(1)
    seen: dict[str, bool] = {}
    while frame is not None and frame.f_globals.get("__name__") != f"{__package__}.wsgi":
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            return f"{template.name or 'template string'}, line {template.get_corresponding_lineno(frame.f_lineno)}"
        filename = frame.f_code.co_filename
        if filename not in seen:
            seen[filename] = is_users(filename)
        if seen[filename]:
            return f"{place_of(filename)}, line {frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def expected(registry: Any, names: Any, *, last_first: bool = False) -> list[tuple[str, Callable[..., Any]]]:
    """The functions of a registry (by blueprint name, None: the app) in the order in which Flask calls them."""
    out: list[tuple[str, Callable[..., Any]]] = []
    for name in names:
        functions = registry.get(name, ()) if hasattr(registry, "get") else ()
        out += [(name or "", function) for function in (reversed(functions) if last_first else functions)]
    return out


def is_secret(name: str) -> bool:
    """Is a value of this name a secret? As SQLAlchemy numbers its parameters, `password_1` is one, too.

    >>> is_secret("password_hash_1"), is_secret("name_1")
    (True, False)
    """
    asked = re.sub(r"(_\d+|_?hash)+\Z", "", name, flags=re.IGNORECASE) or name
    return bool(mask_json({asked: "a text"})[asked] == MASK)


def masked(name: str, value: Any) -> str:
    """A value as it may be shown under its name: a parameter of a statement, an entry of the session.

    >>> masked("name_1", "drill"), masked("password_hash", "scrypt:32768:8:1$x")
    ("'drill'", '•••')
    """
    return MASK if is_secret(name) and value is not None else shown(value)


def shown(value: Any) -> str:
    """A value in a few characters; of what is not Python's own, its type. (A model's `repr` might ask the database.)

    >>> shown("drill"), shown(["a", 7]), shown(object())
    ("'drill'", "['a', 7]", '<object>')
    """
    if isinstance(value, str | bytes):
        base: Any = str if isinstance(value, str) else bytes
        text: str = base.__repr__(base.__getitem__(value, slice(60)))
        return text if len(value) <= 60 else f"{text[:-1]}…{text[-1]}"
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, list | tuple):
        items = [shown(item) for item in list(value)[:5]] + ["…"] * (len(value) > 5)
        return shortened(f"[{', '.join(items)}]", 60)
    known = value is None or type(value) in (bool, int, float) or type(value).__module__ in _TOLD
    return shortened(repr(value), 60) if known else f"<{type(value).__name__}>"


#: Modules of values whose `repr` is short, and the same on every run.
_TOLD = frozenset({"datetime", "decimal", "uuid"})


def text_of(value: Any) -> str:
    """An object as text, where it can be had."""
    try:
        return shortened(str(value))
    except Exception:
        return type(value).__name__


def shortened(text: str, length: int = 120) -> str:
    """The text, cut where it is long."""
    return text if len(text) <= length else text[: length - 1] + "…"
