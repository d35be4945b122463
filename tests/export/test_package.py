"""A package with a factory, and modules for what belongs together."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from notebook_shell import Notebook

from flask_magic.errors import ExportError
from flask_magic.export.factory import indented
from flask_magic.export.package import within

from .cells import lines_of, package_of


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """An app of its own with a view, a hook, a filter, an error handler, and a blueprint."""
    notebook.run("from flask import Blueprint, Flask\napp = Flask(__name__)\napp.config['SECRET_KEY'] = 'abc-123'")
    notebook.run("prices = {'drill': 3}\ndef price(tool): return prices[tool]")
    notebook.run("@app.get('/')\ndef home(): return str(price('drill')) + app.name")
    notebook.run("@app.before_request\ndef note(): pass")
    notebook.run("@app.template_filter('euro')\ndef in_euro(x): return f'{x} €'")
    notebook.run("@app.errorhandler(404)\ndef missing(error): return 'nothing', 404")
    notebook.run("desk = Blueprint('desk', __name__, url_prefix='/desk')\nopen_at = 9")
    notebook.run("@desk.get('/')\ndef desk_home(): return str(price('drill') + open_at)\napp.register_blueprint(desk)")
    return notebook


def test_it_falls_apart_into_modules(shop: Notebook) -> None:
    modules = package_of(shop)
    assert sorted(modules) == ["shop/__init__.py", "shop/desk.py", "shop/helpers.py", "shop/views.py"]
    lines = lines_of(modules["shop/__init__.py"])
    assert sorted(lines[:3]) == ["from . import views", "from .desk import desk", "from flask import Flask"]
    assert lines[3:] == [
        "def create_app(test_config=None):",
        '    """Make the app. `test_config` has the last word, also over the environment."""',
        "    app = Flask(__name__)",
        "    app.config['SECRET_KEY'] = \"dev\"",
        "    app.config.from_prefixed_env()",
        "    if test_config is not None:",
        "        app.config.from_mapping(test_config)",
        "    views.init_app(app)",
        "    app.register_blueprint(desk)",
        "    return app",
    ]
    assert lines_of(modules["shop/views.py"])[-6:] == [
        "def init_app(app):",
        '    """Register what stands above."""',
        "    app.add_url_rule('/', view_func=home)",
        "    app.before_request(note)",
        "    app.add_template_filter(in_euro, 'euro')",
        "    app.register_error_handler(404, missing)",
    ]
    assert "return str(price('drill')) + current_app.name" in modules["shop/views.py"]
    assert "from .helpers import price" in modules["shop/desk.py"]
    assert "open_at = 9" in modules["shop/desk.py"]


def test_extensions_stand_outside_of_the_factory(shop: Notebook) -> None:
    shop.run("from flask_wtf import CSRFProtect\ncsrf = CSRFProtect(app)")
    shop.run("@app.post('/parcels')\n@csrf.exempt\ndef parcel(): return ''")
    modules = package_of(shop)
    assert "csrf = CSRFProtect()" in modules["shop/extensions.py"]
    assert "    csrf.init_app(app)" in modules["shop/__init__.py"]
    assert "@csrf.exempt\ndef parcel" in modules["shop/views.py"]


def test_models_and_forms_have_modules(shop: Notebook) -> None:
    shop.run(
        "from flask_sqlalchemy import SQLAlchemy\nfrom flask_wtf import FlaskForm\nfrom wtforms import StringField"
    )
    shop.run("app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'\ndb = SQLAlchemy()\ndb.init_app(app)")
    shop.run("class Tool(db.Model):\n    id = db.Column(db.Integer, primary_key=True)")
    shop.run("class Loan(db.Model):\n    id = db.Column(db.Integer, db.ForeignKey('tool.id'), primary_key=True)")
    shop.run("with app.app_context():\n    db.create_all()")
    shop.run("class ToolForm(FlaskForm):\n    name = StringField()")
    shop.run("@app.get('/tools')\ndef tools():\n    ToolForm()\n    return str(db.session.query(Tool).count())")
    shop.run("with app.app_context():\n    db.session.add(Tool())\n    db.session.commit()")
    modules = package_of(shop)
    assert "class Loan(db.Model)" in modules["shop/models.py"]  # nothing names it: it belongs to the database
    assert "class ToolForm(FlaskForm)" in modules["shop/forms.py"]
    assert "    with app.app_context():\n        db.create_all()" in modules["shop/__init__.py"]
    assert not any("session.add" in text for text in modules.values())


@pytest.mark.parametrize(
    "cell",
    [
        "def page(rule):\n    return lambda view: app.add_url_rule(rule, view_func=view)\n"
        "@page('/page')\ndef paged(): return 'x'",
        "def around(view):\n    return lambda: 'no'\n@around\n@app.get('/page')\ndef paged(): return 'x'",
        "folder = app.root_path\n@app.get('/page')\ndef paged(): return folder and 'x'",
    ],
)
def test_what_needs_the_app_at_once_stands_in_the_factory(shop: Notebook, cell: str) -> None:
    shop.run(cell)
    modules = package_of(shop)
    assert list(modules) == ["shop/__init__.py"]
    names: dict[str, object] = {"__name__": "shop"}
    exec(modules["shop/__init__.py"], names)
    client = names["create_app"]({"TESTING": True}).test_client()  # type: ignore[operator]
    assert [client.get(path).text for path in ("/page", "/desk/")] == ["x", "12"]


def test_an_app_of_the_notebook_s_own_factory_is_refused(notebook: Notebook) -> None:
    notebook.run("from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n"
                 "    app.add_url_rule('/', view_func=lambda: 'x', endpoint='x')\n    return app")  # fmt: skip
    notebook.run("app = create_app()")
    with pytest.raises(ExportError, match="Export without --package"):
        package_of(notebook)


def test_a_view_may_be_called_as_a_module_would_be(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run("from flask import Flask\napp: Flask = Flask(__name__)")
    notebook.run("@app.get('/')\ndef views(): return 'views'\n@app.get('/models')\ndef models(): return 'models'")
    modules = package_of(notebook)
    assert sorted(modules) == ["shop/__init__.py", "shop/views_module.py"]
    for name, text in modules.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    code = "from shop import create_app; print(create_app().test_client().get('/').text)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("views\n", "")


def test_imports_of_the_project_s_own_modules_are_the_package_s() -> None:
    source = "import fees, os\nfrom fees import late\nfrom fees.old import x as y\nfrom feest import z\n"
    assert within(source, "shop", ["fees"]) == (
        "from shop import fees; import os\nfrom shop.fees import late\nfrom shop.fees.old import x as y\n"
        "from feest import z\n"
    )


def test_strings_of_several_lines_are_not_moved() -> None:
    text = 'x = """a\nb"""\ny = 1\nz = f"""{x}\n  c"""'
    tree = ast.parse(f"if 1:\n{indented(text)}")
    assert ast.unparse(tree.body[0].body) == ast.unparse(ast.parse(text))  # type: ignore[attr-defined]
