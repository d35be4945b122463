"""Names, secrets, requests, requirements, files: the parts that need no notebook, or little of one."""

import ast
import json
from pathlib import Path

import flask
import pytest

from flask_magic.errors import ExportError
from flask_magic.exchange import send
from flask_magic.export import formatting
from flask_magic.export.cases import Case, Exercise, Scene
from flask_magic.export.configuration import hide_secrets
from flask_magic.export.documents import gitignore
from flask_magic.export.files import files_of
from flask_magic.export.imports import dependencies
from flask_magic.export.names import names_in
from flask_magic.export.requests import scenes_of
from flask_magic.export.secrets import Secrets
from flask_magic.export.subject import project_name, refuse_without_app
from flask_magic.export.suite import Anew, conftest, exercises_module, requests_module
from flask_magic.export.text import edited, span
from flask_magic.history import History
from flask_magic.ledger import Cell
from flask_magic.request_line import read_request
from flask_magic.sent import SentRequests


@pytest.mark.parametrize(
    ("code", "binds", "now", "late"),
    [
        ("x = y", "x", "y", ""),
        ("x += 1", "x", "x", ""),
        ("def f(a=b) -> c:\n    d = a\n    return [e for _ in d], g", "f", "b c", "e g"),
        ("class A(B):\n    c = d\n    def m(self): return e", "A", "B d", "e"),
        ("z = [i for i in y if w]", "z", "w y", ""),
        ("f = lambda a: a + b", "f", "", "b"),
        ("def f():\n    global n\n    n = 1", "f", "", "n"),
        ("for i in y:\n    z.append(i)", "i", "i y z", ""),
        ("await f(x)", "", "f x", ""),
        ("import a.b as c, d.e", "c d", "", ""),
    ],
)
def test_names(code: str, binds: str, now: str, late: str) -> None:
    names = names_in(code)
    assert [" ".join(sorted(one)) for one in (names.binds, names.now, names.late)] == [binds, now, late]


def test_edits_count_in_bytes() -> None:
    text = "x = 'ä€', app"
    node = ast.parse(text).body[0].value.elts[1]  # type: ignore[attr-defined]
    assert edited(text, [(*span(text, node), "it")]) == "x = 'ä€', it"


@pytest.mark.parametrize(
    ("code", "hidden"),
    [
        ("app.secret_key = 'a-b-c-d'", 'app.secret_key = "dev"'),
        ("app.config['SECRET_KEY'] = secrets.token_hex()", "app.config['SECRET_KEY'] = \"dev\""),
        ("app.config.update(X=1, STRIPE_API_KEY='sk-1')", 'app.config.update(X=1, STRIPE_API_KEY="dev")'),
        ("app.config.from_mapping({'MAIL_PASSWORD': b'pw', 'Y': 2})",
         "app.config.from_mapping({'MAIL_PASSWORD': \"dev\", 'Y': 2})"),
        ("API_TOKEN = 'abcd'", 'API_TOKEN = os.environ.get("API_TOKEN", "dev")'),
        ("app.config['DATABASE_URI'] = 'postgresql://shop:pw9x@db/shop'",
         "app.config['DATABASE_URI'] = 'postgresql://shop@db/shop'"),
        ("app.config['SECRET_KEY'] = os.environ['KEY']", "app.config['SECRET_KEY'] = os.environ['KEY']"),
        ("app.config['SECRET_KEY'] = 'ab' + 'cd'", "app.config['SECRET_KEY'] = \"dev\""),
        ("app.config.setdefault('SECRET_KEY', 'abcd')", "app.config.setdefault('SECRET_KEY', \"dev\")"),
        ("if not app.secret_key:\n    app.secret_key = 'abcd'", 'if not app.secret_key:\n    app.secret_key = "dev"'),
        ("API_KEY: str = 'abcd'", 'API_KEY: str = os.environ.get("API_KEY", "dev")'),
        ("USER, PASSWORD = 'ada', 'abcd'", "USER, PASSWORD = 'ada', os.environ.get(\"PASSWORD\", \"dev\")"),
        ("key = os.environ.get('API_KEY', 'abcd')", "key = os.environ.get('API_KEY', \"dev\")"),
        ("class Config:\n    SECRET_KEY = 'abcd'",
         'class Config:\n    SECRET_KEY = os.environ.get("SECRET_KEY", "dev")'),
        ("settings = {'API_KEY': 'ä', 'X': 1}", "settings = {'API_KEY': os.environ.get(\"API_KEY\", \"dev\"), 'X': 1}"),
        ("def create_app():\n    app.config.update(SECRET_KEY='abcd')",
         'def create_app():\n    app.config.update(SECRET_KEY="dev")'),
        ("def view():\n    key = 'title'\n    return {'token': 'abcd', 'n': f(key='b')}",
         "def view():\n    key = 'title'\n    return {'token': 'abcd', 'n': f(key='b')}"),
        ("app.config['FEE'] = 'three'", "app.config['FEE'] = 'three'"),
        ("keys = ['front door']", "keys = ['front door']"),
    ],
)  # fmt: skip
def test_secrets(code: str, hidden: str) -> None:
    assert hide_secrets(code, ast.parse(code).body[0], Secrets()) == hidden


