"""The examples in docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import flask_magic

MODULES = [info.name for info in pkgutil.walk_packages(flask_magic.__path__, "flask_magic.")]


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_there_are_examples() -> None:
    assert sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES) > 20
