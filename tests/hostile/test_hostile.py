"""What an app says stays words, wherever a notebook is read."""

import pytest
from nbformat import NotebookNode

from hostile.canary import Canary, Watched
from hostile.cells import CELLS, shown_as
from hostile.conftest import Visit

PLACES = ["untrusted", "trusted", "converted", "site"]
#: An untrusted output is sanitised by JupyterLab itself, so there the control is silent.
RUNNING = ["trusted", "converted", "site"]


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def seen(place: str, request: pytest.FixtureRequest, canary: Canary) -> tuple[Watched, str, list[str]]:
    """The hostile notebook at this place: what it did, the text that is seen, and what the canary heard."""
    visit: Visit = request.getfixturevalue(place)
    before = len(canary.asked)
    watched, text = visit("hostile")
    return watched, text, canary.asked[before:]


def test_nothing_calls_out_or_takes_over(seen: tuple[Watched, str, list[str]]) -> None:
    watched, _, heard = seen
    assert heard == []
    assert watched.did == []


def test_what_was_said_is_seen_as_text(seen: tuple[Watched, str, list[str]]) -> None:
    text = seen[1]
    assert [cell.where for cell in CELLS if cell.seen and shown_as(cell.where) not in text] == []


@pytest.mark.parametrize("place", RUNNING)
def test_the_canary_hears_what_is_meant_to_call_out(place: str, request: pytest.FixtureRequest, canary: Canary) -> None:
    before = len(canary.asked)
    watched, _ = request.getfixturevalue(place)("control")
    watched.page.wait_for_timeout(500)
    assert {"/control/img", "/control/script"} <= set(canary.asked[before:])
    assert any(did.startswith("pwned") for did in watched.did)


def test_no_output_commands_a_terminal(executed: dict[str, NotebookNode]) -> None:
    for cell in executed["hostile"].cells:
        for output in cell.outputs:
            texts = [output.get("data", {}).get("text/plain", ""), *output.get("traceback", [])]
            for text in texts:
                assert "\x1b]" not in text, cell.source
                assert "\x1b[2J" not in text, cell.source
                assert "\x07" not in text, cell.source
