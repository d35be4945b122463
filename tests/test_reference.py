"""The reference and the code say the same: each magic, option, setting, command and public name has its heading.

The idea is Datasette's (`test_docs.py`). That the examples run, nbval sees to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

import flask_magic
from flask_magic.cli import main
from flask_magic.magics.late import CELL_MAGICS, MAGICS
from flask_magic.magics.parsers import Parsers
from flask_magic.magics.settings import FlaskMagic
from flask_magic.pages.notebook import load

REFERENCE = Path(__file__).parents[1] / "book" / "reference"
# Each magic's page, and the magic as it is written.
PAGES = {
    **{name: f"{'%%' if kind == 'cell' else '%'}{name}" for name, (kind, _) in MAGICS.items()},
    **{f"{name}-cells": f"%%{name}" for name in CELL_MAGICS},
}
CODE = re.compile(r"`+([^`]+)`+")


@dataclass
class Section:
    """What stands below one heading: the code spans of the heading, and the code cells."""

    names: set[str]
    cells: list[str] = field(default_factory=list)


def sections(page: str) -> list[Section]:
    """The sections of a page, its title's first."""
    found = [Section(set())]
    for cell in load(REFERENCE / f"{page}.ipynb")["cells"]:
        if cell["cell_type"] == "code":
            found[-1].cells.append(cell["source"])
            continue
        prose = re.sub(r"(?ms)^```.*?^```", "", cell["source"])
        for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE):
            found.append(Section(set(CODE.findall(heading))))
    return found


def names(page: str) -> set[str]:
    return set().union(*(section.names for section in sections(page)))


def options(magic: str) -> Iterator[tuple[list[str], str]]:
    """Each option of a magic: its spellings, and for what is no option the words that stand for it."""
    for action in Parsers()[magic]._actions:
        metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        yield list(action.option_strings), metavar


@pytest.mark.parametrize("magic", PAGES)
def test_a_magic_has_its_page(magic: str) -> None:
    first = sections(magic)[1]
    assert PAGES[magic] in first.names, "the title names the magic"
    assert any(PAGES[magic] in cell for section in sections(magic) for cell in section.cells), "and it is used"


@pytest.mark.parametrize("magic", PAGES)
def test_each_option_has_its_section_with_an_example(magic: str) -> None:
    for spellings, metavar in options(magic):
        wanted = spellings or metavar.split()
        for name in wanted:
            section = next((one for one in sections(magic) if name in one.names), None)
            assert section is not None, f"{name} of {magic} has no heading"
            if spellings:
                shown = any(re.search(rf"(?<![\w-]){one}\b", cell) for cell in section.cells for one in spellings)
                assert shown, f"no cell below its heading uses {name}"


@pytest.mark.parametrize("magic", PAGES)
def test_no_heading_is_left_of_an_option_that_is_gone(magic: str) -> None:
    known = {name for spellings, _ in options(magic) for name in spellings}
    assert {name for name in names(magic) if name.startswith("-")} <= known


def test_each_setting_has_its_section() -> None:
    traits = FlaskMagic.class_trait_names(config=True)
    assert traits
    for name in traits:
        section = next((one for one in sections("settings") if name in one.names), None)
        assert section is not None, f"the setting {name} has no heading"
        assert any(f"FlaskMagic.{name}" in cell for cell in section.cells), f"no cell sets {name}"


def test_each_public_name_has_its_section() -> None:
    assert flask_magic.__all__ == sorted(flask_magic.__all__)
    for name in flask_magic.__all__:
        assert getattr(flask_magic, name).__doc__, f"{name} has no docstring"
        section = next((one for one in sections("python-api") if name in one.names), None)
        assert section is not None, f"{name} has no heading"


def commands(group: click.Command, words: tuple[str, ...] = ("flask-magic",)) -> Iterator[str]:
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield from commands(command, (*words, name))
    else:
        yield " ".join(words)


@pytest.mark.parametrize("command", list(commands(main)))
def test_each_command_has_its_section(command: str) -> None:
    assert command in names("command-line")


def test_the_index_leads_to_every_page() -> None:
    text = "\n".join(cell["source"] for cell in load(REFERENCE / "index.ipynb")["cells"])
    linked = set(re.findall(r"\]\(([\w-]+)\.ipynb\)", text))
    assert linked == {page.stem for page in REFERENCE.glob("*.ipynb")} - {"index"}


@pytest.mark.parametrize("page", ["re-running", "security"])
def test_what_no_magic_is_about_has_a_page_that_runs(page: str) -> None:
    assert sum(len(section.cells) for section in sections(page)) >= 5
