"""An app that looks closely at how requests are written, and answers in many forms."""

import gzip
import zlib

from flask import Flask, Response, jsonify, redirect, request

SHELVES = """{
  "shelves": [
    {"id": 1, "name": "saws", "tools": [{"no": 11, "price": 12.5}, {"no": 12, "price": 40}]},
    {"id": 2, "name": "drills", "tools": [{"no": 21, "price": 99}]}
  ],
  "open-from": "2024-05-17T08:00:00.5+02:00",
  "code": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
  "stock": 10000000000000000000001,
  "share": "0.25",
  "nested": "{\\"depth\\": 2}"
}"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="urn:feed" xmlns:t="urn:tools"><entry><title>saw</title><t:no>11</t:no></entry>
<entry><content xmlns="urn:page"><p>sharp</p></content></entry></feed>"""


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/shelves")
    def shelves() -> Response:
        return Response(SHELVES, mimetype="application/json")

    @app.get("/feed")
    def feed() -> Response:
        return Response(ATOM, mimetype="application/atom+xml")

    @app.route("/echo", methods=["GET", "POST", "PUT"])
    def echo() -> Response:
        return Response(request.get_data(), mimetype=request.content_type or "text/plain")

    @app.get("/seen")
    def seen() -> Response:
        headers = {name: request.headers.getlist(name) for name in ("Authorization", "X-Shelf", "Accept-Encoding")}
        return jsonify(headers=headers, cookie=request.headers.get("Cookie"), path=request.path, args=request.args)

    @app.get("/greeting")
    def greeting() -> Response:
        return Response("Grüße\n".encode("latin-1"), content_type="text/plain; charset=latin-1")

    @app.get("/packed/<how>")
    def packed(how: str) -> Response:
        body = gzip.compress(b"packed") if how == "gzip" else zlib.compress(b"packed")
        return Response(
            body[2:-4] if how == "bare" else body, headers={"Content-Encoding": how.replace("bare", "deflate")}
        )

    @app.get("/cookies")
    def cookies() -> Response:
        response = Response("baked")
        response.set_cookie("crumb", "own")
        response.headers.add("Set-Cookie", 'quoted="a b"; Max-Age=60')
        response.headers.add("Set-Cookie", "dashed=1; expires=Fri, 17-May-2024 08:00:00 GMT")
        return response

    @app.route("/rooms/<room>/old", methods=["GET", "POST"])
    def old(room: str) -> Response:
        return redirect(f"../{room}/new", 308)

    @app.route("/rooms/<room>/new", methods=["GET", "POST"])
    def new(room: str) -> str:
        return f"{room}: {request.get_data(as_text=True)}"

    @app.get("/away")
    def away() -> Response:
        return redirect("https://shop.test/")

    return app
