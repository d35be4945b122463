"""The rows and captures of a Hurl entry, as text and as HTML."""

from markupsafe import Markup

from flask_magic.checks import CheckRow
from flask_magic.display import Hidden, Note, OutcomeDisplay
from flask_magic.hurl.outcome import Outcome, Row
from flask_magic.hurl.parser import parse
from flask_magic.hurl.tree import Position

ENTRY = parse("GET /tools").entries[0]


def test_rows_and_captures_have_both_forms_and_are_escaped() -> None:
    rows = [
        Row(CheckRow("passed", 'body contains "<b>"'), Position()),
        Row(CheckRow("failed", "status 200", "200", "4\x1b04"), Position()),
    ]
    outcome = Outcome(ENTRY, 1, rows=rows, captures={"id": 7, "token": "abc", "a-b": "<i>"}, tries=3)
    display = OutcomeDisplay(outcome, ["a-b"])
    assert display.text().split("\n") == [
        '  ✓ body contains "<b>"',
        "  ✗ status 200",
        "      expected 200",
        "      came     4␛04",
        "  id = 7",
        '  token = "•••"',
        '  a-b = "<i>" (for what follows here; no name of Python)',
        "  sent 3 times",
    ]
    html = display.html()
    assert "<b>" not in html
    assert "&lt;i&gt;" in html
    assert html.count("<li") == 2


def test_an_outcome_with_nothing_to_say_is_empty() -> None:
    assert OutcomeDisplay(Outcome(ENTRY, 1)).is_empty
    skipped = OutcomeDisplay(Outcome(ENTRY, 2, skipped=True))
    assert not skipped.is_empty
    assert skipped.text() == "  GET (entry 2): skipped"


def test_a_revealed_outcome_masks_only_what_is_redacted() -> None:
    outcome = Outcome(ENTRY, 1, captures={"token": "abc", "pin": "xyz"}, redacted={"pin"}, reveal=True)
    assert OutcomeDisplay(outcome).text() == '  token = "abc"\n  pin = •••'


def test_hidden_texts_are_masked_however_they_are_written() -> None:
    secret = 'a "b" <é>'
    note = Note([secret, 'in JSON: a \\"b\\" <\\u00e9>', "in a URL: a+%22b%22+%3C%C3%A9%3E", "kept"])
    hidden = Hidden(note, [secret, ""])
    assert hidden.text() == "•••\nin JSON: •••\nin a URL: •••\nkept"
    assert hidden.html().count("•••") == 3
    assert isinstance(hidden.html(), Markup)
