"""Exceptions, each really raised, and what is said to each."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_shell import Notebook

from flask_magic.advice.errors import advise

BASE = """
import flask, datetime, json
from functools import wraps
from flask import *
app = Flask("shop", root_path=".")
@app.get("/tools/<int:tool_id>")
def tool(tool_id): return {"tool": tool_id}
desk = Blueprint("desk", "desk", url_prefix="/desk")
@desk.get("/queue")
def queue(): return url_for("call")
@desk.get("/call")
def call(): return "x"
app.register_blueprint(desk)
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """One notebook for all: a view that is defined again replaces the one before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("shop"))
        notebook = Notebook()
        notebook.run(BASE)
        yield notebook
        notebook.close()


def shown(shop: Notebook, cell: str) -> list[str]:
    """The advice under what a cell raises, as it stands there."""
    _, error = shop.attempt(cell)
    assert error is not None
    render: Any = getattr(error, "_render_traceback_", None)
    lines: list[str] = render() if render is not None else getattr(error, "__notes__", [])
    return [line.strip()[2:] for line in lines if line.strip().startswith("→ ")]


def of_view(shop: Notebook, *body: str) -> list[str]:
    """The advice on the exception of a view with this body."""
    shop.run("\n    ".join(["@app.route('/view', methods=['GET', 'POST'])\ndef view():", *body]))
    return shown(shop, "%http /view")


# -- views


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("pass", "Every way through the view 'view' has to end in a `return` with something to send."),
        (
            "return 7",
            'Return text, a dict, a list or a response. Here: `return str(…)`, or `return {"value": …}` for JSON.',
        ),
        ("return {1}", "Return text, a dict, a list or a response. Here: `return list(…)`."),
        ("return app", None),
        (
            "return object()",
            "Return text, a dict, a list or a response. Here: a dict of what the client is to know of it.",
        ),
        ("return 1, 2, 3, 4", None),
        ("raise TypeError('my own')", None),
        ("return ''.nothing", None),
    ],
)
def test_what_a_view_returns(shop: Notebook, body: str, said: str | None) -> None:
    assert of_view(shop, body) == ([said] if said else [])


def test_a_decorator_that_returns_nothing(shop: Notebook) -> None:
    shop.run(
        "def quiet(view):\n    @wraps(view)\n    def inner(): view()\n    return inner\n"
        "@app.get('/quiet')\n@quiet\ndef hush(): return 'x'"
    )
    assert shown(shop, "%http /quiet") == [
        "Every way through the view 'hush' has to end in a `return` with something to send. "
        "So has the function that its decorator puts around it."
    ]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("member", "`/m/<int:id>` gives 'id', and m() takes 'member': use one name in both places."),
        ("", "`/m/<int:id>` gives 'id', and m() takes no such argument."),
        ("id, name", "m() needs 'name', and `/m/<int:id>` has no such part."),
    ],
)
def test_a_view_s_parameters(shop: Notebook, parameters: str, said: str) -> None:
    shop.run(f"@app.get('/m/<int:id>')\ndef m({parameters}): return 'x'")
    assert shown(shop, "%http /m/1") == [said]


def test_a_method_view_s_parameters(shop: Notebook) -> None:
    shop.run("from flask.views import MethodView\nclass M(MethodView):\n    def get(self, no): return 'x'")
    shop.run("app.add_url_rule('/m/<int:id>', view_func=M.as_view('m'))")
    assert shown(shop, "%http /m/1") == ["`/m/<int:id>` gives 'id', and get() takes 'no': use one name in both places."]


# -- URLs


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            "'toll', tool_id=1",
            "Did you mean 'tool'? By default an endpoint is the name of the view function: see `%flask_routes`.",
        ),
        ("'tool', id=1", "The rule is `/tools/<int:tool_id>`: write `url_for('tool', tool_id=…)`."),
        (
            "'tool', tool_id=None",
            "The rule is `/tools/<int:tool_id>`: write `url_for('tool', tool_id=…)`. "
            "tool_id was None, which counts as missing.",
        ),
        ("'static'", "The rule is `/static/<path:filename>`: write `url_for('static', filename=…)`."),
        (
            "'/tools/7'",
            "`url_for` takes no URL but an endpoint, by default the view function's name: see `%flask_routes`.",
        ),
        ("'zzzzzz'", "No endpoint is called anything like it, whatever the message says. `%flask_routes` lists them."),
        ("'tool', tool_id=1, _method='PUT'", None),
    ],
)
def test_building_a_url(shop: Notebook, call: str, said: str | None) -> None:
    assert shown(shop, f"with app.test_request_context(): url_for({call})") == ([said] if said else [])
    assert of_view(shop, f"return url_for({call})") == ([said] if said else [])


def test_a_blueprint_s_endpoint(shop: Notebook) -> None:
    assert shown(shop, "%http /desk/queue") == [
        "It belongs to blueprint desk: write 'desk.call'. In its own views '.call' does."
    ]
    shop.run("till = Blueprint('till', 'till')\n@till.get('/till')\ndef call(): ...\napp.register_blueprint(till)")
    assert shown(shop, "%http /desk/queue") == ["Blueprints have it: write 'desk.call' or 'till.call'."]


# -- contexts, secret key, event loop


CELL = "In a cell: `with app.{}:` around it."
BUILDING = "In a cell: `with app.test_request_context():` around it. In a script or a job: set SERVER_NAME."


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("current_app.name", f"Only a request or a context says which app is meant. {CELL.format('app_context()')}"),
        ("g.user = 1", f"Only a request or a context says which app is meant. {CELL.format('app_context()')}"),
        ("request.path", "Only while one is answered is there a request. " + CELL.format('test_request_context("/")')),
        ("url_for('tool', tool_id=1)", BUILDING),
        ("with app.app_context(): url_for('tool', tool_id=1)", BUILDING),
        ("raise RuntimeError('Working hard')", None),
    ],
)
def test_outside_of_a_context(shop: Notebook, cell: str, said: str | None) -> None:
    assert shown(shop, cell) == ([said] if said else [])


def test_in_a_thread_and_in_a_stream(shop: Notebook) -> None:
    pool = "from concurrent.futures import ThreadPoolExecutor as Pool"
    assert of_view(shop, pool, "with Pool() as pool: return pool.submit(lambda: request.path).result()") == [
        "A thread has no context of its own: give it `copy_current_request_context(function)`, made in the view."
    ]
    fixed = "with Pool() as pool: return pool.submit(copy_current_request_context(lambda: request.path)).result()"
    shop.run(f"@app.get('/fixed')\ndef fixed():\n    {pool}\n    {fixed}")
    assert shop.run("r = %http /fixed -q\nprint(r.text)").stdout == "/fixed\n"
    assert of_view(shop, "return Response(request.path for _ in 'ab')") == [
        "The pieces are made after the view has returned: wrap the generator in `stream_with_context(…)`."
    ]


def test_no_secret_key(shop: Notebook) -> None:
    said = ["Set `app.secret_key` before the request: what `secrets.token_hex()` gives once, kept outside of the code."]
    assert of_view(shop, "session['user'] = 1", "return 'x'") == said
    shop.run("from flask_wtf import FlaskForm")
    assert of_view(shop, "return str(FlaskForm().csrf_token)") == said


def test_an_async_view_by_a_plain_client(shop: Notebook) -> None:
    cell = "import flask\ndef ask():\n    app = flask.Flask('hidden')\n    app.testing = True\n" + (
        "    @app.get('/')\n    async def home(): return 'x'\n    app.test_client().get('/')\nask()"
    )
    _, error = shop.attempt(cell, loop=True)
    assert "AsyncToSync" in str(error)
    assert error.__notes__ == [  # type: ignore[union-attr]
        "→ A notebook runs an event loop already. `%http` calls `async def` views all the same."
    ]


# -- JSON and keys


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return {'all': {1}}", "JSON has no sets: `list(…)` or, in a fixed order, `sorted(…)`."),
        (
            "return [b'x']",
            "JSON has no bytes: text comes from `.decode()`; for other bytes send a response of their own.",
        ),
        ("return [app]", "Say which of its values a client is to see: a dict made of the Flask."),
        (
            "return json.dumps(datetime.date(2026, 1, 2))",
            "`flask.json.dumps` and a view's dict know date; the standard `json` does not.",
        ),
        ("return {(1, 2): 3}", None),
    ],
)
def test_what_is_no_json(shop: Notebook, body: str, said: str | None) -> None:
    shop.run("import json")  # over flask's
    assert of_view(shop, body) == ([said] if said else [])


def test_a_missing_key_in_debug_mode(shop: Notebook) -> None:
    shop.run("app.debug = True")
    assert of_view(shop, "return request.args['q']") == [
        "The query has no 'q': nothing was sent there.",
        "Where it may be missing: `request.args.get('q')`, which gives None.",
    ]
    assert of_view(shop, "from werkzeug.datastructures import MultiDict", "return MultiDict()['q']") == []
    shop.run("app.debug = False")


# -- databases

MODELS = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy import ForeignKey
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///:memory:"
class Base(DeclarativeBase): pass
db = SQLAlchemy(app, model_class=Base)
class Shelf(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    tools: Mapped[list["Tool"]] = relationship()
class Tool(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id"))
"""


