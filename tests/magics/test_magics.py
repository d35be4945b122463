"""Each magic, each option."""

import re
from pathlib import Path

import pytest
from notebook_shell import Notebook

from flask_magic.errors import (
    AppError,
    CellSyntaxError,
    MagicLineError,
    ProjectError,
    RouteError,
    UnexpectedStatus,
    UnknownName,
)
from flask_magic.magics.parsers import Parsers

TOOLS = """%%flask_route /tools -X GET POST
def tools():
    from flask import request
    return {"method": request.method, "json": request.get_json(silent=True), "form": request.form,
            "args": request.args}"""


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with a route that says what it got."""
    notebook.run(TOOLS, "tools")
    return notebook


def test_every_option_is_tried() -> None:
    """Those of the magics that this module is about."""
    text = Path(__file__).read_text()
    for name in ("http", "flask_route", "flask_routes", "flask_app", "flask_project", "flask_file", "flask_check"):
        assert f"%{name} " in text or name == "flask_check"
        for action in Parsers()[name]._actions:
            # These have modules of their own.
            options = [one for one in action.option_strings if one not in ("--to", "--trace", "--no-trace")]
            assert not options or any(re.search(rf"(?<!\S){option}\b", text) for option in options), (name, options)


# -- %http


def test_http_gives_an_object_and_shows_it_once(shop: Notebook) -> None:
    ran = shop.run("%http /tools")
    assert len(ran.displays) == 1
    assert ran.result.status_code == 200
    assert shop.run("r = %http /tools\nr.json['method']").result == "GET"


def test_http_shows_each_line_of_a_cell(shop: Notebook) -> None:
    assert len(shop.run("%http /tools\nx = 1\n%http /none\n%http /tools").displays) == 3


def test_an_exchange_of_an_earlier_cell_is_shown_when_it_is_asked_for(shop: Notebook) -> None:
    shop.run("r = %http -q /tools")
    assert shop.run("r").text.startswith("GET /tools\n200 OK")


def test_http_quiet_shows_nothing(shop: Notebook) -> None:
    assert shop.run("%http /tools -q").displays == []
    assert shop.run("%http /tools --quiet").displays == []


def test_http_form_and_query(shop: Notebook) -> None:
    assert shop.run("%http -q --form /tools name=drill q==x").result.json["form"] == {"name": "drill"}
    assert shop.run("%http -q -f /tools name=drill q==x").result.json["args"] == {"q": "x"}
    assert shop.run("%http -q /tools price:=12").result.json == {
        "method": "POST", "json": {"price": 12}, "form": {}, "args": {},
    }  # fmt: skip


def test_http_variables(shop: Notebook) -> None:
    shop.run("name = 'claw hammer'")
    assert shop.run("%http -q /tools name={{name}}").result.json["json"] == {"name": "claw hammer"}
    shop.fails("%http /tools name={{nam}}", UnknownName, "Did you mean 'name'")


def test_http_leaves_braces_and_dollars_alone(shop: Notebook) -> None:
    shop.run("x = 1")
    assert shop.run("%http -q /tools a='{x} $x'").result.json["json"] == {"a": "{x} $x"}


def test_http_as_another_client_has_its_own_cookies(shop: Notebook) -> None:
    shop.run("%%flask_route /me\ndef me():\n    from flask import request\n    return dict(request.cookies)")
    shop.run(
        "%%flask_route /login/<n>\ndef login(n):\n    from flask import make_response\n"
        "    r = make_response(n)\n    r.set_cookie('n', n)\n    return r"
    )
    shop.run("%http /login/ada --as ada\n%http /login/bob --as bob")
    assert shop.run("%http -q /me --as ada").result.json == {"n": "ada"}
    assert shop.run("%http -q /me --as bob").result.json == {"n": "bob"}
    assert shop.run("%http -q /me").result.json == {}
    assert "as ada" in shop.run("%http /me --as ada").text


def test_http_app(shop: Notebook) -> None:
    shop.run("import flask\nother = flask.Flask('other')\n@other.get('/')\ndef home(): return 'other'")
    assert shop.run("%http -q / --app other").result.text == "other"
    shop.fails("%http /", AppError, "2 Flask apps, and none is chosen: app, other")
    shop.fails("%http / --app othr", UnknownName, "Did you mean 'other'")
    shop.fails("%http / --app flask", AppError, "'flask' is a module, not a Flask app")


def test_http_follow(shop: Notebook) -> None:
    shop.run("%%flask_route /old\ndef old():\n    from flask import redirect\n    return redirect('/tools')")
    assert "302 FOUND" in shop.run("%http /old").text
    shown = shop.run("%http /old --follow")
    assert "302 FOUND → GET /tools\n200 OK" in shown.text
    assert len(shown.result.history) == 1


@pytest.mark.parametrize("expected", ["200", "2xx", "404,200"])
def test_http_expect(shop: Notebook, expected: str) -> None:
    assert shop.run(f"%http /tools --expect {expected}").result.status_code == 200


@pytest.mark.parametrize("expected", ["404", "4XX", "201,404"])
def test_http_expect_another(shop: Notebook, expected: str) -> None:
    shown = shop.fails(f"%http /tools --expect {expected}", UnexpectedStatus, f"200 OK, and {expected} was expected")
    assert "200 OK" in shown.text


def test_http_expect_takes_statuses_only(shop: Notebook) -> None:
    shop.fails("%http /tools --expect ok", MagicLineError, "'ok' is not a status")


def test_http_head_and_body(shop: Notebook) -> None:
    head, body = shop.run("%http /tools --head").text, shop.run("%http /tools --body").text
    assert "Content-Type: application/json" in head
    assert "method" not in head
    assert "Content-Type" not in body
    assert "method" in body
    shop.fails("%http /tools --head --body", MagicLineError, "not allowed with")


def test_http_time(shop: Notebook) -> None:
    assert re.search(r"200 OK · \d+\.\d ms", shop.run("%http /tools --time").text)
    assert " ms" not in shop.run("%http /tools").text


def test_http_reveal(shop: Notebook) -> None:
    shop.run(
        "%%flask_route /in\ndef enter():\n    from flask import make_response\n    "
        "r = make_response({'token': 's3cr3t'})\n    r.set_cookie('n', 's3cr3t')\n    return r"
    )
    hidden, shown = shop.run("%http /in"), shop.run("%http /in --reveal")
    assert "s3cr3t" not in hidden.text + hidden.html
    assert shown.text.count("s3cr3t") == 2


def test_http_curl(shop: Notebook) -> None:
    shown = shop.run("%http /tools q==x Authorization:'Bearer s3cr3t' --curl")
    command = "curl 'http://127.0.0.1:5000/tools?q=x' -H 'Authorization: Bearer •••'"
    assert shown.displays[1]["text/plain"] == command
    assert "s3cr3t" in shop.run("%http /tools Authorization:s3cr3t --curl --reveal").displays[1]["text/plain"]
    assert shop.run("%http /tools -q --curl").displays == []


def test_http_raises_what_no_handler_took(shop: Notebook) -> None:
    shop.run("%%flask_route /bad\ndef bad():\n    return 1 / 0", "bad")
    ran, error = shop.attempt("%http /bad")
    assert type(error) is ZeroDivisionError
    assert "500 INTERNAL SERVER ERROR" in ran.text
    assert "raised below" in ran.text
    assert "raised below" in shop.fails("%http /bad --expect 405", ZeroDivisionError).text
    shown = shop.run("%http /bad --expect 500").text
    assert "ZeroDivisionError: division by zero" in shown
    assert "cell “%%flask_route /bad”, line 3, in bad\n      return 1 / 0" in shown
    assert "site-packages" not in shown
    assert ran.stderr == ""


def test_http_does_not_raise_what_a_handler_took(shop: Notebook) -> None:
    shop.run("%%flask_route /bad\ndef bad():\n    return 1 / 0")
    shop.run("@app.errorhandler(ZeroDivisionError)\ndef sorry(error): return 'sorry', 500")
    assert shop.run("%http /bad").result.text == "sorry"


def test_http_lets_through_what_the_app_lets_through(shop: Notebook) -> None:
    shop.run("%%flask_route /bad\ndef bad():\n    return 1 / 0")
    shop.run("app.testing = True")
    ran, error = shop.attempt("%http /bad --expect 500")
    assert type(error) is ZeroDivisionError
    assert "not turned into a response" in ran.text


@pytest.mark.parametrize(
    ("line", "match"),
    [("%http", "no path"), ("%http tools", "Did you mean '/tools'"), ("%http / --exepct 4", "Did you mean '--expect'")],
)
def test_http_line_errors(shop: Notebook, line: str, match: str) -> None:
    shop.fails(line, MagicLineError, match)


# -- %%flask_route


def test_route_makes_an_app_where_there_is_none(notebook: Notebook) -> None:
    assert notebook.run("%%flask_route /\ndef home(): return 'x'").text == "GET / → home"
    assert notebook.get("/") == "200 x"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("/a /b", "GET /a → view\nGET /b → view"),
        ("/a -X POST put", "POST, PUT /a → view"),
        ("-X GET,POST /a", "GET, POST /a → view"),
        ("/a --methods DELETE", "DELETE /a → view"),
        ("/a --endpoint e", "GET /a → e"),
        ('"/<any(a, b):x>"', "GET /<any(a, b):x> → view"),
        ("/a --defaults x=1 y=b", "GET /a → view"),
        ("/a/ --no-strict-slashes", "GET /a/ → view"),
        ("/a/ --strict-slashes", "GET /a/ → view"),
        ("/a --app app", "GET /a → view"),
    ],
)
def test_route_options(shop: Notebook, line: str, shown: str) -> None:
    assert shop.run(f"%%flask_route {line}\ndef view(**values): return values").text == shown


def test_route_options_are_flasks(shop: Notebook) -> None:
    shop.run("%%flask_route /a/ --defaults x=1 y=b --no-strict-slashes\ndef view(**values): return values")
    assert shop.client.get("/a").json == {"x": 1, "y": "b"}
    shop.run("app.url_map.host_matching = True")
    shop.run("%%flask_route /h --host shop.test\ndef at(): return 'host'")
    assert shop.client.get("/h", base_url="http://shop.test").text == "host"
    assert shop.client.get("/h", base_url="http://other.test").status_code == 404


def test_route_subdomain(notebook: Notebook) -> None:
    notebook.run("import flask\napp = flask.Flask('x', subdomain_matching=True)\napp.config['SERVER_NAME'] = 'a.test'")
    shown = notebook.run("%%flask_route / --subdomain shop\ndef home(): return 'shop'")
    assert shown.text == "GET shop|/ → home"
    assert "shop|/" in shown.html
    assert "✓ GET shop|/ → home" in notebook.run("%flask_routes --match http://shop.a.test/").text
    refused = notebook.run("%flask_routes --match http://a.test/")
    assert "✗ GET shop|/ → home  answers under the subdomain shop only" in refused.text
    assert "shop|/" in refused.html
    traced = notebook.run("%flask_trace http://shop.a.test/")
    assert "shop|/ → home" in traced.text
    assert notebook.client.get("/", base_url="http://shop.a.test").text == "shop"
    assert notebook.client.get("/", base_url="http://a.test").status_code == 404


def test_route_blueprint(shop: Notebook) -> None:
    shop.run("import flask\nbp = flask.Blueprint('bp', 'bp', url_prefix='/bp')")
    assert "blueprint bp" in shop.run("%%flask_route /a --blueprint bp\ndef a(): return 'a'", "a").text
    shop.run("app.register_blueprint(bp)")
    assert shop.get("/bp/a") == "200 a"
    shop.fails("%%flask_route /a --blueprint bpp\ndef a(): return 'a'", UnknownName, "Did you mean 'bp'")


def test_route_try(shop: Notebook) -> None:
    ran = shop.run("%%flask_route /a/<n> --try 'GET /a/1' --try '/a/2 --body'\ndef a(n): return n")
    assert [bundle["text/plain"].split("\n")[0] for bundle in ran.displays] == [
        "GET /a/<n> → a",
        "GET /a/1",
        "GET /a/2",
    ]


def test_route_takes_async_functions_and_classes(shop: Notebook) -> None:
    shop.run("%%flask_route /a\nasync def a(): return 'a'\nclass Other: pass")
    shown = shop.run("%%flask_route /i\nfrom flask.views import MethodView\nclass ToolItem(MethodView):\n"
                     "    def get(self): return 'got'\n    def put(self): return 'put'")  # fmt: skip
    assert shown.text == "GET, PUT /i → tool_item"
    assert shop.get("/a") == "200 a"
    assert shop.get("/i") == "200 got"


@pytest.mark.parametrize(
    ("cell", "error", "match"),
    [
        ("%%flask_route /a\nx = 1", RouteError, "no view function"),
        ("%%flask_route\ndef a(): pass", RouteError, "no URL rule"),
        ("%%flask_route a\ndef a(): pass", RouteError, "Did you mean '/a'"),
        ("%%flask_route /a -X GTE\ndef a(): pass", RouteError, "GTE is not a method of HTTP. Did you mean 'GET'"),
        ("%%flask_route /a --defaults x\ndef a(): pass", RouteError, "'x' is not a default"),
        ("%%flask_route /a --endpont x\ndef a(): pass", MagicLineError, "Did you mean '--endpoint'"),
        ("%%flask_route /<it:x>\ndef a(x): pass", LookupError, "'it'"),
        ("%%flask_route /a\ndef a(:\n", CellSyntaxError, "line 2"),
        ("%%flask_route /a\n1/0", ZeroDivisionError, ""),
    ],
)
def test_route_errors(shop: Notebook, cell: str, error: type[Exception], match: str) -> None:
    shop.fails(cell, error, match)
    assert shop.get("/a") == "404"


def test_route_with_a_gap_registers_nothing(shop: Notebook) -> None:
    assert "☐" in shop.run("%%flask_route /a/<...>\ndef a(n): return n").text
    assert "☐" in shop.run("%%flask_route /a\ndef a(): ...").text
    assert shop.get("/a") == "404"


def test_route_body_is_a_cell_like_any_other(shop: Notebook) -> None:
    ran = shop.run("%%flask_route /a\n%flask_routes --match /tools\ndef a(): return 'a'\n1 + 1")
    assert "calls tools()" in ran.text
    assert "2" in [one.get("text/plain") for one in ran.displays] or ran.stdout.strip().endswith("2")


# -- %flask_routes


def test_routes_table(shop: Notebook) -> None:
    shop.run("%%flask_route /a\ndef z(): return ''")
    table = shop.run("%flask_routes").text.splitlines()
    assert [line.split() for line in table] == [
        ["Methods", "Rule", "Endpoint"],
        ["GET", "/static/<path:filename>", "static"],
        ["GET,", "POST", "/tools", "tools"],
        ["GET", "/a", "z"],
    ]
    assert shop.run("%flask_routes --sort rule").text.splitlines()[1].split()[1] == "/a"
    assert shop.run("%flask_routes --sort endpoint").text.splitlines()[1].split()[2] == "static"
    assert "/a" not in shop.run("%flask_routes --method post --app app").text
    assert "/a" not in shop.run("%flask_routes -X POST").text
    shop.fails("%flask_routes --sort x", MagicLineError, "invalid choice")


def test_routes_match(shop: Notebook) -> None:
    shown = shop.run("%flask_routes --match /tools --method DELETE").text
    assert "takes GET, POST, not DELETE" in shown
    assert "405 METHOD NOT ALLOWED" in shown
    shop.fails("%flask_routes --match tools", MagicLineError, "Did you mean '/tools'")


# -- %flask_app


def test_app_list_choose_reset(shop: Notebook) -> None:
    shop.run("import flask\nother = flask.Flask('other')")
    assert "other is the app that the magics mean" in shop.run("%flask_app other").text
    shown = shop.run("%flask_app --list").text
    assert shown == "app: Flask app '__main__' with 1 rule\nother: Flask app 'other' with 0 rules (chosen)"
    shop.run("%flask_app app")
    assert "new and empty" in shop.run("%flask_app --reset").text
    assert "Ran 1 cell again" in shop.run("%flask_app --rerun").text
    shop.run("%flask_app --reset")
    assert shop.get("/tools") == "404"


def test_app_list_without_an_app(notebook: Notebook) -> None:
    assert "There is no Flask app yet" in notebook.run("%flask_app --list").text
    assert "app" not in notebook.ns


def test_a_plain_app_says_so(shop: Notebook) -> None:
    assert "left wholly to Flask" in shop.run("%flask_app --plain").text


def test_app_config(shop: Notebook) -> None:
    shop.run("%flask_app --config PRICE=12 NAME=drill OPEN=true TAGS='[1, 2]'", "config")
    config = shop.ns["app"].config
    assert (config["PRICE"], config["NAME"], config["OPEN"], config["TAGS"]) == (12, "drill", True, [1, 2])
    shop.run("%flask_app --config PRICE=13", "config")
    assert (config["PRICE"], "NAME" in config) == (13, False)
    shop.fails("%flask_app --config price=1", MagicLineError, "'price=1' is not a configuration value")


def test_app_from_a_module(notebook: Notebook) -> None:
    Path("shopweb.py").write_text(
        "import flask\ndef create_app():\n    app = flask.Flask('made')\n    return app\nx = 1\n"
    )
    notebook.run("import sys; sys.path.insert(0, '')")
    for target in ("shopweb:create_app", "shopweb:create_app()"):
        assert "app is the app" in notebook.run(f"%flask_app {target}").text
        assert notebook.ns["app"].name == "made"
    notebook.fails("%flask_app shopweb:create_ap", AppError, "Did you mean 'create_app'")
    notebook.fails("%flask_app shopweb:x", AppError, "gives a int")
    notebook.fails("%flask_app nowhere:app", AppError, "no module called 'nowhere'")
    notebook.run("sys.path.remove('')")


# -- %flask_project, %%flask_file


def test_project(notebook: Notebook, tmp_path: Path) -> None:
    assert "project/ is the working directory (gone with the kernel)" in notebook.run("%flask_project").text
    folder = Path.cwd()
    assert folder != tmp_path
    Path("x").touch()
    notebook.run("%flask_project")
    assert (Path.cwd(), list(folder.iterdir())) == (folder, [])
    assert "shop/ is the working directory" in notebook.run("%flask_project shop").text


def test_project_that_stays(notebook: Notebook, tmp_path: Path) -> None:
    assert "it stays" in notebook.run("%flask_project --dir my/shop").text
    notebook.run("%%flask_file a.txt\nx")
    notebook.run("%flask_project --dir my/shop")
    assert (tmp_path / "my" / "shop" / "a.txt").read_text() == "x\n"
    notebook.run("%unload_ext flask_magic")
    assert (tmp_path / "my" / "shop" / "a.txt").exists()
    assert Path.cwd() == tmp_path


def test_project_comes_before_the_app(shop: Notebook) -> None:
    shop.fails("%flask_project", ProjectError, "has an app already")


def test_file_is_seen_by_the_next_request(notebook: Notebook) -> None:
    assert notebook.run("%%flask_file templates/a.html\n<p>\none").text == "templates/a.html: 2 lines written."
    notebook.run(
        "%%flask_route /\ndef home():\n    from flask import render_template\n    return render_template('a.html')"
    )
    assert notebook.get("/") == "200 <p>\none"
    notebook.run("%%flask_file templates/a.html\ntwo")
    assert notebook.get("/") == "200 two"


@pytest.mark.parametrize("path", ["../x", "/tmp/x", "templates/../../x", "."])
def test_file_outside_of_the_project_is_refused(notebook: Notebook, path: str) -> None:
    notebook.fails(f"%%flask_file {path}\nx", ProjectError, "outside the project")


# -- errors


def test_own_errors_are_shown_without_a_stack(shop: Notebook) -> None:
    ran, _ = shop.attempt("%http tools")
    assert ran.stdout.splitlines() == [
        "MagicLineError: 'tools' is not a path.",
        "  A path begins with '/', and a whole URL with http:// or https://.",
        "  → Did you mean '/tools'?",
    ]
