"""Secrets stay out of a project: what a cell wrote down as one comes from the environment, and is `dev` until then."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ..masking import MASK, mask_text
from .dependencies import Kept
from .names import callee, names_in
from .secrets import DEVELOPMENT, Secrets, is_secret_name
from .statements import Statement
from .text import Edit, edited, span, unparsed

__all__ = ["hide_secrets", "without_secrets"]

_GENERATORS = frozenset({"token_hex", "token_urlsafe", "token_bytes", "urandom", "uuid4"})
_PASSWORD = re.compile(r"(://[^\s/:@]*):[^\s/@]+@")


def without_secrets(kept: Kept) -> Kept:
    """The same, and what its statements set as a secret is hidden; its `secrets` say what that was."""
    secrets = Secrets()
    shown = {one: _shown(one, secrets) for one in kept.statements}
    registers = {shown[one]: registration for one, registration in kept.registers.items()}
    return replace(kept, statements=list(shown.values()), registers=registers, secrets=secrets)


def hide_secrets(text: str, node: ast.stmt, secrets: Secrets) -> str:
    """The text of a statement without the secrets that it sets, be it within a function; `secrets` notes them.

    >>> text = "app.config['SECRET_KEY'] = 'abc-123'"
    >>> print(hide_secrets(text, ast.parse(text).body[0], Secrets()))
    app.config['SECRET_KEY'] = "dev"
    """
    edits: dict[tuple[int, int], Edit] = {}
    for setting in _settings(node):
        place = span(text, setting.value)
        new = _hidden(setting, secrets) if place not in edits else None
        if new is not None:
            edits[place] = (*place, new)
    return edited(text, edits.values())


def _shown(statement: Statement, secrets: Secrets) -> Statement:
    text = hide_secrets(statement.text, statement.node, secrets)
    if text == statement.text:
        return statement
    return replace(statement, text=text, node=ast.parse(text).body[0], names=names_in(text))


@dataclass(frozen=True)
class _Setting:
    """A name that is given a value: as configuration of an app, as a default of the environment's, or in another way.

    `is_local`: not a variable of the module. There a name in small letters is mostly something else: `key`, `token`.
    """

    name: str
    value: ast.expr
    kind: Literal["configuration", "default", "variable"] = "variable"
    is_local: bool = False

    @property
    def is_secret(self) -> bool:
        return is_secret_name(self.name) and (not self.is_local or self.name.isupper())


def _settings(node: ast.stmt) -> Iterator[_Setting]:
    for one in ast.walk(node):
        match one:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _assigned(target, value, is_local=one is not node)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from _assigned(target, value, is_local=one is not node)
            case ast.Call(func=function, args=[ast.Constant(str() as name), value]) if _reads_environment(function):
                yield _Setting(name, value, "default")
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="config"), attr=method)):
                yield from _configured(one, method)
            case ast.Call():
                for keyword in one.keywords:
                    yield _Setting(keyword.arg or "", keyword.value, is_local=True)
            case ast.Dict():
                for name, value in _entries(one):
                    yield _Setting(name, value, is_local=True)


def _assigned(target: ast.expr, value: ast.expr, *, is_local: bool) -> Iterator[_Setting]:
    match target:
        case ast.Subscript(value=ast.Attribute(attr="config"), slice=ast.Constant(str() as name)):
            yield _Setting(name, value, "configuration")
        case ast.Attribute(attr="secret_key"):
            yield _Setting("SECRET_KEY", value, "configuration")
        case ast.Subscript(slice=ast.Constant(str() as name)) | ast.Attribute(attr=name):
            yield _Setting(name, value, is_local=True)
        case ast.Name(id=name):
            yield _Setting(name, value, is_local=is_local)
        case ast.Tuple(elts=targets) if isinstance(value, ast.Tuple) and len(targets) == len(value.elts):
            for one, its in zip(targets, value.elts, strict=True):
                yield from _assigned(one, its, is_local=is_local)


def _configured(call: ast.Call, method: str) -> Iterator[_Setting]:
    match call.args:
        case [ast.Constant(str() as name), value] if method == "setdefault":
            yield _Setting(name, value, "configuration")
    for keyword in call.keywords:
        yield _Setting(keyword.arg or "", keyword.value, "configuration")
    for argument in call.args:
        for name, value in _entries(argument):
            yield _Setting(name, value, "configuration")


def _entries(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value), value


def _reads_environment(function: ast.expr) -> bool:
    return unparsed(function).removeprefix("os.") in ("environ.get", "environ.setdefault", "getenv")


def _hidden(setting: _Setting, secrets: Secrets) -> str | None:
    """What is written in the place of a value; None where it stays."""
    name, value, texts = setting.name, setting.value, _texts(setting.value)
    is_configuration = setting.kind == "configuration"
    noted = secrets.keys if is_configuration else secrets.variables
    if setting.is_secret and any(texts):
        noted.append(name)
        secrets.values |= {text for text in texts if text and text != DEVELOPMENT}
        return f'os.environ.get("{name}", "{DEVELOPMENT}")' if setting.kind == "variable" else f'"{DEVELOPMENT}"'
    if setting.is_secret and is_configuration and isinstance(value, ast.Call) and _called(value) in _GENERATORS:
        noted.append(name)
        return f'"{DEVELOPMENT}"'
    (said,) = texts if len(texts) == 1 else [""]
    if MASK in mask_text(said) and _PASSWORD.search(said):
        noted.append(name)
        shown = repr(_PASSWORD.sub(r"\1@", said))
        return f'os.environ.get("{name}", {shown})' if setting.kind == "variable" else shown
    return None


def _texts(value: ast.expr) -> list[str]:
    """The texts of which a value is made that is a text, written down as it is; none where it is something else."""
    match value:
        case ast.Constant(str() as said):
            return [said]
        case ast.Constant(bytes() as said):
            return [said.decode(errors="replace")]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            one, other = _texts(left), _texts(right)
            return [*one, *other] if one and other else []
        case ast.JoinedStr(values=parts) if all(isinstance(one, ast.Constant) for one in parts):
            return [text for one in parts for text in _texts(one)]
        case ast.Call(func=ast.Attribute(value=inner)):
            return _texts(inner)
    return []


def _called(value: ast.Call) -> str:
    function = callee(value)
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
