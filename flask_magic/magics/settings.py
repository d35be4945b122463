"""The reader's defaults, as `%config FlaskMagic` shows and sets them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from traitlets import All, Bool, Int, Unicode, observe
from traitlets.config import Configurable

from ..clients import DEFAULT

__all__ = ["FlaskMagic"]


class FlaskMagic(Configurable):
    """Defaults of the magics' options; an option on the line has the last word.

    `%config FlaskMagic` lists them, `%config FlaskMagic.follow = True` sets one for the notebook, and
    `c.FlaskMagic.follow = True` in `ipython_config.py` for all.
    """

    app = Unicode("", help="The variable of the app that the magics mean (--app); empty: as %flask_app chose.").tag(
        config=True
    )
    client = Unicode(DEFAULT, help="The named client that sends requests (--as).").tag(config=True)
    follow = Bool(False, help="Follow redirects (--follow, --no-follow).").tag(config=True)
    form = Bool(False, help="Send name=value items as a form, not as JSON (--form, --no-form).").tag(config=True)
    trace = Bool(False, help="Show the life of each request (--trace, --no-trace).").tag(config=True)
    time = Bool(False, help="Show how long things took (--time, --no-time).").tag(config=True)
    reveal = Bool(False, help="Show cookie values, tokens and other secrets (--reveal, --no-reveal).").tag(config=True)
    history = Int(100, min=1, help="How many requests %flask_history keeps.").tag(config=True)

    def __init__(self, parent: Any) -> None:
        self._values: dict[str, Any] | None = None
        super().__init__(parent=parent)
        self._shell = parent
        self._section = type(self).__name__
        self._given = deepcopy(parent.config[self._section]) if self._section in parent.config else None

    def reset(self) -> None:
        """Leave the shell's configuration as it was: `%config` writes into it, too, and a reload would find that."""
        self._shell.config.pop(self._section, None)
        if self._given is not None:
            self._shell.config[self._section] = self._given

    def defaults(self) -> dict[str, Any]:
        """The values, by the name that the magics' parsers give to the option; the same object until one is changed."""
        if self._values is None:
            values = {name: getattr(self, name) for name in self.trait_names(config=True)}
            self._values = {**values, "app": self.app or None}
        return self._values

    @observe(All)
    def _changed(self, _change: Any) -> None:
        self._values = None
