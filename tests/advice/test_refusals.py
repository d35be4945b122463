"""Responses that Flask made itself, each really provoked, and what is said to each."""

from pathlib import Path
from typing import Any

import flask
import pytest
from flask_wtf.csrf import CSRFProtect, generate_csrf
from notebook_shell import Notebook

from flask_magic.advice.refusals import noticing_refusals
from flask_magic.exchange import Exchange, send
from flask_magic.request_line import read_request

SHOP = """
from flask import Blueprint, Flask, abort, redirect, request
app = Flask("shop", root_path=".")
@app.get("/tools/<int:tool_id>")
def tool(tool_id): return {"tool": tool_id}
@app.get("/shelves/")
def shelves(): return "x"
@app.get("/shelf/<int(max=12):no>")
def numbered(no): return "x"
@app.get("/shelf/<name>")
def named(name): return "x"
@app.get("/about")
def about(): return "x"
@app.post("/loans")
def lend(): return request.json
@app.route("/fines", methods=["PUT", "POST"])
def fine(): return request.form["name"]
@app.post("/photo")
def photo(): return request.files["photo"].filename
@app.get("/find")
def find(): return request.args["tool"]
@app.get("/seen")
def seen(): return request.cookies["seen"]
@app.get("/gone")
def gone(): abort(404)
@app.get("/own/<code>")
def own(code): abort(int(code))
@app.get("/old")
def old(): return redirect("/nothing")
desk = Blueprint("desk", "desk", url_prefix="/desk")
@desk.get("/queue")
def queue(): return "x"
app.register_blueprint(desk)
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> flask.Flask:
    """The shop, in an empty folder and without a notebook."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {}
    exec(SHOP, namespace)
    shop: flask.Flask = namespace["app"]
    return shop


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """The shop in a notebook's project."""
    notebook.run("%flask_project shop")
    notebook.run(SHOP)
    return notebook


def ask(app: flask.Flask, line: str) -> Exchange:
    words = [word for word in line.split() if word != "--form"]
    return send(app, app.test_client(), read_request(words, form="--form" in line))


def advice(app: flask.Flask, line: str) -> list[str]:
    return ask(app, line).advice


# -- the URL


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/tools/drill", ["`/tools/<int:tool_id>`: int does not take 'drill'."]),
        ("/about/", ["`/about`: the rule has no slash at its end."]),
        ("POST /shelves", ["`/shelves/`: the rule ends with a slash; takes GET, not POST."]),
        (
            "/shelf/13",
            [
                "`/shelf/<int(max=12):no>`: int(max=12) does not take '13'. "
                "`%flask_routes --match /shelf/13` asks every rule."
            ],
        ),
        (
            "POST /nothing",
            ["No rule is near. `%flask_routes --match /nothing --method POST` asks every rule."],
        ),
        ("/tool/7", ["Did you mean /tools/7?"]),
        ("/abuot", ["Did you mean /about?"]),
        ("/queue", ["Did you mean /desk/queue?"]),
        ("/a%20b", ["No rule is near. `%flask_routes --match /a%20b` asks every rule."]),
        (f"/{'a' * 70}", ["No rule is near. `%flask_routes` lists all rules."]),
        ("/shelves", ["The rule ends with a slash: link to /shelves/ and nobody has to go twice."]),
        ("/loans", ["`/loans` takes POST, not GET. Send it by `%http POST /loans`."]),
        ("POST /about", ['`/about` takes GET, not POST. If its view is meant to: `methods=["GET", "POST"]`.']),
        ("/fines", ["`/fines` takes POST or PUT, not GET. Send it by `%http POST /fines`."]),
    ],
)
def test_a_url_that_is_not_taken(app: flask.Flask, line: str, said: list[str]) -> None:
    assert advice(app, line) == said


def test_a_rule_that_begins_with_a_value_is_near_to_all(app: flask.Flask) -> None:
    app.add_url_rule("/<int:page>", "page", lambda **_: "x")
    assert advice(app, "/abuot") == ["Did you mean /about?"]
    assert advice(app, "/nothing") == ["`/<int:page>`: int does not take 'nothing'."]


def test_several_rules_that_do_not_take_a_method(app: flask.Flask) -> None:
    app.add_url_rule("/about", "close", lambda: "x", methods=["DELETE"])
    assert advice(app, "POST /about") == ["This URL takes DELETE or GET, not POST."]


