"""The small modules: apps, clients, project, logs, frames, errors, exchange, workbench, private names."""

import importlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest
from notebook_shell import Notebook
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map

from flask_magic.apps import Apps
from flask_magic.display import ExchangeDisplay
from flask_magic.errors import (
    AppError,
    CellSyntaxError,
    FlaskMagicError,
    MagicLineError,
    ProjectError,
    UnexpectedStatus,
    UnknownName,
    UnsupportedVersion,
    did_you_mean,
)
from flask_magic.exchange import send
from flask_magic.expecting import status_fits
from flask_magic.frames import definition, render, show_user_frames, user_frames
from flask_magic.ledger import Cells, Ledger, private
from flask_magic.logs import LogLine, collect_logs
from flask_magic.project import Project
from flask_magic.request_line import Request, read_request
from flask_magic.workbench import Workbench


def apps(**namespace: object) -> Apps:
    """The finder of apps in these variables."""
    return Apps(dict(namespace), Ledger({}))


# -- apps


def test_the_only_app_is_meant_also_under_two_names() -> None:
    app = flask.Flask("demo")
    found = apps(shop=app, same=app, other=1, _hidden=flask.Flask("hidden"))
    assert found.find() is app
    assert found.name_of(app) == "same"


def test_the_chosen_app_is_meant() -> None:
    one, two = flask.Flask("one"), flask.Flask("two")
    found = apps(one=one, two=two)
    with pytest.raises(AppError, match="2 Flask apps, and none is chosen: one, two"):
        found.find()
    assert found.choose("two") is two
    assert found.find() is two
    assert found.find("one") is one
    del found.namespace["two"]
    assert found.find() is one


def test_current_app_is_no_app() -> None:
    app = flask.Flask("demo")
    found = apps(app=app, current_app=flask.current_app)
    with app.app_context():
        assert found.named() == {"app": app}


def test_reset_puts_a_new_app_in_its_place() -> None:
    found = apps(shop=flask.Flask("demo"))
    old = found.find()
    assert found.reset() is found.namespace["shop"]
    assert found.find() is not old
    assert found.find().import_name == "demo"


def test_a_module_s_own_import_error_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_shop.py").write_text("import no_such_thing")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_thing"):
        apps().choose("broken_shop:app")


# -- project


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebook's folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_scratch_project_is_gone_after_closing(folder: Path) -> None:
    path = list(sys.path)
    project = Project("shop")
    assert Path.cwd() == project.folder
    assert project.write("templates/a.html", "ä").read_text(encoding="utf-8") == "ä"
    project.empty()
    assert list(project.folder.iterdir()) == []
    assert str(folder) in sys.path
    project.close()
    assert (Path.cwd(), project.folder.exists(), sys.path) == (folder, False, path)


@pytest.mark.usefixtures("folder")
def test_what_was_imported_from_a_scratch_project_is_gone_with_it() -> None:
    for text in ("old", "new"):
        project = Project()
        project.write("made_here.py", f"text = {text!r}")
        assert importlib.import_module("made_here").text == text
        project.close()


def test_emptying_follows_no_link(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "kept").touch()
    project = Project()
    (project.folder / "link").symlink_to(folder / "mine")
    project.empty()
    project.close()
    assert (folder / "mine" / "kept").exists()


@pytest.mark.parametrize("name", ["../x", "a/../../x", ".", "/etc/x"])
def test_a_path_outside_the_project_is_refused(folder: Path, name: str) -> None:
    project = Project()
    with pytest.raises(ProjectError, match="outside the project"):
        project.write(name, "x")
    project.close()
    assert list(folder.iterdir()) == []


def test_a_link_out_of_the_project_is_refused(folder: Path) -> None:
    project = Project()
    (project.folder / "out").symlink_to(folder)
    with pytest.raises(ProjectError, match="outside"):
        project.write("out/x", "x")
    project.close()


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", ".x"])
def test_odd_project_names_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(ProjectError, match="cannot be a project's name"):
        Project(name)
    assert Path.cwd() == folder


def test_the_notebook_s_own_folder_is_no_project(folder: Path) -> None:
    with pytest.raises(ProjectError, match="notebook's own"):
        Project("x", Path())
    assert Path.cwd() == folder


def test_a_folder_is_no_file(folder: Path) -> None:
    project = Project()
    project.write("templates/a.html", "x")
    with pytest.raises(ProjectError, match="is a folder"):
        project.write("templates", "x")
    project.close()
    assert list(folder.iterdir()) == []


