"""TAB and help in a real kernel, as a frontend asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flask_magic.magics.parsers import Parsers

from .ways import Requests

CELL_MAGICS = ("flask_route", "flask_file", "flask_check", "http-cells")
SETUP = (
    "%load_ext flask_magic",
    "%%flask_route /tools/<name>\ndef tool(name): return name",
    "%http /tools/drill --as ada",
)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Requests]:
    """A kernel with an app and a client."""
    with Requests(tmp_path_factory.mktemp("page"), lambda _: {}) as one:
        for number, source in enumerate(SETUP):
            cell: dict[str, Any] = {"cell_type": "code", "id": str(number), "metadata": {}, "source": source}
            assert [output["output_type"] for output in one.run(cell).outputs] in (["display_data"], [])
        yield one


def sign(magic: str) -> str:
    """The magic as it is written."""
    return f"%%{magic.removesuffix('-cells')}" if magic in CELL_MAGICS else f"%{magic}"


@pytest.mark.parametrize("magic", list(Parsers()))
def test_tab_completes_the_options_of_each_magic(kernel: Requests, magic: str) -> None:
    for option in Parsers()[magic].option_names:
        assert option in kernel.completions(f"{sign(magic)} {option[:2]}"), option


@pytest.mark.parametrize(
    ("line", "offered"),
    [("%http /to", "/tools/name"), ("%http / --as a", "ada"), ("%flask_replay ", "1"), ("%flask_clients ", "ada")],
)
def test_tab_completes_what_the_notebook_holds(kernel: Requests, line: str, offered: str) -> None:
    assert kernel.completions(line) == [offered]


@pytest.mark.parametrize("magic", list(Parsers()))
def test_each_magic_is_completed_by_its_name(kernel: Requests, magic: str) -> None:
    assert sign(magic) in kernel.completions(sign(magic)[:-1])
