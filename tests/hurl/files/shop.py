"""The app that the Hurl files are about: a login with a CSRF token, and a JSON API."""

import secrets

from flask import Flask, abort, jsonify, redirect, render_template_string, request, session, url_for

LOGIN = """<!doctype html><title>Log in</title>
<form method=post><input type=hidden name=csrf_token value={{ token }}><input name=user><input name=password>
<button>Log in</button></form>"""


def create_app():
    app = Flask(__name__)
    app.secret_key = "only for tests"
    tools = {}

    @app.get("/login")
    def login_form():
        session["csrf"] = secrets.token_hex(8)
        return render_template_string(LOGIN, token=session["csrf"])

    @app.post("/login")
    def login():
        if request.form["csrf_token"] != session.pop("csrf", None):
            abort(400)
        if request.form["password"] != "wrench":
            abort(401)
        session["user"] = request.form["user"]
        return redirect(url_for("home"))

    @app.get("/")
    def home():
        if "user" not in session:
            return redirect(url_for("login_form"))
        return render_template_string("<h1>Hello, {{ session.user }}</h1>")

    @app.post("/api/tools")
    def add():
        if not request.json.get("name"):
            return jsonify(errors={"name": ["is missing"]}), 422
        tool = {"id": len(tools) + 1, **request.json}
        tools[tool["id"]] = tool
        return jsonify(tool), 201, {"Location": f"/api/tools/{tool['id']}"}

    @app.get("/api/tools")
    def index():
        return jsonify(tools=list(tools.values()), total=len(tools))

    @app.get("/api/tools/<int:tool_id>")
    def one(tool_id):
        return jsonify(tools.get(tool_id) or abort(404))

    @app.delete("/api/tools/<int:tool_id>")
    def remove(tool_id):
        tools.pop(tool_id, None) or abort(404)
        return "", 204

    @app.post("/upload")
    def upload():
        file = request.files["photo"]
        return jsonify(name=file.filename, type=file.mimetype, size=len(file.read()), note=request.form["note"])

    @app.get("/slow")
    def slow():
        app.asked = getattr(app, "asked", 0) + 1
        return jsonify(state="ready" if app.asked % 3 == 0 else "working")

    @app.get("/boom")
    def boom():
        return {}["missing"]

    return app


app = create_app()
