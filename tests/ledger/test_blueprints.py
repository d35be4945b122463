"""Blueprints: their views edited after registration, registered again, nested, made anew."""

import random
from typing import Any

import flask
import pytest
from jinja2 import TemplateNotFound
from notebook_shell import Notebook
from werkzeug.exceptions import NotFound

from flask_magic.ledger import Ledger

BLUEPRINT = "bp = flask.Blueprint('shop', __name__, url_prefix='/shop')"
VIEW = "@bp.get('/tools')\ndef tools():\n    return '{}'"
REGISTER = "app.register_blueprint(bp)"


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with an app."""
    notebook.run("import flask\napp = flask.Flask(__name__)", "app")
    return notebook


def urls(notebook: Notebook) -> list[str]:
    """The app's rules, the static one aside."""
    return sorted(rule.rule for rule in notebook.ns["app"].url_map.iter_rules() if rule.endpoint != "static")


def test_an_edited_view_of_a_registered_blueprint_is_served_at_once(shop: Notebook) -> None:
    shop.run(BLUEPRINT, "bp")
    shop.run(VIEW.format("drill"), "view")
    shop.run(REGISTER, "register")
    assert shop.get("/shop/tools") == "200 drill"
    shop.run(VIEW.format("saw"), "view")
    assert shop.get("/shop/tools") == "200 saw"
    shop.run(VIEW.format("saw").replace("/tools", "/things"), "view")
    assert shop.get("/shop/tools") == "404"
    assert shop.get("/shop/things") == "200 saw"


def test_each_cell_twice_gives_the_same_app(shop: Notebook) -> None:
    for cell, source in (("bp", BLUEPRINT), ("view", VIEW.format("drill")), ("register", REGISTER)):
        first, second = shop.run(source, cell), shop.run(source, cell)
        assert first.displays == second.displays
    assert urls(shop) == ["/shop/tools"]
    for cell, source in (("register", REGISTER), ("view", VIEW.format("drill")), ("bp", BLUEPRINT)):
        shop.run(source, cell)
        assert shop.get("/shop/tools") == "200 drill", cell


def test_a_blueprint_made_anew_takes_over_registration_and_the_other_cells_views(shop: Notebook) -> None:
    shop.run(BLUEPRINT + "\n@bp.get('/own')\ndef own():\n    return 'old'", "bp")
    shop.run(VIEW.format("drill"), "view")
    shop.run(REGISTER, "register")
    shop.run(BLUEPRINT.replace("/shop", "/store") + "\n@bp.get('/own')\ndef own():\n    return 'new'", "bp")
    assert urls(shop) == ["/store/own", "/store/tools"]
    assert shop.get("/store/own") == "200 new"
    assert shop.get("/store/tools") == "200 drill"
    shop.run(VIEW.format("saw"), "view")
    assert shop.get("/store/tools") == "200 saw"


def test_blueprint_and_views_and_registration_in_one_cell(shop: Notebook) -> None:
    source = "\n".join([BLUEPRINT, VIEW, REGISTER])
    for body in ("drill", "saw", "saw"):
        shop.run(source.format(body), "all")
        assert shop.get("/shop/tools") == f"200 {body}"
    assert urls(shop) == ["/shop/tools"]


def test_options_of_the_registration_are_kept_and_can_be_edited(shop: Notebook) -> None:
    shop.run(BLUEPRINT, "bp")
    shop.run(VIEW.format("drill"), "view")
    shop.run(
        "app.register_blueprint(bp, url_prefix='/one')\napp.register_blueprint(bp, url_prefix='/two', name='two')", "r"
    )
    shop.run(VIEW.format("saw"), "view")
    assert (shop.get("/one/tools"), shop.get("/two/tools")) == ("200 saw", "200 saw")
    shop.run("app.register_blueprint(bp, url_prefix='/three')", "r")
    assert urls(shop) == ["/three/tools"]


