"""Running cells again: by magic and by plain Flask, with cell ids and without."""

from typing import Any

import pytest
from notebook_shell import Notebook

IDS = pytest.mark.parametrize("cell_id", ["c1", None], ids=["with id", "without id"])
WRITTEN = pytest.mark.parametrize(
    "cell",
    ["%%flask_route {rule}\ndef tool():\n    return '{body}'", "@app.get('{rule}')\ndef tool():\n    return '{body}'"],
    ids=["magic", "plain"],
)


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with an app."""
    notebook.run("import flask\napp = flask.Flask(__name__)", "app")
    return notebook


def rules(notebook: Notebook) -> list[str]:
    """The app's rules as Werkzeug lists them, the static one aside."""
    return [rule.rule for rule in notebook.ns["app"].url_map.iter_rules() if rule.endpoint != "static"]


@IDS
@WRITTEN
def test_the_second_run_gives_what_the_first_gave(shop: Notebook, cell: str, cell_id: str | None) -> None:
    source = cell.format(rule="/tools", body="drill")
    first, second = shop.run(source, cell_id), shop.run(source, cell_id)
    assert first.displays == second.displays
    assert rules(shop) == ["/tools"]
    assert shop.get("/tools") == "200 drill"


@IDS
@WRITTEN
def test_an_edited_rule_no_longer_answers_under_the_old_url(shop: Notebook, cell: str, cell_id: str | None) -> None:
    shop.run(cell.format(rule="/tools", body="drill"), cell_id)
    shop.run(cell.format(rule="/things", body="saw"), cell_id)
    assert shop.get("/tools") == "404"
    assert shop.get("/things") == "200 saw"
    assert rules(shop) == ["/things"]


@IDS
def test_an_edited_body_is_served(shop: Notebook, cell_id: str | None) -> None:
    for body in ("drill", "saw", "drill"):
        shop.run(f"@app.get('/tools')\ndef tool():\n    return '{body}'", cell_id)
        assert shop.get("/tools") == f"200 {body}"


def test_edited_methods_are_taken_and_the_old_ones_refused(shop: Notebook) -> None:
    cell = "@app.route('/tools', methods=['{}'])\ndef tool():\n    return 'x'"
    shop.run(cell.format("POST"), "c")
    shop.run(cell.format("PUT"), "c")
    assert shop.client.post("/tools").status_code == 405
    assert shop.client.put("/tools").status_code == 200
    assert sorted(shop.client.get("/tools").headers["Allow"].split(", ")) == ["OPTIONS", "PUT"]


HOOKS = {
    "before_request": "@app.before_request\ndef hook(): seen.append('{0}')",
    "after_request": "@app.after_request\ndef hook(response):\n    seen.append('{0}')\n    return response",
    "teardown_request": "@app.teardown_request\ndef hook(error): seen.append('{0}')",
    "teardown_appcontext": "@app.teardown_appcontext\ndef hook(error): seen.append('{0}')",
    "url_value_preprocessor": "@app.url_value_preprocessor\ndef hook(endpoint, values): seen.append('{0}')",
}


@IDS
@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_a_hook_runs_once_and_as_it_was_edited(shop: Notebook, hook: str, cell_id: str | None) -> None:
    shop.run("seen = []", "seen")
    for tag in ("one", "one", "two"):
        shop.run(hook.format(tag), cell_id)
        shop.ns["seen"].clear()
        shop.get("/")
        assert shop.ns["seen"] == [tag]


