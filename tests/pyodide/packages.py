"""The project and what it needs in a browser, as one archive for Pyodide's site-packages.

The packages are taken from the environment that the tests run in: it was installed from the lock, and an
installed wheel is an unpacked wheel. What is compiled stays behind, being for another machine. A package with
no pure Python to fall back on then fails to import, and the test is there to find it.
"""

import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

COMPILED = {".so", ".pyd", ".dylib"}
# What a dependency's marker sees in Pyodide 314.
BROWSER = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_system": "Emscripten",
    "python_full_version": "3.14.0",
    "python_version": "3.14",
    "sys_platform": "emscripten",
}


def needed_by(name: str) -> dict[str, Distribution]:
    """The installed packages that `name` needs in a browser, all the way down, by name and without itself.

    >>> sorted(needed_by("flask"))[:3]
    ['blinker', 'click', 'itsdangerous']
    """
    found: dict[str, Distribution] = {}
    waiting = [distribution(name)]
    while waiting:
        for requirement in map(Requirement, waiting.pop().requires or []):
            wanted = requirement.marker is None or requirement.marker.evaluate({**BROWSER, "extra": ""})
            key = canonicalize_name(requirement.name)
            if wanted and key not in found:
                found[key] = distribution(key)
                waiting.append(found[key])
    return found


def pack(wheel: Path, archive: Path) -> None:
    """Write `archive`, a zip of what the project's `wheel` holds and of all that it needs."""
    with zipfile.ZipFile(archive, "w") as packed:
        with zipfile.ZipFile(wheel) as own:
            for entry in own.namelist():
                packed.writestr(entry, own.read(entry))
        for package in needed_by("flask-magic").values():
            for file in package.files or []:
                inside = ".." not in file.parts and "__pycache__" not in file.parts
                if inside and file.suffix not in COMPILED:
                    packed.write(file.locate(), str(file))
