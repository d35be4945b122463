"""What a page needs from outside of Python: the commands that its metadata `requires` names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from flask_magic.pages.notebook import load

__all__ = ["missing"]

# Where servers lie that a user's PATH does not lead to.
_SERVERS = "/usr/local/sbin:/usr/sbin"


def missing(page: Path) -> list[str]:
    """The commands that the page at `page` requires and that this machine does not have.

    Raises PageError where the file is no notebook.
    """
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), _SERVERS])
    required = load(page)["metadata"].get("flask_magic", {}).get("requires", ())
    return [command for command in required if shutil.which(command, path=places) is None]
