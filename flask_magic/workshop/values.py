"""From a text, in a cohort's cell or after `-p`, to the value of a parameter: its annotation says what is expected."""

from __future__ import annotations

import ast
import json
import math
import re
from typing import Any

from flask_magic.workshop.parameters import Parameter

__all__ = ["check_value", "read_value"]

TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": 'a list in JSON, such as ["a", "b"]',
    "dict": 'an object in JSON, such as {"a": 1}',
}
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_value(parameter: Parameter, text: str) -> Any:
    """The value that `text` stands for.

    A text stays as it is, a number is read strictly (no NaN, no infinity, no `1_000`), and where None is allowed
    an empty text means None.

    >>> read_value(Parameter("participant", "str", "Ada"), "007"), read_value(Parameter("seed", "int", 1), "7")
    ('007', 7)

    Raises ValueError, saying what is expected, where the text is none of it.
    """
    kind, choices, nullable = _kind(parameter)
    if nullable and not text:
        return None
    if kind == "str":
        value: Any = text
    elif not text.strip():
        raise ValueError(f"is empty, and has to be {EXPECTED[kind]}; without the column everybody gets the default")
    else:
        value = _plain(kind, text.strip())
    if choices and value not in choices:
        raise ValueError(f"is {_shown(text)}, and has to be one of {', '.join(map(str, choices))}")
    return value


def check_value(parameter: Parameter, value: Any) -> Any:
    """A value that has its type already, from YAML say; ValueError where it is not the parameter's.

    >>> check_value(Parameter("rate", "float", 0.5), 2)
    2.0
    """
    kind, choices, nullable = _kind(parameter)
    if value is None and nullable:
        return None
    if kind == "float" and type(value) is int:
        value = float(value)
    expected = EXPECTED.get(kind, "a text")
    if type(value) is not TYPES[kind] or not _is_json(value):
        raise ValueError(f"is {_shown(value)}, and has to be {expected}")
    if choices and value not in choices:
        raise ValueError(f"is {_shown(value)}, and has to be one of {', '.join(map(str, choices))}")
    return value


def _kind(parameter: Parameter) -> tuple[str, tuple[Any, ...], bool]:
    """The type's name, the values of a Literal, and whether None is allowed."""
    try:
        annotation = ast.parse(parameter.type, mode="eval").body
    except SyntaxError:
        annotation = ast.Name("")
    members = [member for member in _members(annotation) if ast.unparse(member) not in ("None", "NoneType")]
    nullable = parameter.default is None or len(members) < len(_members(annotation))
    match members:
        case [ast.Name(id=name)] if name in TYPES:
            return name, (), nullable
        case [ast.Subscript(value=ast.Name(id=("list" | "dict") as name))]:
            return name, (), nullable
        case [ast.Subscript(value=ast.Name(id="Literal"), slice=inner)]:
            choices = ast.literal_eval(inner)
            choices = choices if isinstance(choices, tuple) else (choices,)
            return type(choices[0]).__name__, choices, nullable
        case []:
            return "str", (), True
    raise ValueError(
        f"has the type {parameter.type}, which cannot be given from outside. These can: {', '.join(TYPES)}, "
        "Literal[…], and each of them with | None"
    )


def _members(annotation: ast.expr) -> list[ast.expr]:
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [*_members(left), *_members(right)]
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return [*_members(inner), ast.Constant(None)]
    return [annotation]


def _plain(kind: str, text: str) -> Any:
    found: Any = None
    try:
        if kind == "int" and re.fullmatch(r"[+-]?[0-9]+", text):
            found = int(text)
        elif kind == "float" and re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
            found = float(text)
        elif kind == "bool":
            found = TRUTH.get(text.lower())
        elif kind in ("list", "dict"):
            found = json.loads(text)
    except (ValueError, RecursionError):  # also an int of thousands of digits
        found = None
    if type(found) is not TYPES[kind] or not _is_json(found):
        raise ValueError(f"is {_shown(text)}, and has to be {EXPECTED[kind]}")
    return found


def _is_json(value: Any) -> bool:
    """Whether a value can be written into a notebook: JSON as it is written down, thus without NaN."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(one) for key, one in value.items())
    return value is None or type(value) in (str, int, bool)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
