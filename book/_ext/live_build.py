"""The Python that runs in a reader's browser, as files of the site.

Pyodide and two JavaScript libraries come from npm, by `book/package-lock.json`. The packages that pages import come
from the environment that builds the site: it was installed from the lock, and an installed wheel is an unpacked wheel.
`book/live/packages.toml` names them. What is compiled stays behind, being for another machine.
"""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import time
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from flit_core.wheel import make_wheel_in
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "flask-magic"
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
# Where each file from npm lands. All end in .js: not every web server knows that .mjs is JavaScript.
FROM_NPM = {
    "pyodide/pyodide.mjs": "pyodide.js",
    "pyodide/pyodide.asm.mjs": "pyodide.asm.js",
    "dompurify/dist/purify.es.mjs": "purify.js",
    **{
        f"@noble/hashes/{name}.js": f"hashes/{name}.js"
        for name in ("_md", "_u64", "hmac", "legacy", "pbkdf2", "scrypt", "sha2", "utils")
    },
}
WASM = "pyodide.asm.wasm"
COMPRESSED = f"{WASM}.gz.bin"
LIBRARY = "python_stdlib.zip"


class BuildError(Exception):
    """The runtime could not be built; the message says what to do."""


@dataclass(frozen=True)
class Choice:
    """What `packages.toml` says: which packages, and which of their files stay behind."""

    core: tuple[str, ...]
    more: tuple[str, ...] = ()
    unused: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    only: tuple[tuple[str, frozenset[str]], ...] = ()

    @classmethod
    def read(cls, file: Path) -> "Choice":
        """What `file` says."""
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        only = tuple((folder, frozenset(names)) for folder, names in table["only"].items())
        return cls(
            tuple(table["core"]), tuple(table["more"]), frozenset(table["unused"]), tuple(table["left_out"]), only
        )

    def holds(self, file: PurePosixPath) -> bool:
        """Does the browser get this file of a package?

        >>> Choice((), left_out=("*.pyi",)).holds(PurePosixPath("flask/app.pyi"))
        False
        """
        if {"..", "__pycache__"} & set(file.parts) or file.suffix in COMPILED:
            return False
        if any(file.parent == PurePosixPath(folder) and file.stem not in names for folder, names in self.only):
            return False
        return not any(fnmatch(str(file), pattern) for pattern in self.left_out)


def needed_by(*wanted: str, unused: Iterable[str] = ()) -> dict[str, Distribution]:
    """The installed packages that these need in a browser, all the way down, by name; themselves included.

    >>> sorted(needed_by("flask"))[:3]
    ['blinker', 'click', 'flask']
    """
    found: dict[str, Distribution] = {}
    waiting = [Requirement(one) for one in wanted]
    extras: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        chosen = {"", *requirement.extras}
        new = {(name, extra) for extra in chosen} - extras
        if name in unused or not new:
            continue
        extras |= new
        found[name] = distribution(name)
        for need in map(Requirement, found[name].requires or []):
            if need.marker is None or any(need.marker.evaluate({**BROWSER, "extra": extra}) for extra in chosen):
                waiting.append(need)
    return found