def scenes(*lines: str, app: flask.Flask | None = None, secrets: Secrets | None = None) -> tuple[list[str], list[str]]:
    """The calls and the reasons for request lines, each of a cell of its own."""
    if app is None:
        app = flask.Flask("demo")
    history, sent = History(), SentRequests()
    for line in lines:
        form = line.endswith(" --form")
        request = read_request(line.removesuffix(" --form").split(), form=form)
        sent.add(Cell(None, line), history.add(send(app, app.test_client(), request)))
    found, left = scenes_of(sent, secrets or Secrets())
    return [scene.cases[0].call for scene in found], [f"{one.what}: {one.why}" for one in left]


def test_requests_as_calls_of_a_test_client() -> None:
    calls, left = scenes(
        "GET /tools?a=1 b==2",
        "POST /tools name=drill price:=3",
        "POST /tools name=a name=b --form",
        "PATCH https://shop.test/x X-Many:1 X-Other:2",
        "TRACE /",
        "QUERY /",
        "GET / Cookie:a=1",
    )
    assert left == ["GET /: it carries a secret"]
    assert calls == [
        "client.get('/tools?a=1&b=2')",
        "client.post('/tools', json={'name': 'drill', 'price': 3})",
        "client.post('/tools', data={'name': ['a', 'b']})",
        "client.patch('/x', base_url='https://shop.test/', headers={'X-Many': '1', 'X-Other': '2'})",
        "client.trace('/')",
        "client.open('/', method='QUERY')",
    ]


def test_requests_that_are_no_tests() -> None:
    secrets = Secrets(values={"ding-7"})
    calls, left = scenes(
        "POST /login password=hunter22 --form", "GET / Authorization:token-9x", "GET / X-Bell:ding-7",
        f"POST / text={'x' * 3000}", "GET / Accept:", secrets=secrets,
    )  # fmt: skip
    assert calls == []
    assert left == [
        "POST /login: it carries a secret",
        "GET /: it carries a secret",
        "POST /: it is too long to write down",
        "GET /: a test client cannot send it as it was sent",
    ]


def test_the_text_of_tests() -> None:
    ada = Case("POST /login", "ada", "ada.post('/login')", 302, False, location="/")
    who = Case("GET /who", "ada", "ada.get('/who')", 200, True, has_json=True, json=None)
    upload = Case("POST /x", "client", "client.post('/x', data={'f': (BytesIO(b'1'), 'f', 't')})", 201, False)
    text = requests_module([Scene([ada]), Scene([who], [ada]), Scene([upload, upload])])
    names = {"__name__": "test"}
    exec(text, names)
    assert [name for name in names if name.startswith("test_")] == ["test_post_login", "test_get_who", "test_post_x"]
    assert "def test_get_who(app):\n    ada = app.test_client()\n    ada.post('/login')\n\n    response" in text
    assert "assert response.json is None" in text
    assert text.count("from io import BytesIO") == 1
    exercise = Exercise("a loan", "assert tools\nassert path", ["tools"], ["from os import path"])
    text = exercises_module([exercise, exercise], {"tools": "app"})
    assert "def test_a_loan_2(app, client):" in text
    assert '"""The check of the exercise a loan."""\n    from app import tools\n    assert tools' in text


