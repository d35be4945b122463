"""A folded part of a cell is named by the words that a reader sees: "Show output", "Hide source".

MyST-NB gives every one of them the same other name, which is all that a screen reader says, and which nobody who
speaks to the computer can guess. And it puts paragraphs where HTML has room for words only.
"""

from html import escape

from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def open_fold(writer: HTML5Translator, node: HideCodeCellNode) -> None:
    """Write the beginning of a folded part; the stylesheet shows one of the two titles."""
    writer.body.append(f'<details class="admonition hide {" ".join(node["classes"])}">\n<summary>\n')
    for state, prompt in (("collapsed", "prompt_show"), ("expanded", "prompt_hide")):
        writer.body.append(f'<span class="{state} fold-title">{escape(node[prompt])}</span>\n')
    writer.body.append("</summary>\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    app.setup_extension("myst_nb")
    app.add_node(HideCodeCellNode, override=True, html=(open_fold, depart_HideCellInput))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
