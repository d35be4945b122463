"""What all magics share: the shell, the workbench, a parser for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from IPython.core.magic import Magics

from ..arguments import MagicParser
from ..workbench import Workbench
from .parsers import Parsers
from .settings import FlaskMagic

__all__ = ["WorkbenchMagics", "helped_by"]

Method = TypeVar("Method", bound=Callable[..., Any])


def helped_by(magic: str) -> Callable[[Method], Method]:
    """Have `%magic?` show the parser's help. IPython asks an object's own `getdoc`, so it is made only then."""

    def decorate(method: Method) -> Method:
        method.getdoc = lambda: Parsers()[magic].format_help()  # type: ignore[attr-defined]
        return method

    return decorate


class WorkbenchMagics(Magics):
    """Magics of one shell, around its workbench, with a parser for each and the reader's defaults."""

    shell: Any

    def __init__(
        self, shell: Any, workbench: Workbench, parsers: Mapping[str, MagicParser], settings: FlaskMagic
    ) -> None:
        super().__init__(shell)
        self.workbench = workbench
        self.parsers = parsers
        self.settings = settings

    def _read(self, magic: str, line: str) -> Any:
        return self.parsers[magic].read(line, self.shell.user_ns, self.settings.defaults())
