"""What all magics share: the shell, the workbench, a parser for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..arguments import MagicParser
from ..workbench import Workbench
from .settings import FlaskMagic

__all__ = ["WorkbenchMagics"]


class WorkbenchMagics:
    """Some magics of one shell, each a method with the magic's name, around the shell's workbench.

    `parsers` has a parser for each magic, `settings` the reader's defaults.
    """

    def __init__(
        self, shell: Any, workbench: Workbench, parsers: Mapping[str, MagicParser], settings: FlaskMagic
    ) -> None:
        self.shell = shell
        self.workbench = workbench
        self.parsers = parsers
        self.settings = settings

    def _read(self, magic: str, line: str) -> Any:
        return self.parsers[magic].read(line, self.shell.user_ns, self.settings.defaults())
