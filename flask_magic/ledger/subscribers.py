"""Signal subscribers, by the cell that connected them.

`connect_via` holds its function for good, so a cell that runs again would be called twice for each signal. While the
ledger is installed, blinker's `Signal.connect` tells what the running cell connects; before it runs again, that is
disconnected.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from blinker import ANY, Signal

from .calls import tell, tell_no_more
from .cells import Cell

__all__ = ["Subscribers"]


@dataclass(frozen=True, eq=False)
class _Subscription:
    cell: Cell
    signal: Signal
    receiver: Callable[[], Any]  # gives the function, or None when a weakly held one is gone
    sender: Any
    weak: bool

    def disconnect(self) -> None:
        """Be called no more. (`disconnect(receiver, sender)` would leave the sender behind.)"""
        function = self.receiver()
        if function is not None:
            self.signal.disconnect(function)

    def is_connected(self) -> bool:
        """Does it still hold? Whoever connected it may have disconnected it since."""
        function = self.receiver()
        return function is not None and function in self.signal.receivers_for(self.sender)

    def connect(self) -> None:
        """Be called again."""
        function = self.receiver()
        if function is not None:
            Signal.connect.__wrapped__(self.signal, function, self.sender, self.weak)  # type: ignore[attr-defined]


class Subscribers:
    """The subscriptions that cells have made. `running` gives the cell that runs, or None."""

    def __init__(self, running: Callable[[], Cell | None]) -> None:
        self._running = running
        self._subscriptions: list[_Subscription] = []
        self._saved: list[_Subscription] = []

    def install(self) -> None:
        """Be told of what is connected."""
        tell(Signal, "connect", self._connected)

    def _connected(self, signal: Signal, receiver: Any, sender: Any = ANY, weak: bool = True) -> None:
        cell = self._running()
        if cell is not None:
            reference = _weak(receiver) if weak else lambda: receiver
            self._subscriptions.append(_Subscription(cell, signal, reference, sender, weak))

    def cells(self) -> set[Cell]:
        """The cells of which a function is called by a signal."""
        return {one.cell for one in self._subscriptions if one.is_connected()}

    def uninstall(self) -> None:
        """Leave blinker as it was; what is connected stays connected."""
        tell_no_more(Signal, "connect", self._connected)
        self._subscriptions.clear()

    def open(self, cell: Cell) -> None:
        """A cell is about to run: disconnect what it had connected."""
        self._subscriptions = [one for one in self._subscriptions if one.is_connected()]
        self._saved = list(self._subscriptions)
        self._let_go([one for one in self._subscriptions if one.cell is cell])

    def withdraw(self, cell: Cell) -> None:
        """Disconnect what another cell had connected."""
        self._let_go([one for one in self._subscriptions if one.cell is cell])

    def undo(self) -> None:
        """The cell has failed: what it connected is gone, what it had before is back."""
        saved = {id(one) for one in self._saved}
        for subscription in self._subscriptions:
            if id(subscription) not in saved:
                subscription.disconnect()
        self._subscriptions = self._saved
        for subscription in self._subscriptions:
            subscription.connect()

    def _let_go(self, gone: list[_Subscription]) -> None:
        if not gone:
            return
        left = {id(one) for one in gone}
        self._subscriptions = [one for one in self._subscriptions if id(one) not in left]
        for subscription in gone:
            subscription.disconnect()
        # Another cell may have connected the same function.
        for subscription in self._subscriptions:
            if any(one.signal is subscription.signal and one.receiver() is subscription.receiver() for one in gone):
                subscription.connect()


def _weak(receiver: Any) -> Callable[[], Any]:
    return weakref.WeakMethod(receiver) if hasattr(receiver, "__self__") else weakref.ref(receiver)
