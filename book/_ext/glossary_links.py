"""A term that a page writes in bold leads to its entry in the glossary.

Pages are plain Markdown, which knows no glossary: JupyterLab shows them as they are. The link is made here.
"""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

GLOSSARY = Path("book") / "glossary.md"
ENTRY = re.compile(r"^(\S.*)\n  \S", re.MULTILINE)


def terms(text: str) -> dict[str, str]:
    """The terms of a glossary's text, as they are written there, by their lower-case form, singular and plural.

    >>> terms(":::{glossary}\\nURL map\\n  The list of rules.\\n:::")["url maps"]
    'URL map'
    """
    entries = ENTRY.findall(text.partition("{glossary}")[2])
    return {form.lower(): entry for entry in entries for form in (entry, f"{entry}s")}


class LinkTerms(SphinxTransform):
    """Makes a reference of each bold term, except in a heading or in a link."""

    default_priority = 500

    def apply(self, **_: Any) -> None:
        """Change the document that was just read."""
        if not self.env.docname.startswith("notebooks/"):
            return
        known = terms((Path(self.app.confdir) / GLOSSARY).read_text(encoding="utf-8"))
        for strong in list(self.document.findall(nodes.strong)):
            entry = known.get(strong.astext().lower())
            inside = strong.parent
            if entry is None or isinstance(inside, nodes.title | nodes.reference | pending_xref):
                continue
            options = {"reftype": "term", "refdomain": "std", "reftarget": entry, "refexplicit": True}
            reference = pending_xref("", refdoc=self.env.docname, refwarn=True, **options)
            inside.replace(strong, reference)
            reference += nodes.inline("", "", strong, classes=["term"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    app.add_transform(LinkTerms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
