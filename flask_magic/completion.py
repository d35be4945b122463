"""What TAB offers on a magic's line: options, methods, routes of the live app, endpoints, names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from .arguments import MagicParser
from .commands import command_names
from .matching import rules_of
from .request_line import METHODS
from .workbench import Workbench

__all__ = ["complete"]

_CONVERTER_NAMES = re.compile(r"<(?:[^<>:]*:)?([^<>]+)>")


def complete(line: str, word: str, workbench: Workbench, parsers: Mapping[str, MagicParser]) -> list[str]:
    """Completions for `word` at the end of `line`, which begins with a magic of the extension; else none.

    >>> from flask_magic.magics.parsers import Parsers
    >>> complete("%http --fol", "--fol", Workbench({}), Parsers())
    ['--follow']
    """
    match = re.match(r"\s*(?:\w+\s*=\s*)?(%{1,2})(\w+)\s(.*)\Z", line)
    if match is None or match[2] not in parsers:
        return []
    magic, rest = match[2], match[3]
    if match[1] == "%%" and f"{magic}-cells" in parsers:
        magic += "-cells"
    before = rest[: len(rest) - len(word)].split()
    return [option for option in _candidates(magic, before, word, workbench, parsers[magic]) if option.startswith(word)]


def _candidates(magic: str, before: list[str], word: str, workbench: Workbench, parser: MagicParser) -> list[str]:
    if word.startswith("-"):
        return parser.option_names
    last = before[-1] if before else ""
    values = _option_values(last, workbench)
    if values is not None:
        return values
    if magic in ("http", "flask_trace"):
        first = [] if before else list(METHODS)
        return first + _paths(workbench)
    if magic == "flask_app":
        return list(workbench.apps.named())
    if magic == "flask_clients" and not before:
        return _clients(workbench)
    if magic == "flask_replay":
        return [str(entry.number) for entry in workbench.history if str(entry.number) not in before]
    if magic == "flask_process" and not [one for one in before if not one.startswith("-")]:
        return workbench.processes.names()
    if magic == "flask_cli" and not before:
        return sorted({name for app in workbench.apps.named().values() for name in command_names(app)})
    if magic == "flask_export" and not [one for one in before if not one.startswith("-")]:
        return _folders(workbench.notebook_folder)
    if magic == "flask_file" and workbench.project is not None:
        folder = workbench.project.folder
        found = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
        return found or ["templates/", "static/"]
    return []


def _option_values(option: str, workbench: Workbench) -> list[str] | None:
    """What may follow an option; None where the option takes nothing that is known."""
    if option == "--app":
        return list(workbench.apps.named())
    if option == "--as":
        return _clients(workbench)
    if option == "--to":
        return workbench.processes.names()
    if option == "--match":
        return _paths(workbench)
    if option in ("-X", "--method", "--methods"):
        return list(METHODS)
    if option == "--endpoint":
        return sorted({str(rule.endpoint) for app in workbench.apps.named().values() for rule in rules_of(app)})
    if option == "--sort":
        return ["definition", "endpoint", "rule"]
    if option == "--dir":
        return _folders(Path.cwd())
    return None


def _folders(place: Path) -> list[str]:
    return sorted(f"{path.name}/" for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))


def _clients(workbench: Workbench) -> list[str]:
    """The names of the clients that have sent something, to apps and to processes."""
    processes = [workbench.processes.get(name) for name in workbench.processes.names()]
    listed = workbench.clients.listed(workbench.apps.named(), processes)
    return list(dict.fromkeys(client.name for client in listed))


def _paths(workbench: Workbench) -> list[str]:
    """The live app's URLs; a variable part is offered as its name, to be overwritten."""
    rules = [
        rule.rule for app in workbench.apps.named().values() for rule in rules_of(app) if rule.endpoint != "static"
    ]
    return list(dict.fromkeys(_CONVERTER_NAMES.sub(r"\1", rule) for rule in rules))
