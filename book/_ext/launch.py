"""The menus above a page, which take its notebook elsewhere: to JupyterLab, Binder, or the reader's own machine.

The theme makes them; here they get words that say what is had. JupyterLab is on the site itself (lite.py). Binder
fetches the notebook from a repository, so as long as `_config.yml` names none there is no such button. Nothing is
asked of Binder before a reader clicks.
"""

from typing import Any
from urllib.parse import quote

import lite
from docutils.nodes import document
from sphinx.application import Sphinx
from sphinx.config import Config

# The theme's label of a button, and what a reader is told.
WORDS = {
    "download-source-button": "This page's source ({suffix})",
    "download-pdf-button": "Print, or save as PDF",
    "Binder": "Run on Binder",
}
# The theme's menu of ways to run a page. It makes one only where there is a repository.
LAUNCH = {"type": "group", "label": "launch-buttons", "tooltip": "Launch interactive content", "icon": "fas fa-rocket"}


def leave_out_binder(_app: Sphinx, config: Config) -> None:
    """Take Binder's address out of the theme's options when there is no repository that it could fetch."""
    if not config.html_theme_options.get("repository_url"):
        config.html_theme_options.get("launch_buttons", {}).pop("binderhub_url", None)


def offer_lab(app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: document | None) -> None:
    """Put JupyterLab first among the ways to run a page, where it is a notebook with cells that run there."""
    if not lite.has(app, page):
        return
    button = {
        "type": "link",
        "text": "Open in JupyterLab",
        "tooltip": "It runs in your browser, which keeps what you change",
        "icon": "_static/images/logo_jupyterlite.svg",
        "url": f"{context['pathto'](lite.FOLDER, 1)}/notebooks/index.html?path={quote(page)}.ipynb",
    }
    menu = next((menu for menu in context["header_buttons"] if menu.get("label") == LAUNCH["label"]), None)
    if menu is None:
        menu = LAUNCH | {"buttons": []}
        context["header_buttons"].append(menu)
    menu["buttons"].insert(0, button)


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
    app.connect("html-page-context", offer_lab, priority=900)
    app.connect("html-page-context", reword, priority=900)  # after the theme's own
    return {"parallel_read_safe": True, "parallel_write_safe": True}
