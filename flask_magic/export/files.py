"""Files of the project that the app needs: templates, static files, its own modules, and data that the code names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import flask

from .imports import imported_modules, local_modules

__all__ = ["Files", "files_of"]

#: What is never part of a project.
_LEFT = frozenset({"__pycache__", ".venv", ".git", ".ipynb_checkpoints", "node_modules"})
_SQLITE = re.compile(r"sqlite:///(?!/)(?P<name>[^?:]+)")
#: A data file may have so many bytes.
LARGEST = 10_000_000


class Files(dict[str, bytes]):
    """Files that belong to the code, by their paths beside it; `modules` are the top names of the Python among them.

    `data` are files and folders that the code names, by their paths in the working directory; a folder's has a slash at
    its end. `beside` are the bytes of those that are not among the files. `databases` are those of SQLite, by
    configuration key.
    """

    def __init__(self) -> None:
        super().__init__()
        self.modules: list[str] = []
        self.data: list[str] = []
        self.beside: dict[str, bytes] = {}
        self.databases: dict[str, str] = {}


def files_of(app: flask.Flask, blueprints: Iterable[flask.Blueprint], source: str, folder: Path) -> Files:
    """The files beside the source of an app; `folder` is the one that it ran in.

    Templates that nothing names are left out, if the code and the templates name all that they use.
    """
    files = Files()
    for name, path in local_modules(imported_modules(source), folder).items():
        files.modules.append(name)
        files.update(_found(path, folder))
    sources = [source, *(data.decode() for name, data in files.items() if name.endswith(".py"))]
    for holder in (app, *blueprints):
        root = Path(holder.root_path)
        if holder.template_folder is not None:
            files.update(_found(root / holder.template_folder, folder))
        if holder.has_static_folder and holder.static_folder is not None:
            files.update(_found(Path(holder.static_folder), folder))
    _drop_unused_templates(files, app, sources)
    _take_data(files, sources, folder)
    _take_databases(files, app)
    return files


def _found(path: Path, folder: Path) -> Iterator[tuple[str, bytes]]:
    """A file, or all files of a folder; what lies outside of `folder` is left."""
    path = path.resolve()
    if not path.is_relative_to(folder.resolve()):
        return
    for one in [path] if path.is_file() else sorted(path.rglob("*")) if path.is_dir() else []:
        inside = one.relative_to(folder.resolve())
        if one.is_file() and not one.is_symlink() and not _LEFT & set(inside.parts) and one.suffix != ".pyc":
            yield inside.as_posix(), one.read_bytes()


def _texts(sources: Iterable[str]) -> list[str]:
    return [
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def _drop_unused_templates(files: Files, app: flask.Flask, sources: list[str]) -> None:
    if app.template_folder is None:
        return
    prefix = f"{Path(app.template_folder).as_posix().rstrip('/')}/"
    templates = {name.removeprefix(prefix): data for name, data in files.items() if name.startswith(prefix)}
    if any(_renders_any(ast.parse(source)) for source in sources):
        return
    used = {name for name in templates if name in _texts(sources)}
    while True:
        said = "\n".join(templates[name].decode(errors="replace") for name in used)
        if re.search(r"{%-?\s*(?:extends|include|import|from)\s+[^\"'\s]", said):
            return
        more = {name for name in templates if name not in used and f'"{name}"' in said.replace("'", '"')}
        if not more:
            break
        used |= more
    for name in templates.keys() - used:
        del files[prefix + name]


def _renders_any(tree: ast.Module) -> bool:
    """Is a template rendered whose name is made up as it runs?"""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="render_template" | "stream_template"), args=[first, *_]):
                if not isinstance(first, ast.Constant):
                    return True
            case ast.Attribute(attr="get_template" | "select_template" | "get_or_select_template"):
                return True
    return False


def _take_data(files: Files, sources: list[str], folder: Path) -> None:
    for text in dict.fromkeys(_texts(sources)):
        name = text.strip().rstrip("/")
        if not name or len(name) > 200 or name.startswith(("/", ".")) or not re.fullmatch(r"[\w. /-]+", name):
            continue
        path = folder / name
        if not path.exists() or not path.resolve().is_relative_to(folder.resolve()) or path.suffix == ".py":
            continue
        if path.is_dir() and (path / "__init__.py").exists():
            continue
        if sum(one.stat().st_size for one in [path, *path.rglob("*")] if one.is_file()) > LARGEST:
            continue
        found = dict(_found(path, folder))
        if path.is_file() and name in files and "templates/" in name:
            continue
        files.beside |= {one: data for one, data in found.items() if one not in files}
        if found:
            files.data.append(f"{name}/" if path.is_dir() else name)


def _take_databases(files: Files, app: flask.Flask) -> None:
    """Databases that SQLAlchemy keeps in the instance folder."""
    settings: Mapping[str, object] = app.config
    for key, value in settings.items():
        match = _SQLITE.match(value) if isinstance(value, str) and key.endswith("DATABASE_URI") else None
        if match is None:
            continue
        path = Path(app.instance_path) / match["name"]
        files.databases[key] = match["name"]
        if path.is_file() and path.stat().st_size <= LARGEST:
            files.beside[f"instance/{match['name']}"] = path.read_bytes()
