"""How the live app is asked for pages, without a browser."""

import asyncio
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "live"))

from flask_magic_kernel import Kernel

APP = """
from flask import Flask, Response, abort, redirect, request, session
app = Flask("shop")
app.secret_key = "dev"
@app.get("/")
def index(): return f"<p>{session.get('who')}"
@app.post("/login")
def login(): session["who"] = request.form["who"]; return redirect("/#top")
@app.route("/echo", methods=["GET", "POST", "PUT"])
def echo():
    files = [[name, file.filename, file.content_type, file.read().decode()]
             for name, file in request.files.items(multi=True)]
    return {"method": request.method, "form": request.form.to_dict(flat=False), "files": files,
            "type": request.mimetype, "referrer": request.referrer, "accept": request.headers.get("Accept"),
            "authorization": request.headers.get("Authorization")}
@app.get("/to")
def to(): return redirect(request.args["next"], int(request.args.get("code", 302)))
@app.post("/again")
def again(): return redirect("/echo", 307)
app.get("/round")(lambda: redirect("/round"))
app.get("/private", endpoint="private")(lambda: "<p>in" if request.authorization else abort(401))
app.get("/broken", endpoint="broken")(lambda: 1 / 0)
app.get("/out", endpoint="out")(lambda: sys.exit("token=hammer"))
app.get("/latin", endpoint="latin")(lambda: Response(b"gr\\xfcn", content_type="text/html; charset=latin-1"))
app.get("/dot.png", endpoint="dot")(lambda: Response(b"\\x89PNG", mimetype="image/png"))
app.get("/large", endpoint="large")(lambda: "x" * 5_000_001)
app.get("/nothing", endpoint="nothing")(lambda: ("", 204))
import sys
"""
HERE = "http://localhost"


