"""What of the cells becomes app.py, and in which order."""

import os
import re

import pytest
from notebook_shell import Notebook

from flask_magic.errors import AppError, ExportError

from .cells import code_of, lines_of, made_by, texts_of

APP = "from flask import Flask, request\napp = Flask(__name__)"


def test_only_what_the_app_needs_is_kept(notebook: Notebook) -> None:
    notebook.run("import json, os\nfrom flask import Flask\napp = Flask(__name__)")
    notebook.run("tools = ['drill']  # what we lend\nprint(tools)\nunused = 1")
    notebook.run("def shown(name):\n    return name.upper()")
    notebook.run("%%flask_route /tools\ndef all_tools():\n    '''Say what there is.'''\n    # in capitals\n"
                 "    return [shown(tool) for tool in tools]")  # fmt: skip
    notebook.run("client = app.test_client()\nprint(client.get('/tools').json)\n%http /tools -q")
    assert lines_of(code_of(notebook)) == [
        "from flask import Flask",
        "app = Flask(__name__)",
        "app.config.from_prefixed_env()",
        "tools = ['drill']  # what we lend",
        "def shown(name):",
        "    return name.upper()",
        "@app.route('/tools')",
        "def all_tools():",
        "    '''Say what there is.'''",
        "    # in capitals",
        "    return [shown(tool) for tool in tools]",
    ]


def test_a_route_line_becomes_decorators(notebook: Notebook) -> None:
    notebook.run(APP)
    line = "/news /news/<int:page> -X GET POST --endpoint paper --defaults lang=en --no-strict-slashes"
    notebook.run(f"%%flask_route {line}\n# what is new\ndef news(lang, page=1):\n    return [lang, page]")
    text = code_of(notebook)
    options = "endpoint='paper', methods=['GET', 'POST'], defaults={'lang': 'en'}, strict_slashes=False"
    assert lines_of(text)[3:] == [
        "# what is new",
        f"@app.route('/news/<int:page>', {options})",
        f"@app.route('/news', {options})",
        "def news(lang, page=1):",
        "    return [lang, page]",
    ]
    client = made_by(text)["app"].test_client()
    assert [client.post(path).json for path in ("/news/", "/news/2")] == [["en", 1], ["en", 2]]


def test_hosts_and_subdomains_are_kept(notebook: Notebook) -> None:
    notebook.run("from flask import Flask\napp = Flask(__name__, subdomain_matching=True)")
    notebook.run("%%flask_route / --subdomain desk\ndef desk(): return 'desk'")
    notebook.run("%%flask_route / --host shop.test\ndef shop(): return 'shop'")
    text = code_of(notebook)
    assert "subdomain='desk')" in text
    assert "host='shop.test')" in text


def test_a_view_class_is_one_view_under_all_its_rules(notebook: Notebook) -> None:
    notebook.run("from flask.views import MethodView\n" + APP)
    notebook.run("%%flask_route /tools /saws\nclass ToolList(MethodView):\n    def get(self): return ['drill']")
    text = code_of(notebook)
    assert "tool_list_view = ToolList.as_view('tool_list')" in text
    assert made_by(text)["app"].test_client().get("/saws").json == ["drill"]


