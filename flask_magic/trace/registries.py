"""The two registries whose functions Flask calls itself, and not through `ensure_sync`."""

from __future__ import annotations

import functools
from collections import UserDict, UserList
from collections.abc import Callable, Iterator
from typing import Any

from .functions import name_of, place
from .recorder import here, span

__all__ = ["WatchedRegistry"]

Function = Callable[..., Any]


class WatchedRegistry(UserDict[str | None, Any]):
    """A view of a registry (functions by blueprint name, None: the app) whose functions tell when they are called.

    What is registered through it goes into the registry that it stands for.
    """

    def __init__(self, kind: str, registry: dict[str | None, list[Function]]) -> None:
        self.data = registry
        self._kind = kind

    def __getitem__(self, name: str | None) -> Any:
        functions = self.data[name]
        return functions if here() is None else _WatchedFunctions(self._kind, name or "", functions)


class _WatchedFunctions(UserList[Function]):
    def __init__(self, kind: str, scope: str, functions: list[Function]) -> None:
        self.data = functions
        self._kind = kind
        self._scope = scope

    def __iter__(self) -> Iterator[Function]:
        return map(self._telling, self.data)

    def _telling(self, function: Function) -> Function:
        @functools.wraps(function)
        def telling(*args: Any, **kwargs: Any) -> Any:
            at = here()
            if at is None:
                return function(*args, **kwargs)
            with span(at, self._kind, name_of(function), scope=self._scope, place=place(function)):
                return function(*args, **kwargs)

        return telling
