"""The magics, registered by name; the module of each is imported when it is first used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from IPython.core.magic import no_var_expand

from ..arguments import MagicParser
from ..workbench import Workbench
from .parsers import Parsers
from .settings import FlaskMagic

__all__ = ["CELL_MAGICS", "MAGICS", "LateMagic", "LateMagics"]

#: Each magic's kind, as IPython has it, and its class.
MAGICS = {
    "http": ("line", "requests:RequestMagics"),
    "flask_trace": ("line", "requests:RequestMagics"),
    "flask_clients": ("line", "history:HistoryMagics"),
    "flask_history": ("line", "history:HistoryMagics"),
    "flask_replay": ("line", "history:HistoryMagics"),
    "flask_route": ("cell", "routes:RouteMagics"),
    "flask_routes": ("line", "routes:RouteMagics"),
    "flask_app": ("line", "apps:AppMagics"),
    "flask_project": ("line", "apps:AppMagics"),
    "flask_file": ("cell", "apps:AppMagics"),
    "flask_process": ("line", "processes:ProcessMagics"),
    "flask_serve": ("line", "processes:ProcessMagics"),
    "flask_cli": ("line", "processes:ProcessMagics"),
    "flask_export": ("line", "exports:ExportMagics"),
    "flask_check": ("cell", "exercises:ExerciseMagics"),
}

#: Cell magics that share their name with a line magic; the parser of each is called `NAME-cells`.
CELL_MAGICS = {"http": "hurl:HurlMagics"}


class LateMagic:
    """Stands for a magic until it is used; then it calls the method of its class."""

    def __init__(self, magics: LateMagics, name: str, home: str, parser: str) -> None:
        self._magics = magics
        self._home = home
        self._parser = parser
        self.__name__ = name
        self.__doc__ = f"See %{name}? for its options and examples."

    def __call__(self, *arguments: str) -> Any:
        return getattr(self._magics.of(self._home), self.__name__)(*arguments)

    def getdoc(self) -> str:
        """What `%magic?` shows: IPython asks an object for it."""
        return Parsers()[self._parser].format_help()


class LateMagics:
    """All magics of one shell."""

    def __init__(
        self, shell: Any, workbench: Workbench, parsers: Mapping[str, MagicParser], settings: FlaskMagic
    ) -> None:
        self.shell = shell
        self._needed = (shell, workbench, parsers, settings)
        self._made: dict[str, Any] = {}

    def of(self, home: str) -> Any:
        """The object that has a magic as a method, by its module and class."""
        if home not in self._made:
            module, _, kind = home.partition(":")
            self._made[home] = getattr(import_module(f".{module}", __package__), kind)(*self._needed)
        return self._made[home]

    def register(self) -> None:
        """Make the magics known to the shell."""
        registered = self.shell.magics_manager.magics
        for name, (kind, home) in MAGICS.items():
            registered[kind][name] = no_var_expand(LateMagic(self, name, home, name))
        for name, home in CELL_MAGICS.items():
            registered["cell"][name] = no_var_expand(LateMagic(self, name, home, f"{name}-cells"))

    def unregister(self) -> None:
        """Take them back."""
        for name, (kind, _) in MAGICS.items():
            self.shell.magics_manager.magics[kind].pop(name, None)
        for name in CELL_MAGICS:
            self.shell.magics_manager.magics["cell"].pop(name, None)