@contextmanager
def _made(folder: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `folder` when all went well: two builds at a time do not meet."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix="part-", ignore_cleanup_errors=True) as place:
        made = Path(place) / folder.name
        made.mkdir()
        yield made
        with suppress(OSError):  # the other build was faster, and has made the same
            made.rename(folder)


def _key(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def fetch(book: Path, cache: Path) -> Path:
    """Fetch what `book`'s npm lock names, once for each lock; the folder of its modules, below `cache`.

    Raises `BuildError` where npm is missing or says no.
    """
    lock = book / "package-lock.json"
    folder = cache / f"npm-{_key(lock.read_bytes())}"
    if not folder.exists():
        npm = _program("npm")
        with _made(folder) as place:
            for file in (lock, book / "package.json"):
                shutil.copyfile(file, place / file.name)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            fetched = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
            if fetched.returncode:
                raise BuildError(
                    "Python for the browser could not be fetched. The first build needs the network once; "
                    f"then run the same command again.\n{fetched.stderr.strip()}"
                )
    return folder / "node_modules"


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise BuildError(f"The pages' Python is prepared with `{name}`, which is not on PATH: install Node.js.")
    return path


def pack(archive: Path, packages: Iterable[Distribution], choice: Choice, *own: Path) -> None:
    """Write the zip `archive` with the files of `packages` that `choice` holds, and the contents of `own`.

    `own` are wheels, and modules that are no package's. The same files give the same bytes.
    """
    files: dict[str, bytes] = {}
    for package in packages:
        for file in package.files or []:
            if choice.holds(PurePosixPath(file)) and file.locate().is_file():
                files[str(file)] = file.read_binary()
    for path in own:
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                names = [name for name in wheel.namelist() if choice.holds(PurePosixPath(name))]
                files.update({name: wheel.read(name) for name in names})
        else:
            files[path.name] = path.read_bytes()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)


def lab_kernel() -> Path:
    """The wheel of what runs cells in JupyterLite: its package has it as a file to be served."""
    files = distribution("jupyterlite-pyodide-kernel").files or []
    return next(Path(str(file.locate())) for file in files if fnmatch(file.name, "pyodide_kernel-*.whl")).resolve()


def archives(root: Path, folder: Path) -> dict[str, Path]:
    """Pack the project in `root`, the kernels and all packages into `folder`: the files by name, `core` first.

    The others are named as their package; each holds what is not in `core`.
    """
    live = root / "book" / "live"
    choice = Choice.read(live / "packages.toml")
    wheel = make_wheel_in(root / "pyproject.toml", folder).file
    core = needed_by(*choice.core, unused=choice.unused)
    others = [package for name, package in core.items() if name != PROJECT]
    made = {"core": folder / "core.zip"}
    pack(made["core"], others, choice, wheel, lab_kernel(), *sorted(live.glob("*.py")))
    for one in choice.more:
        package_name = one.partition("[")[0]
        made[package_name] = folder / f"{package_name}.zip"
        needed = needed_by(one, unused=choice.unused)
        pack(made[package_name], [package for name, package in needed.items() if name not in core], choice)
    return made


def top_modules(archive: Path) -> list[str]:
    """The names that can be imported from a packed archive, private ones left out."""
    with zipfile.ZipFile(archive) as packed:
        tops = {PurePosixPath(name).parts[0] for name in packed.namelist() if name.endswith(".py")}
    return sorted(name for name in (top.removesuffix(".py") for top in tops) if re.fullmatch(r"[a-z]\w*", name))


def add_bytecode(compiler: Path, modules: Path, sources: Iterable[Path], folder: Path) -> None:
    """Write into `folder` copies of packed archives, and of Python's own library, with bytecode.

    Without it a page compiles what it imports at each start. Pyodide itself compiles, in Node: bytecode belongs to one
    version of Python. Raises `BuildError` where a package does not run in Pyodide.
    """
    pairs = [str(part) for source in sources for part in (source, folder / source.name)]
    command = [_program("node"), str(compiler), (modules / "pyodide").as_uri(), str(folder / LIBRARY), *pairs]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise BuildError(f"The packages of book/live/packages.toml do not run in the browser:\n{run.stderr[-4000:]}")


def build(root: Path, cache: Path) -> Path:
    """Make the runtime, and return its folder below `cache`; `files.json` in it says what a page loads.

    `root` is the repository. What was made before of the same sources is taken as it is. Raises `BuildError`.
    """
    cache.mkdir(parents=True, exist_ok=True)
    modules = fetch(root / "book", cache)
    compiler = root / "book" / "live" / "compile.mjs"
    with TemporaryDirectory() as place:
        sources = archives(root, Path(place))
        known = [compiler, root / "book" / "package-lock.json", Path(__file__), *sources.values()]
        made = cache / f"runtime-{_key(*(path.read_bytes() for path in known))}"
        if not made.exists():
            _sweep(cache)
            with _made(made) as folder:
                _copy_modules(modules, folder)
                add_bytecode(compiler, modules, sources.values(), folder)
                _list_files(modules, {name: top_modules(path) for name, path in sources.items()}, folder)
    return made


def _copy_modules(modules: Path, folder: Path) -> None:
    for source, target in FROM_NPM.items():
        (folder / target).parent.mkdir(exist_ok=True)
        shutil.copyfile(modules / source, folder / target)
    # Compressed here and unpacked by the worker: not every web server compresses what it sends.
    wasm = (modules / "pyodide" / WASM).read_bytes()
    (folder / COMPRESSED).write_bytes(gzip.compress(wasm, mtime=0))


def _list_files(modules: Path, tops: dict[str, list[str]], folder: Path) -> None:
    lock = json.loads((modules / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))
    listed = {
        "platform": lock["info"],
        "start": [_described(folder / name) for name in (COMPRESSED, LIBRARY, "core.zip")],
        "more": {
            name: {**_described(folder / f"{name}.zip"), "modules": modules}
            for name, modules in tops.items()
            if name != "core"
        },
    }
    (folder / "files.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def _described(file: Path) -> dict[str, str | int]:
    content = file.read_bytes()
    return {"name": file.name, "bytes": len(content), "version": _key(content)}


def _sweep(cache: Path) -> None:
    """Remove runtimes of other sources that are older than a day."""
    for old in cache.glob("runtime-*"):
        if time.time() - old.stat().st_mtime > 86_400:
            shutil.rmtree(old, ignore_errors=True)
