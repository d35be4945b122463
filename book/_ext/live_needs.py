"""Which cells of a page cannot run in a browser, and why: it has no shell, no processes, no threads, no sockets.

Cells are read, not run. A function that needs what is not there can be defined; a cell that calls it cannot run, nor
one that makes it a view or asks for that view's URL, nor one that uses what a cell above would have made.
"""

import ast
import re
import shlex
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

SHELL = "it needs a shell"
PROCESS = "it starts a process"
SERVER = "it asks a server, and a browser can start none"
SOCKET = "it uses the network"
THREAD = "it starts threads"
INSTALLED = "it needs the packages that `make setup` keeps on a computer"

MAGICS = {
    **dict.fromkeys(("sh", "bash", "script", "sx", "system", "!"), SHELL),
    "flask_process": PROCESS,
    "flask_serve": SERVER,
    "flask_export": PROCESS,
}
# Cell magics whose body is the notebook's own Python.
PYTHON = {"capture", "flask_check", "flask_route", "time", "timeit"}
# Modules, and names in modules. All can be imported; it is their use that fails.
USED = {
    "subprocess": PROCESS,
    "multiprocessing": PROCESS,
    "flask_magic.processes": PROCESS,
    "os.fork": PROCESS,
    "os.popen": SHELL,
    "os.system": SHELL,
    "asyncio.to_thread": THREAD,
    "threading.Barrier": THREAD,
    "threading.Thread": THREAD,
    "threading.Timer": THREAD,
    "concurrent.futures.ThreadPoolExecutor": THREAD,
    "socket": SOCKET,
    "http.client": SOCKET,
    "urllib.request": SOCKET,
    "smtplib": SOCKET,
    "aiosmtpd": SOCKET,
    "trustme": SOCKET,
}
METHODS = {"run_in_executor": THREAD}
TEXTS = {"share/flask-magic": INSTALLED}
# What a cell magic imports by itself.
MAGIC_IMPORTS = {"%%http": {"elementpath", "html5lib", "jsonpath"}}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def reasons(sources: Iterable[str]) -> Iterator[str]:
    """For each cell of a page, in order, why it cannot run in a browser; "" where it can.

    >>> list(reasons(["from subprocess import run", "def ls(): run('ls')", "print(6)", "ls()"]))
    ['', '', '', 'it starts a process']
    """
    page = _Page()
    return (page.read(source) for source in sources)


def imported(cells: Iterable[dict[str, Any]]) -> set[str]:
    """The top-level modules that a page's cells import, and the Python files that they write.

    >>> sorted(imported([{"source": "import sqlalchemy.orm"}, {"source": "%%flask_file app.py\\nimport flask_login"}]))
    ['flask_login', 'sqlalchemy']
    """
    found: set[str] = set()
    for cell in cells:
        head, _, body = cell["source"].partition("\n")
        found |= MAGIC_IMPORTS.get(head.partition(" ")[0], set())
        is_file = head.startswith("%%flask_file") and head.rstrip().endswith(".py")
        names = _imports(_parsed(body if is_file else cell["source"])).values()
        found |= {name.partition(".")[0] for name in names}
    return found