def test_hooks_and_handlers_of_a_blueprint(shop: Notebook) -> None:
    shop.ns["log"] = log = []
    shop.run(BLUEPRINT, "bp")
    shop.run(VIEW.format("drill"), "view")
    shop.run("@bp.before_request\ndef check():\n    log.append('check')", "hook")
    shop.run("@bp.before_app_request\ndef everywhere():\n    log.append('app')", "app hook")
    shop.run("@bp.errorhandler(418)\ndef pot(error):\n    return 'pot', 418", "handler")
    shop.run("@bp.get('/tea')\ndef tea():\n    flask.abort(418)", "tea")
    shop.run(REGISTER, "register")
    for cell in ("hook", "app hook", "register", "view"):
        shop.run({"hook": "@bp.before_request\ndef check():\n    log.append('check')",
                  "app hook": "@bp.before_app_request\ndef everywhere():\n    log.append('app')",
                  "register": REGISTER, "view": VIEW.format("drill")}[cell], cell)  # fmt: skip
        log.clear()
        shop.get("/shop/tools")
        assert log == ["app", "check"], cell
    assert shop.client.get("/shop/tea").text == "pot"
    shop.run("pass", "hook")
    log.clear()
    shop.get("/shop/tools")
    assert log == ["app"]


def test_nested_blueprints(shop: Notebook) -> None:
    shop.run("parent = flask.Blueprint('parent', __name__, url_prefix='/parent')", "parent")
    shop.run(BLUEPRINT, "bp")
    shop.run(VIEW.format("drill"), "view")
    shop.run("parent.register_blueprint(bp)", "nest")
    shop.run("app.register_blueprint(parent)", "register")
    assert shop.get("/parent/shop/tools") == "200 drill"
    shop.run(VIEW.format("saw"), "view")
    assert shop.get("/parent/shop/tools") == "200 saw"
    shop.run(BLUEPRINT.replace("/shop", "/store"), "bp")
    assert urls(shop) == ["/parent/store/tools"]
    shop.run("parent = flask.Blueprint('parent', __name__, url_prefix='/top')", "parent")
    assert urls(shop) == ["/top/store/tools"]
    assert shop.get("/top/store/tools") == "200 saw"


def test_two_cells_with_one_endpoint_on_a_blueprint(shop: Notebook) -> None:
    shop.run(BLUEPRINT, "bp")
    shop.run(VIEW.format("first"), "one")
    shop.run(REGISTER, "register")
    said = shop.run(VIEW.format("second").replace("/tools", "/things"), "two")
    assert "replaces" in said.text
    assert (shop.get("/shop/tools"), shop.get("/shop/things")) == ("404", "200 second")
    shop.run("pass", "two")
    assert (shop.get("/shop/tools"), shop.get("/shop/things")) == ("200 first", "404")


def test_a_failing_cell_changes_no_blueprint(shop: Notebook) -> None:
    shop.run(BLUEPRINT, "bp")
    shop.run(VIEW.format("drill"), "view")
    shop.run(REGISTER, "register")
    old = shop.ns["bp"]
    shop.fails(VIEW.format("saw") + "\n1/0", ZeroDivisionError, cell_id="view")
    assert shop.get("/shop/tools") == "200 drill"
    shop.fails(BLUEPRINT.replace("/shop", "/store") + "\n1/0", ZeroDivisionError, cell_id="bp")
    assert shop.ns["bp"] is old
    assert urls(shop) == ["/shop/tools"]
    shop.run(VIEW.format("saw"), "view")
    assert shop.get("/shop/tools") == "200 saw"


def test_two_views_of_one_name_in_one_cell_are_refused_as_by_flask(shop: Notebook) -> None:
    both = "@bp.get('/one')\ndef v(): return '1'\n@bp.get('/two')\ndef v(): return '2'"
    shop.run(BLUEPRINT, "bp")
    shop.run(both, "views")
    shop.fails(REGISTER, AssertionError, "overwriting an existing endpoint function: shop.v", cell_id="register")
    shop.run(both.replace("v(): return '1'", "w(): return '1'"), "views")
    shop.run(REGISTER, "register")
    assert shop.get("/shop/one") == "200 1"
    shop.fails(both, AssertionError, "overwriting an existing endpoint function: shop.v", cell_id="views")
    assert (shop.get("/shop/one"), shop.get("/shop/two")) == ("200 1", "200 2")


def test_a_recorded_function_runs_at_each_registration_and_at_no_request(shop: Notebook) -> None:
    shop.run(f"{BLUEPRINT}\nseen = []\nbp.record(lambda state: seen.append(state.url_prefix))", "bp")
    shop.run("@app.get('/')\ndef index(): return flask.render_template('none.html')", "index")
    shop.run(REGISTER, "register")
    assert shop.ns["seen"] == ["/shop"]
    assert "The cell failed" not in shop.fails("%http /", TemplateNotFound).text
    assert shop.ns["seen"] == ["/shop"]
    shop.run(VIEW.format("drill"), "view")
    assert shop.ns["seen"] == ["/shop"] * 2


