"""Bad input, and good: the table of a cohort is judged as a whole, and nothing in it is run."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_magic.workshop.cohort import Participant, given_values, problems_of_names, read_cohort
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.folders import folder_of
from flask_magic.workshop.parameters import Parameter
from flask_magic.workshop.prepare import LEVELS

PARAMETERS = [
    Parameter("participant", "str", "Ada"),
    Parameter("seed", "int", 1),
    Parameter("rate", "float", 0.5),
    Parameter("theme", "str", "tools"),
]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(data: str | bytes, levels: tuple[str, ...] = (), **given: Any) -> list[Participant]:
    path = Path("cohort.csv")
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_cohort(path, PARAMETERS, given, levels)


def refused(data: str | bytes, levels: tuple[str, ...] = (), **given: Any) -> str:
    with pytest.raises(WorkshopError) as caught:
        read(data, levels, **given)
    assert caught.value.exit_code == 2
    return caught.value.message


def test_each_row_is_a_participant_with_typed_values() -> None:
    found = read("participant,seed,rate\n007,7,2\nZoë,-1,.5\n", theme="books")
    assert found == [
        Participant("007", {"theme": "books", "participant": "007", "seed": 7, "rate": 2.0}),
        Participant("Zoë", {"theme": "books", "participant": "Zoë", "seed": -1, "rate": 0.5}),
    ]


def test_an_id_tells_two_of_one_name_apart_and_a_level_chooses_their_notebook() -> None:
    found = read("id,participant,level\n1,Ada,novice\n2,Ada,expert\n", LEVELS)
    assert found == [
        Participant("1", {"participant": "Ada"}, "novice"),
        Participant("2", {"participant": "Ada"}, "expert"),
    ]
    assert "level is 'novce'. Did you mean 'novice'?" in refused("id,level\n1,novce\n", LEVELS)
    assert "`level` is no parameter of this notebook" in refused("participant,level\nAda,novice\n")


@pytest.mark.parametrize(
    "encoded",
    ["\ufeffparticipant\r\nZoë\r\n\r\n".encode(), b"participant\nZo\xc3\xab", b"\n\nparticipant\nZo\xc3\xab\n"],
)
def test_a_byte_order_mark_other_line_ends_and_empty_lines_are_taken(encoded: bytes) -> None:
    assert [one.identity for one in read(encoded)] == ["Zoë"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("participant\nZoë\n".encode("utf-16"), "cohort.csv is UTF-16. Save it as CSV UTF-8."),
        ("participant\nZoë\n".encode("utf-16-be"), "cohort.csv is UTF-16"),
        ("participant\nAda\nZoë\n".encode("latin-1"), "cohort.csv, line 3: byte 3 of the line is 0xeb, and no UTF-8."),
        (b"\xef\xbb\xbfparticipant\n\xff", "cohort.csv, line 2: byte 1 of the line is 0xff"),
        (b"", "cohort.csv is empty. Its first line names the columns: participant, seed, rate, theme."),
        ("participant,seed\n", "cohort.csv has no rows"),
        ('participant\n"Ada\n', "cohort.csv, line 2: unexpected end of data. Is a quotation mark left open?"),
        ("participant;seed\nAda;1\n", "the columns are not separated by commas"),
        ("participant,seed\nAda,1\nBo,2,3\nCy\n", "line 3: 3 cells, and there are 2 columns."),
    ],
)
def test_what_is_no_table_is_refused(data: str | bytes, message: str) -> None:
    assert message in refused(data)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ('participant,x=__import__("os").system("id")', "is no name of a parameter"),
        ("participant,class", "`class` is no name of a parameter"),
        ("participant,sede", "`sede` is no parameter of this notebook. Did you mean 'seed'?"),
        ("participant,seed,seed", "the column `seed` is there twice"),
        ("participant,seed,", "column 3 has no name"),
        ("participant, seed", "` seed` is no name of a parameter. Did you mean 'seed'?"),
        ("seed,rate", "the column `participant` is missing"),
        ("participant,theme", "`theme` is a column, and given for everybody too"),
    ],
)
def test_a_header_that_names_no_parameters_is_refused(header: str, message: str) -> None:
    assert message in refused(f"{header}\n{','.join('1' * (header.count(',') + 1))}\n", theme="books")


def test_all_problems_are_told_at_once() -> None:
    assert refused("participant,seed,rate\nAda,x,nan\n,1,\nBo,1,1\nbo ,1,1\nBo,2,inf\n").splitlines() == [
        "cohort.csv: 6 problems, and nothing was run.",
        "  line 2: seed is 'x', and has to be a whole number",
        "  line 2: rate is 'nan', and has to be a number",
        "  line 3: participant is empty",
        "  line 3: rate is empty, and has to be a number; without the column everybody gets the default",
        "  line 6: rate is 'inf', and has to be a number",
        "  line 5: 'bo ' differs from 'Bo' in its spelling alone, line 4. Give them different ids",
    ]


def test_ten_thousand_rows_are_read_and_their_problems_counted() -> None:
    rows = [f"learner {number},{number}" for number in range(10_000)]
    assert len(read("\n".join(["participant,seed", *rows]))) == 10_000
    message = refused("\n".join(["participant,seed", *(row + "x" for row in rows)]))
    assert "10,000 problems" in message
    assert message.splitlines()[-1] == "  and 9,980 more"


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2J", "a\0b", "x" * 201])
def test_a_name_that_would_spoil_a_terminal_or_a_page_is_refused(name: str) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["participant"], [name]])
    assert "1 problem" in refused(text.getvalue())


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada", "Ada"), ("Ada", "ADA"), ("Straße", "STRASSE"), ("Zoë", "Zoe\u0308"), ("Ada", "Ada ")],
)
def test_names_that_are_one_for_people_are_refused(one: str, other: str) -> None:
    assert len(problems_of_names([("line 2", one), ("line 3", other)])) == 1


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "C:\\x", "CON", "nul.txt", "{name.__class__}", ".", " ", "李雷", "-rf", "=1+1"],
)
def test_no_name_decides_where_its_folder_is(name: str) -> None:
    (found,) = read(f'participant\n"{name}"\n') if name.strip() else [Participant(name)]
    folder = folder_of(found.identity)
    assert folder.isascii()
    assert set(folder) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert folder.split("-")[-1].isalnum()
    assert len(folder) > 10  # no reserved name of Windows is so long


@given(st.lists(st.text(min_size=1), unique=True, max_size=20))
def test_different_names_have_different_folders(names: list[str]) -> None:
    assert len({folder_of(name) for name in names}) == len(names)


def test_values_for_everybody_have_the_parameter_s_type() -> None:
    texts, raw, yaml = [("participant", "007"), ("seed", "7")], [("theme", "7")], ["{rate: 2}"]
    assert given_values(PARAMETERS, texts, raw, yaml) == {"rate": 2.0, "theme": "7", "participant": "007", "seed": 7}
    assert given_values(PARAMETERS, [], [], ["theme: 2026-03-02"]) == {"theme": "2026-03-02"}


@pytest.mark.parametrize(
    ("texts", "raw", "yaml", "message"),
    [
        ([("sede", "1")], [], [], "`sede` is no parameter of this notebook. Did you mean 'seed'?"),
        ([("seed", "x")], [], [], "seed is 'x', and has to be a whole number"),
        ([], [("seed", "7")], [], "seed is '7', and has to be a whole number"),
        ([], [], ["seed: .nan"], "seed is nan, and has to be a whole number"),
        ([], [], ["[1]"], "-y '[1]' gives no parameters. Write: -y 'seed: 7'"),
        ([], [], ["{"], "-y '{' is not YAML"),
        ([], [], ["!!python/object/apply:os.getcwd []"], "is not YAML"),
    ],
)
def test_values_for_everybody_that_are_none_are_refused(
    texts: list[tuple[str, str]], raw: list[tuple[str, str]], yaml: list[str], message: str
) -> None:
    with pytest.raises(WorkshopError) as caught:
        given_values(PARAMETERS, texts, raw, yaml)
    assert message in caught.value.message
