"""Unloading and reloading: nothing of the extension stays in the shell, in Python, or in Flask."""

import contextvars
import gc
import inspect
import logging
import os
import signal
import sys
import tempfile
import threading
import types
import warnings
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import blinker
import flask
import pytest
import sqlalchemy
import sqlalchemy.orm
from flask import signals
from IPython.core.interactiveshell import InteractiveShell
from notebook_shell import Notebook

from flask_magic.trace.sql import SqlWatch

#: Packages whose classes and functions have to be as they were.
PACKAGES = {"flask", "werkzeug", "jinja2", "blinker", "click", "itsdangerous", "logging", "sqlalchemy", "http"}
#: What these packages and Python keep for themselves, once they know it.
CACHES = {"__abstractmethods__", "_abc_impl", "__dict__", "__weakref__", "__annotations__", "__warningregistry__"}

TOOL = "class Tool(db.Model):\n    id: Mapped[int] = mapped_column(primary_key=True)"
#: Cells that use each magic, in order; True where the cell is meant to fail.
CELLS: dict[str, list[tuple[str, bool]]] = {
    "flask_project": [("%flask_project shop", False)],
    "flask_file": [("%%flask_file templates/tool.html\n<h1>{{ name }}</h1>", False)],
    "flask_app": [
        (
            "from flask import Flask, Blueprint, g, render_template, request_finished\n"
            "from flask_sqlalchemy import SQLAlchemy\nfrom sqlalchemy import text\n"
            "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n"
            "class Base(DeclarativeBase): pass\n"
            "app = Flask(__name__)\napp.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'\n"
            "db = SQLAlchemy(app, model_class=Base)\nmembers = Blueprint('members', __name__, url_prefix='/members')\n"
            "@request_finished.connect_via(app)\ndef told(sender, response): sender.logger.warning('done')",
            False,
        ),
        (TOOL, False),
        (
            "from sqlalchemy import ForeignKey\nclass Loan(db.Model):\n"
            "    id: Mapped[int] = mapped_column(ForeignKey('tool.id'), primary_key=True)",
            False,
        ),
        (TOOL, False),
        ("@app.before_request\ndef before(): g.who = 'ada'\napp.register_blueprint(members)", False),
        ("%flask_app app --config TESTING=false", False),
        ("%flask_app --list", False),
        ("%flask_app nowhere", True),
    ],
    "flask_route": [
        ("%%flask_route /tools/<name>\ndef tool(name): return render_template('tool.html', name=name)", False),
        ("%%flask_route /sql\ndef sql(): return str(db.session.scalar(text('select 1')))", False),
        ("%%flask_route /slow\nasync def slow(): return 'slow'", False),
        ("%%flask_route / --blueprint members\ndef member(): return 'ada'", False),
        ("%%flask_route /broken --try /broken\ndef broken(): 1 / 0", True),
        ("%%flask_route /late --try /tools/saw\n@app.get('/later')\ndef late(): return 'late'", False),
        ("%%flask_route /gap\ndef gap(): ...", False),
    ],
    "http": [
        ("%http /tools/drill --time --reveal", False),
        ("%http /sql --as ada", False),
        ("%http /slow", False),
        ("%http /nowhere --expect 200", True),
        ("r = %http /members/ -q\nr", False),
        ('%%http --trace\nGET /tools/drill\nHTTP 200\n[Captures]\npage: xpath "string(/)"', False),
        ('%%http\nGET /nowhere\nHTTP 200\n[Asserts]\njsonpath "$.id" == 1', True),
    ],
    "flask_trace": [("%flask_trace GET /sql", False), ("%flask_trace /broken", False)],
    "flask_history": [("%flask_history", False)],
    "flask_replay": [("%flask_replay 1 --diff", False), ("%flask_replay 999", True)],
    "flask_clients": [("%flask_clients", False), ("%flask_clients ada --reset", False)],
    "flask_routes": [("%flask_routes", False), ("%flask_routes --match /tools/", False)],
    "flask_process": [
        ("%flask_process --env A=1 web {python} -m http.server --bind 127.0.0.1 {port}", False),
        ("%http / --to web", False),
        ("%flask_process web --log", False),
    ],
    "flask_serve": [("%flask_serve", False), ("%flask_serve --log", False), ("%flask_serve --port 99999", True)],
    "flask_cli": [("%flask_cli routes", False), ("%flask_cli nonsense", True)],
    "flask_export": [("%flask_export exported", False), ("%flask_export", True)],
    "flask_check": [("%%flask_check tool\n# hint: look\nassert client.get('/tools/saw').status_code == 500", False)],
}


