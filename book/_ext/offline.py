"""What the site needs so that a reader's browser asks no other host for anything.

A build gets three things: Mermaid's script as a file of the site, the extension's stylesheet linked on every
page (hence in no output), and peace from two extensions that Jupyter Book always loads: sphinx-thebe, whose scripts
are on a public host, and sphinx-togglebutton, which no page uses and which blackens words in what is folded.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

CACHE = ".cache"
STYLE = Path("flask_magic/display/style.css")
STATIC = ("mermaid.mjs", "flask_magic.css")
IN_OUTPUT = re.compile(r"\s*<style>.*?</style>", re.DOTALL)


def fetch_mermaid(wheel_list: Path, folder: Path) -> Path:
    """Unpack the package that `wheel_list` pins into `folder`, once, and return Mermaid's script in it.

    `wheel_list` is a requirements file with hashes. `folder` is made when it is
    missing, and made anew when the list has changed.

    Raises `ExtensionError` with pip's words when the package cannot be had.

    >>> fetch_mermaid(Path("book/mermaid.txt"), Path(".cache/mermaid"))  # doctest: +SKIP
    PosixPath('.cache/mermaid/mermaidx/assets/mermaid.js')
    """
    script = folder / "mermaidx" / "assets" / "mermaid.js"
    stamp = folder / wheel_list.name
    if script.exists() and stamp.exists() and stamp.read_bytes() == wheel_list.read_bytes():
        return script
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    install = ["--no-deps", "--no-compile", "--only-binary=:all:", "--require-hashes"]
    command = [*pip, *install, "--target", str(folder), "--requirement", str(wheel_list)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode or not script.exists():
        raise ExtensionError(
            "Mermaid, which draws the diagrams, could not be fetched. The first build needs the network "
            f"once; then run the same command again.\n{run.stderr.strip()}"
        )
    shutil.copyfile(wheel_list, stamp)
    return script


def as_module(script: str) -> str:
    """Turn Mermaid's classic script into an ES module whose default export is Mermaid.

    Its last line reads a `var` through `globalThis`, and a module's `var` is not global.

    Raises `ExtensionError` when the script does not look like the one this was written for.
    """
    name = "__esbuild_esm_mermaid_nm"
    if script.count(f"globalThis.{name}") != 1:
        raise ExtensionError("mermaid.js does not end as it used to: see as_module in book/_ext/offline.py")
    return script.replace(f"globalThis.{name}", name) + "export default globalThis.mermaid;\n"


def add_static_files(app: Sphinx, config: Config) -> None:
    """Put Mermaid and the extension's stylesheet among the site's static files."""
    root = Path(app.confdir)
    cache = root / CACHE
    static = cache / "site"
    static.mkdir(parents=True, exist_ok=True)
    (cache / ".gitignore").write_text("*\n", encoding="utf-8")
    mermaid, style = (static / name for name in STATIC)
    script = fetch_mermaid(root / "book" / "mermaid.txt", cache / "mermaid")
    mermaid.write_text(as_module(script.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copyfile(root / STYLE, style)
    config.html_static_path.append(str(static))


def drop_styles(_app: Sphinx, doctree: nodes.document, _page: str) -> None:
    """Take the stylesheet out of the output that brought it: it is linked, and HTML has no place for it in a text."""
    for output in list(doctree.findall(nodes.raw)):
        style = IN_OUTPUT.match(output.astext()) if output.get("format") == "html" else None
        if style:
            rest = output.astext()[style.end() :]
            kept = [nodes.raw("", rest, format="html", classes=output["classes"])] if rest.strip() else []
            output.parent.replace(output, kept)


def silence(app: Sphinx, package: str, *files: str) -> None:
    """Undo an extension loaded earlier: take the handlers of `package` and its `files`, styles and scripts, away."""
    app.registry.css_files[:] = [file for file in app.registry.css_files if file[0] not in files]
    app.registry.js_files[:] = [file for file in app.registry.js_files if file[0] not in files]
    handlers = [handler for group in app.events.listeners.values() for handler in group]
    for handler in handlers:
        if handler.handler.__module__.split(".")[0] == package:
            app.disconnect(handler.id)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    silence(app, "sphinx_thebe", "sphinx-thebe.css")
    silence(app, "sphinx_togglebutton", "togglebutton.css", "togglebutton.js")
    app.connect("config-inited", add_static_files)
    app.connect("doctree-resolved", drop_styles)
    app.add_css_file(STATIC[1], priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