#: What makes it, and an expression that is its present state (`{}` stands for one edit or the other).
REGISTRATIONS = {
    "errorhandler": ("@app.errorhandler(404)\ndef lost(error): return '{}', 404", "client.get('/none').text"),
    "exception handler": (
        "@app.errorhandler(KeyError)\ndef lost(error): return '{}'",
        "handled(app, KeyError())",
    ),
    "context_processor": (
        "@app.context_processor\ndef names(): return dict(name='{}')",
        "[f() for f in app.template_context_processors[None]][1:]",
    ),
    "url_defaults": (
        "@app.url_defaults\ndef language(endpoint, values): values['lang'] = '{}'",
        "[f('x', d := {}) or d for f in app.url_default_functions[None]]",
    ),
    "template_filter": (
        "@app.template_filter('loud')\ndef loud(text): return text + '{}'",
        "app.jinja_env.from_string('{{ \"x\"|loud }}').render()",
    ),
    "template_test": (
        "@app.template_test('new')\ndef new(text): return '{}' == 'one'",
        "app.jinja_env.from_string('{{ 1 is new }}').render()",
    ),
    "template_global": (
        "@app.template_global('shop')\ndef shop(): return '{}'",
        "app.jinja_env.from_string('{{ shop() }}').render()",
    ),
    "config": ("app.config['PRICE'] = '{}'", "app.config['PRICE']"),
    "secret key": ("app.secret_key = '{}'", "app.secret_key"),
    "command": (
        "import click\n@app.cli.command('stock')\ndef stock(): click.echo('{}')",
        "app.test_cli_runner().invoke(args=['stock']).output",
    ),
    "shell context": (
        "@app.shell_context_processor\ndef names(): return dict(name='{}')",
        "app.make_shell_context()['name']",
    ),
    "build error handler": (
        "@app.url_build_error_handlers.append\ndef other(error, endpoint, values): return '{}'",
        "[f(0, 0, 0) for f in app.url_build_error_handlers]",
    ),
    "extension": ("app.extensions['stock'] = '{}'", "app.extensions['stock']"),
    "attribute": ("app.motto = '{}'", "app.motto"),
    "json provider": ("app.json.mimetype = 'application/{}'", "app.json.mimetype"),
    "aborter": (
        "import werkzeug.exceptions as w\nclass Odd(w.HTTPException): code, description = 499, '{}'\n"
        "app.aborter.mapping[499] = Odd",
        "app.aborter.mapping[499].description",
    ),
}


def handled(app: Any, error: Exception) -> Any:
    """What the app's error handlers make of an exception."""
    with app.test_request_context("/"):
        return app.handle_user_exception(error)


def state_of(app: Any, expression: str) -> Any:
    """The value of the expression, or the type of its exception."""
    try:
        return eval(expression, {"app": app, "client": app.test_client(), "handled": handled})
    except Exception as error:
        return type(error)


@IDS
@pytest.mark.parametrize(("cell", "state"), REGISTRATIONS.values(), ids=REGISTRATIONS)
def test_a_registration_is_replaced_by_its_edit(shop: Notebook, cell: str, state: str, cell_id: str | None) -> None:
    app = shop.ns["app"]
    shop.run(cell.replace("{}", "one"), cell_id)
    first = state_of(app, state)
    assert not isinstance(first, type)
    shop.run(cell.replace("{}", "one"), cell_id)
    assert state_of(app, state) == first
    shop.run(cell.replace("{}", "two"), cell_id)
    assert state_of(app, state) != first
    assert str(state_of(app, state)) == str(first).replace("one", "two").replace("True", "False")


@pytest.mark.parametrize(("cell", "state"), REGISTRATIONS.values(), ids=REGISTRATIONS)
def test_a_registration_goes_with_its_cell(shop: Notebook, cell: str, state: str) -> None:
    app = shop.ns["app"]
    before = state_of(app, state)
    shop.run(cell.replace("{}", "one"), "c")
    assert state_of(app, state) != before
    shop.run("pass", "c")
    assert state_of(app, state) == before


def test_a_converter_is_replaced_also_in_rules_of_other_cells(shop: Notebook) -> None:
    converter = (
        "from werkzeug.routing import BaseConverter\nclass Mark(BaseConverter):\n    regex = '{}'\n"
        "app.url_map.converters['mark'] = Mark"
    )
    shop.run(converter.format("[A-Z]+"), "converter")
    shop.run("@app.get('/shelf/<mark:mark>')\ndef shelf(mark):\n    return mark", "view")
    assert (shop.get("/shelf/N"), shop.get("/shelf/4")) == ("200 N", "404")
    shop.run(converter.format("[0-9]+"), "converter")
    assert (shop.get("/shelf/N"), shop.get("/shelf/4")) == ("404", "200 4")


def test_a_wrapped_wsgi_app_is_not_wrapped_twice(shop: Notebook) -> None:
    shop.run("calls = []", "calls")
    wrap = (
        "def wrapped(inner):\n    def call(environ, start_response):\n        calls.append('{}')\n"
        "        return inner(environ, start_response)\n    return call\napp.wsgi_app = wrapped(app.wsgi_app)"
    )
    for tag in ("one", "one", "two"):
        shop.run(wrap.format(tag), "wrap")
        shop.ns["calls"].clear()
        shop.get("/")
        assert shop.ns["calls"] == [tag]


