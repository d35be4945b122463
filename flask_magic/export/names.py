"""Which names a piece of code binds, which it needs when it runs, and which its functions need when they are called."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Names", "callee", "changed_in", "names_in", "root_of"]

#: Scopes that run where they stand.
_AT_ONCE = frozenset({"listcomp", "setcomp", "dictcomp", "genexpr"})
#: Methods that change what they are called on.
_CHANGES = frozenset({"add", "append", "appendleft", "extend", "insert", "setdefault", "update"})


@dataclass(frozen=True)
class Names:
    """The names that code binds, those it loads at once, and those it loads later."""

    binds: frozenset[str] = frozenset()
    now: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()


def names_in(text: str) -> Names:
    """What the code at the top of a module does with names.

    >>> names = names_in("@route\\ndef tool(n=first): return tools[n]")
    >>> sorted(names.binds), sorted(names.now), sorted(names.late)
    (['tool'], ['first', 'route'], ['tools'])

    Code that is allowed in a cell only, such as `await` outside of a function, loads all its names at once.
    """
    try:
        top = symtable.symtable(text, "<cell>", "exec")
    except SyntaxError:
        loaded = [node for node in ast.walk(_tree(text)) if isinstance(node, ast.Name)]
        return Names(
            frozenset(node.id for node in loaded if isinstance(node.ctx, ast.Store)),
            frozenset(node.id for node in loaded if isinstance(node.ctx, ast.Load)),
        )
    symbols = top.get_symbols()
    binds = {one.get_name() for one in symbols if one.is_assigned() or one.is_imported() or one.is_namespace()}
    now = {one.get_name() for one in symbols if one.is_referenced()}
    now |= binds & _changed_at_once(_tree(text))  # `x += 1` needs an x, and the table does not say so
    late: set[str] = set()
    for scope, is_late in _scopes(top, late=False):
        for symbol in scope.get_symbols():
            if symbol.is_global() and (symbol.is_referenced() or symbol.is_assigned()):
                (late if is_late else now).add(symbol.get_name())
    return Names(frozenset(binds), frozenset(now), frozenset(late))


def _changed_at_once(node: ast.AST) -> set[str]:
    """Names that `+=` and its like give a new value, functions aside."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return set()
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return {name for child in ast.iter_child_nodes(node) for name in _changed_at_once(child)}


def _tree(text: str) -> ast.Module:
    tree = compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(tree, ast.Module)
    return tree


def _scopes(table: symtable.SymbolTable, *, late: bool) -> Iterator[tuple[symtable.SymbolTable, bool]]:
    for child in table.get_children():
        later = late or (str(child.get_type()).endswith("function") and child.get_name() not in _AT_ONCE)
        yield child, later
        yield from _scopes(child, late=later)


def root_of(node: ast.AST) -> str | None:
    """The name at which a chain of attributes, keys and calls begins.

    >>> root_of(ast.parse("app.config['X'].get('y')", mode="eval").body)
    'app'
    """
    while True:
        match node:
            case ast.Attribute() | ast.Subscript() | ast.Starred():
                node = node.value
            case ast.Call():
                node = node.func
            case ast.Name():
                return node.id
            case _:
                return None


def callee(node: ast.expr) -> ast.expr:
    """What is called: the function of a call, and what is no call itself, such as a decorator without parentheses."""
    return node.func if isinstance(node, ast.Call) else node


def changed_in(node: ast.AST) -> set[str]:
    """Names of data that a statement changes in place.

    >>> changed_in(ast.parse("tools.append('drill')").body[0])
    {'tools'}
    """
    match node:
        case ast.Assign(targets=targets):
            return {root for one in targets if not isinstance(one, ast.Name) and (root := root_of(one))}
        case ast.AugAssign(target=target) if not isinstance(target, ast.Name):
            return {root_of(target) or ""}
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name)) as call) if name in _CHANGES:
            return {root_of(call) or ""}
        case ast.For(body=body) | ast.While(body=body) | ast.If(body=body):
            return {name for one in body for name in changed_in(one)}
    return set()
