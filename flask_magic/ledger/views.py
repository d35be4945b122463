"""An app's view functions, as a dictionary that tells who wrote to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Views"]


class Views(dict[str, Any]):
    """Flask's `view_functions`, with a call to `wrote(endpoint, view function or None)` for each change.

    A snapshot of this dictionary would grow with the app; being told of a change does not.
    """

    def __init__(self, views: dict[str, Any], wrote: Callable[[str, Any], None]) -> None:
        super().__init__(views)
        self._wrote = wrote

    def __setitem__(self, endpoint: str, view: Any) -> None:
        self._wrote(endpoint, view)
        super().__setitem__(endpoint, view)

    def __delitem__(self, endpoint: str) -> None:
        self._wrote(endpoint, None)
        super().__delitem__(endpoint)

    def pop(self, endpoint: str, *default: Any) -> Any:
        if endpoint in self:
            self._wrote(endpoint, None)
        return super().pop(endpoint, *default)

    def setdefault(self, endpoint: str, view: Any = None) -> Any:
        if endpoint not in self:
            self[endpoint] = view
        return self[endpoint]

    def update(self, *others: Any, **views: Any) -> None:
        for endpoint, view in dict(*others, **views).items():
            self[endpoint] = view

    def put(self, endpoint: str, view: Any) -> None:
        """Write without telling; None removes."""
        if view is None:
            super().pop(endpoint, None)
        else:
            super().__setitem__(endpoint, view)
