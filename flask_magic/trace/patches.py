"""Attributes that are replaced for a while, and put back."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Patch", "Patches"]

_MISSING = object()
_MARK = "_flask_magic_patch"


class Patch:
    """One attribute of an object or a class, wrapped from `install` to `uninstall`.

    `wrap` gets the attribute's value and gives the replacement. Another wrapper that came on top in the meantime
    is left in place; what stands beneath it then calls the plain function, and goes as soon as it is on top again.

    >>> class Door:
    ...     def colour(self): return "red"
    >>> patch = Patch(Door, "colour", lambda plain: lambda door: f"dark {plain(door)}")
    >>> patch.install(); Door().colour()
    'dark red'
    >>> patch.uninstall(); Door().colour()
    'red'
    """

    def __init__(self, owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        self.owner = owner
        self.name = name
        self.wrap = wrap
        self.installed = False
        self.uses = 0

    def install(self) -> None:
        """Replace the attribute."""
        _put_back(self.owner, self.name)
        self._own = vars(self.owner).get(self.name, _MISSING)
        plain = getattr(self.owner, self.name)
        self._replacement = self._switched(plain, self.wrap(plain)) if callable(plain) else self.wrap(plain)
        setattr(self._replacement, _MARK, self)
        self.installed = True
        setattr(self.owner, self.name, self._replacement)

    def uninstall(self) -> None:
        """Put back what stood there, unless something else stands there now."""
        self.installed = False
        _put_back(self.owner, self.name)

    def _switched(self, plain: Callable[..., Any], watched: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(plain, updated=())
        def switched(*args: Any, **kwargs: Any) -> Any:
            return watched(*args, **kwargs) if self.installed else plain(*args, **kwargs)

        return switched


def _standing(owner: Any, name: str) -> Patch | None:
    """The patch whose replacement stands there now."""
    value = vars(owner).get(name)
    patch = getattr(value, _MARK, None)
    # A wrapper of the replacement may carry its mark, too.
    return patch if isinstance(patch, Patch) and patch._replacement is value else None


def _put_back(owner: Any, name: str) -> None:
    """Take away the replacements on top that are no longer installed."""
    while (patch := _standing(owner, name)) is not None and not patch.installed:
        if patch._own is _MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, patch._own)


class Patches:
    """Patches in use. An attribute that is needed twice at a time is replaced once, and put back after the last use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: dict[tuple[int, str], Patch] = {}

    @contextmanager
    def installed(self, patches: Iterable[Patch]) -> Iterator[None]:
        """Run the block with these installed."""
        taken: list[Patch] = []
        try:
            for patch in patches:
                taken.append(self._take(patch))
            yield
        finally:
            for patch in reversed(taken):
                self._leave(patch)

    def _take(self, patch: Patch) -> Patch:
        with self._lock:
            # Ours may be covered by another wrapper; what stands there may be another's of our kind.
            used = self._used.get(_key(patch)) or _standing(patch.owner, patch.name)
            if used is None or not used.uses:
                used = patch
                used.install()
            used.uses += 1
            self._used[_key(used)] = used
        return used

    def _leave(self, patch: Patch) -> None:
        with self._lock:
            patch.uses -= 1
            if not patch.uses:
                self._used.pop(_key(patch), None)
                patch.uninstall()


def _key(patch: Patch) -> tuple[int, str]:
    return id(patch.owner), patch.name
