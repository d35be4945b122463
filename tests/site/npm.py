"""Programs from npm that judge the site, each as its lock file names it."""

import shutil
import subprocess
from pathlib import Path

from filelock import FileLock
from services import require

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache"


def fetched(name: str, place: Path = HERE) -> Path:
    """The folder of the packages that the lock in `place`/`name` pins; fetched once, into a folder that git ignores.

    Without npm the test is skipped, and in continuous integration it fails.

    >>> fetched("axe") / "axe-core" / "axe.min.js"  # doctest: +SKIP
    PosixPath('.cache/axe/node_modules/axe-core/axe.min.js')
    """
    npm = require("npm")
    lock = CACHE / name / "package-lock.json"
    modules = lock.with_name("node_modules")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock.with_name("lock")):  # one worker fetches, the others wait
        if not (modules.exists() and lock.read_bytes() == (place / name / lock.name).read_bytes()):
            for file in ("package.json", lock.name):
                shutil.copyfile(place / name / file, lock.with_name(file))
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=lock.parent, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"What {place / name} names could not be fetched:\n{done.stderr}"
    return modules
