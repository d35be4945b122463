"""`%%http` in a notebook."""

import pytest
from notebook_shell import Notebook

from flask_magic.errors import HurlAssertsFailed, HurlRunError, HurlSyntaxError, MagicLineError

APP = """
from flask import Flask, jsonify, request, session
app = Flask(__name__)
app.secret_key = "k"
tools = {}

@app.post("/tools")
def add():
    number = len(tools) + 1
    tools[number] = {"id": number, **request.json}
    return tools[number], 201

@app.get("/tools/<int:number>")
def one(number):
    return tools[number]

@app.get("/host")
def host():
    return request.host

@app.get("/token")
def token():
    return {"value": "abc-secret-1", "token": "very-hidden-2"}

@app.get("/echo")
def echo():
    return request.args["q"]

@app.get("/me")
def me():
    session["visits"] = session.get("visits", 0) + 1
    return {"visits": session["visits"]}
"""


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    notebook.run(APP)
    return notebook


def test_requests_are_sent_in_order_and_their_asserts_are_rows(shop: Notebook) -> None:
    ran = shop.run(
        '%%http\nPOST /tools\n{"name": "<drill>"}\nHTTP 201\n[Captures]\nnumber: jsonpath "$.id"\n'
        '[Asserts]\njsonpath "$.name" == "<drill>"\n\nGET /tools/{{number}}\nHTTP 200\n'
    )
    assert shop.ns["number"] == 1
    for line in ("201 CREATED", "  ✓ status 201", '  ✓ jsonpath "$.name" == "<drill>"', "  number = 1", "GET /tools/1"):
        assert line in ran.text
    assert "&lt;drill&gt;" in ran.html
    assert "<drill>" not in ran.html


def test_all_asserts_are_tried_then_one_exception_names_the_failed_ones(shop: Notebook) -> None:
    ran = shop.fails(
        '%%http\nGET /host\nHTTP 201\n[Asserts]\nbody == "x"\nbody contains "local"\nbytes count > 100',
        HurlAssertsFailed,
        "GET /host: 3 of 4 asserts failed",
    )
    assert "  ✗ status 201\n      expected 201\n      came     200" in ran.text
    assert '  ✓ body contains "local"' in ran.text
    assert '      came     "localhost"' in ran.text
    _, error = shop.attempt('%%http\nGET /host\nHTTP 200\n[Asserts]\nbody == "x"')
    assert isinstance(error, AssertionError)
    assert 'line 5: expected "x", came "localhost"\n  body == "x"\n  ^' in "\n".join(error._render_traceback_())  # type: ignore[attr-defined]


def test_what_follows_a_failed_entry_is_not_sent(shop: Notebook) -> None:
    ran = shop.fails("%%http\nGET /host\nHTTP 404\n\nGET /echo?q=later", HurlAssertsFailed)
    assert "later" not in ran.text


def test_an_exception_in_a_view_is_raised_unless_500_is_expected(shop: Notebook) -> None:
    shop.fails("%%http\nGET /tools/99", KeyError)
    shop.fails("%%http\nGET /tools/99\nHTTP 404", KeyError)
    assert "✓ status 500" in shop.run("%%http\nGET /tools/99\nHTTP 500").text
    assert "✓ status >= 500" in shop.run("%%http\nGET /tools/99\nHTTP *\n[Asserts]\nstatus >= 500").text


def test_variables_of_the_notebook_fill_placeholders(shop: Notebook) -> None:
    shop.run("word = 'saw'")
    assert "saw" in shop.run("%%http --body\nGET /echo\n[Query]\nq: {{word}}\nHTTP 200\n`saw`").text
    shop.fails("%%http\nGET /echo?q={{wrod}}", HurlRunError, "line 2: There is no variable 'wrod'. Did you mean 'word'")


def test_a_whole_url_says_the_host(shop: Notebook) -> None:
    ran = shop.run('%%http\nGET http://shop.test/host\nHTTP 200\n[Asserts]\nbody == "shop.test"')
    assert '✓ body == "shop.test"' in ran.text
    assert '✓ body == "localhost"' in shop.run('%%http\nGET /host\nHTTP 200\n[Asserts]\nbody == "localhost"').text


