"""`%flask_export`: from a live notebook to a project that stands on its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from notebook_shell import Notebook

from flask_magic.completion import complete
from flask_magic.errors import AppError, ExportError, MagicLineError, UnknownName
from flask_magic.magics.parsers import Parsers
from flask_magic.pages.exercises import exercises
from flask_magic.pages.notebook import load

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with a project of its own, a view that has been asked, and another that answers otherwise by now."""
    notebook.run("%flask_project tool-library")
    notebook.run("from flask import Flask, render_template, request\napp = Flask(__name__)\nloans = []")
    notebook.run("%%flask_file templates/home.html\n<h1>{{ name }}</h1>")
    notebook.run("%%flask_file static/site.css\nh1 { color: green }")
    notebook.run("%%flask_route /\ndef home():\n    return render_template('home.html', name='Tool library')", "home")
    notebook.run("@app.post('/loans')\ndef lend():\n    loans.append(request.json['tool'])\n    return loans, 201")
    notebook.run("%http /\n%http POST /loans tool=drill --as ada --expect 2xx\n%http /hours --expect 404 -q")
    notebook.run("%%flask_route /hours\ndef hours():\n    return '9 to 17'")
    return notebook


def run_tests(folder: Path) -> str:
    """The last line of the project's own pytest."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    return re.sub(r" in .*", "", ran.stdout.strip().splitlines()[-1])


def test_every_option_is_tried() -> None:
    text = Path(__file__).read_text()
    for action in Parsers()["flask_export"]._actions:
        assert all(re.search(rf"{option}\b", text) for option in action.option_strings)


def test_a_project_beside_the_notebook(shop: Notebook, tmp_path: Path) -> None:
    ran = shop.run("%flask_export out/shop")
    assert ran.text.splitlines() == [
        "out/shop/ is a project of 8 files, with 1 test.",
        "Run it: cd out/shop && flask run    Test it: python -m pytest",
        "What is no test, and why, is in out/shop/README.md: 1 request.",
    ]
    folder = tmp_path / "out" / "shop"
    assert (folder / "templates" / "home.html").read_text() == "<h1>{{ name }}</h1>\n"
    assert "- `GET /hours`: it was answered 404, and is answered 200 now" in (folder / "README.md").read_text()
    assert 'ada.post("/loans", json={"tool": "drill"})' in (folder / "tests" / "test_requests.py").read_text()
    assert run_tests(folder) == "1 passed"
    app = (folder / "app.py").read_text()
    (folder / "app.py").write_text(app + "# mine\n")
    shop.fails("%flask_export out/shop", ExportError, r"changed since they were exported: app\.py")
    assert "kept: app.py.orig." in shop.run("%flask_export out/shop --force").text
    assert (folder / "app.py").read_text() == app
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_package(shop: Notebook, tmp_path: Path) -> None:
    shop.run("from flask import Blueprint\ndesk = Blueprint('desk', __name__)\n"
             "@desk.get('/desk')\ndef at_the_desk(): return {'open': True}\napp.register_blueprint(desk)")  # fmt: skip
    shop.run("%http /desk -q")
    text = shop.run("%flask_export tool-desk --package").text
    assert "Run it: cd tool-desk && flask --app tool_desk run" in text
    folder = tmp_path / "tool-desk"
    assert sorted(path.name for path in (folder / "tool_desk").iterdir()) == [
        "__init__.py", "desk.py", "static", "templates", "views.py",
    ]  # fmt: skip
    assert run_tests(folder) == "2 passed"
    routes = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "tool_desk", "routes"], cwd=folder, capture_output=True, text=True
    )
    assert "at_the_desk" in routes.stdout
    assert "/static/<path:filename>" in routes.stdout


def test_solved_exercises_are_tests(notebook: Notebook, tmp_path: Path) -> None:
    page = load(NOTEBOOKS / "02-routing" / "02-variable-rules.ipynb")
    solutions = {exercise.stub: exercise.solution for exercise in exercises(page)}
    solved = list(solutions)[:2]
    for position, cell in enumerate(page["cells"]):
        if cell["cell_type"] == "code":
            source = solutions[position] if position in solved else cell["source"]
            notebook.attempt(str(source), cell["id"], cell["metadata"])
    notebook.run("%flask_export shop")
    text = (tmp_path / "shop" / "tests" / "test_exercises.py").read_text()
    assert re.findall(r"^def (\w+)\(", text, re.MULTILINE) == ["test_loan", "test_deposit"]
    assert "# hint" not in text
    assert "- exercise mark: it is not solved yet" in (tmp_path / "shop" / "README.md").read_text()
    assert run_tests(tmp_path / "shop").endswith("passed")


def test_checks_of_what_is_no_part_of_the_app_are_listed(shop: Notebook, tmp_path: Path) -> None:
    shop.run("def fee(days): return days * 2", "stub", {"exercise": {"name": "fee", "role": "stub", "hash": "0"}})
    shop.run("%%flask_check fee\nassert fee(2) == 4")
    shop.run("x = 1", "other", {"exercise": {"name": "loans", "role": "stub", "hash": "0"}})
    shop.run("%%flask_check loans\n# hint: x\nfrom copy import copy\nloans.clear()\nsaw = {'tool': 'saw'}\n"
             "assert client.post('/loans', json=saw).json == ['saw']\nassert copy(loans) == ['saw']")  # fmt: skip
    shop.run("%flask_export shop")
    assert "- exercise fee: fee is no part of the app" in (tmp_path / "shop" / "README.md").read_text()
    assert "    from app import loans\n" in (tmp_path / "shop" / "tests" / "test_exercises.py").read_text()
    assert run_tests(tmp_path / "shop") == "2 passed"


def test_no_secret_is_written(shop: Notebook, tmp_path: Path) -> None:
    shop.run("from flask import session\napp.config['SECRET_KEY'] = 'not-to-be-seen'\nMAIL_TOKEN = 'nor-this-one'")
    shop.run("@app.get('/me')\ndef me():\n    session['x'] = 1\n    return {'token': bool(MAIL_TOKEN)}")
    shop.run("%http /me X-Key:nor-this-one -q\n%http POST /loans tool=not-to-be-seen -q")
    shop.run("%flask_export shop")
    written = [path for path in (tmp_path / "shop").rglob("*") if path.is_file()]
    assert not any(re.search(b"not-to-be-seen|nor-this-one", path.read_bytes()) for path in written)
    readme = (tmp_path / "shop" / "README.md").read_text()
    assert "| `FLASK_SECRET_KEY` | `dev`, for development only |" in readme
    assert "| `MAIL_TOKEN` | `dev`, for development only |" in readme
    said = "from app import app, MAIL_TOKEN; print(app.config['SECRET_KEY'], MAIL_TOKEN)"
    ran = subprocess.run(
        [sys.executable, "-c", said], cwd=tmp_path / "shop", capture_output=True, text=True,
        env={"FLASK_SECRET_KEY": "of the server", "MAIL_TOKEN": "a token"},
    )  # fmt: skip
    assert ran.stdout == "of the server a token\n"


def test_an_app_that_does_not_start_is_not_written(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run(
        "from flask import Flask\nfrom pathlib import Path\napp = Flask(__name__)\nPath('names').write_text('a')"
    )
    notebook.run("names = Path('na' + 'mes').read_text()\n@app.get('/')\ndef home(): return names")
    notebook.fails("%flask_export shop", ExportError, "cannot be made outside of the notebook")
    assert [path.name for path in tmp_path.iterdir()] == ["names"]


def test_a_variable_that_a_cell_has_set_is_no_part_of_the_project(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run("import os\nfrom flask import Flask\napp = Flask(__name__)\nos.environ['FLASK_GREETING'] = 'hi'")
    notebook.run("app.config.from_prefixed_env()\n@app.get('/')\ndef home(): return [app.config.get('GREETING')]")
    assert notebook.run("%http /").text
    try:
        notebook.run("%flask_export shop")
    finally:
        del os.environ["FLASK_GREETING"]
    assert "hi" not in (tmp_path / "shop" / "tests" / "test_requests.py").read_text().split('"""')[2]
    assert run_tests(tmp_path / "shop") == "1 passed"


