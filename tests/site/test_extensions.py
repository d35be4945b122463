"""The site's own Sphinx extensions, without a build."""

import sys
from pathlib import Path

import pytest
from pygments.token import Error, Keyword, Name
from sphinx.errors import ExtensionError

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))

from icons import drawing, used
from magic_cells import MagicCellLexer
from offline import as_module, fetch_mermaid


@pytest.mark.parametrize(
    "cell",
    [
        "%http /tools?q=5$ 'drill",
        "r = %http /tools?q=drill\nr.status_code",
        '%%http\nGET /tools?q={{tool}}\n[Asserts]\njsonpath "$.id" == 7',
        "app?",
    ],
)
def test_a_magic_is_no_error_to_the_lexer(cell: str) -> None:
    kinds = {kind for kind, _ in MagicCellLexer().get_tokens(cell)}
    assert Error not in kinds


@pytest.mark.parametrize("magic", ["flask_route /tools/<int:tool_id>", "flask_check tools"])
def test_the_body_of_a_route_is_coloured_as_python(magic: str) -> None:
    tokens = list(MagicCellLexer().get_tokens(f"%%{magic}\ndef tool(tool_id):\n    return {{}}\n"))
    assert (Keyword, "def") in tokens
    assert (Name.Function, "tool") in tokens


def test_mermaid_becomes_a_module() -> None:
    script = 'var __esbuild_esm_mermaid_nm = {mermaid: {default: 7}};\nglobalThis["mermaid"] = '
    module = as_module(script + 'globalThis.__esbuild_esm_mermaid_nm["mermaid"].default;\n')
    assert module.endswith('= __esbuild_esm_mermaid_nm["mermaid"].default;\nexport default globalThis.mermaid;\n')


def test_another_mermaid_is_refused() -> None:
    with pytest.raises(ExtensionError, match="as_module"):
        as_module("export default {}")


def test_a_failed_fetch_says_what_to_do(tmp_path: Path) -> None:
    wheels = tmp_path / "mermaid.txt"
    wheels.write_text("./missing.whl --hash=sha256:" + "0" * 64, encoding="utf-8")
    with pytest.raises(ExtensionError, match=r"needs the network once(.|\n)*missing\.whl"):
        fetch_mermaid(wheels, tmp_path / "cache")


def test_what_was_fetched_is_fetched_once(tmp_path: Path) -> None:
    wheels = tmp_path / "mermaid.txt"
    wheels.write_text("./missing.whl", encoding="utf-8")
    script = tmp_path / "cache" / "mermaidx" / "assets" / "mermaid.js"
    script.parent.mkdir(parents=True)
    script.touch()
    (tmp_path / "cache" / "mermaid.txt").write_bytes(wheels.read_bytes())
    assert fetch_mermaid(wheels, tmp_path / "cache") == script


def test_an_icon_is_drawn_as_the_theme_has_it(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<i class="fa-solid fa-sun fa-lg"></i><span class="fas fa-file-pdf"></span><p class="fact fa-no">')
    assert used([page]) == ["file-pdf", "sun"]
    script = '{"sun":[1,1,[],"f185","M1"],moon:[1,1,[],"f1","M3"]},{"sun":[512,256,[9728],"f185","M0 0z"]}'
    assert "0%200%20512%20256" in drawing(script, "sun")
    with pytest.raises(ExtensionError, match="no icon 'su'"):
        drawing(script, "su")
