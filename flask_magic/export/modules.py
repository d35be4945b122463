"""The modules of a package, and the factory that puts the app together of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import pairwise

from .dependencies import Kept, Program
from .factory import factory, indented
from .homes import EXTENSIONS, FACTORY, FORMS, HELPERS, MODELS, VIEWS, Homes, Unfit, homes_of
from .imports import import_lines
from .names import names_in
from .registrations import Registration
from .rendering import blocks, is_of, rendered, rule_lines, without_decorators
from .single import Code
from .statements import Import, Statement
from .text import Edit, edited, span, unparsed

__all__ = ["modules_of"]

_ABOUT = {
    EXTENSIONS: "Extensions; the factory binds them to the app.",
    MODELS: "Models.",
    FORMS: "Forms.",
    HELPERS: "What several modules share.",
    VIEWS: "Views of the app, and what else is registered with it.",
}
#: Decorators of an app that have a method of their own beside them: its name, and whether the function comes first.
_METHODS = {
    "errorhandler": ("register_error_handler", False),
    "template_filter": ("add_template_filter", True),
    "template_test": ("add_template_test", True),
    "template_global": ("add_template_global", True),
}
_VERBS = frozenset({"get", "post", "put", "patch", "delete"})


def modules_of(kept: Kept, program: Program, name: str, docstring: str) -> Code:
    """The package `name`. Raises Unfit where the code does not fall apart into modules."""
    homes = homes_of(kept, program)
    files = {home: _file_of(home, kept) for home in dict.fromkeys(homes.values())}
    texts: dict[str, list[tuple[Statement, str]]] = {}
    registering: list[str] = []
    body: list[str] = []
    head: list[str] = []
    for one in kept.statements:
        registration, home = kept.registers[one], homes[one]
        text = rendered(one, kept)
        if home == FACTORY:
            is_setting = registration is not None and registration.kind == "setting" and "jinja_" not in one.text
            (head if kept.app in one.names.binds or (is_setting and not body) else body).append(text)
            continue
        if registration is not None and kept.app in registration.owners:
            if home == EXTENSIONS:
                text = _unbound(one, text, kept, program)
                body.append(f"{next(iter(one.names.binds))}.init_app({kept.app})")
            else:
                registering += _registering(one, registration, kept)
                text = without_decorators(one.text, one.node, {kept.app})
                if "VIEWS" not in body:
                    body.append("VIEWS")
        texts.setdefault(home, []).append((one, _with_current_app(text, kept.app)))
    if not head or not any(kept.app in one.names.binds for one in kept.statements):
        head.insert(0, f"{kept.app} = Flask(__name__)")
    if registering:
        body[body.index("VIEWS")] = f"{files[VIEWS]}.init_app({kept.app})"
    found = {f"{name}/__init__.py": _root(kept, homes, files, "\n".join(head), "\n".join(body), docstring)}
    for home, pieces in texts.items():
        text = blocks(pieces)
        if home == VIEWS and registering:
            lines = indented("\n".join(registering))
            text += f'\n\ndef init_app({kept.app}):\n    """Register what stands above."""\n{lines}\n'
        about = _ABOUT.get(home, f"The blueprint {home}.")
        found[f"{name}/{files[home]}.py"] = _module(about, text, home, kept, homes, files)
    root = f"{name}/__init__.py"
    models = files.get(MODELS, "")
    if models and not any(f"from .{models} import" in text for text in found.values()):
        line = f"from flask import Flask\nfrom . import {models}"
        found[root] = found[root].replace("from flask import Flask", line, 1)
    names = {bound: f"{name}.{files[home]}" for bound, home in homes.names().items()}
    return Code(found, names)


def _file_of(home: str, kept: Kept) -> str:
    if home in kept.blueprints:
        return f"{home}_blueprint" if home in (*_ABOUT, FACTORY, kept.app) else home
    bound = any(home in one.names.binds for one in kept.statements)
    return f"{home}_module" if bound else home  # a view may be called `views`


def _root(kept: Kept, homes: Homes, files: dict[str, str], head: str, body: str, docstring: str) -> str:
    code = factory(kept.app, head, body)
    imports = [*_imports(code, FACTORY, kept, homes, files), Import("flask", "Flask").line()]
    imports += [f"from . import {files[VIEWS]}"] if VIEWS in files else []
    return "\n\n".join([f'"""{docstring}"""', "\n".join(dict.fromkeys(imports)), code])


def _module(about: str, text: str, home: str, kept: Kept, homes: Homes, files: dict[str, str]) -> str:
    return "\n\n".join([f'"""{about}"""', "\n".join(_imports(text, home, kept, homes, files)), text])


def _imports(text: str, home: str, kept: Kept, homes: Homes, files: dict[str, str]) -> Iterator[str]:
    """The import statements that the text of a module needs."""
    names = names_in(text)
    used = (names.now | names.late) - (names.binds if home != FACTORY else set())
    yield from import_lines(one for one in kept.imports if one.name in used or one.module == "__future__").splitlines()
    for bound, other in homes.names().items():
        if bound in used and other != home:
            yield f"from .{files[other]} import {bound}"
    if "current_app" in used:
        yield "from flask import current_app"
    if "os" in used:
        yield "import os"


def _unbound(one: Statement, text: str, kept: Kept, program: Program) -> str:
    """`csrf = CSRFProtect(app)` without the app: the factory calls `init_app`."""
    value = program.namespace.get(next(iter(one.names.binds)))
    if not isinstance(one.node, ast.Assign) or not isinstance(one.node.value, ast.Call):
        raise Unfit("an extension that is not assigned")
    if not hasattr(value, "init_app"):
        raise Unfit("an object that is made with the app")
    call = one.node.value
    call.args = [each for each in call.args if not (isinstance(each, ast.Name) and each.id == kept.app)]
    call.keywords = [
        each for each in call.keywords if not (isinstance(each.value, ast.Name) and each.value.id == kept.app)
    ]
    comment = "".join(f"{line}\n" for line in text.splitlines() if line.startswith("#"))
    return comment + unparsed(one.node)


def _registering(one: Statement, registration: Registration, kept: Kept) -> list[str]:
    """The calls that register a definition, in the order in which its decorators work: from below."""
    node = one.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        raise Unfit(f"{registration.kind} in a module")
    mine = [is_of(decorator, {kept.app}) for decorator in node.decorator_list]
    if not one.route and not any(mine):
        raise Unfit("registered by a decorator of its own")
    if any(later and not earlier for earlier, later in pairwise(mine)):
        raise Unfit("what is registered is not what the name stands for")
    decorators = [each for each, is_mine in zip(node.decorator_list, mine, strict=True) if is_mine]
    lines = [_call(decorator, node.name, kept.app) for decorator in reversed(decorators)]
    return lines + (rule_lines(kept.app, node, one.route.options) if one.route is not None else [])


def _call(decorator: ast.expr, function: str, app: str) -> str:
    """What a decorator does, as a call."""
    called = decorator if isinstance(decorator, ast.Call) else None
    callee = called.func if called is not None else decorator
    if not isinstance(callee, ast.Attribute):
        raise Unfit("a decorator that is no method")
    words = [*map(unparsed, called.args), *(unparsed(each) for each in called.keywords)] if called is not None else []
    name = callee.attr
    if name == "connect_via":
        return f"{unparsed(callee.value)}.connect({', '.join([function, *words])})"
    if not isinstance(callee.value, ast.Name):
        return f"{unparsed(decorator)}({function})"
    if name == "route" or name in _VERBS:
        methods = [f'methods=["{name.upper()}"]'] if name not in ("route", "get") else []
        return f"{app}.add_url_rule({', '.join([words[0], f'view_func={function}', *words[1:], *methods])})"
    if name in _METHODS:
        method, is_first = _METHODS[name]
        return f"{app}.{method}({', '.join([function, *words] if is_first else [*words, function])})"
    return f"{app}.{name}({function})" if called is None else f"{unparsed(decorator)}({function})"


def _with_current_app(text: str, app: str) -> str:
    """The text with `current_app` where a function speaks of the app. Raises Unfit where it is needed at once."""
    if app in names_in(text).now:
        raise Unfit("the app is needed before it is made")
    edits: list[Edit] = [(*span(text, name), "current_app") for name in _free(ast.parse(text), app)]
    return edited(text, edits)


def _free(node: ast.AST, name: str) -> Iterator[ast.Name]:
    """Where code loads a name that no function around it binds."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name) and child.id == name:
            yield child
        elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and name in _bound_in(child):
            continue
        else:
            yield from _free(child, name)


def _bound_in(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    arguments = function.args
    every: Iterable[ast.arg | None] = (
        *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg,
    )  # fmt: skip
    stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return {one.arg for one in every if one is not None} | stored
