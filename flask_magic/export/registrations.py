"""What a statement registers, and where: with the app, a blueprint, or an object that the app needs.

A registration has keys, such as an endpoint or the name of a filter, where only one can hold: that of the cell that
ran last. Hooks have none; all of them stand.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass
from typing import Literal

from .keys import Key, call_keys, decorator_keys, route_key, setting_key
from .names import callee, root_of
from .statements import Statement
from .text import unparsed

__all__ = ["Registration", "Roots", "is_configuration", "registration_of", "sets_up"]

Kind = Literal["definition", "setting", "call", "block"]

#: Methods of an app or a blueprint, or of what hangs on one, that set something up.
_SETS_UP = frozenset({
    "addFilter", "addHandler", "add_app_template_filter", "add_app_template_global", "add_app_template_test",
    "add_command", "add_extension", "add_template_filter", "add_template_global", "add_template_test", "add_url_rule",
    "after_app_request", "after_request", "app_context_processor", "app_errorhandler", "before_app_request",
    "before_request", "context_processor", "from_envvar", "from_file", "from_json", "from_mapping", "from_object",
    "from_prefixed_env", "from_pyfile", "register_blueprint", "register_error_handler", "setLevel", "setdefault",
    "shell_context_processor", "teardown_app_request", "teardown_appcontext", "teardown_request", "update",
    "url_defaults", "url_value_preprocessor",
})  # fmt: skip
#: What only looks, or sends a request.
_ONLY_LOOKS = frozenset({
    "app_context", "bind", "compile", "debug", "dispatch_request", "ensure_sync", "error", "exception", "from_string",
    "full_dispatch_request", "get_template", "handle_exception", "info", "iter_rules", "log", "make_response",
    "request_context", "run", "test_cli_runner", "test_client", "test_request_context", "url_for", "warning",
    "wsgi_app",
})  # fmt: skip
#: Functions of a module that set something up for all of the program.
_SETS_UP_MODULES = frozenset({"basicConfig", "configure", "connect", "dictConfig", "listen"})


@dataclass(frozen=True)
class Registration:
    """`owners` are the names of what it is registered with; `keys` what only one can hold."""

    kind: Kind
    owners: frozenset[str]
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Roots:
    """The names that registrations begin with.

    `owners` are the app, whose variable is `app`, and its blueprints; `objects` what these need that others register
    with, such as extensions; `registrars` functions of the notebook that register; `bound` all names that are kept so
    far, `modules` those of imports, `defined` all that cells give a value, which may be the name of a builtin.
    """

    app: str
    owners: frozenset[str]
    objects: frozenset[str] = frozenset()
    registrars: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    defined: frozenset[str] = frozenset()


def sets_up(node: ast.AST, owners: frozenset[str]) -> set[str]:
    """The owners with which a function, or a block, sets something up."""
    return {root for one in ast.walk(node) for root in _roots_of_set_up(one)} & owners


def registration_of(statement: Statement, roots: Roots) -> Registration | None:
    """What the statement registers, or None.

    The cell decides where the code does not say: something of it has to stand with the app, unless it is not known.
    """
    if statement.from_magic:
        return None
    node = statement.node
    if statement.is_definition:
        return _definition(statement, roots)
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
        return _assignment(statement, node, roots)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _call(statement, node.value, roots)
    if isinstance(node, (ast.If, ast.Try)) and (held := _set_in_all(node) & roots.objects):
        return Registration("block", frozenset(held))
    if isinstance(node, (ast.For, ast.With, ast.If, ast.Try, ast.While)) and statement.cell.registers:
        inner = sets_up(node, roots.owners)
        if inner and not any(root_of(item.context_expr) in roots.owners for item in getattr(node, "items", ())):
            return Registration("block", frozenset(inner))
    return None


def _roots_of_set_up(node: ast.AST) -> set[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {root for one in node.decorator_list if (root := root_of(one))}
        case ast.Call(func=ast.Attribute(attr=name)) if name in _SETS_UP and (root := root_of(node)):
            return {root}
        case ast.Assign(targets=targets):
            return {
                root for one in targets if isinstance(one, (ast.Attribute, ast.Subscript)) and (root := root_of(one))
            }
    return set()


# -- functions and classes


def _definition(statement: Statement, roots: Roots) -> Registration | None:
    node = statement.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    of_owners = [({root_of(one) or ""} | _arguments(one)) & roots.owners for one in node.decorator_list]
    if statement.cell.registers is False and (statement.route is not None or any(of_owners)):
        return None  # it was registered with the app, and is not any more
    found: set[str] = set()
    keys: list[Key] = []
    if statement.route is not None:
        owner = statement.route.blueprint or roots.app
        if owner in roots.owners:
            found.add(owner)
            keys.append(route_key(node, statement.route.options, owner))
    for decorator, held in zip(node.decorator_list, of_owners, strict=True):
        if held:
            found |= held
            keys += decorator_keys(decorator, node.name, roots.owners)
        elif isinstance(callee(decorator), ast.Name) and root_of(decorator) in roots.registrars:
            found |= {roots.app} if statement.cell.registers is not False else set()
        elif isinstance(callee(decorator), ast.Attribute) and (root := root_of(decorator)) in roots.objects:
            assert root is not None
            found.add(root)
        elif root_of(decorator) in roots.modules and _name_of(decorator) == "listens_for":  # SQLAlchemy's events
            found |= _roots_of_arguments(decorator) & roots.bound
    return Registration("definition", frozenset(found), tuple(keys)) if found else None


def _arguments(node: ast.expr) -> set[str]:
    """Names that are handed in, as they are."""
    if not isinstance(node, ast.Call):
        return set()
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    return {value.id for value in values if isinstance(value, ast.Name)}


def _roots_of_arguments(node: ast.expr) -> set[str]:
    """The names at which what is handed in begins."""
    if not isinstance(node, ast.Call):
        return set()
    return {root for one in (*node.args, *(each.value for each in node.keywords)) if (root := root_of(one))}


def _name_of(node: ast.expr) -> str:
    function = callee(node)
    return function.attr if isinstance(function, ast.Attribute) else ""


# -- settings


def _assignment(
    statement: Statement, node: ast.Assign | ast.AugAssign | ast.AnnAssign, roots: Roots
) -> Registration | None:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    held = {root for one in targets if not isinstance(one, ast.Name) and (root := root_of(one))}
    if held & (roots.owners | roots.objects):
        keys = [setting_key(one) for one in targets] if isinstance(node, ast.Assign) else []
        return Registration("setting", frozenset(held), tuple(keys))
    if isinstance(node.value, ast.Call) and statement.cell.registers is not False:
        handed = _arguments(node.value) & roots.owners
        if handed and not _is_builtin(node.value.func, roots) and not _only_looks(node.value):
            return Registration("call", frozenset(handed))
    return None


def _set_in_all(node: ast.If | ast.Try) -> set[str]:
    """What a condition sets attributes of; nothing where it does anything else."""
    found: set[str] = set()
    parts = [*node.body, *node.orelse]
    for one in parts if isinstance(node, ast.If) else [*parts, *(s for h in node.handlers for s in h.body)]:
        match one:
            case ast.If() | ast.Try():
                found |= _set_in_all(one)
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as target]) if root := root_of(target):
                found.add(root)
            case ast.Import() | ast.ImportFrom() | ast.Pass():
                continue
            case _:
                return set()
    return found


def _call(statement: Statement, node: ast.Call, roots: Roots) -> Registration | None:
    if _only_looks(node) or _is_builtin(node.func, roots):
        return None
    root, stands = root_of(node), statement.cell.registers
    handed = _arguments(node) & roots.owners
    if isinstance(node.func, ast.Name):
        if stands and (handed or root in roots.registrars):
            return Registration("call", frozenset(handed or {roots.app}))
        return None
    if not isinstance(node.func, ast.Attribute):
        return None
    name = node.func.attr
    if root in roots.owners:
        if name in _SETS_UP or stands:
            kind: Kind = "setting" if is_configuration(node.func) else "call"
            return Registration(kind, frozenset({root} if root else ()), tuple(call_keys(node)))
    elif handed and (stands or name == "init_app"):
        return Registration("call", frozenset(handed))
    elif root in (roots.bound if name == "create_all" else roots.objects if _is_set_up(name) else ()):
        return Registration("call", frozenset({root} if root else ()), (("call", unparsed(node)),))
    elif root in roots.modules and name in _SETS_UP_MODULES:
        # `mongoengine.connect(host=app.config["URI"])`, `event.listen(Loan, …)`, `logging.basicConfig(level=…)`
        said = _roots_of_arguments(node)
        if held := said & (roots.bound | roots.owners) or ({roots.app} if not said else set()):
            return Registration("call", frozenset(held), (("call", unparsed(node)),))
    return None


def _is_set_up(method: str) -> bool:
    return method == "connect" or method.startswith(("register", "add_", "init_"))


def is_configuration(node: ast.expr) -> bool:
    """Is it an app's configuration, or a setting of its templates: what no rule depends on?

    >>> is_configuration(ast.parse("app.config['X']", mode="eval").body)
    True
    """
    places = ("config", "secret_key", "jinja_env", "jinja_options")
    return any(isinstance(one, ast.Attribute) and one.attr in places for one in ast.walk(node))


def _only_looks(node: ast.Call) -> bool:
    chain: ast.AST = node
    while True:
        match chain:
            case ast.Call():
                chain = chain.func
            case ast.Attribute():
                if chain.attr in _ONLY_LOOKS:
                    return True
                chain = chain.value
            case ast.Subscript():
                chain = chain.value
            case _:
                return False


def _is_builtin(node: ast.expr, roots: Roots) -> bool:
    return isinstance(node, ast.Name) and hasattr(builtins, node.id) and node.id not in roots.defined
