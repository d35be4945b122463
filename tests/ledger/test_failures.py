"""A cell that fails changes nothing; set-up after the first request; apps made anew; imported modules."""

import weakref
from pathlib import Path

import flask
import pytest
from notebook_shell import Notebook

from flask_magic.errors import CellFailed, UnexpectedStatus
from flask_magic.ledger import Ledger

EVERYTHING = """
@app.get('/tools')
def tool(): return 'NEW'
@app.before_request
def check(): return 'CHECKED'
@app.errorhandler(404)
def lost(error): return 'LOST'
app.config['PRICE'] = 12
app.secret_key = 'x'
app.wsgi_app = None
app = flask.Flask('other')
"""


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with an app and a route."""
    notebook.run("import flask\napp = flask.Flask(__name__)", "app")
    notebook.run("@app.get('/tools')\ndef tool(): return 'old'", "tools")
    return notebook


@pytest.mark.parametrize("cell_id", ["tools", "another", None])
@pytest.mark.parametrize("ending", ["1/0", "raise ZeroDivisionError"])
def test_a_failing_cell_changes_nothing(shop: Notebook, cell_id: str | None, ending: str) -> None:
    app = shop.ns["app"]
    shown = shop.fails(f"{EVERYTHING}\n{ending}", ZeroDivisionError, cell_id=cell_id)
    assert "nothing that it registered was kept" in shown.text
    assert shop.ns["app"] is app
    assert shop.get("/tools") == "200 old"
    assert shop.get("/none") == "404"
    assert "PRICE" not in app.config
    assert app.secret_key is None


def test_a_cell_that_is_not_python_changes_nothing(shop: Notebook) -> None:
    shop.fails("def tool(:\n", SyntaxError, cell_id="tools")
    assert shop.get("/tools") == "200 old"


def test_a_failure_inside_capture_is_a_failure(shop: Notebook) -> None:
    app = shop.ns["app"]
    shop.attempt(f"%%capture out\n{EVERYTHING}\n1/0", "another")
    assert shop.ns["app"] is app
    assert shop.get("/tools") == "200 old"
    assert shop.get("/none") == "404"


def test_what_capture_runs_belongs_to_the_cell(shop: Notebook) -> None:
    shop.run("%%capture out\n@app.get('/saws')\ndef saws(): return 'one'", "c")
    shop.run("%%capture out\n@app.get('/saw')\ndef saws(): return 'two'", "c")
    assert (shop.get("/saws"), shop.get("/saw")) == ("404", "200 two")


@pytest.mark.parametrize(
    "cell",
    [
        "%%flask_route /tools --try 'GET /tools --expect 404'\ndef tool(): return 'NEW'",
        "@app.get('/saws')\ndef saws(): return 'NEW'\n%http /saws --expect 404",
        "%%flask_route /saws --try /none --try '/saws --expect 4xx'\ndef saws(): return 'NEW'",
    ],
)
@pytest.mark.parametrize("cell_id", ["tools", None])
def test_a_cell_that_fails_its_own_expectation_has_failed(shop: Notebook, cell: str, cell_id: str | None) -> None:
    shop.fails(cell, UnexpectedStatus, "404|4xx", cell_id)
    assert shop.get("/tools") == "200 old"
    assert shop.get("/saws") == "404"


def test_the_message_of_a_failed_expectation_says_what_is_taken_back(shop: Notebook) -> None:
    shop.fails("%%flask_route /x --try '/x --expect 404'\ndef x(): return 'x'", UnexpectedStatus, "that is taken back")


def test_the_message_of_a_mere_request_speaks_of_no_set_up(shop: Notebook) -> None:
    _, error = shop.attempt("%http /tools --expect 404", "c")
    assert str(error) == "GET /tools answered 200 OK, and 404 was expected."


def test_a_failed_first_run_takes_no_place_in_the_order(shop: Notebook) -> None:
    shop.run("seen = []", "seen")
    shop.fails("@app.before_request\ndef a(): seen.append('a')\n1/0", ZeroDivisionError, cell_id="a")
    shop.run("@app.before_request\ndef b(): seen.append('b')", "b")
    shop.run("@app.before_request\ndef a(): seen.append('a')", "a")
    shop.get("/")
    assert shop.ns["seen"] == ["b", "a"]


def test_a_failed_taking_over_gives_the_endpoint_back(shop: Notebook) -> None:
    shop.fails("@app.get('/other')\ndef tool(): return 'x'\n1/0", ZeroDivisionError, cell_id="other")
    assert (shop.get("/tools"), shop.get("/other")) == ("200 old", "404")


# -- after the first request


def test_set_up_after_the_first_request_works_and_is_told_once(shop: Notebook) -> None:
    shop.get("/tools")
    told = shop.run("@app.before_request\ndef one(): pass", "1")
    again = shop.run("@app.before_request\ndef two(): pass", "2")
    assert "plain Flask refuses set-up after the first request" in told.text
    assert again.text == ""
    assert told.displays == shop.run("@app.before_request\ndef one(): pass", "1").displays


def test_set_up_before_the_first_request_is_not_told(shop: Notebook) -> None:
    assert shop.run("@app.before_request\ndef one(): pass", "1").text == ""


def test_a_cell_that_was_in_time_is_not_told_when_it_runs_again(shop: Notebook) -> None:
    shop.run("@app.get('/saws')\ndef saws(): return 'one'", "c")
    shop.get("/saws")
    for body in ("one", "two"):
        assert "plain Flask" not in shop.run(f"@app.get('/saws')\ndef saws(): return '{body}'", "c").text
    assert shop.get("/saws") == "200 two"


def test_the_same_cell_is_told_with_ids_and_without(notebook: Notebook) -> None:
    cells = [
        "%%flask_route /saws\ndef saws(): return 'one'",
        "%http /saws",
        "%%flask_route /saws/<int:no>\ndef saws(no): return 'two'",
        "%%flask_route /drills\ndef drills(): return 'three'",
    ]
    shown = [notebook.run(source).text for source in cells]
    notebook.run("%flask_app --reset", "reset")
    with_ids = [notebook.run(source, f"cell {number}").text for number, source in enumerate(cells)]
    assert shown == with_ids
    assert ["plain Flask" in text for text in shown] == [False, False, True, False]


def test_outside_of_cells_flask_refuses_as_ever(shop: Notebook) -> None:
    shop.get("/tools")
    with pytest.raises(AssertionError, match="has already handled its first request"):
        shop.ns["app"].before_request(lambda: None)


def test_plain_flask_refuses_again_after_unloading(shop: Notebook) -> None:
    shop.get("/tools")
    shop.run("%unload_ext flask_magic")
    shop.fails("@app.get('/x')\ndef x(): return 'x'", AssertionError, "has already handled its first request")
    shop.run("app = flask.Flask(__name__)\n@app.get('/tools')\ndef tool(): return 'a'")
    shop.fails("@app.get('/t')\ndef tool(): return 'b'", AssertionError, "overwriting an existing endpoint")
    assert shop.get("/tools") == "200 a"


def test_a_plain_app_is_left_wholly_to_flask(shop: Notebook) -> None:
    shop.run("%flask_app --plain", "plain")
    cell = "@app.get('/saws')\ndef saws(): return '{}'"
    shop.run(cell.format("a"), "c")
    shop.fails(cell.format("b"), AssertionError, "overwriting an existing endpoint", "c")
    shop.get("/saws")
    shop.fails(cell.format("b"), AssertionError, "has already handled its first request", "c")
    assert shop.get("/saws") == "200 a"
    assert shop.get("/tools") == "200 old"


def test_a_plain_app_stays_plain_when_its_cell_runs_again(shop: Notebook) -> None:
    shop.run("%flask_app --plain", "plain")
    shop.run("%flask_app --plain", "plain")
    assert shop.bench.ledger.is_plain(shop.ns["app"])


# -- the app made anew


def test_a_new_app_names_the_cells_left_behind_and_rerun_brings_them(shop: Notebook) -> None:
    shop.run("%%flask_route /saws\ndef saws(): return 'saws'", "saws")
    told = shop.run("import flask\napp = flask.Flask(__name__)", "app")
    assert "app is new. These cells stayed" in told.text
    assert "“@app.get('/tools')”, “%%flask_route /saws”" in told.text
    assert shop.get("/tools") == "404"
    ran = shop.run("%flask_app --rerun", "rerun")
    assert "Ran 2 cells again" in ran.text
    assert (shop.get("/tools"), shop.get("/saws")) == ("200 old", "200 saws")


def test_after_rerun_the_cells_own_their_registrations(shop: Notebook) -> None:
    shop.run("import flask\napp = flask.Flask(__name__)", "app")
    shop.run("%flask_app --rerun", "rerun")
    shop.run("@app.get('/drills')\ndef tool(): return 'new'", "tools")
    assert (shop.get("/tools"), shop.get("/drills")) == ("404", "200 new")
    shop.run("%flask_app --rerun", "rerun")
    assert (shop.get("/tools"), shop.get("/drills")) == ("404", "200 new")


def test_what_was_left_behind_is_known_when_the_old_app_is_gone(shop: Notebook) -> None:
    shop.run("%%flask_route /saws\ndef saws(): return 'saws'", "saws")
    old = weakref.ref(shop.ns["app"])
    shop.run("import flask, gc\napp = flask.Flask(__name__)", "app")
    shop.run("%reset -f out\ngc.collect()", "collected")
    assert old() is None
    assert "Ran 2 cells again" in shop.run("%flask_app --rerun", "rerun").text
    assert (shop.get("/tools"), shop.get("/saws")) == ("200 old", "200 saws")


def test_a_cell_that_is_edited_since_is_not_left_behind(shop: Notebook) -> None:
    shop.run("%%flask_route /saws\ndef saws(): return 'saws'", "saws")
    shop.run("import flask\napp = flask.Flask(__name__)", "app")
    shop.attempt("1 / 0", "saws")
    assert len(shop.bench.ledger.stayed_behind()) == 2
    shop.run("x = 1", "saws")
    assert "Ran 1 cell again: “@app.get('/tools')”" in shop.run("%flask_app --rerun", "rerun").text


def test_rerun_with_nothing_left_behind_says_so(shop: Notebook) -> None:
    assert "No cell has anything" in shop.run("%flask_app --rerun").text


def test_a_cell_that_fails_when_run_again_is_named(shop: Notebook) -> None:
    shop.run("price = 12", "price")
    shop.run("@app.get(f'/price/{price}')\ndef dear(): return 'x'", "dear")
    shop.run("import flask\napp = flask.Flask(__name__)\ndel price", "app")
    shop.fails("%flask_app --rerun", CellFailed, "was run again", "rerun")


# -- modules


def test_what_an_imported_module_registers_stays(shop: Notebook) -> None:
    Path("saws.py").write_text(
        "from flask import current_app\n"
        "import __main__\napp = __main__.app\n@app.get('/saws')\ndef saws(): return 'saws'\n"
        "@app.before_request\ndef check(): pass\napp.config['SAWS'] = 7\n"
    )
    shop.run("import sys; sys.path.insert(0, '')", "path")
    cell = "@app.get('/before')\ndef before(): return 'b'\nimport saws\n@app.get('/after')\ndef after(): return 'a'"
    shop.run(cell, "import")
    shop.run(cell, "import")
    assert [shop.get(path) for path in ("/saws", "/before", "/after")] == ["200 saws", "200 b", "200 a"]
    shop.run("import saws", "import")
    assert [shop.get(path) for path in ("/saws", "/before", "/after")] == ["200 saws", "404", "404"]
    app = shop.ns["app"]
    assert (len(app.before_request_funcs[None]), app.config["SAWS"]) == (1, 7)
    shop.ns["sys"].modules.pop("saws")
    shop.ns["sys"].path.remove("")


# -- the book's place on the app


def test_an_app_that_is_watched_reads_like_any_other() -> None:
    app, plain = flask.Flask("demo"), flask.Flask("demo")
    book = Ledger({}).adopt(app)
    assert book is not None
    ours = {"_flask_magic_book", "_check_setup_finished", "add_url_rule", "create_jinja_environment"} | {
        "register_blueprint"
    }
    assert set(vars(app)) - set(vars(plain)) == ours
    book.uninstall()
    assert set(vars(app)) == set(vars(plain))
    assert type(app.view_functions) is dict
    assert "add" not in vars(app.url_map)


def test_this_flask_has_the_attributes_that_are_known() -> None:
    """A new Flask with another registry is noticed here: then look whether `shelves` has to read it."""
    known = """_got_first_request _static_folder _static_url_path after_request_funcs aborter
        before_request_funcs blueprints cli config error_handler_spec extensions import_name instance_path json name
        root_path shell_context_processors subdomain_matching teardown_appcontext_funcs teardown_request_funcs
        template_context_processors template_folder url_build_error_handlers url_default_functions url_map
        url_value_preprocessors view_functions"""
    assert set(vars(flask.Flask("demo"))) == set(known.split())