# -- logs


def test_records_are_collected_and_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    factory, last_resort = logging.getLogRecordFactory(), logging.lastResort
    with collect_logs() as (lines, _):
        logging.getLogger("shop").warning("low on %s", "drills")
        logging.getLogger("shop").debug("not this")
    assert lines == [LogLine("WARNING", "shop", "low on drills")]
    assert capsys.readouterr().err == ""
    assert (logging.getLogRecordFactory(), logging.lastResort) == (factory, last_resort)
    logging.getLogger("shop.quiet").info("after")
    assert len(lines) == 1


def test_the_paths_in_a_record_begin_at_the_working_directory() -> None:
    with collect_logs() as (lines, _):
        logging.getLogger("shop").warning("no match: %s", Path.cwd() / "templates" / "tool.html")
    assert lines == [LogLine("WARNING", "shop", "no match: templates/tool.html")]


def test_logs_of_a_request_belong_to_its_exchange(capsys: pytest.CaptureFixture[str]) -> None:
    app = flask.Flask("shop")
    app.add_url_rule("/", "home", lambda: app.logger.error("no drills") or "x")
    exchange = send(app, app.test_client(), Request())
    assert exchange.logs == [LogLine("ERROR", "shop", "no drills")]
    assert capsys.readouterr().err == ""


# -- frames


def test_a_cause_is_told_first() -> None:
    try:
        try:
            raise KeyError("a")
        except KeyError as error:
            raise ValueError("b") from error
    except ValueError as error:
        lines = render(error)
        assert [frame.function for frame in user_frames(error)] == ["test_a_cause_is_told_first"]  # noqa: PT017
    assert lines.index("KeyError: 'a'") < lines.index("which led to:") < lines.index("ValueError: b")


def test_frames_of_libraries_are_left_out() -> None:
    with pytest.raises(NotFound) as caught:
        Map().bind("shop.test").match("/")
    assert [frame.function for frame in user_frames(caught.value)] == ["test_frames_of_libraries_are_left_out"]


def test_a_definition_passes_over_decorators() -> None:
    frame = definition(test_a_path_outside_the_project_is_refused)
    assert frame is not None
    assert frame.code.startswith("def test_a_path_outside")
    assert definition(len) is None
    assert definition(os.getcwd) is None


def test_an_exception_renders_as_it_is_told() -> None:
    error = ValueError("x")
    show_user_frames(error, ["told"])
    show_user_frames(error, ["told again"])
    assert error._render_traceback_() == ["told"]  # type: ignore[attr-defined]


# -- errors


def test_errors_are_one_tree_that_says_what_why_and_what_to_do() -> None:
    for kind in (MagicLineError, UnknownName, AppError, ProjectError, UnsupportedVersion, UnexpectedStatus):
        error = kind("What.", why="Why.\nMore.", todo="Do.")
        assert isinstance(error, FlaskMagicError)
        assert str(error) == "What. Do."
        assert error._render_traceback_() == [f"{kind.__name__}: What.", "  Why.", "  More.", "  → Do."]
    assert issubclass(UnexpectedStatus, AssertionError)


def test_a_syntax_error_is_pointed_at() -> None:
    try:
        compile("x = (", "cell", "exec")
    except SyntaxError as error:
        assert CellSyntaxError.of(error).why.splitlines() == ["x = (", "    ^"]  # noqa: PT017


def test_did_you_mean() -> None:
    assert did_you_mean("tols", ["tools", "x"]) == "Did you mean 'tools'?"
    assert did_you_mean("zzz", ["tools"]) == ""


# -- exchange


def test_an_exchange_has_the_response_s_attributes() -> None:
    app = flask.Flask("demo")
    app.add_url_rule("/", "home", lambda: {"a": 1})
    exchange = send(app, app.test_client(), Request())
    assert (exchange.status_code, exchange.json, repr(exchange)) == (200, {"a": 1}, "<Exchange GET / → 200 OK>")
    with pytest.raises(AttributeError):
        exchange.no_such  # noqa: B018


def test_the_app_s_settings_decide() -> None:
    app = flask.Flask("demo")
    app.add_url_rule("/", "home", lambda: 1 / 0)
    caught = send(app, app.test_client(), Request())
    assert (caught.status_code, type(caught.error)) == (500, ZeroDivisionError)
    app.testing = True
    through = send(app, app.test_client(), Request())
    assert (through.response, type(through.error)) == (None, ZeroDivisionError)
    with pytest.raises(AttributeError, match="ZeroDivisionError was raised"):
        through.status_code  # noqa: B018