def test_a_large_map_is_not_searched(app: flask.Flask) -> None:
    for number in range(200):
        app.add_url_rule(f"/r{number}", f"r{number}", lambda: "x")
    assert advice(app, "/tools/drill") == []
    assert advice(app, "POST /about") == []


@pytest.mark.parametrize("path", ["/gone", "/own/404", "/own/405", "/own/413", "/own/415", "/own/400", "/about"])
def test_the_user_s_own_answer_gets_no_advice(app: flask.Flask, path: str) -> None:
    assert advice(app, path) == []


def test_an_error_that_became_another_response_gets_no_advice(app: flask.Flask) -> None:
    app.register_error_handler(404, lambda _: ("home", 200))
    app.register_error_handler(405, lambda _: ("own page", 405))
    assert advice(app, "/nothing") == []
    assert advice(app, "/loans") == ["`/loans` takes POST, not GET. Send it by `%http POST /loans`."]


def test_a_request_within_a_request_is_another_one(app: flask.Flask) -> None:
    @app.get("/twice")
    def twice() -> None:
        app.test_client().get("/tools/drill")
        flask.abort(404)

    @app.before_request
    def before() -> None:
        if flask.request.path == "/queue":
            app.test_client().get("/tools/drill")

    assert advice(app, "/twice") == []
    assert advice(app, "/queue") == ["Did you mean /desk/queue?"]


def test_the_last_of_the_followed_requests_counts(shop: Notebook) -> None:
    shown = shop.run("%http /old --follow").text
    assert "\n→ No rule is near. `%flask_routes --match /nothing`" in shown


def test_a_host_that_is_not_trusted(app: flask.Flask) -> None:
    app.config["TRUSTED_HOSTS"] = ["shop.example"]
    assert advice(app, "/about") == ["The host 'localhost' is not among those in TRUSTED_HOSTS, and no view was asked."]


def test_subdomains_and_hosts_are_asked_with_their_host() -> None:
    app = flask.Flask("shop", static_folder=None, host_matching=True)
    app.add_url_rule("/<int:n>", "n", lambda **_: "x", host="shop.example")
    request = read_request(["http://shop.example/x"])
    assert send(app, app.test_client(), request).advice == ["`/<int:n>`: int does not take 'x'."]
    elsewhere = send(app, app.test_client(), read_request(["http://other.example/x"]))
    assert elsewhere.advice == ["`/<int:n>`: int does not take 'x'; answers under the host shop.example only."]


def test_looking_for_near_rules_runs_nothing_of_the_app_s() -> None:
    app, ran = flask.Flask("shop", static_folder=None), []
    app.add_url_rule("/<int:n>", "n", lambda **_: "x")
    app.teardown_request(lambda _: ran.append("torn down"))
    app.before_request(lambda: ran.append("before"))
    assert send(app, app.test_client(), read_request(["/x"])).advice == ["`/<int:n>`: int does not take 'x'."]
    assert ran == ["before", "torn down"]


# -- what the view read


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "POST /loans",
            [
                "The body has no Content-Type, and `request.json` reads application/json: "
                "`%http` with `name=value` sends that."
            ],
        ),
        (
            "POST /loans name=x --form",
            [
                "The body came as application/x-www-form-urlencoded, and `request.json` reads application/json: "
                "`%http` with `name=value` sends that.",
                "A form is read by `request.form`.",
            ],
        ),
        ("POST /loans Content-Type:application/json", ["The body is empty: `%http` with `name=value` sends JSON."]),
        (
            "POST /fines nmae=x shelf=1 --form",
            [
                "The form has no 'name'. Sent: nmae and shelf.",
                "Where it may be missing: `request.form.get('name')`, which gives None.",
            ],
        ),
        (
            "POST /fines name=x",
            [
                "The form has no 'name': nothing was sent there.",
                "The request sent JSON: read `request.json`, or send a form (`%http` with `--form`).",
            ],
        ),
        (
            "/find?q=saw",
            [
                "The query has no 'tool'. Sent: q.",
                "Where it may be missing: `request.args.get('tool')`, which gives None.",
            ],
        ),
        (
            "/seen",
            [
                "The request's cookies have no 'seen': nothing was sent there.",
                "Where it may be missing: `request.cookies.get('seen')`, which gives None.",
            ],
        ),
        (
            "POST /photo photo=a.png --form",
            [
                "The request's files have no 'photo': nothing was sent there.",
                'A form needs `enctype="multipart/form-data"`; `%http` sends a file by `photo@path`.',
            ],
        ),
        ("/static/a.css", ["The rule fits; the folder static/ is not there."]),
    ],
)
def test_a_request_that_lacks_something(app: flask.Flask, line: str, said: list[str]) -> None:
    assert advice(app, line) == said