def snapshot(shell: Any) -> dict[str, Any]:
    """All that the extension could change, in the shell and around it."""
    return {**of_shell(shell), **of_python(), **of_libraries()}


def of_shell(shell: Any) -> dict[str, Any]:
    """IPython: magics, hooks, transformers, displays."""
    manager = shell.magics_manager
    transformers = shell.input_transformer_manager
    return {
        "magics": {kind: dict(magics) for kind, magics in manager.magics.items()},
        "registry": dict(manager.registry),
        "lazy magics": dict(manager.lazy_magics),
        "events": {name: list(callbacks) for name, callbacks in shell.events.callbacks.items()},
        "matchers": list(shell.Completer.custom_matchers),
        "hooks": {name: str(value) for name, value in shell.hooks.items()},
        "ast transformers": list(shell.ast_transformers),
        "input transformers": [
            *transformers.cleanup_transforms,
            *transformers.line_transforms,
            *transformers.token_transformers,
            *shell.input_transformers_post,
        ],
        "exceptions": (shell.custom_exceptions, shell.CustomTB),
        "configurables": list(shell.configurables),
        "config": repr(shell.config),
        "formatters": {
            kind: (set(formatter.type_printers), set(formatter.deferred_printers))
            for kind, formatter in shell.display_formatter.formatters.items()
        },
        "publishing": (shell.display_pub, shell.displayhook, type(shell), type(shell.display_pub)),
        "attributes": set(vars(shell)) - {"_logger", "_last_traceback", "_last_input_line"},
        "names": {name for name in shell.user_ns if "flask_magic" in name},
    }


def of_python() -> dict[str, Any]:
    """The process: threads, children, sockets, paths, logging, contexts."""
    descriptors = [_target(link) for link in Path("/proc/self/fd").iterdir()]
    return {
        "threads": set(threading.enumerate()),
        "children": "".join(path.read_text() for path in Path("/proc/self/task").glob("*/children")),
        "sockets": [place for place in descriptors if place.startswith("socket:")],
        "scratch": sorted(Path(tempfile.gettempdir()).glob("flask_magic-*")),
        "open scratch": [place for place in descriptors if "flask_magic" in place],
        "path": list(sys.path),
        "importing": [*sys.meta_path, *sys.path_hooks],
        "cwd": Path.cwd(),
        "environment": dict(os.environ),
        "warnings": list(warnings.filters),
        "python's hooks": (sys.excepthook, sys.displayhook, threading.excepthook, warnings.showwarning),
        "tracing": (sys.gettrace(), sys.getprofile()),
        "interrupt": signal.getsignal(signal.SIGINT),
        "variables": {variable.name for variable in contextvars.copy_context()},
        "contexts": (flask.has_app_context(), flask.has_request_context()),
        "logging": (logging.getLogRecordFactory(), logging.lastResort, logging.getLoggerClass(), logging.root.level),
        "handlers": [*logging.root.handlers, *logging.root.filters],
    }


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:  # the descriptor that the listing itself used
        return ""


def of_libraries() -> dict[str, Any]:
    """Attributes of the libraries' classes and modules, receivers of signals, SQLAlchemy's listeners."""
    owners: dict[str, Any] = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES and module is not None:
            owners[name] = module
            kinds = [value for value in vars(module).values() if inspect.isclass(value) and value.__module__ == name]
            owners |= {f"{name}.{kind.__qualname__}": kind for kind in kinds}
    engine = sqlalchemy.create_engine("sqlite://")
    names = engine.dispatch._event_names
    return {
        "attributes of libraries": {name: _attributes(owner) for name, owner in owners.items()},
        "receivers": {
            name: set(one.receivers) for name, one in vars(signals).items() if isinstance(one, blinker.Signal)
        },
        "listeners": {name: list(getattr(engine.dispatch, name)) for name in names},
    }


