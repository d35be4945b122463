"""Whatever is run, in whatever order: the app is what the cells now say."""

import random
from collections.abc import Sequence

import flask
import pytest
from notebook_shell import Notebook

from flask_magic.ledger import Ledger

from .random_cells import EVERY, METHODS, URLS, Oracle, Source, answers, described, random_source, verdicts

_CELLS = tuple("ABCDEFGH")
BLOCKS, SEEDS = 30, 50


def next_run(pick: random.Random, cells: tuple[str, ...], shown: dict[str, Source], step: int) -> tuple[str, Source]:
    """A cell as it is (run again), or with a new source."""
    cell = pick.choice(cells)
    if cell in shown and pick.random() < 0.3:
        return cell, shown[cell]
    shown[cell] = random_source(pick, f"{cell}{step}")
    return cell, shown[cell]


def compare(
    app: flask.Flask, oracle: Oracle, log: list[str], asked: Sequence[tuple[str, str]], told: list[str]
) -> None:
    """The app against one built afresh: what it holds, and what a client gets for the requests `asked`."""
    fresh = oracle.app(log)
    assert dict(verdicts(app)) == dict(verdicts(fresh)), "\n\n".join(told)
    assert described(app) == described(fresh), "\n\n".join(told)
    assert answers(app, log, asked) == answers(fresh, log, asked), "\n\n".join(told)


def one_method_each(seed: int) -> list[tuple[str, str]]:
    """Every URL once, its method another one from seed to seed: every pair is matched anyway, and a request costs."""
    return [(METHODS[(seed + place) % len(METHODS)], url) for place, url in enumerate(URLS)]


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_app_equals_one_built_afresh_from_its_cells(block: int) -> None:
    for seed in range(block * SEEDS, (block + 1) * SEEDS):
        pick = random.Random(seed)
        log: list[str] = []
        namespace = {"__name__": "__main__", "log": log, "app": flask.Flask("__main__")}
        ledger, oracle, shown, told = Ledger(namespace), Oracle(), {}, [f"# seed {seed}"]
        app = namespace["app"]
        ledger.adopt(app)
        cells = _CELLS[: pick.randint(2, len(_CELLS))]
        for step in range(pick.randint(3, 14)):
            cell, source = next_run(pick, cells, shown, step)
            told.append(f"# {cell}\n{source.text}")
            ledger.begin(source.text, cell)
            try:
                exec(source.text, namespace)
            except ZeroDivisionError:
                ledger.fail()
            else:
                ledger.finish()
            oracle.ran(cell, source)
            if (step + seed) % 3 == 0:
                compare(app, oracle, log, [], told)
        compare(app, oracle, log, one_method_each(seed), told)


def test_the_same_through_a_notebook_with_requests_between_the_cells(notebook: Notebook) -> None:
    for seed in range(10):
        pick = random.Random(seed)
        log: list[str] = []
        notebook.ns["log"] = log
        notebook.run("import flask\napp = flask.Flask(__name__)", f"app {seed}")
        oracle, shown, told = Oracle(), {}, [f"# seed {seed}"]
        for step in range(8):
            cell, source = next_run(pick, _CELLS[:4], shown, step)
            told.append(f"# {cell}\n{source.text}")
            _, error = notebook.attempt(source.text, f"{cell} {seed}")
            assert isinstance(error, ZeroDivisionError if source.fails else None.__class__), told
            oracle.ran(cell, source)
            compare(notebook.ns["app"], oracle, log, EVERY if step % 4 == 3 else [], told)


def test_the_oracle_sees_a_difference() -> None:
    log: list[str] = []
    oracle = Oracle()
    source = random_source(random.Random(3), "A0")
    assert source.statements
    oracle.ran("A", Source(source.statements))
    app = flask.Flask("__main__")
    assert (dict(verdicts(app)), described(app)) != (dict(verdicts(oracle.app(log))), described(oracle.app(log)))
    assert answers(app, log) != answers(oracle.app(log), log)