def test_an_app_that_ends_its_process_is_told(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run("import os, sys\nfrom flask import Flask\napp = Flask(__name__)")
    notebook.run("@app.get('/')\ndef home(): return 'x'")
    notebook.run("@app.get('/end')\ndef end():\n    if __name__ == 'app':\n        os._exit(3)\n    return 'y'")
    notebook.run("%http / -q")
    notebook.run("%http /end -q")
    notebook.run("%flask_export shop")
    readme = (tmp_path / "shop" / "README.md").read_text()
    assert "- `GET /end`: the process in which it was tried ended with exit code 3" in readme
    assert run_tests(tmp_path / "shop") == "1 passed"


def test_what_the_notebook_left_is_tested_on_a_copy(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run("%flask_project library")
    notebook.run(
        "import sqlite3\nfrom flask import Flask\napp = Flask(__name__)\napp.config['DATABASE'] = 'library.db'"
    )
    notebook.run("with sqlite3.connect('library.db') as db:\n    db.execute('CREATE TABLE tools (name)')\ndb.close()")
    notebook.run("@app.post('/tools/<name>')\ndef add(name):\n    db = sqlite3.connect(app.config['DATABASE'])\n"
                 "    db.execute('INSERT INTO tools VALUES (?)', [name])\n    db.commit()\n    db.close()\n"
                 "    return {'added': name}")  # fmt: skip
    notebook.run("%http POST /tools/drill -q --expect 200")
    notebook.run("%flask_export shop")
    before = (tmp_path / "shop" / "library.db").read_bytes()
    assert run_tests(tmp_path / "shop") == run_tests(tmp_path / "shop") == "1 passed"
    assert (tmp_path / "shop" / "library.db").read_bytes() == before
    assert "`library.db`: as the notebook left it." in (tmp_path / "shop" / "README.md").read_text()


def test_which_app(notebook: Notebook, tmp_path: Path) -> None:
    notebook.fails("%flask_export shop", ExportError, "no app to export")
    notebook.run("from flask import Flask\none = Flask('one')\ntwo = Flask('two')")
    notebook.run("@two.get('/')\ndef home(): return {'app': 2}")
    notebook.fails("%flask_export shop", AppError, "2 Flask apps, and none is chosen")
    notebook.fails("%flask_export shop --app three", UnknownName, "no variable called 'three'")
    notebook.run("%flask_export shop --app two")
    assert 'two = Flask("two")\n' in (tmp_path / "shop" / "app.py").read_text()


def test_a_link_to_an_empty_folder_is_the_folder(shop: Notebook, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "tool-shop").symlink_to(tmp_path / "elsewhere")
    shop.run("%flask_export tool-shop")
    assert (tmp_path / "elsewhere" / "app.py").is_file()
    assert 'name = "tool-shop"' in (tmp_path / "elsewhere" / "pyproject.toml").read_text()


def test_wrong_lines(shop: Notebook) -> None:
    shop.fails("%flask_export", MagicLineError, "DIR")
    shop.fails("%flask_export shop --packge", MagicLineError, "Did you mean '--package'")
    shop.fails("%flask_export my-class!", ExportError, "cannot be the name of a project")
    shop.fails(f"%flask_export {Path.cwd() / 'inner'}", ExportError, "gone with the kernel")


def test_its_help_has_two_examples() -> None:
    text = Parsers()["flask_export"].format_help()
    assert len(re.findall(r"^  %flask_export ", text, re.MULTILINE)) == 2


def test_tab_offers_folders_of_the_notebook_s_folder(shop: Notebook, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    parsers = shop.shell._flask_magic.parsers
    assert complete("%flask_export sh", "sh", shop.bench, parsers) == ["shop/"]
    assert complete("%flask_export shop --pa", "--pa", shop.bench, parsers) == ["--package"]


def test_a_request_that_is_sent_again_counts_once(shop: Notebook, tmp_path: Path) -> None:
    for _ in range(3):
        shop.run("%http / -q", "asks")
    shop.run("%flask_history --reset")
    shop.run("%flask_export shop")
    assert (tmp_path / "shop" / "tests" / "test_requests.py").read_text().count('client.get("/")') == 1
    files = json.loads((tmp_path / "shop" / ".flask-magic.json").read_text())["files"]
    assert "app.py" in files
