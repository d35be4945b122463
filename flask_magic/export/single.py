"""A small app in one module, app.py."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from .dependencies import Kept
from .imports import import_lines
from .rendering import blocks, rendered
from .statements import Import, Statement

__all__ = ["FROM_ENVIRONMENT", "Code", "head_and_rest", "single_module"]

#: What gives the environment the last word over what a cell has set.
FROM_ENVIRONMENT = "{app}.config.from_prefixed_env()"


@dataclass
class Code:
    """The Python of a project: its modules by path, and in which module each name is."""

    modules: dict[str, str]
    homes: dict[str, str]


def single_module(kept: Kept, docstring: str) -> Code:
    """The app in one module."""
    head, rest = head_and_rest(kept)
    imports = list(kept.imports)
    if not any(kept.app in one.names.binds for one in kept.statements):
        imports.append(Import("flask", "Flask"))
    if kept.secrets.variables:
        imports.append(Import("os", None))
    text = "\n\n".join([f'"""{docstring}"""', import_lines(imports), head, blocks(rest)]) + "\n"
    homes = {name: "app" for one in kept.statements for name in one.names.binds}
    return Code({"app.py": text}, homes)


def head_and_rest(kept: Kept) -> tuple[str, list[tuple[Statement, str]]]:
    """The app with its settings, and after these the environment's; then each other statement with its text, in order.

    What the settings need is among the first.
    """
    pieces = [(one, rendered(one, kept)) for one in kept.statements]
    made = next((position for position, (one, _) in enumerate(pieces) if kept.app in one.names.binds), None)
    last = made
    for position, (one, _) in enumerate(pieces):
        registration = kept.registers[one]
        if registration is None or position == made:
            continue
        if registration.kind != "setting" or "jinja_" in one.text:
            break
        last = position
    count = 0 if last is None else last + 1
    head = [f"{kept.app} = Flask(__name__)"] if made is None else []
    for is_definition, group in groupby(pieces[:count], lambda piece: piece[0].is_definition):
        run = list(group)
        head += [blocks(run)] if is_definition else [text for _, text in run]
    said = FROM_ENVIRONMENT.format(app=kept.app)
    if not head[-1].endswith(said):
        head.append(said)
    return "\n".join(head), pieces[count:]
