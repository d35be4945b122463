"""TAB, through IPython's own completer."""

import pytest
from notebook_shell import Notebook


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with routes, a client and a file."""
    notebook.run("%%flask_file templates/base.html\n<p>")
    notebook.run("%%flask_route /tools/<int:tool_id> /tools\ndef tool(tool_id=0): return 'x'")
    notebook.run("%http /tools --as ada\n%http /tools --as ada")
    return notebook


def completions(notebook: Notebook, line: str) -> list[str]:
    """What TAB offers at the end of the line."""
    from IPython.core.completer import provisionalcompleter

    with provisionalcompleter():
        return [completion.text for completion in notebook.shell.Completer.completions(line, len(line))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%http --fol", ["--follow"]),
        ("%http P", ["PATCH", "POST", "PUT"]),
        ("%http /to", ["/tools", "/tools/tool_id"]),
        ("%http GET /tools/", ["/tools/tool_id"]),
        ("%http /tools --as a", ["ada"]),
        ("%http /tools --app a", ["app"]),
        ("r = %http --rev", ["--reveal"]),
        ("%%flask_route /x -X P", ["PATCH", "POST", "PUT"]),
        ("%%flask_route /x --endpoint t", ["tool"]),
        ("%flask_routes --match /tools/", ["/tools/tool_id"]),
        ("%flask_routes --sort e", ["endpoint"]),
        ("%flask_app a", ["app"]),
        ("%%flask_file templates/", ["templates/base.html"]),
        ("%%flask_check --a", ["--app"]),
        ("%flask_clients a", ["ada"]),
        ("%flask_clients --res", ["--reset"]),
        ("%flask_clients ada --app a", ["app"]),
        ("%flask_history --re", ["--reset", "--reveal"]),
        ("%flask_replay ", ["1", "2"]),
        ("%flask_replay 1 ", ["2"]),
        ("%flask_replay --e", ["--expect-same"]),
    ],
)
def test_what_is_offered(shop: Notebook, line: str, expected: list[str]) -> None:
    assert completions(shop, line) == expected


def test_a_later_line_of_a_cell_is_completed(shop: Notebook) -> None:
    source = "x = 1\n%http --fol"
    assert completions(shop, source) == ["--follow"]


@pytest.mark.parametrize("line", ["%htt", "http --fol", "%time --fol"])
def test_other_lines_are_left_to_ipython(shop: Notebook, line: str) -> None:
    assert "--follow" not in completions(shop, line)


def test_a_methods_word_after_a_method_is_a_path(shop: Notebook) -> None:
    assert completions(shop, "%http GET P") == []
