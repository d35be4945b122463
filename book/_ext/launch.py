"""The menus above a page, which take its notebook elsewhere: to Binder, or to the reader's own machine.

The theme makes them; here they get words that say what is had. Binder fetches the notebook from a repository, so
as long as `_config.yml` names none there is no such button. Nothing is asked of Binder before a reader clicks.
"""

from typing import Any

from docutils.nodes import document
from sphinx.application import Sphinx
from sphinx.config import Config

# The theme's label of a button, and what a reader is told.
WORDS = {
    "download-source-button": "This page's source ({suffix})",
    "download-pdf-button": "Print, or save as PDF",
    "Binder": "Run on Binder",
}


def leave_out_binder(_app: Sphinx, config: Config) -> None:
    """Take Binder's address out of the theme's options when there is no repository that it could fetch."""
    if not config.html_theme_options.get("repository_url"):
        config.html_theme_options.get("launch_buttons", {}).pop("binderhub_url", None)


def reword(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: document | None) -> None:
    """Give the buttons of the theme's menus their words."""
    suffix = context.get("page_source_suffix")
    words = WORDS | ({"download-source-button": "This notebook (.ipynb)"} if suffix == ".ipynb" else {})
    for button in (button for menu in context["header_buttons"] for button in menu.get("buttons", [])):
        known = words.get(button.get("label", button["text"]))
        if known:
            button["text"] = known.format(suffix=suffix)
            button.pop("tooltip", None)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    app.connect("config-inited", leave_out_binder)
    app.connect("html-page-context", reword, priority=900)  # after the theme's own
    return {"parallel_read_safe": True, "parallel_write_safe": True}
