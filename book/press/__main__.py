"""Print the site as one PDF, and offer it there: `python book/press SITE PDF`."""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "_ext"))

from address import VARIABLE, site_url
from printing import PressError, press

LINK = '<p><a href="../{}" download>The whole book as a PDF</a>, {} pages, {:.0f} MB.</p>'
MARK = "<!-- pdf -->"


def offer(site: Path, pdf: str, pages: int) -> None:
    """Put a link to the file `pdf`, which is in the folder `site` and has so many pages, on the landing page."""
    landing = site / "book" / "intro.html"
    text = landing.read_text(encoding="utf-8")
    link = LINK.format(pdf, pages, (site / pdf).stat().st_size / 1e6)
    landing.write_text(text.replace(MARK, link), encoding="utf-8")


def main() -> None:
    """Print, and say where."""
    words = argparse.ArgumentParser(prog="press", description=__doc__)
    words.add_argument("site", type=Path, help="the folder of the built site")
    words.add_argument("pdf", help="the name of the file that is put into it")
    given = words.parse_args()
    try:
        count = press(given.site, given.site / given.pdf, site_url(os.environ.get(VARIABLE, "")))
    except PressError as error:
        raise SystemExit(str(error)) from None
    offer(given.site, given.pdf, count)
    print(f"{given.site / given.pdf} has {count} pages.")


if __name__ == "__main__":
    main()