def test_secrets_are_masked_and_revealed_when_asked(shop: Notebook) -> None:
    cell = 'GET /token\nHTTP 200\n[Captures]\nplain: jsonpath "$.value" redact\ntoken: jsonpath "$.token"\n'
    ran = shop.run("%%http\n" + cell)
    for form in (ran.text, ran.html):
        assert "abc-secret-1" not in form
        assert "very-hidden-2" not in form
    assert shop.ns["plain"] == "abc-secret-1"
    failing = '[Asserts]\njsonpath "$.token" == "wrong"\n'
    assert (
        "very-hidden-2" not in shop.fails("%%http\n" + cell + failing, HurlAssertsFailed, r"\A(?!.*very-hidden)").text
    )
    assert "very-hidden-2" in shop.run("%%http --reveal\n" + cell).text
    later = "%%http\n" + cell + "\nGET /echo?q={{plain}}-{{token}}\nHTTP 404"
    ran, error = shop.attempt(later)
    assert type(error) is HurlAssertsFailed
    assert "abc-secret-1" not in ran.text + ran.html + str(error) + error.why


def test_clients_have_their_own_cookies(shop: Notebook) -> None:
    cell = 'GET /me\nHTTP 200\n[Asserts]\njsonpath "$.visits" == {}\ncookie "session[HttpOnly]" exists'
    shop.run("%%http --as ada\n" + cell.format(1))
    shop.run("%%http --as ada\n" + cell.format(2))
    assert '✓ cookie "session[HttpOnly]" exists' in shop.run("%%http --as bob\n" + cell.format(1)).text


def test_quiet_shows_only_what_failed(shop: Notebook) -> None:
    assert shop.run("%%http -q\nGET /host\nHTTP 200").displays == []
    assert "✗ status 201" in shop.fails("%%http -q\nGET /host\nHTTP 201", HurlAssertsFailed).text


def test_a_trace_and_the_history_know_the_requests(shop: Notebook) -> None:
    assert "1 Open" in shop.run("%%http --trace\nGET /host").text
    shop.run('%%http\nPOST /tools\n{"name": "saw", "password": "abc"}')
    listed = shop.run("%flask_history").text
    assert "POST /tools Content-Type:application/json name=saw password=•••" in listed
    assert "2  " in shop.run("%flask_replay 2").text


def test_errors_point_into_the_cell(shop: Notebook) -> None:
    shop.fails("%%http\nGET /host\nHTTP 200\n[Asserts]\nstauts == 200", HurlSyntaxError, "line 5: 'stauts' is not")
    shop.fails("%%http\n\n# nothing\n", MagicLineError, "no request")
    shop.fails("%%http --ass x\nGET /", MagicLineError, "no option --ass. Did you mean '--as'")
    shop.fails("%%http --to web --trace\nGET /", MagicLineError, "cannot be traced")
    shop.fails("%%http --to web --app app\nGET /", MagicLineError, "not to both")


def test_a_capture_that_is_no_python_name_serves_the_cell(shop: Notebook) -> None:
    ran = shop.run(
        "%%http\nGET /host\nHTTP 200\n[Captures]\nthe-host: body\n\nGET /echo?q={{the-host}}\nHTTP 200\n`localhost`"
    )
    assert 'the-host = "localhost" (for what follows here; no name of Python)' in ran.text
    shop.fails("%%http\nGET /host\nHTTP 200\n[Captures]\napp: body", HurlRunError, "would take the place of the app")


def test_help_shows_two_examples_and_line_and_cell_magic_live_side_by_side(shop: Notebook) -> None:
    cell = shop.shell.magics_manager.magics["cell"]["http"].getdoc()
    assert cell.count("%%http") >= 3
    assert "HTTP 201" in cell
    assert "METHOD PATH" in shop.shell.magics_manager.magics["line"]["http"].getdoc()
    shop.shell.extension_manager.unload_extension("flask_magic")
    assert "http" not in shop.shell.magics_manager.magics["cell"]
    shop.shell.extension_manager.load_extension("flask_magic")
