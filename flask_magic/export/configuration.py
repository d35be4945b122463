"""Secrets stay out of a project: what a cell wrote down as one comes from the environment, and is `dev` until then."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..masking import MASK, mask_text
from .text import Edit, edited, span

__all__ = ["Secrets", "hide_secrets", "is_secret_name"]

#: What stands for a secret while the app is developed, as in Flask's tutorial.
DEVELOPMENT = "dev"
_SECRET = re.compile(r"(?:KEY|SECRET|TOKEN|PASSWORD|PASSWD|PWD|PASSPHRASE|SALT|CREDENTIALS?)S?\Z", re.IGNORECASE)
_GENERATORS = frozenset({"token_hex", "token_urlsafe", "token_bytes", "urandom", "uuid4"})
_PASSWORD = re.compile(r"(://[^\s/:@]*):[^\s/@]+@")


@dataclass
class Secrets:
    """What was hidden: configuration keys (`SECRET_KEY`), variables of the environment (`API_KEY`), and the values."""

    keys: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    values: set[str] = field(default_factory=set)

    def are_in(self, text: str) -> bool:
        """Does a text tell one of the values?"""
        return any(value in text for value in self.values)


def is_secret_name(name: str) -> bool:
    """Is a value of this name a secret?

    >>> is_secret_name("SECRET_KEY"), is_secret_name("MAIL_PASSWORD"), is_secret_name("FEE_PER_DAY")
    (True, True, False)
    """
    return _SECRET.search(name) is not None


def hide_secrets(text: str, node: ast.stmt, secrets: Secrets) -> str:
    """The text of a statement without the secrets that it sets; `secrets` notes them.

    >>> text = "app.config['SECRET_KEY'] = 'abc-123'"
    >>> print(hide_secrets(text, ast.parse(text).body[0], Secrets()))
    app.config['SECRET_KEY'] = "dev"
    """
    edits: list[Edit] = []
    for name, value, is_configuration in _settings(node):
        new = _hidden(name, value, is_configuration, secrets)
        if new is not None:
            edits.append((*span(text, value), new))
    return edited(text, edits)


def _settings(node: ast.stmt) -> Iterator[tuple[str, ast.expr, bool]]:
    """Each name that the statement sets with its value, and whether it is configuration."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Attribute(attr="config"), slice=ast.Constant(str() as key))]):
            yield key, node.value, True
        case ast.Assign(targets=[ast.Attribute(attr="secret_key")]):
            yield "SECRET_KEY", node.value, True
        case ast.Assign(targets=[ast.Name(id=name)]):
            yield name, node.value, False
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Attribute(attr="config"))) as call):
            for keyword in call.keywords:
                if keyword.arg is not None:
                    yield keyword.arg, keyword.value, True
            for argument in call.args:
                if isinstance(argument, ast.Dict):
                    for key_node, value in zip(argument.keys, argument.values, strict=True):
                        if isinstance(key_node, ast.Constant):
                            yield str(key_node.value), value, True


def _hidden(name: str, value: ast.expr, is_configuration: bool, secrets: Secrets) -> str | None:
    """What is written in the place of a value; None where it stays."""
    said = value.value if isinstance(value, ast.Constant) else None
    if isinstance(said, bytes):
        said = said.decode(errors="replace")
    if is_secret_name(name):
        generated = isinstance(value, ast.Call) and isinstance(value.func, (ast.Attribute, ast.Name))
        if generated and is_configuration and _called(value) in _GENERATORS:
            secrets.keys.append(name)
            return f'"{DEVELOPMENT}"'
        if isinstance(said, str) and said:
            if said != DEVELOPMENT:
                secrets.values.add(said)
            (secrets.keys if is_configuration else secrets.variables).append(name)
            return f'"{DEVELOPMENT}"' if is_configuration else f'os.environ.get("{name}", "{DEVELOPMENT}")'
        return None
    if isinstance(said, str) and MASK in mask_text(said) and _PASSWORD.search(said):
        (secrets.keys if is_configuration else secrets.variables).append(name)
        shown = _PASSWORD.sub(r"\1@", said)
        return repr(shown) if is_configuration else f'os.environ.get("{name}", {shown!r})'
    return None


def _called(value: ast.expr) -> str:
    assert isinstance(value, ast.Call)
    return value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
