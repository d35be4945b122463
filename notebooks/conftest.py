"""nbval leaves out a page that needs a server which this machine does not have."""

import os
from pathlib import Path

import pytest

from flask_magic.pages.requires import missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip with the reason; in continuous integration that is an error."""
    for page in {item.path for item in items}:
        lacking = ", ".join(missing(Path(page))) if page.suffix == ".ipynb" else ""
        if lacking and os.environ.get("CI"):
            raise pytest.UsageError(f"{page.name} needs {lacking}, which is not on PATH")
        if lacking:
            reason = f"this page needs {lacking}, which is not on PATH: install it to run the page"
            for item in items:
                if item.path == page:
                    item.add_marker(pytest.mark.skip(reason=reason))
