"""The options of each magic, with their help and examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ...arguments import MagicParser
from . import apps, exercises, exports, history, processes, requests, routes

__all__ = ["Parsers"]


class Parsers(Mapping[str, MagicParser]):
    """A parser for each magic, by its name without `%`, made when it is first asked for.

    >>> Parsers()["http"].read("/tools --follow").follow
    True
    """

    _MAKERS: Mapping[str, Callable[[], MagicParser]] = {
        "http": requests.http,
        "http-cells": requests.http_cells,
        "flask_trace": requests.flask_trace,
        "flask_clients": history.flask_clients,
        "flask_history": history.flask_history,
        "flask_replay": history.flask_replay,
        "flask_route": routes.flask_route,
        "flask_routes": routes.flask_routes,
        "flask_app": apps.flask_app,
        "flask_project": apps.flask_project,
        "flask_file": apps.flask_file,
        "flask_export": exports.flask_export,
        "flask_check": exercises.flask_check,
        "flask_process": processes.flask_process,
        "flask_serve": processes.flask_serve,
        "flask_cli": processes.flask_cli,
    }

    def __init__(self) -> None:
        self._made: dict[str, MagicParser] = {}

    def __getitem__(self, magic: str) -> MagicParser:
        if magic not in self._made:
            self._made[magic] = self._MAKERS[magic]()
        return self._made[magic]

    def __iter__(self) -> Iterator[str]:
        return iter(self._MAKERS)

    def __len__(self) -> int:
        return len(self._MAKERS)
