"""The few icons that the site shows, in place of the theme's script and font, which hold two thousand and are heavy.

The theme's script is read, and of each icon that stands on a page its drawing is written into a stylesheet of the site.
"""

import re
from pathlib import Path
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

STYLE = "icons.css"
THEME = Path("_static") / "styles" / "pydata-sphinx-theme.css"
# A third of the theme's stylesheet says which letter of the font each icon is.
LETTERS = re.compile(r'(?:\.fa-[a-z0-9-]+:before,?)+\{content:"[^"]*"\}')
SCRIPT = Path("_static") / "scripts" / "fontawesome.js"
USED = re.compile(r'<(?:i|span) class="[^"]*?\bfa[sbr]?(?:-solid|-brands|-regular)? fa-([a-z0-9-]+)')
# Colours that the system forces leave no background, which is what an icon is drawn with.
HEAD = """\
/* Icons of Font Awesome Free (https://fontawesome.com), CC BY 4.0. An empty element asks for its font, too. */
:is(.fas, .fab, .far, .fa-solid, .fa-brands, .fa-regular):not(#_) { font-family: inherit; }
:is(.fas, .fab, .far, .fa-solid, .fa-brands, .fa-regular):not(#_)::before {
  background: currentColor;
  content: "";
  display: inline-block;
  height: 1em;
  mask: var(--icon) center / contain no-repeat;
  vertical-align: -.125em;
  width: 1em;
}
@media (forced-colors: active) {
  :is(.fas, .fab, .far, .fa-solid, .fa-brands, .fa-regular):not(#_)::before {
    background: ButtonText;
    forced-color-adjust: none;
  }
}
"""


def used(pages: list[Path]) -> list[str]:
    """The names of the icons on these pages, in alphabetical order."""
    return sorted({name for page in pages for name in USED.findall(page.read_text(encoding="utf-8"))})


def drawing(script: str, name: str) -> str:
    """The icon as a URL with an SVG in it, from the source of Font Awesome's script.

    Raises ExtensionError for a name that the script does not have.

    >>> drawing('{sun:[512,256,[],"f185","M0 0z"]}', "sun")[:31]
    'data:image/svg+xml,%3Csvg%20xml'
    """
    # Several styles may have it; the solid one, which the theme uses, comes last.
    found = re.findall(rf'[{{,]"?{re.escape(name)}"?:\[(\d+),(\d+),\[[^\]]*\],"\w+","([^"]+)"', script)
    if not found:
        raise ExtensionError(f"fontawesome.js has no icon {name!r}, or has another form than book/_ext/icons.py knows")
    width, height, path = found[-1]
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><path d="{path}"/></svg>'
    return "data:image/svg+xml," + quote(svg, safe="/:=' ").replace(" ", "%20")


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the stylesheet, and leave the theme's script and rules out of the site."""
    if error is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    script = (site / SCRIPT).read_text(encoding="utf-8")
    pages = [page for page in site.rglob("*.html") if page.relative_to(site).parts[0] not in ("_static", "lite")]
    rules = [f'.fa-{name} {{ --icon: url("{drawing(script, name)}"); }}' for name in used(pages)]
    (site / "_static" / STYLE).write_text(HEAD + "\n".join([*rules, ""]), encoding="utf-8")
    theme = site / THEME
    theme.write_text(LETTERS.sub("", theme.read_text(encoding="utf-8")), encoding="utf-8")
    # The fonts stay: a page with an admonition asks for one.
    for file in (site / SCRIPT).parent.glob("fontawesome.js*"):
        file.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    app.add_css_file(STYLE)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