def test_a_stream_has_chunks() -> None:
    app = flask.Flask("demo")
    app.add_url_rule("/", "home", lambda: flask.Response(iter(["a", "b"])))
    exchange = send(app, app.test_client(), Request())
    assert (exchange.chunks, exchange.text) == ([b"a", b"b"], "ab")


def test_headers_files_and_hosts_reach_the_app() -> None:
    app = flask.Flask("demo")

    @app.route("/", methods=["POST"])
    def home() -> dict[str, object]:
        request = flask.request
        return {
            "host": request.host,
            "scheme": request.scheme,
            "many": request.headers.get("X-Many"),
            "type": request.content_type,
            "args": request.args.to_dict(flat=False),
        }

    words = ["POST", "https://shop.test/?a=1", "a==2", "X-Many:1", "X-Many:2", "Content-Type:text/odd"]
    assert send(app, app.test_client(), read_request([*words, "x=y"])).json == {
        "host": "shop.test", "scheme": "https", "many": "1, 2", "type": "text/odd", "args": {"a": ["1", "2"]},
    }  # fmt: skip


# -- workbench


def test_statuses() -> None:
    assert [status_fits(404, one) for one in ("404", "4xx", "40X", "200, 404", "405", "4", "")] == [True] * 4 + [
        False
    ] * 3


def test_a_workbench_needs_no_ipython() -> None:
    bench = Workbench(namespace := {})
    bench.open()
    bench.begin_cell("app", "1")
    exec("import flask\napp = flask.Flask('demo')\n@app.get('/')\ndef home(): return 'x'", namespace)
    bench.end_cell(failed=False)
    assert bench.send(Request()).text == "x"
    assert bench.end_cell(failed=False) is None
    bench.close()
    assert not hasattr(flask.Flask.__init__, "__wrapped__")


# -- cells and private names


def test_cells_are_known_by_id_else_by_source() -> None:
    cells = Cells()
    assert cells.begin("a", "1") is cells.begin("b", "1")
    assert cells.begin("a") is cells.begin("a\n")
    assert cells.begin("a") is not cells.begin("b")
    assert cells.begin("\n  x = 1\ny").title == "x = 1"
    assert cells.begin(" ").title == "(an empty cell)"


def test_an_unknown_flask_is_met_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    private.check()
    monkeypatch.delattr("flask.sansio.app.App._find_error_handler")
    with pytest.raises(UnsupportedVersion, match=r"Flask \d.* lacks Flask\._find_error_handler"):
        private.check()


def test_an_exception_is_told_with_all_lines_of_its_message_and_its_notes() -> None:
    error = LookupError("no such converter\nat all")
    error.add_note("Did you mean 'int'?")
    assert render(error) == ["LookupError: no such converter", "at all", "  Did you mean 'int'?"]


def test_a_rule_with_an_unknown_converter_says_so(notebook: Notebook) -> None:
    _, error = notebook.attempt("%%flask_route /tools/<itn:no>\ndef tool(no): return 'x'")
    assert isinstance(error, LookupError)
    shown = error._render_traceback_()  # type: ignore[attr-defined]
    assert shown == ["LookupError: the converter 'itn' does not exist", "  Did you mean 'int'?"]


def test_a_stream_that_breaks_off_keeps_its_status_and_what_came_before() -> None:
    app = flask.Flask("demo")

    @app.get("/")
    def export() -> Iterator[str]:
        yield "1"
        yield "2"
        raise ValueError("disk gone")

    exchange = send(app, app.test_client(), Request(path="/"))
    assert (exchange.status_code, exchange.chunks, str(exchange.error)) == (200, [b"1", b"2"], "disk gone")
    assert "came when the response had begun" in ExchangeDisplay(exchange, raises=True).text()


def test_a_log_record_of_a_teardown_does_not_go_to_stderr(notebook: Notebook) -> None:
    notebook.run("import flask\nfrom flask.logging import default_handler\napp = flask.Flask('shop')")
    notebook.run("app.logger.setLevel('INFO')\napp.logger.addHandler(default_handler)")
    notebook.run("@app.teardown_appcontext\ndef close(error): flask.current_app.logger.info('closed')")
    ran = notebook.run("%http /")
    assert (ran.stderr, "log INFO shop: closed" in ran.text) == ("", True)
    assert "closed" in notebook.run("with app.app_context(): pass").stderr