class _Page:
    """What is known after some cells: what names stand for, and which names and rules cannot be used."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.lost: dict[str, str] = {}
        self.rules: dict[str, str] = {}

    def read(self, source: str) -> str:
        tree = _parsed(source)
        reason = self._read(tree.body, [])
        if reason:
            for name in _binds(tree):
                self.lost[name] = f"it needs `{name}`, which a cell above makes that cannot run here"
        return reason

    def _read(self, statements: list[ast.stmt], rules: list[str]) -> str:
        """Why statements cannot run; learns what they make. `rules` are those of a cell that registers a view."""
        found = ""
        for statement in statements:
            self.names |= _imports(statement)
            if isinstance(statement, Function):
                reason = self._define(statement, [*rules, *_routes(statement)])
            else:
                reason = self._look([statement])
                for name in _binds(statement):
                    self.lost.pop(name, None)
            found = found or reason
        return found

    def _define(self, function: Function, rules: list[str]) -> str:
        """Why a function cannot be defined. One that cannot be called can be, but for a view: it would never answer."""
        for name in (function.name, *rules):
            self.lost.pop(name, None)
            self.rules.pop(name, None)
        now = self._look([*function.decorator_list, function.args])
        later = self._look(function.body)
        if later:
            self.lost[function.name] = later
            self.rules |= dict.fromkeys(rules, later)
        return now or (later if rules else "")

    def _look(self, nodes: Iterable[ast.AST]) -> str:
        """The first reason why these cannot run."""
        inside = (part for node in nodes for part in _inside(node))
        return next(filter(None, map(self._reason, inside)), "")

    def _reason(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            return self.lost.get(node.id, "") or _of_name(self.names.get(node.id, node.id))
        if isinstance(node, ast.Attribute):
            root, _, rest = ast.unparse(node).partition(".")
            return METHODS.get(node.attr, "") or (_of_name(f"{self.names[root]}.{rest}") if root in self.names else "")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self._of_text(node.value)
        if magic := _magic(node):
            return self._of_magic(*magic)
        return ""

    def _of_text(self, text: str) -> str:
        found = next((reason for part, reason in TEXTS.items() if part in text), "")
        asked = [reason for rule, reason in self.rules.items() if _matches(rule, text)]
        return found or next(iter(asked), "")

    def _of_magic(self, name: str, line: str, body: str = "") -> str:
        words = _words(line)
        if name == "http" and "--to" in words:
            return SERVER
        found = MAGICS.get(name, "")
        if name in PYTHON:
            tree = _parsed(body)
            found = found or self._read(tree.body, words if name == "flask_route" else [])
            if found:  # and with it what `%%capture NAME` would have caught
                made = _binds(tree) | ({word for word in words if word.isidentifier()} if name == "capture" else set())
                self.lost |= dict.fromkeys(made, found)
            return found
        return found or next(filter(None, map(self._of_text, words)), "")


def _parsed(source: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a page that shows a doubtful escape
            return ast.parse(TransformerManager().transform_cell(source))
    except SyntaxError:
        return ast.Module([], [])  # of a page that shows a wrong syntax: it runs, and fails, everywhere


def _imports(tree: ast.AST) -> dict[str, str]:
    """What imported names stand for: `import a.b as c` is {"c": "a.b"}."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _binds(tree: ast.AST) -> set[str]:
    """The names that a piece of code makes."""
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {node.name for node in nodes if isinstance(node, Function | ast.ClassDef)} | set(_imports(tree))


def _magic(node: ast.AST) -> list[str]:
    """Name, line and body of the magic that a call stands for, as IPython writes it; [] for any other node."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return []
    if ast.unparse(node.func.value) != "get_ipython()":
        return []
    words = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
    return words if node.func.attr.startswith("run_") else ["!", ""]


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all that is in it; a magic is one thing, whose text is no other node's."""
    yield node
    if not _magic(node):
        for child in ast.iter_child_nodes(node):
            yield from _inside(child)


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def _of_name(name: str) -> str:
    return next((reason for used, reason in USED.items() if f"{name}.".startswith(f"{used}.")), "")


def _routes(function: Function) -> list[str]:
    """The rules in a function's decorators, such as `@app.get("/tools")`."""
    texts = (node for decorator in function.decorator_list for node in ast.walk(decorator))
    return [node.value for node in texts if isinstance(node, ast.Constant) and str(node.value).startswith("/")]


def _matches(rule: str, text: str) -> bool:
    pattern = re.sub(r"<path:[^>]*>", ".+", rule)
    pattern = re.sub(r"<[^>]*>", "[^/]+", pattern)
    return re.fullmatch(pattern, text.partition("?")[0]) is not None
