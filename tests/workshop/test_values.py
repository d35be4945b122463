import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_magic.workshop.parameters import Parameter
from flask_magic.workshop.values import check_value, read_value

finite = st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(st.none() | st.booleans() | st.integers() | st.text() | finite, st.lists, max_leaves=5)


def parameter(kind: str, default: Any = 0) -> Parameter:
    return Parameter("x", kind, default)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("str", "007", "007"),
        ("str", "", ""),
        ("str", "nan", "nan"),
        ("int", " -12 ", -12),
        ("int", "007", 7),
        ("float", "1e3", 1000.0),
        ("float", "7", 7.0),
        ("bool", "No", False),
        ("bool", "TRUE", True),
        ("list[str]", '["a"]', ["a"]),
        ("dict", '{"a": [1, null]}', {"a": [1, None]}),
        ("int | None", "", None),
        ("Optional[int]", "4", 4),
        ("Literal['tools', 'books']", "books", "books"),
        ("Literal[1, 2]", "2", 2),
    ],
)
def test_a_text_is_read_as_the_annotation_says(kind: str, text: str, value: Any) -> None:
    found = read_value(parameter(kind), text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("int", "", "is empty, and has to be a whole number"),
        ("int", "1.0", "is '1.0', and has to be a whole number"),
        ("int", "1_000", "has to be a whole number"),
        ("int", "١٢", "has to be a whole number"),
        ("int", "9" * 5000, "has to be a whole number"),
        ("float", "NaN", "is 'NaN', and has to be a number"),
        ("float", "-inf", "has to be a number"),
        ("float", "1e999", "is '1e999', and has to be a number"),
        ("bool", "maybe", "has to be true or false"),
        ("list", '{"a": 1}', "has to be a list in JSON"),
        ("list", "[NaN]", "has to be a list in JSON"),
        ("list", "[" * 100_000, "has to be a list in JSON"),
        ("Literal['tools', 'books']", "bookz", "is 'bookz', and has to be one of tools, books"),
        ("Path", "/etc", "has the type Path, which cannot be given from outside"),
    ],
)
def test_a_text_that_is_none_of_it_is_refused(kind: str, text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        read_value(parameter(kind), text)
    assert message in str(caught.value)


@given(st.integers(), finite, st.lists(plain))
def test_what_is_written_down_is_read_again(number: int, real: float, some: list[Any]) -> None:
    assert read_value(parameter("int"), str(number)) == number
    assert read_value(parameter("float"), repr(real)) == real
    assert read_value(parameter("list"), json.dumps(some)) == some


@given(st.text())
def test_no_text_becomes_a_number_that_is_none(text: str) -> None:
    try:
        found = read_value(parameter("float"), text)
    except ValueError:
        return
    assert math.isfinite(found)


def test_a_value_with_a_type_has_to_be_the_parameter_s() -> None:
    assert check_value(parameter("int | None"), None) is None
    assert check_value(parameter("str"), "x") == "x"
    for kind, value in (("int", True), ("str", 7), ("float", math.nan), ("list", [math.inf]), ("int", None)):
        with pytest.raises(ValueError, match="has to be"):
            check_value(parameter(kind), value)
