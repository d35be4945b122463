"""What of the site depends on its address: the page for what is not found, the sitemap, and what links preview.

The address is the environment variable SITE_URL, such as https://tool-library.example/flask/. Without it the site
works wherever it is put; its page for what is not found then looks for its styles at the root of the host, and there
is neither sitemap nor preview, which need whole addresses.
"""

import os
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

VARIABLE = "SITE_URL"
PICTURE = "_static/site.png"


def site_url(given: str) -> str:
    """A site's address with one slash at its end, or "" where none is given.

    Raises `ExtensionError` for what is no address.

    >>> site_url("https://tool-library.example/flask")
    'https://tool-library.example/flask/'
    """
    if not given:
        return ""
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ExtensionError(f"{VARIABLE} is {given!r}, which is no address of a site: write https://HOST/PATH/")
    return given.rstrip("/") + "/"


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    url = site_url(os.environ.get(VARIABLE, ""))
    app.setup_extension("notfound.extension")
    app.config.notfound_urls_prefix = urlsplit(url).path or "/"
    app.config.notfound_template, app.config.notfound_context = "404.html", {"title": "Not found"}
    if url:
        app.config.html_baseurl = url
        app.setup_extension("sphinx_sitemap")
        app.config.sitemap_url_scheme = "{link}"
        app.config.sitemap_excludes = ["404.html", "genindex.html", "search.html"]
        app.setup_extension("sphinxext.opengraph")
        app.config.ogp_site_url = url
        app.config.ogp_image = url + PICTURE
        app.config.ogp_social_cards = {"enable": False}
    return {"parallel_read_safe": True, "parallel_write_safe": True}
