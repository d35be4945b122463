"""Signals, their receivers, and log records."""

import functools
import logging
from typing import Any

import blinker
import flask
import pytest
from notebook_shell import Notebook
from trace_oracle import Calls, same

from flask_magic.trace import Outcome, Stage

FLASKS = (
    flask.appcontext_pushed,
    flask.request_started,
    flask.before_render_template,
    flask.template_rendered,
    flask.message_flashed,
    flask.request_finished,
    flask.request_tearing_down,
    flask.appcontext_tearing_down,
    flask.appcontext_popped,
    flask.got_request_exception,
)


def signalled(calls: Calls) -> flask.Flask:
    app = flask.Flask("app", static_folder=None)
    app.secret_key = "key"
    loaned = app.extensions["loaned"] = blinker.Signal()
    named = flask.signals.Namespace().signal("tool-loaned")
    counted = flask.signals.Namespace().signal("counted")
    kept: list[Any] = []  # a signal calls its receivers in no order, so each has one for a sender

    def connects(signal: blinker.Signal, name: str, sender: Any = blinker.ANY, answer: Any = None) -> None:
        receiver = calls.says("receiver", name, answer)
        kept.append(receiver)
        signal.connect(receiver, sender)

    app.extensions["kept"] = kept
    for signal in FLASKS:
        connects(signal, signal.name.replace("-", "_"), app)
    connects(named, "for_drill", "drill", "noted")
    connects(named, "for_saw", "saw")
    connects(loaned, "fails", answer=ZeroDivisionError())

    class Counter:
        def count(self, *_args: Any, **_: Any) -> int:
            calls("receiver", "Counter.count")
            return 1

        __call__ = count

    counter = Counter()
    kept.append(counter)
    counted.connect(counter.count)
    strange = functools.partial(calls.says("receiver", "partial", "p"))
    kept.append(strange)
    counted.connect(strange, "partial")

    @app.get("/")
    def index() -> str:
        calls("view", "index")
        flask.flash("hello", "info")
        answers = named.send("drill", days=3) + counted.send("other") + strangers()
        with flask.request_finished.muted(), named.muted():
            assert named.send("drill") == []
        text = flask.render_template_string("{{ get_flashed_messages() }}")
        return f"{[(answer, receiver in kept or receiver.__name__) for receiver, answer in answers]} {text}"

    def strangers() -> list[Any]:
        counted.disconnect(counter.count)
        return counted.send("partial")

    @app.get("/fails")
    def fails() -> str:
        calls("view", "fails")
        return str(loaned.send())

    for view in (index, fails):
        view.__qualname__ = view.__name__
    return app


def test_signals_of_flask_and_of_the_apps_own() -> None:
    run = same(signalled, "/", "/fails")
    assert b"noted" in run.answers[0][0][2]
    assert {name.replace("-", "_") for name in run.kinds("signal")} >= {
        "appcontext_pushed",
        "request_started",
        "template_rendered",
        "message_flashed",
        "appcontext_popped",
        "tool_loaned",
        "a signal",
    }
    assert run.trace.find("receiver", "fails")[0].outcome is Outcome.RAISED
    assert run.kinds("flash") == ["info"]
    stages = {event.name: event.stage for event in run.trace.requests[0].items if event.kind == "signal"}
    assert stages["request-started"] is Stage.OPEN
    assert stages["request-finished"] is Stage.AFTER
    assert stages["appcontext-popped"] is Stage.TEARDOWN


def test_the_signal_that_says_so_comes_after_what_it_says() -> None:
    run = same(signalled, "/")
    told = [event.name for event in run.trace.requests[0].items if event.kind in ("context", "signal")]
    assert told[:2] == ["application context", "appcontext-pushed"]
    assert told[-2:] == ["application context", "appcontext-popped"]


def test_senders_get_their_receivers_back() -> None:
    seen: list[Any] = []

    def build(calls: Calls) -> flask.Flask:
        app, signal = flask.Flask("app"), blinker.Signal()

        @signal.connect
        def receiver(_sender: Any) -> str:
            calls("receiver", "receiver")
            return "answer"

        @app.get("/")
        def index() -> str:
            calls("view", "index")
            seen.append(signal.send() == [(receiver, "answer")])
            return "x"

        for function in (receiver, index):
            function.__qualname__ = function.__name__
        return app

    same(build, "/")
    assert seen == [True, True]


def test_a_lazy_or_strange_message_breaks_nothing() -> None:
    class Lazy:
        def __str__(self) -> str:
            raise RuntimeError("no translation here")

        def __html__(self) -> str:
            return "lazy"

    def build(calls: Calls) -> flask.Flask:
        app = flask.Flask("app")
        app.secret_key = "key"

        @app.get("/")
        def index() -> str:
            calls("view", "index")
            flask.flash(Lazy())  # type: ignore[arg-type]
            assert [type(message).__name__ for message in flask.get_flashed_messages()] == ["Lazy"]
            return "x"

        index.__qualname__ = "index"
        return app

    run = same(build, "/")
    assert run.trace.find("flash")[0].says == "Lazy"


LOGS = """
import flask, logging
app = flask.Flask("shop", static_folder=None)
app.logger.setLevel("DEBUG")
own = logging.getLogger("shop.loans"); own.setLevel("INFO")

@app.get("/")
def index():
    app.logger.debug("%s loans", 3)
    own.info("noted")
    logging.getLogger().warning("root")
    try:
        1 / 0
    except ZeroDivisionError:
        own.exception("failed")
    return "x"
"""


@pytest.mark.parametrize("loop", [False, True])
def test_log_records_where_they_were_made(notebook: Notebook, loop: bool) -> None:
    notebook.run(LOGS)
    before = logging.getLogRecordFactory()
    notebook.run("r = %http / --trace", loop=loop)
    view = notebook.ns["r"].trace.find("view")[0]
    assert [(event.name, event.says, dict(event.details)["logger"]) for event in view.items] == [
        ("DEBUG", "3 loans", "shop"),
        ("INFO", "noted", "shop.loans"),
        ("WARNING", "root", "root"),
        ("ERROR", "failed", "shop.loans"),
    ]
    assert [event.place.rpartition(", ")[2] for event in view.items] == ["line 8", "line 9", "line 10", "line 14"]
    assert logging.getLogRecordFactory() is before