def test_a_stub_with_a_gap_is_left_out(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("@app.get('/')\ndef home(): return 'x'")
    notebook.run("%%flask_route /loans/<...>\ndef loan(): return 'y'")
    assert "loan" not in code_of(notebook)


def test_what_replaced_another_cell_s_is_kept_and_the_other_is_not(notebook: Notebook) -> None:
    notebook.run(APP, "app")
    for number in (1, 2):
        notebook.run(f"%%flask_route /v{number}\ndef view(): return '{number}'", f"view{number}")
        notebook.run(f"@app.errorhandler({404})\ndef missing(error): return '{number}', 404", f"error{number}")
        notebook.run(f"@app.template_filter('f')\ndef f{number}(x): return '{number}'", f"filter{number}")
        notebook.run(f"app.config['X'] = {number}", f"config{number}")
    text = code_of(notebook)
    assert "1'" not in text
    assert "= 1" not in text
    notebook.run("app.config['X'] = 1", "config1")  # run again: it is the last now
    assert "app.config['X'] = 1" in code_of(notebook)


def test_every_hook_stands_though_two_have_one_name(notebook: Notebook) -> None:
    notebook.run(APP, "app")
    notebook.run("@app.get('/')\ndef home(): return ''", "home")
    for number in (1, 2):
        notebook.run(f"@app.after_request\ndef add(r):\n    r.data += b'{number}'\n    return r", f"hook{number}")
    assert made_by(code_of(notebook))["app"].test_client().get("/").text == notebook.client.get("/").text == "21"


def test_a_name_that_is_used_at_once_is_the_one_of_then(notebook: Notebook) -> None:
    notebook.run(APP, "app")
    for number in (1, 2):
        notebook.run(f"def around(view):\n    return lambda: '{number}' + view()", f"around{number}")
        notebook.run(
            f"@app.get('/{number}', endpoint='e{number}')\n@around\ndef view{number}(): return ''", f"v{number}"
        )
    assert texts_of(notebook, "/1", "/2") == ["1", "2"]


def test_what_is_called_at_once_sees_the_names_of_then(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("unit = 'cm'")
    notebook.run("def size():\n    return f'10 {unit}'")
    notebook.run("@app.get('/then')\ndef then(text=size()): return text")
    notebook.run("unit = 'inches'")
    notebook.run("@app.get('/now')\ndef now(): return size()")
    assert texts_of(notebook, "/then", "/now") == ["10 cm", "10 inches"]


def test_data_that_is_given_anew_stands_where_it_was_given_first(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("%%flask_route /tools\ntools = {}\n\ndef all_tools(): return tools")
    notebook.run("tools = {'drill': 1}\ntools['saw'] = 2\n%http /tools -q")
    lines = lines_of(code_of(notebook))
    assert lines.index("tools = {'drill': 1}") < lines.index("@app.route('/tools')")
    assert made_by("\n".join(lines))["tools"] == {"drill": 1, "saw": 2}


def test_changes_in_a_demonstration_are_left_out(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("stock = []\n@app.get('/')\ndef home(): return stock")
    notebook.run("stock.append('drill')\n%http / -q")
    assert made_by(code_of(notebook))["stock"] == []


def test_a_failed_cell_counts_only_where_nothing_else_gives_a_name(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.attempt("def price(): return 1\n%http /nowhere --expect 200 -q")
    notebook.run("@app.get('/')\ndef home(): return str(price())")
    notebook.attempt("@app.get('/late')\ndef late(): return 'x'\n1 / 0")
    text = code_of(notebook)
    assert "return 1" in text
    assert "late" not in text
    notebook.run("def price(): return 2")
    assert "return 1" not in code_of(notebook)


def test_after_a_failed_run_the_cell_is_what_it_was(notebook: Notebook) -> None:
    notebook.run(APP, "app")
    notebook.run("@app.get('/a')\ndef a(): return '1'", "a")
    notebook.attempt("@app.get('/a')\ndef a(): return '2'\n1 / 0", "a")
    assert "return '1'" in code_of(notebook)


def test_without_ids_an_edited_cell_is_the_same_one(notebook: Notebook) -> None:
    notebook.run("%%flask_route /old\ndef tool(): return 'old'")
    notebook.run("%%flask_route /new\ndef tool(): return 'new'")
    text = code_of(notebook)
    assert "old" not in text
    assert "app = Flask(__name__)" in text  # the extension had made it


def test_a_magic_s_configuration_is_kept(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("@app.get('/')\ndef home(): return 'x'")
    notebook.run("%flask_app app --config LIMIT=5 GREETING='hello there'")
    assert "app.config['LIMIT'] = 5\napp.config['GREETING'] = 'hello there'" in code_of(notebook)


def test_what_only_a_magic_gives_is_refused(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("@app.get('/first')\ndef first(): return 'x'")
    notebook.run("answer = %http /first -q")
    notebook.run("@app.get('/again')\ndef again(): return answer.text")
    with pytest.raises(ExportError, match="answer is needed by the app, and what gives it is a magic"):
        code_of(notebook)


def test_what_no_cell_gives_any_more_is_refused(notebook: Notebook) -> None:
    notebook.run(APP, "app")
    notebook.run("def price(): return 1", "helper")
    notebook.run("@app.get('/')\ndef home(): return str(price())", "home")
    notebook.run("x = 1", "helper")
    with pytest.raises(ExportError, match="price is needed by the app, and no cell gives it a value"):
        code_of(notebook)


def test_names_of_a_star_import_are_named(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("from math import *\n@app.get('/')\ndef home(): return str(floor(2.5))")
    assert "from math import floor" in code_of(notebook)


def test_registration_in_other_ways(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("def home(): return 'home'\napp.add_url_rule('/', view_func=home)")
    notebook.run("for word in ['a', 'b']:\n    app.add_url_rule(f'/{word}', word, lambda word=word: word)")
    notebook.run("def page(rule):\n    def keep(view):\n        app.add_url_rule(rule, view_func=view)\n"
                 "        return view\n    return keep")  # fmt: skip
    notebook.run("@page('/page')\ndef paged(): return 'page'")
    notebook.run("def set_up(target):\n    target.add_url_rule('/set-up', view_func=lambda: 's', endpoint='s')")
    notebook.run("set_up(app)")
    notebook.run("def where(target): return target.root_path\nwhere(app)")
    text = code_of(notebook)
    assert "where" not in text
    client = made_by(text)["app"].test_client()
    assert [client.get(path).text for path in ("/", "/a", "/b", "/page", "/set-up")] == ["home", "a", "b", "page", "s"]


def test_a_view_under_several_rules_keeps_all_of_them(notebook: Notebook) -> None:
    notebook.run(APP, "app")
    notebook.run("from flask.views import MethodView\nclass Saws(MethodView):\n    def get(self): return 'saws'")
    notebook.run("saws = Saws.as_view('saws')\napp.add_url_rule('/saws', view_func=saws)\n"
                 "app.add_url_rule('/all-saws', view_func=saws)")  # fmt: skip
    notebook.run("@app.get('/')\ndef home(): return 'home'", "home")
    notebook.run("app.add_url_rule('/start', view_func=home)", "start")
    text = code_of(notebook)
    for path, said in [("/", "home"), ("/start", "home"), ("/saws", "saws"), ("/all-saws", "saws")]:
        assert made_by(text)["app"].test_client().get(path).text == notebook.client.get(path).text == said, path


def test_a_rule_of_a_view_that_was_defined_anew_since_does_not_stand(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("def home(): return 'old'", "old")
    notebook.run("app.add_url_rule('/', view_func=home)", "rule")
    notebook.run("def home(): return 'new'\napp.add_url_rule('/start', view_func=home)", "new")
    client = made_by(code_of(notebook))["app"].test_client()
    for path, status in [("/", 404), ("/start", 200)]:
        assert client.get(path).status_code == notebook.client.get(path).status_code == status


def test_a_name_that_hides_a_builtin_is_the_notebook_s(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("list = ['drill']\ndef set(target):\n    target.add_url_rule('/set', 'set', lambda: 'set')")
    notebook.run("set(app)\n@app.get('/')\ndef max(): return [len(list)]")
    client = made_by(code_of(notebook))["app"].test_client()
    assert [client.get(path).text.strip() for path in ("/", "/set")] == ["[1]", "set"]


def test_annotations_that_are_never_read_stay_so(notebook: Notebook) -> None:
    notebook.run(f"from __future__ import annotations\n{APP}")
    notebook.run("@app.get('/')\ndef home() -> NotDefinedAnywhere: return 'x'")
    assert made_by(code_of(notebook))["app"].test_client().get("/").text == "x"


def test_the_environment_has_the_last_word_whatever_the_notebook_reads_of_it(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook.run(APP)
    notebook.run("app.config.from_prefixed_env()\napp.config['FEE'] = 1\napp.config.from_prefixed_env('SHOP')")
    notebook.run("@app.get('/')\ndef home(): return [app.config['FEE'], app.config.get('OPEN')]")
    text = code_of(notebook)
    monkeypatch.setenv("FLASK_FEE", "3")
    monkeypatch.setenv("SHOP_OPEN", "true")
    assert made_by(text)["app"].test_client().get("/").json == [3, True]


def test_async_views_and_names_and_texts_that_are_not_ascii(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("größe = {'Bücher': '☕'}  # wie groß?")
    notebook.run("%%flask_route /größe\nasync def zeigen(): return größe")
    notebook.run("app.secret_key = 'geheim-ä☕'; app.config['GRUSS'] = 'Grüß dich'")
    text = code_of(notebook)
    assert "geheim" not in text
    assert "app.config['GRUSS'] = 'Grüß dich'" in text
    assert made_by(text)["app"].test_client().get("/größe").json == {"Bücher": "☕"}


def test_an_app_that_a_factory_makes(notebook: Notebook) -> None:
    notebook.run("from flask import Blueprint, Flask\ndesk = Blueprint('desk', __name__)")
    notebook.run("def create_app(name=__name__):\n    app = Flask(name)\n    app.register_blueprint(desk)\n"
                 "    return app")  # fmt: skip
    notebook.run("@desk.get('/')\ndef at_desk(): return 'desk'")
    notebook.run("app = create_app()")
    notebook.run("@desk.get('/late')\ndef late(): return 'late'")
    assert texts_of(notebook, "/", "/late") == ["desk", "late"]


def test_two_views_of_one_name_in_a_blueprint_s_cell(notebook: Notebook) -> None:
    notebook.run("from flask import Blueprint\n" + APP, "app")
    notebook.run("desk = Blueprint('desk', __name__)\n@desk.get('/a')\ndef view(): return 'a'\n"
                 "@desk.get('/b', endpoint='b')\ndef view(): return 'b'", "views")  # fmt: skip
    notebook.run("app.register_blueprint(desk)", "registration")
    assert texts_of(notebook, "/a", "/b") == ["a", "b"]


def test_blueprints_that_a_loop_registers_are_set_up_before(notebook: Notebook) -> None:
    notebook.run("from flask import Blueprint\n" + APP)
    notebook.run("desk, shed = Blueprint('desk', __name__), Blueprint('shed', __name__)\n@desk.get('/desk')\n"
                 "def at_desk(): return 'desk'")  # fmt: skip
    notebook.run("for one in (desk, shed):\n    app.register_blueprint(one)")
    notebook.run("@shed.get('/shed')\ndef in_shed(): return 'shed'")
    assert texts_of(notebook, "/desk", "/shed") == ["desk", "shed"]


def test_what_is_set_on_an_extension_is_kept(notebook: Notebook) -> None:
    notebook.run(f"import os\n{APP}")
    notebook.run(
        "class Mailer:\n    sender = size = None\n\n    def init_app(self, app): app.extensions['mailer'] = self"
    )
    notebook.run(
        "from types import SimpleNamespace\nmailer = Mailer()\nmailer.init_app(app)\nlimits = SimpleNamespace(most=1)"
    )
    notebook.run("@app.get('/')\ndef home(): return [str(mailer.sender), limits.most, limits.least]")
    notebook.run("limits.most = 3")
    notebook.run("limits.most = 5\nif 'HOME' in os.environ:\n    limits.least = 2\nelse:\n    limits.least = 1")
    notebook.run("mailer.sender = 'a demonstration'\n%http / -q")
    text = code_of(notebook)
    assert "limits.most = 3" not in text
    assert "demonstration" not in text  # an object of the notebook's own class is data
    assert made_by(text)["app"].test_client().get("/").json == ["None", 5, 2 if "HOME" in os.environ else 1]


def test_events_and_what_a_module_sets_up_are_kept_with_what_they_are_about(notebook: Notebook) -> None:
    notebook.run(f"import logging\nfrom sqlalchemy import create_engine, event, text\n{APP}")
    notebook.run("engine = create_engine('sqlite://')\nother = create_engine('sqlite://')\nseen = []")
    notebook.run("@app.get('/')\ndef home():\n    logging.info('asked')\n    with engine.connect() as one:\n"
                 "        event\n        return [one.execute(text('SELECT 1')).scalar(), len(seen)]")  # fmt: skip
    notebook.run("@event.listens_for(engine, 'connect')\ndef connected(connection, record): seen.append(1)")
    notebook.run("@event.listens_for(other, 'connect')\ndef demonstration(connection, record): pass")
    notebook.run("logging.basicConfig(level='WARNING')")
    notebook.run("event.listen(other, 'close', lambda *_: None)")
    text = code_of(notebook)
    assert "other" not in text.replace("other = create_engine", "")
    assert "logging.basicConfig(level='WARNING')" in text
    names = made_by(text)
    assert names["app"].test_client().get("/").json == [1, 1]
    for one in (names["engine"], notebook.ns["engine"], notebook.ns["other"]):
        one.dispose()


def test_a_blueprint_is_registered_when_it_is_set_up(notebook: Notebook) -> None:
    notebook.run("from flask import Blueprint\n" + APP)
    notebook.run("desk = Blueprint('desk', __name__)\n@desk.get('/desk')\ndef at_desk(): return 'x'")
    notebook.run("app.register_blueprint(desk)\n%http /desk -q")
    notebook.run("@desk.after_request\ndef add(response):\n    response.data += b'!'\n    return response")
    assert (
        made_by(code_of(notebook))["app"].test_client().get("/desk").text == notebook.client.get("/desk").text == "x!"
    )


def test_cells_before_loading_are_known_by_their_text(notebook: Notebook) -> None:
    notebook.run(APP)
    notebook.run("@app.get('/')\ndef home(): return 'x'")
    from flask_magic.export.exporting import read_program

    parsers, live = notebook.shell._flask_magic.parsers, notebook.ns["app"]
    _, kept = read_program(notebook.bench, "app", live, parsers, ["@app.get('/early')\ndef early(): return 'y'"])
    assert [sorted(one.names.binds) for one in kept.statements][-1] == ["home"]


@pytest.mark.parametrize(
    ("cells", "error", "match"),
    [
        ([], ExportError, "no app to export"),
        (["%%flask_check x\nassert True"], ExportError, "no app to export"),
        (["from flask import Flask\none, two = Flask('one'), Flask('two')"], AppError, "2 Flask apps, and none is"),
        (["%%flask_file shop.py\nfrom flask import Flask\napp = Flask(__name__)", "%flask_app shop:app"],
         ExportError, "app comes from the module shop: it is a project already"),
    ],
)  # fmt: skip
def test_notebooks_that_cannot_be_a_project(
    notebook: Notebook, cells: list[str], error: type[Exception], match: str
) -> None:
    for cell in cells:
        notebook.run(cell)
    with pytest.raises(error, match=re.escape(match)):
        code_of(notebook)


def test_of_several_apps_the_chosen_one(notebook: Notebook) -> None:
    notebook.run("from flask import Flask\none, two = Flask('one'), Flask('two')")
    notebook.run("@one.get('/1')\ndef first(): return '1'\n@two.get('/2')\ndef second(): return '2'")
    notebook.run("%flask_app two")
    text = code_of(notebook)
    assert "def second" in text
    assert "def first" not in text