def test_hooks_keep_the_order_of_the_first_runs(shop: Notebook) -> None:
    shop.run("seen = []", "seen")
    for name in "abc":
        shop.run(f"@app.before_request\ndef {name}(): seen.append('{name}')", name)
    shop.run("@app.before_request\ndef a(): seen.append('A')", "a")
    shop.get("/")
    assert shop.ns["seen"] == ["A", "b", "c"]


def test_rules_keep_the_order_of_the_first_runs(shop: Notebook) -> None:
    shop.run("@app.get('/x', endpoint='one')\ndef one(): return 'one'", "1")
    shop.run("@app.get('/x', endpoint='two')\ndef two(): return 'two'", "2")
    assert shop.get("/x") == "200 one"
    shop.run("@app.get('/x', endpoint='one')\ndef one(): return 'ONE'", "1")
    assert shop.get("/x") == "200 ONE"
    shop.run("@app.get('/y', endpoint='one')\ndef one(): return 'ONE'", "1")
    assert shop.get("/x") == "200 two"
    shop.run("@app.get('/x', endpoint='one')\ndef one(): return 'ONE'", "1")
    assert shop.get("/x") == "200 ONE"


def test_rules_are_in_the_order_in_which_their_cell_has_them_now(shop: Notebook) -> None:
    one = "@app.get('/x')\ndef one(): return 'one'"
    two = "@app.get('/x')\ndef two(): return 'two'"
    shop.run(one, "c")
    shop.run(f"{two}\n{one}", "c")
    assert shop.get("/x") == "200 two"
    shop.run(f"{one}\n{two}", "c")
    assert shop.get("/x") == "200 one"


def test_the_winner_of_an_endpoint_leaves_it_to_the_earlier_owner(shop: Notebook) -> None:
    shop.run("@app.get('/first')\ndef tool(): return 'first'", "1")
    taken = shop.run("@app.get('/second')\ndef tool(): return 'second'", "2")
    assert "tool belongs to this cell now" in taken.text
    assert "/first" in taken.text
    assert (shop.get("/first"), shop.get("/second")) == ("404", "200 second")
    shop.run("pass", "2")
    assert (shop.get("/first"), shop.get("/second")) == ("200 first", "404")
    assert rules(shop) == ["/first"]


def test_the_loser_of_an_endpoint_takes_it_back_by_running_again(shop: Notebook) -> None:
    shop.run("@app.get('/first')\ndef tool(): return 'first'", "1")
    shop.run("@app.get('/second')\ndef tool(): return 'second'", "2")
    shop.run("@app.get('/first')\ndef tool(): return 'again'", "1")
    assert (shop.get("/first"), shop.get("/second")) == ("200 again", "404")


def test_the_winner_s_like_rule_takes_the_winner_s_place(shop: Notebook) -> None:
    shop.run("@app.get('/x')\ndef tool(): return 'first'", "1")
    shop.run("@app.get('/x')\ndef other(): return 'other'", "2")
    shop.run("@app.get('/x')\ndef tool(): return 'third'", "3")
    assert shop.get("/x") == "200 other"
    shop.run("pass", "3")
    assert shop.get("/x") == "200 first"


def test_one_function_under_one_endpoint_in_two_cells_is_shared(shop: Notebook) -> None:
    shop.run("def tool(): return 'tool'", "view")
    shop.run("app.add_url_rule('/one', 'tool', tool)", "1")
    shop.run("app.add_url_rule('/two', 'tool', tool)", "2")
    assert (shop.get("/one"), shop.get("/two")) == ("200 tool", "200 tool")
    shop.run("pass", "1")
    assert (shop.get("/one"), shop.get("/two")) == ("404", "200 tool")


def test_the_app_s_own_static_route_returns(shop: Notebook) -> None:
    shop.run("@app.get('/files', endpoint='static')\ndef mine(): return 'mine'", "1")
    assert shop.get("/files") == "200 mine"
    shop.run("pass", "1")
    assert [rule.rule for rule in shop.ns["app"].url_map.iter_rules()] == ["/static/<path:filename>"]