def _attributes(owner: Any) -> dict[str, Any]:
    # A module of a package that is imported meanwhile is no change.
    return {name: value for name, value in vars(owner).items() if name not in CACHES and not inspect.ismodule(value)}


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What of a snapshot is another now, the libraries' attributes by identity."""
    name = "attributes of libraries"
    before, after = dict(before), dict(after)
    ours = before.pop(name), after.pop(name)
    changed = {name: _difference(old, after[name]) for name, old in before.items() if old != after[name]}
    for owner, attributes in ours[0].items():
        now = ours[1].get(owner, attributes)
        for name in attributes.keys() | now.keys():
            if name.startswith("_generated_"):  # SQLAlchemy writes these methods when they are first needed
                continue
            if attributes.get(name) is not now.get(name) and callable(now.get(name, attributes.get(name))):
                changed[f"{owner}.{name}"] = (attributes.get(name), now.get(name))
    return changed


def _difference(old: Any, new: Any) -> Any:
    """What is in one of the two only, as text: an object's own would keep it alive."""
    if isinstance(old, dict):
        return {key: _difference(old.get(key), new.get(key)) for key in old | new if old.get(key) != new.get(key)}
    if isinstance(old, list | set):
        return f"- {[one for one in old if one not in new]} + {[one for one in new if one not in old]}"
    return f"{old} -> {new}"


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """A notebook whose extension is not loaded."""
    monkeypatch.chdir(tmp_path)
    temporary = tmp_path / "temporary"  # of this test alone: others run beside it
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    tracers_of_other_tests = SqlWatch()
    tracers_of_other_tests.open()
    tracers_of_other_tests.close()
    one = Notebook(load=False)
    one.attempt("%load_ext")  # IPython loads its own magics for extensions when they are first asked for
    yield one
    one.close()


def use_everything(notebook: Notebook) -> None:
    """Run all cells, inside an event loop as in a kernel."""
    for magic, cells in CELLS.items():
        for source, fails in cells:
            _, error = notebook.attempt(source, source, loop=True)
            assert (error is not None) == fails, f"{magic}: {source}: {error!r}"


def test_every_magic_is_used(plain: Notebook) -> None:
    before = {kind: set(magics) for kind, magics in plain.shell.magics_manager.magics.items()}
    plain.load()
    added = {
        name for kind, magics in plain.shell.magics_manager.magics.items() for name in magics.keys() - before[kind]
    }
    assert added == CELLS.keys()


def test_unloading_leaves_nothing(plain: Notebook) -> None:
    before = snapshot(plain.shell)
    plain.load()
    extension = weakref.ref(plain.shell._flask_magic)
    use_everything(plain)
    assert "tables" in vars(plain.ns["db"].metadata)
    plain.shell.extension_manager.unload_extension("flask_magic")
    for _ in range(3):  # what a finalizer lets go of is collected in the next round
        gc.collect()
    assert extension() is None, [str(one)[:500] for one in gc.get_referrers(extension())]
    flask.request_finished.disconnect(plain.ns["told"])  # the notebook's own: it stays
    assert changes(before, snapshot(plain.shell)) == {}


def test_the_snapshot_sees_what_stays(plain: Notebook) -> None:
    before = snapshot(plain.shell)
    plain.load()
    seen = changes(before, snapshot(plain.shell))
    assert {
        "magics", "events", "matchers", "ast transformers", "configurables", "attributes",
        "flask.app.Flask.__init__", "blinker.base.Signal.connect",
    } <= seen.keys()  # fmt: skip


def test_reloading_twice_is_loading_once(plain: Notebook) -> None:
    before = snapshot(plain.shell)
    plain.load()
    once = {name: len(callbacks) for name, callbacks in plain.shell.events.callbacks.items()}
    plain.run("%%flask_route /old\ndef old(): return 'old'", "old")
    for _ in range(2):
        plain.run("%reload_ext flask_magic")
        assert {name: len(callbacks) for name, callbacks in plain.shell.events.callbacks.items()} == once
        assert sum(type(one).__module__.startswith("flask_magic") for one in plain.shell.Completer.custom_matchers) == 1
    plain.run("%%flask_route /new --try /old\ndef new(): return 'new'", "new")
    assert (plain.get("/old"), plain.get("/new")) == ("200 old", "200 new")
    plain.shell.extension_manager.unload_extension("flask_magic")
    assert changes(before, snapshot(plain.shell)) == {}