def test_a_database(shop: Notebook) -> None:
    shop.run(MODELS)
    assert of_view(shop, "return list(db.session.scalars(select(Shelf)))") == [
        "The database has no table shelf yet: `with app.app_context(): db.create_all()`, after the models. "
        "With migrations: `flask db upgrade`."
    ]
    shop.run("with app.app_context(): db.session.execute(text('create table shelf (id integer)')); db.session.commit()")
    older = (
        "The table is older than the model and has no {}. `create_all` alters no table: migrate it, "
        "or, where the data may go, `db.drop_all()` and `db.create_all()`."
    )
    assert of_view(shop, "return list(db.session.scalars(select(Shelf)))") == [older.format("shelf.name")]
    adding = "db.session.add(Shelf(name='A')); db.session.commit()"
    assert shown(shop, f"with app.app_context(): {adding}") == [older.format("name")]
    shop.run(f"with app.app_context():\n    db.drop_all(); db.create_all()\n    {adding}")
    detached = (
        "The object outlived its session. Read it within the same `with app.app_context():` or request, "
        "or load what is needed first, such as by `selectinload`."
    )
    shop.run("with app.app_context(): shelf = db.session.get(Shelf, 1)")
    assert shown(shop, "shelf.tools") == [detached]
    assert of_view(shop, "return [db.session.get(Shelf, 1)]") == [
        'A model is no JSON: choose what the client may see, such as `{"id": it.id, "name": it.name}`.'
    ]
    assert of_view(shop, "return [db.session.execute(select(Shelf.id)).first()]") == [
        "Turn the row into a dict: `row._asdict()`, or `dict(row._mapping)`."
    ]
    shop.run("with app.app_context(): db.engine.dispose()")