def test_the_text_of_fixtures_is_python() -> None:
    environment = (("FLASK_X_URI", "sqlite:///{folder}/x.db"), ("FLASK_Y", "1"))
    text = conftest(Anew("shop", "app", True, ["shop"], ["library.db", "data/", "a/b.csv"], environment))
    ast.parse(text)
    assert "create_app(SETTINGS)" in text
    assert "monkeypatch.setenv('FLASK_X_URI', f'sqlite:///{tmp_path}/x.db')" in text
    assert "shutil.copytree(PROJECT / 'data/', tmp_path / 'data/')" in text


def test_requirements() -> None:
    found, unknown = dependencies(
        ["import os, flask\nimport fees, no_such\nfrom wtforms.validators import Email"], ["fees"]
    )
    names = [one.partition(">")[0] for one in found]
    assert (names, unknown) == (["email-validator", "flask", "wtforms"], ["no_such"])
    assert all(">=" in one and ",<" in one for one in found)
    assert dependencies(["import flask\nasync def view(): pass"])[0][0].startswith("flask[async]>=")


def test_files_that_the_app_needs(tmp_path: Path) -> None:
    texts = {
        "templates/base.html": "", "templates/page.html": "{% extends 'base.html' %}", "templates/other.html": "",
        "static/site.css": "", "fees.py": "import rates", "rates.py": "", "unused.py": "", "data.csv": "a",
        "note.txt": "", "static/__pycache__/x.pyc": "",
    }  # fmt: skip
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "templates" / "link.html").symlink_to(tmp_path / "note.txt")
    app = flask.Flask("demo", root_path=str(tmp_path))
    source = (
        "import fees\nfrom flask import render_template\nrender_template('page.html')\nopen('data.csv')\nopen('/etc/x')"
    )
    files = files_of(app, [], source, tmp_path)
    assert sorted(files) == ["fees.py", "rates.py", "static/site.css", "templates/base.html", "templates/page.html"]
    assert (sorted(files.modules), files.data, list(files.beside)) == (["fees", "rates"], ["data.csv"], ["data.csv"])
    files = files_of(app, [], f"{source}\nrender_template(name)", tmp_path)
    assert "templates/other.html" in files


def test_names_of_projects(tmp_path: Path) -> None:
    assert project_name(tmp_path / "tool-library.2", package=False) == "tool-library.2"
    for name, package, match in [
        ("my shop", False, "cannot be the name of a project"),
        ("2nd", True, "cannot be the name of a package"),
        ("class", True, "cannot be the name of a package"),
        ("tests", True, "would stand in the way"),
        ("json", True, "would stand in the way"),
        ("jinja2", True, "would stand in the way of the module jinja2"),
    ]:
        with pytest.raises(ExportError, match=match):
            project_name(tmp_path / name, package=package)


def test_a_notebook_without_an_app_need_not_run() -> None:
    with pytest.raises(ExportError, match="no cell makes one") as caught:
        refuse_without_app(["x = 1", "%%flask_file app.py\nfrom flask import Flask\napp = Flask(__name__)"])
    assert caught.value.why == "It writes files (app.py), and these are a project already."
    for cell in ("app = Flask(__name__)", "%%flask_route /", "%flask_app shop:app", "app = create_app()"):
        refuse_without_app([cell])


def test_what_tests_need_of_the_instance_folder_is_not_ignored() -> None:
    assert "instance/" in gitignore([]).splitlines()
    assert "!instance/a.db" in gitignore(["instance/a.db", "data.csv"]).splitlines()


def test_without_ruff_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting, "find_spec", lambda _: None)
    with pytest.raises(ExportError, match=r'pip install "flask-magic\[export\]"'):
        formatting.require_ruff()


def test_in_a_browser_it_says_where_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting.sys, "platform", "emscripten")
    with pytest.raises(ExportError, match="needs a real computer"):
        formatting.require_ruff()


def test_what_ruff_cannot_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nno-such-setting = 1\n")
    (tmp_path / "app.py").write_text("x = 1\n")
    with pytest.raises(ExportError, match="ruff could not format the project"):
        formatting.format_folder(tmp_path, ["app.py"])


def test_sent_requests_are_those_of_the_latest_runs() -> None:
    history, sent, cell = History(), SentRequests(), Cell("1", "")
    app = flask.Flask("demo")
    for run, path in [(1, "/a"), (2, "/b"), (2, "/c")]:
        cell.run = run
        sent.add(cell, history.add(send(app, app.test_client(), read_request([path]))), "404")
    assert [one.entry.request.path for one in sent] == ["/b", "/c"]
    assert json.dumps([one.expected for one in sent]) == '["404", "404"]'
