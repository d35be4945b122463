"""A magic's line: words, options, variables."""

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_magic.arguments import MagicParser, expand_variables, split_words
from flask_magic.errors import MagicLineError, UnknownName


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("a  b\tc", ["a", "b", "c"]),
        ("a='b c'", ["a=b c"]),
        ('"a b" c', ["a b", "c"]),
        (r"a\=b '\n'", [r"a\=b", r"\n"]),
        ("'it\"s'", ['it"s']),
        ("/a#b # c", ["/a#b", "#", "c"]),
        ("a:='[1, 2]' ''", ["a:=[1, 2]", ""]),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert split_words(line) == words


def test_an_open_quote_is_pointed_at() -> None:
    with pytest.raises(MagicLineError, match="opened and not closed") as caught:
        split_words("a 'b' \"c d")
    assert caught.value.why.splitlines() == ["a 'b' \"c d", "      ^"]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_any_line_is_split_or_refused(line: str) -> None:
    try:
        words = split_words(line)
    except MagicLineError as error:
        assert error.why.endswith("^")  # noqa: PT017
    else:
        assert len("".join(words)) <= len(line)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="'"), max_size=10)))
def test_quoted_words_come_back(words: list[str]) -> None:
    assert split_words(" ".join(shlex.quote(word) for word in words)) == words


def test_variables_are_filled_in() -> None:
    assert expand_variables("/{{ a }}/{{b}}/{c}/$d", {"a": 1, "b": "x"}) == "/1/x/{c}/$d"


def test_an_unknown_variable_is_named() -> None:
    with pytest.raises(UnknownName, match=r"none called 'tol_id'\. Did you mean 'tool_id'\?"):
        expand_variables("{{tol_id}}", {"tool_id": 7})


@pytest.fixture
def parser() -> MagicParser:
    """A magic with an option, a flag and words."""
    parser = MagicParser("%http", "Send.", examples="Examples:\n  %http /")
    parser.add_argument("words", nargs="*")
    parser.add_argument("--expect", metavar="STATUS")
    parser.add_argument("--follow", "-F", action="store_true")
    return parser


def test_options_stand_anywhere(parser: MagicParser) -> None:
    read = parser.read("--follow /a --expect 404 b=c")
    assert (read.words, read.follow, read.expect) == (["/a", "b=c"], True, "404")


def test_a_variable_with_a_space_stays_one_word(parser: MagicParser) -> None:
    assert parser.read("/a {{x}}", {"x": "b c"}).words == ["/a", "b c"]


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("/a --exepct 404", r"%http has no option --exepct\. Did you mean '--expect'\?"),
        ("/a --fol", "%http has no option --fol"),
        ("/a --expect", "expected one argument"),
        ("/a --follow=1", "ignored explicit argument"),
    ],
)
def test_errors_raise_and_never_exit(parser: MagicParser, line: str, match: str) -> None:
    with pytest.raises(MagicLineError, match=match):
        parser.read(line)


def test_a_word_too_many_is_refused() -> None:
    with pytest.raises(MagicLineError, match=r"%flask_routes does not take 'x'\.") as caught:
        MagicParser("%flask_routes").read("x")
    assert caught.value.why.startswith("usage: %flask_routes")


def test_option_names(parser: MagicParser) -> None:
    assert parser.option_names == ["--expect", "--follow", "-F"]
