"""The surroundings of one run: folders, environment, port and database that no other run shares.

This keeps honest runs apart. It is no sandbox: a notebook runs as whoever started it (see `isolate`).
"""

from __future__ import annotations

import os
import shutil
import site
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from flask_magic.processes import free_port

__all__ = ["TOKEN", "Room"]

#: The variable by which every process of a run can be told.
TOKEN = "FLASK_MAGIC_RUN"
#: What a run gets of the surroundings of whoever started it: how to find programs and how to read text, no secrets.
LET_THROUGH = (
    "PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "PYTHONWARNINGS",
    "VIRTUAL_ENV", "CONDA_PREFIX", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT", "PATHEXT", "COMSPEC",
)  # fmt: skip


@dataclass(frozen=True)
class Room:
    """A folder with `work` (the working directory), `home`, `tmp`, and `run`, where the notebook is written."""

    folder: Path
    token: str

    @classmethod
    def make(cls) -> Room:
        """A new one. The path is short, since a kernel's sockets lie in it. Raises OSError."""
        room = cls(Path(tempfile.mkdtemp(prefix="fm-")).resolve(), uuid4().hex)
        for name in ("work", "home", "tmp", "run"):
            (room.folder / name).mkdir()
        return room

    @property
    def work(self) -> Path:
        """The working directory."""
        return self.folder / "work"

    @property
    def run(self) -> Path:
        """Where the run's own files are: job, notebook, outcome, sockets."""
        return self.folder / "run"

    def environment(self, names: Iterable[str] = ()) -> dict[str, str]:
        """The environment of the run; the variables of these `names` come along, too."""
        from jupyter_core.paths import jupyter_path

        wanted = {*LET_THROUGH, *names} | {name for name in os.environ if name.startswith("LC_")}
        home, port = self.folder / "home", str(free_port())
        return {name: value for name, value in os.environ.items() if name in wanted} | {
            TOKEN: self.token,
            "HOME": str(home),
            "USERPROFILE": str(home),
            "TMPDIR": str(self.folder / "tmp"),
            "TEMP": str(self.folder / "tmp"),
            "TMP": str(self.folder / "tmp"),
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(self.run),
            # What the user has installed stays at hand, though HOME is another one.
            "JUPYTER_PATH": os.pathsep.join(jupyter_path()),
            "PYTHONUSERBASE": site.getuserbase(),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "PORT": port,
            "FLASK_RUN_PORT": port,
            **({} if "DATABASE_URL" in names else {"DATABASE_URL": f"sqlite:///{self.work / 'workshop.sqlite'}"}),
        }

    def remove(self) -> None:
        """Remove all of it; what cannot be removed stays."""
        shutil.rmtree(self.folder, ignore_errors=True)