def test_sqlite_by_itself(shop: Notebook) -> None:
    shop.run("import sqlite3\nbase = sqlite3.connect(':memory:')")
    assert shown(shop, "base.execute('select * from tool')") == [
        "This database has no table tool: run its CREATE TABLE first, on the same file."
    ]
    assert shown(shop, "base.execute('selec')") == []
    shop.run("base.close()")


# -- imports


def test_a_circle_of_imports(shop: Notebook) -> None:
    files = {
        "circle_app.py": "from circle_views import home\napp = 1",
        "circle_views.py": "from circle_app import app\nhome = 1",
        "half.py": "import half\nhalf.app",
    }
    for name, text in files.items():
        Path(name).write_text(text)
    sys.path.insert(0, str(Path.cwd()))
    try:
        assert shown(shop, "import circle_app") == [
            "The imports go in a circle: circle_app → circle_views → circle_app. "
            "Import the views where the app is made already: in `create_app`, or at the end of circle_app."
        ]
        assert shown(shop, "import half") == [
            "Import the views where the app is made already: in `create_app`, or at the end of half."
        ]
    finally:
        sys.path.remove(str(Path.cwd()))


def test_a_file_that_hides_flask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "flask.py").write_text("app = 1")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "flask")
    importlib.invalidate_caches()
    with pytest.raises(ImportError) as caught:
        from flask import Flask  # noqa: F401
    monkeypatch.undo()
    assert advise(caught.value) == ["Your own file flask.py is imported in place of the package: give it another name."]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("from flask import Markup", "Today it is `from markupsafe import Markup`."),
        ("from flask import escape", "Today it is `from markupsafe import escape`."),
        ("from jinja2 import Markup", "Today it is `from markupsafe import Markup`."),
        ("from jinja2 import escape", "Today it is `from markupsafe import escape`."),
        ("from werkzeug.urls import url_quote", "Today it is `from urllib.parse import quote`."),
        ("from werkzeug.urls import url_parse", "Today it is `from urllib.parse import urlsplit`."),
        (
            "from flask import _request_ctx_stack",
            "Today it is `from flask import request`, or `g` for what belongs to one request.",
        ),
        (
            "from flask import _app_ctx_stack",
            "Today it is `from flask import current_app`, or `g` for what belongs to one request.",
        ),
        (
            "app.before_first_request",
            "It is gone since Flask 2.3: do it where the app is made, with `with app.app_context():`.",
        ),
        ("app.before_requst", None),
        ("from flask import Falsk", None),
        ("import no_such_module", None),
    ],
)
def test_what_has_moved(shop: Notebook, line: str, said: str | None) -> None:
    assert shown(shop, line) == ([said] if said else [])