def test_a_change_that_cannot_be_registered_fails_its_cell(shop: Notebook) -> None:
    shop.run(BLUEPRINT, "bp")
    shop.run(VIEW.format("drill"), "view")
    shop.run(REGISTER, "register")
    source = "@bp.record\ndef refuse(state):\n    raise ValueError('not here')"
    shop.fails(source, ValueError, cell_id="bad")
    assert shop.get("/shop/tools") == "200 drill"
    shop.run(VIEW.format("saw"), "view")
    assert shop.get("/shop/tools") == "200 saw"


def test_the_magic_on_a_registered_blueprint(shop: Notebook) -> None:
    shop.run(BLUEPRINT, "bp")
    shop.run(REGISTER, "register")
    said = shop.run(
        "%%flask_route /tools --blueprint bp --try 'GET /shop/tools'\ndef tools():\n    return 'drill'", "v"
    )
    assert "GET /shop/tools → shop.tools" in said.text
    assert "200 OK" in said.text


def test_without_ids_an_edited_view_replaces_its_earlier_form(shop: Notebook) -> None:
    shop.run(BLUEPRINT)
    shop.run(VIEW.format("drill"))
    shop.run(REGISTER)
    shop.run(VIEW.format("saw").replace("/tools", "/things"))
    assert urls(shop) == ["/shop/things"]


# -- random sequences, against an app built afresh

CELLS = ("bp", "parent", "nest", "register", "v1", "v2", "hook", "apphook")
ASKED = [f"{a}{b}{c}" for a in ("", "/p1", "/p2") for b in ("/s1", "/s2") for c in ("/a", "/b", "/c")]
BLOCKS, SEEDS, RUNS = 10, 50, 22


def random_cell(pick: random.Random, cell: str, tag: str) -> str:
    """A source for one of the cells; views and hooks tell `tag`."""
    if cell == "bp":
        own = f"\n@bp.get('/c')\ndef own(): return '{tag}'" if pick.random() < 0.5 else ""
        return f"bp = flask.Blueprint('shop', 'shop', url_prefix='{pick.choice(['/s1', '/s2'])}')" + own
    if cell == "parent":
        return f"parent = flask.Blueprint('parent', 'parent', url_prefix='{pick.choice(['/p1', '/p2'])}')"
    if cell == "nest":
        return "parent.register_blueprint(bp)" if pick.random() < 0.7 else "pass"
    if cell == "register":
        first = "app.register_blueprint(bp)\n" if pick.random() < 0.8 else ""
        return first + "app.register_blueprint(parent, name='other')"
    if cell in ("v1", "v2"):
        rule, endpoint = pick.choice(["/a", "/b"]), pick.choice(["one", "two"])
        return f"@bp.get('{rule}', endpoint='{endpoint}')\ndef view(): return '{tag}'"
    if cell == "hook":
        return f"@bp.before_request\ndef hook(): log.append('{tag}')"
    return f"@bp.before_app_request\ndef hook(): log.append('{tag}')" if pick.random() < 0.7 else "pass"


def owner_of(sources: dict[str, str], last: dict[str, int]) -> dict[str, str]:
    """Endpoint of a view cell → the cell that ran last with it."""
    owners: dict[str, str] = {}
    for cell in sorted((c for c in ("v1", "v2") if c in sources), key=last.__getitem__):
        owners[sources[cell].split("endpoint='")[1].split("'")[0]] = cell
    return owners


def built_afresh(sources: dict[str, str], last: dict[str, int]) -> dict[str, Any]:
    """The namespace that plain Flask makes of the latest sources; a registration sees what other cells added later."""
    namespace: dict[str, Any] = {"flask": flask, "app": flask.Flask("fresh", static_folder=None), "log": []}
    late = [cell for cell in ("nest", "register") if cell in sources]
    owners = owner_of(sources, last)
    for cell in [*(cell for cell in sources if cell not in late), *late]:
        if cell in ("v1", "v2") and owners[sources[cell].split("endpoint='")[1].split("'")[0]] != cell:
            continue
        exec(sources[cell], namespace)
    return namespace


