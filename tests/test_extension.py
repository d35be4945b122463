"""Loading into a shell, and leaving nothing behind."""

import sys
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest
from notebook_shell import Notebook


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """A notebook whose extension is not loaded."""
    monkeypatch.chdir(tmp_path)
    one = Notebook(load=False)
    yield one
    one.close()


def traces(shell: Notebook) -> dict[str, object]:
    """All that loading changes."""
    manager = shell.shell.magics_manager.magics
    return {
        "line": {name for name in manager["line"] if "flask" in name or name == "http"},
        "cell": {name for name in manager["cell"] if "flask" in name or name == "http"},
        "events": {name: len(callbacks) for name, callbacks in shell.shell.events.callbacks.items()},
        "matchers": len(shell.shell.Completer.custom_matchers),
        "init": flask.Flask.__init__,
        "cwd": Path.cwd(),
        "path": list(sys.path),
        "attribute": hasattr(shell.shell, "_flask_magic"),
    }


def test_unloading_takes_everything_back(plain: Notebook) -> None:
    before = traces(plain)
    plain.run("%load_ext flask_magic")
    assert {"http", "flask_app"} <= plain.shell.magics_manager.magics["line"].keys()
    plain.run("%flask_project shop")
    scratch = Path.cwd().parent
    plain.run("%%flask_route /\ndef home(): return 'x'")
    plain.run("%http /")
    assert Path.cwd() != before["cwd"]
    plain.run("%unload_ext flask_magic")
    assert traces(plain) == before
    assert not scratch.exists()
    assert not flask.has_app_context()
    app = plain.ns["app"]
    fresh = flask.Flask("fresh")
    assert vars(app).keys() - vars(fresh).keys() <= {"jinja_env", "logger"}
    assert plain.get("/") == "200 x"


def test_loading_twice_is_loading_once(plain: Notebook) -> None:
    plain.run("%load_ext flask_magic")
    once = traces(plain)
    plain.run("%load_ext flask_magic")
    assert traces(plain) == once


def test_reloading_works(plain: Notebook) -> None:
    plain.run("%load_ext flask_magic")
    plain.run("%%flask_route /\ndef home(): return 'old'", "home")
    plain.run("%reload_ext flask_magic")
    assert plain.get("/") == "200 old"
    plain.run("%%flask_route /new\ndef page(): return 'new'", "page")
    plain.run("%%flask_route /new\ndef page(): return 'newer'", "page")
    assert plain.get("/new") == "200 newer"


def test_loading_emits_the_stylesheet_once(plain: Notebook) -> None:
    assert plain.run("%load_ext flask_magic").html.startswith("<style>")
    assert plain.run("%load_ext flask_magic").html == ""


def test_the_cell_that_loads_is_a_cell_like_any_other(plain: Notebook) -> None:
    source = "%load_ext flask_magic\nimport flask\napp = flask.Flask('demo')\n@app.get('/')\ndef home(): return 'x'"
    plain.shell.run_cell(source, store_history=True)
    assert plain.get("/") == "200 x"
    plain.run("@app.get('/')\ndef home(): return 'y'")
    assert plain.get("/") == "200 y"


def test_no_context_is_pushed_between_cells(plain: Notebook) -> None:
    plain.run("%load_ext flask_magic")
    plain.run("%%flask_route /\ndef home(): return flask.request.path\nimport flask")
    plain.attempt("%%flask_route /bad --try /bad\ndef bad(): 1/0")
    assert not flask.has_request_context()
    assert not flask.has_app_context()


def test_a_hook_that_fails_fails_the_cell(plain: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    plain.run("%load_ext flask_magic")

    def broken(**_: bool) -> None:
        raise LookupError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(plain.bench, "end_cell", broken)
        _, error = plain.attempt("1")
    assert type(error) is LookupError


def test_every_magic_has_help_with_two_examples(plain: Notebook) -> None:
    plain.run("%load_ext flask_magic")
    for parser in plain.shell._flask_magic.parsers:
        name = parser.removesuffix("-cells")
        sign = "%%" if parser != name or name not in plain.shell.magics_manager.magics["line"] else "%"
        ran = plain.run(f"{sign}{name}?")
        help_text = ran.stdout + ran.text
        assert help_text.count(f"  {sign}{name}") >= 2, name
