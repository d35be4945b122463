"""How code on the site is coloured: Python, with the magics of flask_magic in it.

IPython's own lexer shows what follows an unknown `%%magic` as plain text, and Python's fails at the `?` of
`%http /tools?q=drill`, which a build with warnings as errors refuses. This one serves both a notebook's cells
and the Python blocks of its prose, since a solution is such a block.
"""

from typing import ClassVar

from ipython_pygments_lexers import IPython3Lexer
from pygments.lexer import bygroups, inherit, using
from pygments.lexers.python import Python3Lexer
from pygments.token import Keyword, Operator, Text
from sphinx.application import Sphinx

# The magics whose cell is Python after the first line; what another magic's cell holds is left as text.
PYTHON_CELLS = "flask_route|flask_check"


class MagicCellLexer(IPython3Lexer):
    r"""IPython, and the body of a route or a check as the Python that it is.

    >>> list(MagicCellLexer().get_tokens("%%flask_route /\ndef index(): ..."))[3]
    (Token.Keyword, 'def')
    """

    name = "IPython with flask_magic"
    aliases: ClassVar = ["python", "ipython", "ipython3"]
    tokens: ClassVar = {
        "root": [
            (
                rf"(?s)\A(%%)({PYTHON_CELLS})\b([^\n]*\n)(.*)",
                bygroups(Operator, Keyword, Text, using(Python3Lexer)),
            ),
            inherit,
        ],
    }


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    for alias in MagicCellLexer.aliases:
        app.add_lexer(alias, MagicCellLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