@pytest.mark.parametrize("debug", [False, True])
def test_a_body_that_is_no_json(app: flask.Flask, debug: bool) -> None:
    app.debug = debug
    with noticing_refusals(app) as refusals:
        response = app.test_client().post("/loans", data="{x", content_type="application/json")
    assert response.status_code == 400
    assert refusals.advice(response) == [
        "The body is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)."
    ]
    assert "handle_user_exception" not in vars(app)


def test_limits_are_told_apart(shop: Notebook) -> None:
    shop.run("%%flask_file big.txt\n" + "x" * 200)
    config = shop.ns["app"].config
    config["MAX_CONTENT_LENGTH"] = 3
    assert "\n→ MAX_CONTENT_LENGTH is 3 bytes; the body has 9." in shop.run("%http POST /fines name=saws --form").text
    config.update(MAX_CONTENT_LENGTH=None, MAX_FORM_MEMORY_SIZE=100)
    shown = shop.run(f"%http POST /photo note={'x' * 200} photo@big.txt --form").text
    assert "\n413 " in shown
    assert "\n→ MAX_FORM_MEMORY_SIZE is 100 bytes for a field without a file name; a file may be larger." in shown
    config.update(MAX_FORM_MEMORY_SIZE=None, MAX_FORM_PARTS=1)
    shown = shop.run("%http POST /photo note=x photo@big.txt --form").text
    assert "\n→ MAX_FORM_PARTS is 1; the form has more fields and files." in shown


def test_a_static_file_that_lies_elsewhere(app: flask.Flask) -> None:
    Path("static").mkdir()
    Path("static/site.css").touch()
    assert advice(app, "/static/site.cs") == ["The rule fits; the folder static/ has no site.cs."]
    Path("secret.txt").touch()
    assert advice(app, "/static/../secret.txt") == [
        "../secret.txt leads out of the folder static/, and nothing outside of it is sent."
    ]
    app.static_folder = "shop/static"
    assert advice(app, "/static/site.css") == [
        "The rule fits; the folder shop/static/ is not there. There is static/site.css."
    ]


def test_csrf(app: flask.Flask) -> None:
    app.secret_key = "for the test"
    CSRFProtect(app)
    app.add_url_rule("/token", view_func=generate_csrf)
    assert advice(app, "POST /fines name=x") == [
        "The form has to send its token: `{{ form.hidden_tag() }}` in the template, or a hidden `csrf_token`.",
        "An API's view is left out by `@csrf.exempt`.",
    ]
    token = app.test_client().get("/token").text
    assert advice(app, f"POST /fines X-CSRFToken:{token}") == [
        "The token came without the session cookie that belongs to it: get the form and post it as one client, "
        "and a Secure cookie needs https."
    ]
    assert advice(app, "POST /fines X-CSRFToken:wrong") == advice(app, f"POST /fines X-CSRFToken:{token}")


# -- what is shown


def test_the_advice_ends_the_display(shop: Notebook) -> None:
    ran = shop.run("%http /tools/drill")
    assert ran.text.endswith("\n\n→ `/tools/<int:tool_id>`: int does not take 'drill'.")
    assert '<div class="fm-advice"><p>→ <code>/tools/&lt;int:tool_id&gt;</code>: int does not take' in ran.html
    for part in ("--head", "--body", "-q"):
        ran = shop.run(f"%http /tools/drill {part}")
        assert "→" not in ran.text + ran.html


def test_the_client_s_words_are_escaped_and_masked(shop: Notebook) -> None:
    ran = shop.run("%http POST /fines '<script>=x' --form")
    assert "Sent: <script>." in ran.text
    assert "<script>" not in ran.html
    assert "Sent: &lt;script&gt;." in ran.html
    assert "\x1b" not in shop.run("%http /tools/%1b[31m").text


def test_a_method_of_the_app_s_own_is_put_back() -> None:
    app = flask.Flask("shop")
    own = app.handle_user_exception
    app.handle_user_exception = own  # type: ignore[method-assign]
    with noticing_refusals(app):
        assert vars(app)["handle_user_exception"] is not own
    assert vars(app)["handle_user_exception"] is own
    with noticing_refusals(app):
        app.handle_user_exception = other = lambda *_: "later"  # type: ignore[assignment,method-assign,misc]
    assert vars(app)["handle_user_exception"] is other