# -- registering

GUARD = "def guard(view):\n    def guarded(): return view()\n    return guarded\n"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            GUARD + "@app.get('/a')\n@guard\ndef a(): ...\n@app.get('/b')\n@guard\ndef b(): ...",
            "Both are called guarded, as the decorator's inner function: put `@functools.wraps(view)` on that.",
        ),
        (
            "@app.get('/a')\ndef a(): ...\n@app.get('/b')\ndef a(): ...",
            "Two views are called a: rename one, or give it another name with `endpoint=`.",
        ),
        (
            "from flask.views import View\nclass A(View): ...\nclass B(View): ...\n"
            "for kind in (A, B): app.add_url_rule(f'/{kind.__name__}', view_func=kind.as_view('same'))",
            "Each `as_view(…)` takes a name of its own; 'same' is taken.",
        ),
        ("assert False, 'my own'", None),
    ],
)
def test_one_endpoint_for_two_views(shop: Notebook, cell: str, said: str | None) -> None:
    assert shown(shop, cell) == ([said] if said else [])


def test_set_up_that_comes_too_late(shop: Notebook) -> None:
    shop.run("plain = Flask('plain')\n%flask_app plain --plain\n%http / --expect 404 -q\n%flask_app app")
    assert shown(shop, "@plain.get('/late')\ndef late(): ...") == [
        "Set-up comes before the first request: move it up, and run from the start. "
        "(An app that is not left `--plain` takes it here.)"
    ]
    blueprint = flask.Blueprint("till", "till")
    flask.Flask("other").register_blueprint(blueprint)
    with pytest.raises(AssertionError) as caught:
        blueprint.before_request(lambda: None)
    assert advise(caught.value) == ["First all of the blueprint's routes and hooks, then `app.register_blueprint(…)`."]


# -- nothing known, nothing said


class Broken(Exception):
    """An exception that answers nothing."""

    def __str__(self) -> str:
        raise ValueError("no text")

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            return super().__getattribute__(name)
        raise RuntimeError(name)


KINDS = (RuntimeError, TypeError, AssertionError, ImportError, AttributeError, KeyError, ValueError, OSError)
BEGINNINGS = ("", "Working outside", "Object of type", "View function mapping", "cannot import name 'x' from", "400 ")


@given(
    kind=st.sampled_from(KINDS),
    beginning=st.sampled_from(BEGINNINGS),
    arguments=st.lists(st.one_of(st.text(), st.integers(), st.none(), st.binary()), max_size=3),
    broken=st.booleans(),
)
def test_it_never_raises_and_says_nothing_of_what_it_does_not_know(
    kind: type[Exception], beginning: str, arguments: list[Any], broken: bool
) -> None:
    made = type("Odd", (Broken, kind), {}) if broken else kind
    error = made(beginning, *arguments)
    assert advise(error) == []
    with pytest.raises(kind) as caught:
        raise error
    assert advise(caught.value, flask.Flask("shop")) == []
