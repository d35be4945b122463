"""Advice for an exception in a plain cell: where it shows, and that nothing else changes."""

import sys
from typing import Any

import pytest
from notebook_shell import Notebook

CELL = "import flask\nflask.current_app.name"
NOTE = "→ Only a request or a context says which app is meant. In a cell: `with app.app_context():` around it."


def test_it_stands_under_ipython_s_own_traceback(notebook: Notebook) -> None:
    ran, error = notebook.attempt(CELL)
    shown = ran.stdout + ran.stderr
    assert "Traceback (most recent call last)" in shown
    assert shown.rstrip().endswith(NOTE)
    assert str(error).endswith("for more information.")


def test_debug_finds_the_exception(notebook: Notebook) -> None:
    _, error = notebook.attempt(CELL)
    assert error is not None
    assert sys.last_value is error
    assert notebook.shell.InteractiveTB.tb is not None
    assert notebook.shell.InteractiveTB.tb.tb_frame.f_globals is not None


def test_once_is_enough(notebook: Notebook) -> None:
    notebook.attempt("import flask\ntry: flask.g.x\nexcept RuntimeError as error: kept = error")
    for _ in range(2):
        _, error = notebook.attempt("raise kept")
        assert getattr(error, "__notes__", None) == [NOTE]


@pytest.mark.parametrize("cell", ["1 / 0", "raise SyntaxError('x')", "x ==", "import no_such_module", "%no_such_magic"])
def test_other_exceptions_are_shown_as_ever(notebook: Notebook, cell: str) -> None:
    with_advice, _ = notebook.attempt(cell)
    notebook.shell.extension_manager.unload_extension("flask_magic")
    without, _ = notebook.attempt(cell)
    # The number of the cell is another one.
    for ran in (with_advice, without):
        ran.stdout = ran.stdout.replace("In[2]", "In[1]")
    assert (with_advice.stdout, with_advice.stderr) == (without.stdout, without.stderr)


ODD = """
class Odd(RuntimeError):
    def __getattribute__(self, name):
        if name.startswith("__") and name != "__notes__": return super().__getattribute__(name)
        raise ValueError(name)
raise Odd("Working outside of application context.")
"""


def test_an_odd_exception_does_not_end_it(notebook: Notebook) -> None:
    notebook.attempt(ODD)
    ran, _ = notebook.attempt(CELL)
    assert NOTE in ran.stdout


def test_unloading_gives_the_place_back(notebook: Notebook) -> None:
    notebook.shell.extension_manager.unload_extension("flask_magic")
    assert "showtraceback" not in vars(notebook.shell)
    ran, error = notebook.attempt(CELL)
    assert "RuntimeError" in ran.stdout
    assert not hasattr(error, "__notes__")


@pytest.mark.parametrize("earlier", [True, False])
def test_another_s_way_of_showing_is_left_alone(earlier: bool) -> None:
    notebook, seen = Notebook(load=False), []

    def show(*_: Any, **__: Any) -> None:
        seen.append(sys.exc_info()[1])

    try:
        if earlier:
            notebook.shell.showtraceback = show
        notebook.load()
        if not earlier:
            notebook.shell.showtraceback = show
        _, first = notebook.attempt(CELL)
        notebook.shell.extension_manager.unload_extension("flask_magic")
        _, second = notebook.attempt(CELL)
        assert seen == [first, second]
        assert hasattr(first, "__notes__") is earlier
        assert not hasattr(second, "__notes__")
    finally:
        del notebook.shell.showtraceback
        notebook.close()