def test_within_one_cell_flasks_own_check_stands(shop: Notebook) -> None:
    twice = "@app.get('/a')\ndef tool(): return 'a'\n@app.get('/b')\ndef tool(): return 'b'"
    shop.fails(twice, AssertionError, "overwriting an existing endpoint function: tool", "1")
    assert rules(shop) == []


def test_two_cells_with_one_url_both_stay_and_the_display_says_who_answers(notebook: Notebook) -> None:
    notebook.run("%%flask_route /x\ndef one(): return 'one'", "1")
    shown = notebook.run("%%flask_route /x\ndef two(): return 'two'", "2")
    assert "answered by one" in shown.text
    assert notebook.get("/x") == "200 one"
    assert rules(notebook) == ["/x", "/x"]


# -- without ids


def test_without_ids_another_source_with_the_same_hook_name_is_the_same_cell(shop: Notebook) -> None:
    shop.run("seen = []")
    shop.run("@app.before_request\ndef check(): seen.append('one')")
    shop.run("@app.before_request\ndef check(): seen.append('two')")
    shop.get("/")
    assert shop.ns["seen"] == ["two"]


def test_without_ids_other_names_are_other_cells(shop: Notebook) -> None:
    shop.run("seen = []")
    shop.run("@app.before_request\ndef one(): seen.append('one')")
    shop.run("@app.before_request\ndef two(): seen.append('two')")
    shop.get("/")
    assert shop.ns["seen"] == ["one", "two"]


def test_without_ids_an_edited_cell_keeps_its_place(shop: Notebook) -> None:
    shop.run("@app.get('/x', endpoint='one')\ndef one(): return 'one'")
    shop.run("@app.get('/x', endpoint='two')\ndef two(): return 'two'")
    shop.run("@app.get('/x', endpoint='one')\ndef one(): return 'edited'")
    assert shop.get("/x") == "200 edited"


def test_without_ids_all_of_the_earlier_cell_goes(shop: Notebook) -> None:
    shop.run("@app.get('/a')\ndef a(): return 'a'\n@app.get('/b')\ndef b(): return 'b'")
    shop.run("@app.get('/a')\ndef a(): return 'A'")
    assert (shop.get("/a"), shop.get("/b")) == ("200 A", "404")


def test_without_ids_a_failing_edit_leaves_the_earlier_cell(shop: Notebook) -> None:
    shop.run("@app.get('/a')\ndef a(): return 'a'\n@app.get('/b')\ndef b(): return 'b'")
    shop.fails("@app.get('/c')\ndef a(): return 'A'\n1/0", ZeroDivisionError)
    assert (shop.get("/a"), shop.get("/b"), shop.get("/c")) == ("200 a", "200 b", "404")


def test_without_ids_a_value_that_an_edit_sets_again_stays(shop: Notebook) -> None:
    shop.run("app.config['OPEN'] = True\n@app.before_request\ndef check(): return 'one'")
    shop.run("app.config['OPEN'] = True\n@app.before_request\ndef check(): return 'two'")
    assert shop.ns["app"].config["OPEN"] is True
    shop.run("@app.before_request\ndef check(): return 'three'")
    assert "OPEN" not in shop.ns["app"].config


def test_without_ids_a_hook_before_an_edited_route_stays(shop: Notebook) -> None:
    for tag in ("one", "two"):
        shop.run(f"@app.before_request\ndef check():\n    seen = '{tag}'\n@app.get('/')\ndef home(): return '{tag}'")
        assert len(shop.ns["app"].before_request_funcs[None]) == 1
        assert shop.get("/") == f"200 {tag}"


def test_a_cell_sees_the_rules_that_it_has_just_made(notebook: Notebook) -> None:
    notebook.run(
        "from flask import Flask\napp = Flask('x', static_folder=None)\n@app.get('/a')\ndef a(): return ''", "1"
    )
    shown = notebook.run("@app.get('/b')\ndef b(): return ''\n%flask_routes\n%flask_routes --match /b", "2")
    table, match = (display["text/plain"] for display in shown.displays)
    assert ["/a" in table, "/b" in table] == [True, True]
    assert "✓ GET /b → b" in match
    edited = notebook.run("@app.get('/c')\ndef b(): return ''\n%flask_routes", "2").displays[0]["text/plain"]
    assert ["/a" in edited, "/b" in edited, "/c" in edited] == [True, False, True]