def behaviour(namespace: dict[str, Any]) -> list[tuple[str, int, str, list[str]]]:
    """What the app answers to all URLs, and which hooks ran."""
    client = namespace["app"].test_client()
    seen = []
    for url in ASKED:
        namespace["log"].clear()
        response = client.get(url)
        text = response.text if response.status_code == 200 else ""
        seen.append((url, response.status_code, text, list(namespace["log"])))
    return seen


def dispatched(namespace: dict[str, Any]) -> list[tuple[str, int, str, list[str]]]:
    """The same as `behaviour`, read from the app without a request, which is far cheaper."""
    app, log = namespace["app"], namespace["log"]
    adapter = app.url_map.bind("localhost")
    seen = []
    for url in ASKED:
        log.clear()
        try:
            endpoint, values = adapter.match(url)
        except NotFound:
            status, text, scopes = 404, "", []
        else:
            names = endpoint.split(".")[:-1]
            scopes = [".".join(names[: place + 1]) for place in range(len(names))]
            status, text = 200, app.view_functions[endpoint](**values)
        for scope in [None, *scopes]:
            for hook in app.before_request_funcs.get(scope, ()):
                hook()
        seen.append((url, status, text, list(log)))
    return seen


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_sequences_equal_an_app_built_afresh(block: int) -> None:
    for seed in range(block * SEEDS, (block + 1) * SEEDS):
        run_sequence(seed)


def run_sequence(seed: int) -> None:
    """One random sequence; compared after every third run, and by real requests at its end."""
    pick = random.Random(seed)
    namespace: dict[str, Any] = {"flask": flask, "log": []}
    ledger = Ledger(namespace)
    ledger.install()
    sources: dict[str, str] = {}
    last: dict[str, int] = {}
    try:
        ledger.begin("app", cell_id="app")
        namespace["app"] = flask.Flask("live", static_folder=None)
        ledger.finish()
        order = [cell for cell in CELLS if cell != "apphook" or pick.random() < 0.5]
        for run in range(RUNS):
            cell = order[run] if run < len(order) else pick.choice(order)
            source = random_cell(pick, cell, f"{cell}-{run}")
            fails = run >= len(order) and pick.random() < 0.15
            ledger.begin(source, cell_id=cell)
            exec(source, namespace)
            if fails:
                ledger.fail()
            else:
                ledger.finish()
                sources[cell], last[cell] = source, run
            look = behaviour if run == RUNS - 1 else dispatched
            if run >= len(order) - 1 and (run == RUNS - 1 or (run + seed) % 3 == 0):
                told = f"seed {seed}: after {cell} in run {run}"
                assert look(namespace) == look(built_afresh(sources, last)), told
    finally:
        ledger.uninstall()


def test_what_is_read_without_a_request_is_what_a_request_gets() -> None:
    sources = {cell: random_cell(random.Random(1), cell, cell) for cell in CELLS}
    namespace = built_afresh(sources, {cell: place for place, cell in enumerate(CELLS)})
    seen = behaviour(namespace)
    assert dispatched(namespace) == seen
    assert {status for _, status, _, _ in seen} == {200, 404}
    assert any(len(log) == 2 for _, _, _, log in seen), "both kinds of hooks are at work"


LATE = "@bp.get('/late')\ndef late(): return 'late'"


def test_a_blueprint_of_a_plain_app_refuses_late_setup_as_flask_does(notebook: Notebook) -> None:
    notebook.run("from flask import Blueprint, Flask\napp = Flask('plain')\n%flask_app app --plain", "app")
    notebook.run("bp = Blueprint('bp', 'plain')\napp.register_blueprint(bp)", "bp")
    notebook.fails(LATE, AssertionError, "has already been registered", "late")
    assert notebook.get("/late") == "404"


def test_a_module_that_adds_to_a_registered_blueprint_fails_as_it_would_outside(notebook: Notebook) -> None:
    notebook.run(
        "%%flask_file shop.py\nfrom flask import Blueprint, Flask\napp = Flask('shop')\n"
        f"bp = Blueprint('bp', 'shop')\napp.register_blueprint(bp)\n{LATE}\n"
    )
    notebook.fails("%flask_app shop:app", AssertionError, "has already been registered")
