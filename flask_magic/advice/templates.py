"""A template that is not found, not well written, or lacks a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any

import flask
import jinja2
from flask.templating import DispatchingJinjaLoader, Environment
from jinja2 import FileSystemLoader
from jinja2.exceptions import (
    TemplateError,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplatesNotFound,
    TemplateSyntaxError,
    UndefinedError,
)

from ..errors import did_you_mean
from .reading import frames_of, listed, shown_path

__all__ = ["advise", "elsewhere"]

_UNDEFINED = re.compile(r"'(?P<name>\w+)' is undefined")
_UNKNOWN = re.compile(r"(?:No (?P<kind>filter|test) named|Encountered unknown (?P<tag>tag)) '(?P<name>\w+)'")
_PAIRED = ("autoescape", "block", "call", "filter", "for", "if", "macro", "raw", "set", "with")
_TAGS = [*_PAIRED, *(f"end{tag}" for tag in _PAIRED), "elif", "else", "extends", "include"]
_OTHER_LANGUAGES = {"elseif": "elif", "elsif": "elif", "foreach": "for", "endforeach": "endfor"}


def advise(error: BaseException, app: flask.Flask | None) -> list[str]:
    """Advice on an exception of Jinja's."""
    if isinstance(error, TemplateNotFound):
        found = _app_of(error) or app
        return _not_found(error, found) if found is not None else []
    if isinstance(error, UndefinedError):
        return _undefined(error)
    if isinstance(error, TemplateSyntaxError | TemplateRuntimeError):
        return _unknown_word(error, app)
    return []


def _app_of(error: BaseException) -> Any:
    for frame in frames_of(error):
        owner = frame.f_locals.get("self")
        if isinstance(owner, DispatchingJinjaLoader | Environment):
            return owner.app
    return None


def _not_found(error: TemplateNotFound, app: flask.Flask) -> list[str]:
    name = error.templates[0] if isinstance(error, TemplatesNotFound) else error.name
    if not isinstance(name, str):
        return []
    places = list(_places(app))
    lines = []
    if places:
        said = [
            f"{shown_path(folder)}/{owner}{'' if folder.is_dir() else ' (no such folder)'}" for folder, owner in places
        ]
        lines.append(f"Looked in {listed(said)}.")
    nearest = _nearest(name, app.jinja_env.list_templates())
    there = elsewhere(name, "templates", Path(app.root_path))
    if nearest is not None:
        lines.append(f"Did you mean '{nearest}'?")
    elif there is not None:
        lines.append(f"There is {shown_path(there)}, in another place.")
    elif places and places[0][0].is_relative_to(Path.cwd()):
        lines.append(f"`%%flask_file {shown_path(places[0][0] / name)}` writes it.")
    return lines


def _nearest(name: str, templates: list[str]) -> str | None:
    """The template of the same name in a folder, or of a similar one; endings are alike anyway and do not count."""
    for template in sorted(templates):
        if PurePosixPath(template).name == PurePosixPath(name).name:
            return template
    stems = {str(PurePosixPath(template).with_suffix("")): template for template in sorted(templates)}
    near = get_close_matches(str(PurePosixPath(name).with_suffix("")), stems, n=1)
    return stems[near[0]] if near else None


def _places(app: flask.Flask) -> Iterator[tuple[Path, str]]:
    owners = [(app.jinja_loader, "")]
    owners += [(blueprint.jinja_loader, f" (blueprint {blueprint.name})") for blueprint in app.iter_blueprints()]
    for loader, owner in owners:
        if isinstance(loader, FileSystemLoader):
            for folder in loader.searchpath:
                yield Path(folder).resolve(), owner


def elsewhere(name: str, folder: str, root: Path) -> Path | None:
    """A file of this name where people put it by mistake: beside the app, a level higher, without the folder."""
    if name.startswith("/") or ".." in name:
        return None
    for base in dict.fromkeys((root.resolve(), root.resolve().parent, Path.cwd())):
        if base.is_relative_to(Path.cwd()):
            for place in (base / folder, base / folder.rstrip("s"), base):
                if (place / name).is_file():
                    return place / name
    return None


def _unknown_word(error: TemplateError, app: flask.Flask | None) -> list[str]:
    found = _UNKNOWN.match(error.message or "")
    if found is None:
        return []
    environment = app.jinja_env if app is not None else jinja2.Environment(autoescape=True)
    known = {"filter": environment.filters, "test": environment.tests, "tag": _TAGS}
    word = _OTHER_LANGUAGES.get(found["name"], found["name"]) if found["tag"] else found["name"]
    nearest = did_you_mean(word, known[found["kind"] or "tag"])
    return [nearest] if nearest else []


def _undefined(error: UndefinedError) -> list[str]:
    """The last frame's locals are the template's variables, if it is the template itself and no macro."""
    found = _UNDEFINED.fullmatch(str(error))
    frame = next((frame for frame in frames_of(error) if "__jinja_exception__" in frame.f_globals), None)
    if found is None or frame is None or frame.f_code.co_name == "template":
        return []
    name = found["name"]
    if name in frame.f_locals:
        return []
    nearest = did_you_mean(name, sorted(frame.f_locals))
    return [f"The template has no {name} here. {nearest or f'Pass it: `render_template(…, {name}=…)`.'}"]