class Reader:
    """A page that is read: cells are run, and pages visited."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.kernel = Kernel(self.said.append)
        self.run("%load_ext flask_magic")
        self.run(APP)

    def run(self, source: str) -> list[list[int | None]]:
        """Run a cell; the numbers that its outputs offer."""
        self.said.clear()
        asyncio.run(self.kernel.run(source))
        return [output["visits"] for output in self.said if "visits" in output]

    def visit(self, number: int, path: str | None = None, **asked: Any) -> dict[str, Any]:
        """Open the page with this number, or ask for another from there."""
        url = {} if path is None else {"url": HERE + path if path.startswith("/") else path}
        return asyncio.run(self.kernel.visit({"visit": number, **url, **asked}))

    def json(self, number: int, path: str, **asked: Any) -> dict[str, Any]:
        """What /echo says."""
        import json

        told: dict[str, Any] = json.loads(self.visit(number, path, **asked)["text"])
        return told


@pytest.fixture
def reader() -> Iterator[Reader]:
    main = sys.modules["__main__"]
    one = Reader()
    yield one
    one.run("%unload_ext flask_magic")
    sys.modules["__main__"] = main


def test_pages_and_redirects_have_a_number_and_nothing_else_has(reader: Reader) -> None:
    assert reader.run("%http /") == [[1]]
    assert reader.run("%http / --as ada --as bob") == [[2, 3]]
    assert reader.run("%http POST /login who=me --form") == [[4]]
    assert reader.run("%http /echo\n%http /dot.png\n%http HEAD /\n%http /nothing") == [[None]] * 4
    assert reader.run("%http -q /\nprint(6)\n%flask_routes\n6 * 7") == []
    assert reader.run("r = %http -q /\nr") == []
    assert reader.run("r") == [[5]]


def test_a_page_is_opened_as_it_was_shown(reader: Reader) -> None:
    reader.run("%http /\nfirst = len(__import__('flask_magic').__all__)")
    reader.run("%http POST /login who=me --form")
    shown = {"method": "GET", "url": f"{HERE}/", "hops": [], "error": "", "status": "200 OK", "type": "text/html"}
    assert reader.visit(1) == shown | {"text": "<p>None"}
    assert reader.visit(1, "/") == shown | {"text": "<p>me"}
    assert reader.visit(2) == shown | {"url": f"{HERE}/#top", "hops": ["302 FOUND"], "text": "<p>me"}


def test_a_visit_is_no_request_of_the_notebook_s(reader: Reader) -> None:
    reader.run("%http /")
    reader.visit(1, "/")
    reader.run("%flask_history")
    assert reader.said[0]["data"]["text/plain"].count("200 OK") == 1


def test_each_client_has_its_cookies(reader: Reader) -> None:
    reader.run("%http / --as ada --as bob")
    for number, who in ((1, "ada"), (2, "bob")):
        answer = reader.visit(number, "/login", method="POST", form=[["who", who]])
        assert (answer["hops"], answer["text"]) == (["302 FOUND"], f"<p>{who}")
    assert [reader.visit(number, "/")["text"] for number in (1, 2)] == ["<p>ada", "<p>bob"]


def test_a_form_arrives_as_from_a_browser(reader: Reader) -> None:
    reader.run("%http /")
    files = [
        {"field": "a", "filename": "a.txt", "type": "text/plain", "content": b64encode("grün".encode()).decode()},
        {"field": "b", "filename": "", "type": "application/octet-stream", "content": ""},
    ]
    asked = {"method": "POST", "form": [["x", "1"], ["x", "2\r\n&"]]}
    told = reader.json(1, "/echo", **asked, files=files, multipart=True, referrer=f"{HERE}/a?b#c")
    assert told["form"] == {"x": ["1", "2\r\n&"]}
    assert told["files"] == [["a", "a.txt", "text/plain", "grün"], ["b", "", "application/octet-stream", ""]]
    assert (told["type"], told["referrer"]) == ("multipart/form-data", f"{HERE}/a?b")
    assert told["accept"].startswith("text/html,")
    told = reader.json(1, "/echo", **asked)
    assert (told["type"], told["form"]) == ("application/x-www-form-urlencoded", {"x": ["1", "2\r\n&"]})
    assert reader.json(1, "/echo", **asked, multipart=True)["type"] == "multipart/form-data"
    assert reader.json(1, "/echo", wants="style")["accept"].startswith("text/css")
    assert reader.json(1, "/echo", method="DELETE")["method"] == "GET"


def test_redirects_are_followed_by_the_rules_of_http(reader: Reader) -> None:
    reader.run("%http /")
    told = reader.json(1, "/again", method="POST", form=[["x", "1"]])
    assert (told["method"], told["form"]) == ("POST", {"x": ["1"]})
    assert reader.visit(1, "/to?next=/%23b#a")["url"] == f"{HERE}/#b"
    assert reader.visit(1, "/to?next=/#a")["url"] == f"{HERE}/#a"
    assert reader.visit(1, "/to?next=echo%3Fq=1")["url"] == f"{HERE}/echo?q=1"
    assert "20 redirects were followed" in reader.visit(1, "/round")["refused"]
    answer = reader.visit(1, "/to?next=https://elsewhere.example/%3Fx")
    assert answer["refused"].startswith("The app redirects to https://elsewhere.example/?x, which is not in the app")
    assert answer["status"] == "302 FOUND"


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "http://localhost.example/", "javascript:1", "http:///"])
def test_what_is_not_in_the_app_is_refused(reader: Reader, url: str) -> None:
    reader.run("%http /")
    assert reader.visit(1, url) == {"refused": f"{url} is not in the app. Links to elsewhere are not followed here."}


def test_a_server_name_its_subdomains_and_the_root_of_the_app_are_kept(reader: Reader) -> None:
    reader.run("app.config.update(SERVER_NAME='shop.test', APPLICATION_ROOT='/a')\n%http /")
    assert reader.visit(1)["url"] == "http://shop.test/a/"
    assert reader.visit(1, "http://shop.test/a/echo")["status"] == "200 OK"
    assert "refused" in reader.visit(1, "http://shop.test/echo")
    assert reader.visit(1, "http://api.shop.test/a/x")["status"] == "404 NOT FOUND"
    assert "refused" in reader.visit(1, "http://notshop.test/a/")


def test_a_password_that_was_given_is_sent_again(reader: Reader) -> None:
    reader.run("%http http://ada:hammer@localhost/private")
    assert reader.visit(1, "/private")["text"] == "<p>in"
    reader.run("%http /private 'Authorization:Bearer hammer'")
    assert reader.json(2, "/echo")["authorization"] is None


def test_errors_are_told(reader: Reader) -> None:
    reader.run("%http /")
    answer = reader.visit(1, "/broken")
    assert (answer["status"], answer["error"]) == ("500 INTERNAL SERVER ERROR", "ZeroDivisionError: division by zero")
    assert reader.visit(1, "/out")["refused"] == "SystemExit: token=•••"
    reader.run("app.testing = True")
    answer = reader.visit(1, "/broken")
    assert (answer["status"], answer["type"]) == ("no response", "text/plain")
    assert "1 / 0" in answer["text"]


def test_bodies_are_told_by_their_type(reader: Reader) -> None:
    reader.run("%http /")
    assert reader.visit(1, "/latin")["text"] == "grün"
    assert reader.visit(1, "/dot.png") | {"hops": []} == {
        "method": "GET", "url": f"{HERE}/dot.png", "hops": [], "error": "", "status": "200 OK", "type": "image/png",
        "base64": "iVBORw==",
    }  # fmt: skip
    assert reader.visit(1, "/large")["refused"].startswith("The response has 5,000,001 bytes")
    assert reader.visit(1, "/nothing")["text"] == ""


def test_the_app_is_looked_up_each_time(reader: Reader) -> None:
    reader.run("%http /")
    reader.run("app = Flask('shop')\napp.get('/')(lambda: '<p>new')")
    assert reader.visit(1, "/")["text"] == "<p>new"
    reader.run("del app\na, b = Flask('a'), Flask('b')")
    assert "no variable called 'app'" in reader.visit(1, "/")["refused"]


def test_what_is_not_kept_is_refused(reader: Reader) -> None:
    assert "Run its cell again" in reader.visit(1)["refused"]
    reader.run("for _ in range(101):\n    %http /")
    assert "Run its cell again" in reader.visit(1)["refused"]
    assert reader.visit(2)["status"] == "200 OK"
    reader.run("%unload_ext flask_magic")
    assert reader.visit(2) == {"refused": "The extension flask_magic is not loaded."}
    reader.run("%load_ext flask_magic")
