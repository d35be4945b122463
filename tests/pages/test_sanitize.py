from pathlib import Path

import pytest
from nbval.plugin import get_sanitize_patterns

from flask_magic.pages.errors import PageError
from flask_magic.pages.sanitize import read_rules

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
RULES = read_rules(NOTEBOOKS)
ERROR = {
    "output_type": "error",
    "ename": "KeyError",
    "evalue": "8",
    "traceback": ["\x1b[31mKeyError\x1b[0m", "In[3], line 1"],
}


def test_nbval_reads_the_same_rules() -> None:
    text = (NOTEBOOKS / "sanitize.cfg").read_text(encoding="utf-8")
    expected = get_sanitize_patterns(text)
    assert [(pattern.pattern, replacement) for pattern, replacement in RULES.rules] == expected
    assert len(expected) == text.count("\n[") == 4


def test_the_stylesheet_and_a_second_load_leave_nothing() -> None:
    style = {
        "output_type": "display_data",
        "data": {"text/html": "<style>\np {}\n</style>", "text/plain": ""},
    }
    again = "The flask_magic extension is already loaded. To reload it, use:\n  %reload_ext flask_magic\n"
    stream = {"output_type": "stream", "name": "stdout", "text": again}
    assert RULES.comparable([style]) == RULES.comparable([stream]) == []


def test_a_cells_number_is_left_out_and_its_error_is_not() -> None:
    assert RULES.comparable([ERROR]) == ["error: KeyError: 8", "KeyError\nIn[N], line 1"]


def test_varies_leaves_the_exceptions_name() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "3.11"}
    assert RULES.comparable([stream, ERROR], varies=True) == ["error: KeyError"]


def test_data_is_compared_whatever_its_order() -> None:
    outputs = [{"output_type": "display_data", "data": {"b/json": {"y": 1, "x": 2}, "a/b": "t"}}]
    assert RULES.comparable(outputs) == ["a/b: t", 'b/json: {"x": 2, "y": 1}']


def test_a_rule_that_is_no_pattern_is_told(tmp_path: Path) -> None:
    assert read_rules(tmp_path).rules == ()
    (tmp_path / "sanitize.cfg").write_text("[x]\nregex: (\nreplace: y\n", encoding="utf-8")
    with pytest.raises(PageError, match=r"'\(' is not a regular expression"):
        read_rules(tmp_path)
