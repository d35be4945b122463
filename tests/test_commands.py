"""The `flask` command against an app in this process."""

from __future__ import annotations

import logging
import os
from typing import Any

import click
import flask
import pytest
from flask.cli import with_appcontext

from flask_magic.commands import command_names, run_command
from flask_magic.errors import CliFailed


@pytest.fixture
def app() -> flask.Flask:
    """An app with a rule and a few commands."""
    one = flask.Flask("shop")
    one.add_url_rule("/tools/<int:tool_id>", "tool", lambda tool_id: str(tool_id))

    @one.cli.command()
    @click.option("--loud", is_flag=True)
    def greet(loud: bool) -> None:
        """Say hello."""
        click.echo(f"Hello from {flask.current_app.name}{'!' * loud}")
        click.echo("and to stderr", err=True)
        print("and by print")

    return one


def test_flasks_own_commands(app: flask.Flask) -> None:
    result = run_command(app, ["routes"])
    assert result.exit_code == 0
    assert "tool      GET      /tools/<int:tool_id>" in result.output


def test_the_apps_own_commands_have_its_context(app: flask.Flask) -> None:
    result = run_command(app, ["greet", "--loud"])
    assert result.output == "Hello from shop!\nand to stderr\nand by print\n"
    assert (result.exit_code, result.error) == (0, None)
    assert command_names(app) == ["greet", "routes"]


def test_commands_of_installed_packages(app: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    class EntryPoint:
        name = "stock"

        def load(self) -> click.Command:
            return click.Command("stock", callback=with_appcontext(lambda: click.echo(flask.current_app.name)))

    plain = metadata.entry_points

    def entry_points(**wanted: Any) -> Any:
        return [EntryPoint()] if wanted == {"group": "flask.commands"} else plain(**wanted)

    monkeypatch.setattr(metadata, "entry_points", entry_points)
    assert run_command(app, ["stock"]).output == "shop\n"
    assert "stock" in run_command(app, []).output, "no words: the list of commands"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["greet", "--quiet"], 2, "No such option"),
        (["gret"], 2, "No such command 'gret'"),
        (["give-up"], 4, "no tools left"),
    ],
)
def test_exit_codes(app: flask.Flask, words: list[str], code: int, said: str) -> None:
    @app.cli.command("give-up")
    def give_up() -> None:
        click.echo("no tools left", err=True)
        raise SystemExit(4)

    result = run_command(app, words)
    assert result.exit_code == code
    assert said in result.output
    assert result.error is None


def test_an_exception_is_kept(app: flask.Flask) -> None:
    @app.cli.command()
    def broken() -> None:
        click.echo("counting")
        raise KeyError("drill")

    result = run_command(app, ["broken"])
    assert result.output == "counting\n"
    assert result.exit_code == 1
    assert isinstance(result.error, KeyError)


def test_nothing_is_left_behind(app: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELF", "3")
    other = logging.getLogger("test_commands.other")

    @app.cli.command()
    def careless() -> None:
        os.environ["SHELF"] = "4"
        os.environ["LEFT_BEHIND"] = "yes"
        logging.getLogger().addHandler(logging.StreamHandler())
        other.disabled = True

    handlers = logging.getLogger().handlers[:]
    app.debug = True
    assert run_command(app, ["careless"]).exit_code == 0
    assert os.environ["SHELF"] == "3"
    assert {"LEFT_BEHIND", "FLASK_RUN_FROM_CLI"}.isdisjoint(os.environ)
    assert logging.getLogger().handlers == handlers
    assert not other.disabled
    assert app.debug, "FLASK_DEBUG is for an app that the command makes"


def test_no_context_stays_pushed(app: flask.Flask) -> None:
    @app.cli.command()
    def careless() -> None:
        flask.current_app.app_context().push()

    assert "Popped wrong app context" in str(run_command(app, ["careless"]).error)
    assert not flask.has_app_context()


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (["run"], "%flask_process web flask run"),
        (["--debug", "run", "-p", "80"], "%flask_process"),
        (["shell"], "cell"),
    ],
)
def test_what_has_no_place_in_a_kernel(app: flask.Flask, words: list[str], instead: str) -> None:
    with pytest.raises(CliFailed, match="does not run inside a notebook") as caught:
        run_command(app, words)
    assert instead in caught.value.todo


def test_help_of_these_is_shown(app: flask.Flask) -> None:
    assert "Run a local development server" in run_command(app, ["run", "--help"]).output


def test_no_colours(app: flask.Flask) -> None:
    @app.cli.command()
    def shout() -> None:
        print("\x1b[31mred\x1b[0m")

    assert run_command(app, ["shout"]).output == "red\n"