def test_an_app_is_plain_flask_afterwards(plain: Notebook) -> None:
    plain.load()
    use_everything(plain)
    app = plain.ns["app"]
    assert plain.get("/tools/saw") == "200 <h1>saw</h1>"
    plain.shell.extension_manager.unload_extension("flask_magic")
    with pytest.raises(AssertionError, match="can no longer be called"):
        app.get("/late")(lambda: "late")
    assert "async_to_sync" not in vars(app)
    assert [type(value) for value in (app.view_functions, app.url_map, app.config)] == [
        type(value)
        for value in (flask.Flask("fresh").view_functions, flask.Flask("x").url_map, flask.Flask("y").config)
    ]
    fresh = flask.Flask("fresh")
    assert vars(app).keys() - vars(fresh).keys() <= {"jinja_env", "jinja_loader", "logger"}
    assert app.test_client().get("/sql").text == "1"


@pytest.mark.parametrize(
    "cell",
    [
        "@app.get('/now')\ndef now(): return 'now'\n%unload_ext flask_magic\napp.config['A'] = 1",
        "%unload_ext flask_magic\n1 / 0",
        "with app.app_context():\n    %unload_ext flask_magic\n    assert app.config",
        "%flask_process web sleep 60\n%unload_ext flask_magic",
        "@app.get('/leave')\ndef leave():\n    get_ipython().run_line_magic('unload_ext', 'flask_magic')\n"
        "    return 'left'\n%http /leave",
        "@app.get('/pieces')\ndef pieces():\n    yield 'a'\n"
        "    get_ipython().run_line_magic('unload_ext', 'flask_magic')\n    yield 'b'\n%http /pieces",
        "@app.get('/traced')\ndef traced():\n    get_ipython().run_line_magic('unload_ext', 'flask_magic')\n"
        "    return 'left'\n%flask_trace /traced",
        "%%flask_check out\nget_ipython().run_line_magic('unload_ext', 'flask_magic')",
    ],
)
def test_unloading_in_the_middle_of_a_cell(plain: Notebook, cell: str) -> None:
    before = snapshot(plain.shell)
    plain.load()
    plain.run("import flask\napp = flask.Flask('shop')\n@app.get('/')\ndef home(): return 'home'")
    plain.attempt(cell)
    assert not hasattr(plain.shell, "_flask_magic")
    assert changes(before, snapshot(plain.shell)) == {}
    assert plain.get("/") == "200 home"
    plain.load()
    plain.run("%%flask_route /again --try /again\ndef again(): return 'again'")
    assert plain.get("/again") == "200 again"
    plain.shell.extension_manager.unload_extension("flask_magic")
    assert changes(before, snapshot(plain.shell)) == {}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_shells(plain: Notebook, order: tuple[int, int]) -> None:
    shells = plain.shell, InteractiveShell(user_module=types.ModuleType("other"), config=plain.shell.config)
    before = [snapshot(shell) for shell in shells]
    for name, shell in zip(("one", "two"), shells, strict=True):
        shell.extension_manager.load_extension("flask_magic")
        shell.run_cell("import flask\napp = flask.Flask(__name__)").raise_error()
        for answer in (name, f"{name} again"):
            cell = f"@app.get('/')\ndef home(): return '{answer}'"
            shell.run_cell(cell, cell_id="home").raise_error()
            assert shell.user_ns["app"].test_client().get("/").text == answer
    first, last = order
    shells[first].extension_manager.unload_extension("flask_magic")
    shells[last].run_cell("@app.get('/')\ndef home(): return 'alone'", cell_id="home").raise_error()
    assert shells[last].user_ns["app"].test_client().get("/").text == "alone"
    shells[last].run_cell("app = flask.Flask('new')", cell_id="new").raise_error()
    for _ in range(2):
        shells[last].run_cell("@app.get('/')\ndef home(): return 'new'", cell_id="home").raise_error()
    shells[last].extension_manager.unload_extension("flask_magic")
    for shell, old in zip(shells, before, strict=True):
        assert changes(old, snapshot(shell)) == {}
