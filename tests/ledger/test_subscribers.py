"""Signal subscribers of cells that are run again."""

import blinker
import flask
import pytest
from notebook_shell import Notebook

VIA = "@flask.request_started.connect_via(app)\ndef told(sender, **_):\n    log.append('{}')"
WEAK = "def told(sender, **_):\n    log.append('{}')\nflask.request_started.connect(told)"


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with an app, one route and a log."""
    notebook.run(
        "import flask\napp = flask.Flask(__name__)\nlog = []\n@app.get('/')\ndef home():\n    return 'home'", "app"
    )
    return notebook


def heard(shop: Notebook) -> list[str]:
    """What subscribers say to one request."""
    shop.ns["log"].clear()
    shop.client.get("/")
    return list(shop.ns["log"])


@pytest.mark.parametrize("source", [VIA, WEAK])
@pytest.mark.parametrize("cell_id", ["c", None])
def test_a_cell_subscribes_once_however_often_it_runs(shop: Notebook, source: str, cell_id: str | None) -> None:
    for _ in range(3):
        shop.run(source.format("one"), cell_id)
        assert heard(shop) == ["one"]


def test_what_was_disconnected_stays_so_when_a_cell_fails(shop: Notebook) -> None:
    shop.run(WEAK.format("one"), "c")
    shop.run("flask.request_started.disconnect(told)\n%http /", "d")
    shop.attempt("1 / 0", "e")
    assert heard(shop) == []
    assert list(flask.got_request_exception.receivers_for(shop.ns["app"])) == []


def test_an_edited_subscriber_takes_the_place_of_the_old_one(shop: Notebook) -> None:
    shop.run(VIA.format("one"), "c")
    shop.run(VIA.format("two"), "c")
    assert heard(shop) == ["two"]
    shop.run("pass", "c")
    assert heard(shop) == []


def test_a_failed_cell_leaves_the_old_subscriber(shop: Notebook) -> None:
    shop.run(VIA.format("one"), "c")
    shop.fails(VIA.format("two") + "\n1/0", ZeroDivisionError, cell_id="c")
    assert heard(shop) == ["one"]
    shop.run(VIA.format("three"), "c")
    assert heard(shop) == ["three"]


def test_one_function_connected_by_two_cells(shop: Notebook) -> None:
    shop.run("def both(sender, **_):\n    log.append('both')", "f")
    shop.run("flask.request_started.connect(both)", "one")
    shop.run("flask.request_started.connect(both)", "two")
    shop.run("pass", "one")
    assert heard(shop) == ["both"]
    shop.run("pass", "two")
    assert heard(shop) == []


def test_a_signal_of_ones_own(shop: Notebook) -> None:
    shop.run("import blinker\nlent = blinker.Signal()", "signal")
    for _ in range(2):
        shop.run("@lent.connect_via('library')\ndef told(sender, **_):\n    log.append(sender)", "c")
    shop.ns["log"].clear()
    shop.run("lent.send('library')", "send")
    assert shop.ns["log"] == ["library"]


def test_unloading_leaves_blinker_as_it_was(shop: Notebook) -> None:
    watched = blinker.Signal.connect
    shop.run(VIA.format("one"), "c")
    shop.run("%unload_ext flask_magic", "unload")
    assert blinker.Signal.connect is not watched
    assert not hasattr(blinker.Signal.connect, "__wrapped__")
    assert heard(shop) == ["one"]
