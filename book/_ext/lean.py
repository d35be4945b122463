"""What a page loads is kept small, and nothing that can wait stops it from being shown.

Scripts are run when the page is there. sphinx-design, which Jupyter Book always loads and which no page uses, brings
no styles and scripts. What else is left out is in the templates: `layout.html`.
"""

from typing import Any

from docutils.nodes import document
from offline import silence
from sphinx.application import Sphinx

# The first is what the theme's inline scripts need. The other puts its buttons in when all deferred scripts have run,
# and so where the cells' editors leave them: after Run, in the order of Tab.
AT_ONCE = ("documentation_options.js", "copybutton.js")


def defer(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: document | None) -> None:
    """Have the scripts of a page wait for it, but for the page that searches: its own scripts need them at once."""
    for script in context["script_files"]:
        # An inline script has no file, and a module waits anyway.
        file, attributes = str(getattr(script, "filename", None) or ""), getattr(script, "attributes", {})
        if file and not file.endswith(AT_ONCE) and "type" not in attributes:
            # All pages share these objects.
            attributes.pop("defer", None) if page == "search" else attributes.update(defer="defer")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    silence(app, "sphinx_design", "sphinx-design.min.css", "design-tabs.js")
    app.connect("html-page-context", defer, priority=900)  # after what adds scripts to the page
    return {"parallel_read_safe": True, "parallel_write_safe": True}
