"""`%flask_cli`."""

from __future__ import annotations

import pytest
from notebook_shell import Notebook

from flask_magic.completion import complete
from flask_magic.errors import CliFailed, MagicLineError
from flask_magic.magics.parsers import Parsers

COMMAND = """
@app.cli.command()
def count():
    print("3 tools")
"""


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with an app and a command."""
    notebook.run("import flask\napp = flask.Flask('shop')", "app")
    notebook.run(COMMAND, "count")
    return notebook


def test_a_command_of_a_cell(shop: Notebook) -> None:
    ran = shop.run("%flask_cli count")
    assert ran.text == "$ flask count\n3 tools"
    assert "<pre>3 tools</pre>" in ran.html
    assert ran.result is None
    assert ran.stdout == ran.stderr == ""


def test_a_command_that_is_run_again_is_the_new_one(shop: Notebook) -> None:
    shop.run(COMMAND.replace("3 tools", "4 tools"), "count")
    assert "4 tools" in shop.run("%flask_cli count").text
    shop.run("x = 1", "count")
    assert "No such command 'count'" in shop.fails("%flask_cli count", CliFailed, "exit code 2").text


def test_routes_are_those_that_answer_now(shop: Notebook) -> None:
    shop.run("%%flask_route /old\ndef old():\n    return 'old'", "rule")
    shop.run("%%flask_route /new\ndef new():\n    return 'new'", "rule")
    text = shop.run("%flask_cli routes").text
    assert "/new" in text
    assert "/old" not in text


def test_an_exit_code_that_is_not_expected(shop: Notebook) -> None:
    ran = shop.fails("%flask_cli nosuch", CliFailed, r"`flask nosuch` ended with exit code 2\.")
    assert ran.text.splitlines()[0] == "$ flask nosuch"
    assert "Error: No such command 'nosuch'" in ran.text
    assert ran.text.endswith("exit code 2")
    assert shop.run("%flask_cli --expect 2 nosuch").text == ran.text
    shop.fails("%flask_cli --expect 2 count", CliFailed, "ended with exit code 0, and 2 was expected")


def test_what_a_command_raises_is_raised(shop: Notebook) -> None:
    shop.run("@app.cli.command()\ndef broken():\n    print('counting')\n    raise LookupError('no such shelf')")
    ran = shop.fails("%flask_cli broken", LookupError, "no such shelf")
    assert "counting" in ran.text
    assert "LookupError: no such shelf" in shop.run("%flask_cli --expect 1 broken").text


def test_options_of_the_command_are_left_alone(shop: Notebook) -> None:
    assert "Usage: flask count" in shop.run("%flask_cli count --help").text
    assert "Usage: flask [OPTIONS] COMMAND" in shop.run("%flask_cli --help").text
    shop.fails("%flask_cli --expect two count", MagicLineError, "invalid int value")


def test_the_app_can_be_named(shop: Notebook) -> None:
    shop.run("desk = flask.Flask('desk')\n@desk.cli.command()\ndef lend():\n    print(flask.current_app.name)")
    assert shop.run("%flask_cli --app desk lend").text == "$ flask lend\ndesk"


def test_a_server_is_refused(shop: Notebook) -> None:
    shop.fails("%flask_cli run", CliFailed, r"%flask_process web flask run --port \{port\}")


def test_paths_are_shown_from_the_project_on(notebook: Notebook) -> None:
    notebook.run("%flask_project shop")
    notebook.run("import flask, pathlib\napp = flask.Flask('shop')")
    notebook.run("@app.cli.command()\ndef where():\n    print(pathlib.Path.cwd() / 'tools.db')")
    assert notebook.run("%flask_cli where").text == "$ flask where\ntools.db"
    assert str(notebook.bench.project.folder) in notebook.run("%flask_cli --reveal where").text


def test_tab_offers_the_commands(shop: Notebook) -> None:
    assert complete("%flask_cli ", "", shop.bench, Parsers()) == ["count", "routes"]
    assert complete("%flask_cli co", "co", shop.bench, Parsers()) == ["count"]


def test_log_lines_have_no_time_and_come_in_the_order_of_printing(notebook: Notebook) -> None:
    notebook.run("from flask import Flask, current_app\napp = Flask('shop')\napp.logger.setLevel('INFO')")
    notebook.run("from flask.logging import default_handler\napp.logger.addHandler(default_handler)")
    notebook.run(
        "@app.cli.command()\ndef tidy():\n    print('start')\n    current_app.logger.info('tidying')\n    print('end')"
    )
    lines = notebook.run("%flask_cli tidy").text.splitlines()
    assert [lines[1], lines[2].split(" in ")[0], lines[2].split(": ")[-1], lines[3]] == [
        "start",
        "[{time}] INFO",
        "tidying",
        "end",
    ]
