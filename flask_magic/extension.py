"""Loading into, and unloading from, one IPython shell."""

from __future__ import annotations

import atexit
from typing import Any

from .advice.in_cells import AdviceInCells
from .completer import Completer
from .display import Note, Stylesheet, show
from .ledger import CellReport
from .magics.late import LateMagics
from .magics.parsers import Parsers
from .magics.settings import FlaskMagic
from .pushed import PushedContexts
from .redefinition import DefineAgain
from .workbench import Workbench

__all__ = ["Extension"]

_ATTRIBUTE = "_flask_magic"


class Extension:
    """The extension in one shell: its magics, its two event hooks, its completer.

    The shell holds it, so that there is no module-level state: `Extension.of(shell)`.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.workbench = Workbench(shell.user_ns)
        self.settings = FlaskMagic(parent=shell)
        self.parsers = Parsers()
        self.magics = LateMagics(shell, self.workbench, self.parsers, self.settings)
        self.workbench.keep_history(self.settings.history)
        self.settings.observe(self._keep_history, "history")
        self.completer = Completer(self.workbench, self.parsers)
        self.define_again = DefineAgain(self.workbench.ledger)
        self.advice = AdviceInCells(shell)
        self._contexts = PushedContexts()
        self._depth = 0
        self._inner_failed = False

    @staticmethod
    def of(shell: Any) -> Extension | None:
        """The extension of a shell, or None where it is not loaded."""
        return getattr(shell, _ATTRIBUTE, None)

    def load(self) -> None:
        """Register everything, emit the stylesheet. Raises UnsupportedVersion."""
        self.workbench.open()
        self.magics.register()
        self.shell.configurables.append(self.settings)
        self.shell.events.register("pre_run_cell", self._before_cell)
        self.shell.events.register("post_run_cell", self._after_cell)
        self.shell.Completer.custom_matchers.append(self.completer)
        self.shell.ast_transformers.append(self.define_again)
        self.advice.install()
        setattr(self.shell, _ATTRIBUTE, self)
        atexit.register(self.workbench.close)
        self._begin_loading_cell()
        show(Stylesheet())

    def unload(self) -> None:
        """Take everything back."""
        self.shell.events.unregister("pre_run_cell", self._before_cell)
        self.shell.events.unregister("post_run_cell", self._after_cell)
        if self.completer in self.shell.Completer.custom_matchers:
            self.shell.Completer.custom_matchers.remove(self.completer)
        if self.define_again in self.shell.ast_transformers:
            self.shell.ast_transformers.remove(self.define_again)
        self.define_again.close()
        self.advice.uninstall()
        self.shell.configurables.remove(self.settings)
        self.settings.unobserve(self._keep_history, "history")
        self.settings.reset()
        self.magics.unregister()
        self.workbench.end_cell(failed=False)
        self.workbench.close()
        atexit.unregister(self.workbench.close)
        delattr(self.shell, _ATTRIBUTE)

    def _keep_history(self, change: Any) -> None:
        self.workbench.keep_history(change.new)

    # -- the run of a cell

    def _begin_loading_cell(self) -> None:
        # The cell that loads the extension is told of its end only; its source is in the history already.
        history = self.shell.history_manager
        sources = list(getattr(history, "input_hist_raw", None) or [])
        metadata = _parent_metadata(self.shell)
        if sources and "load_ext" in sources[-1]:
            self._depth = 1
            self._contexts = PushedContexts()
            self.workbench.begin_cell(sources[-1], metadata.get("cellId"), metadata)

    def _before_cell(self, info: Any) -> None:
        # `%%capture` and its like run a cell within a cell: only the outer one counts.
        self._depth += 1
        if self._depth == 1:
            self._inner_failed = False
            metadata = getattr(info, "cell_meta", None) or _parent_metadata(self.shell)
            self._contexts = PushedContexts()
            self.workbench.begin_cell(info.raw_cell or "", info.cell_id, metadata)

    def _after_cell(self, result: Any) -> None:
        self._depth = max(0, self._depth - 1)
        failed = (result.error_before_exec or result.error_in_exec) is not None
        if self._depth:
            # What runs a cell within a cell may swallow its failure; the cell has failed all the same.
            self._inner_failed |= failed
            return
        try:
            left = self._contexts.pop_newer(self.workbench.ledger.is_plain)
            report = self.workbench.end_cell(failed=failed or self._inner_failed)
        except Exception as error:
            # An exception in an event hook is printed and the reply stays "ok"; the cell has to fail.
            result.error_in_exec = error
            raise
        if report is not None:
            _tell(report, left)


def _parent_metadata(shell: Any) -> dict[str, Any]:
    """The metadata of the execute request that runs now: a frontend's cell id and the cell's own metadata."""
    get_parent = getattr(shell, "get_parent", None)
    parent = get_parent() if get_parent is not None else None
    metadata = parent.get("metadata") if isinstance(parent, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def _tell(report: CellReport, left: list[str]) -> None:
    lines = []
    if left:
        lines.append(
            f"The cell left the {' and the '.join(left)} pushed. It is popped now: later requests would share its g. "
            "Put `with app.app_context():`, or another context, around what needs one."
        )
    if report.undone:
        lines.append("The cell failed, so nothing that it registered was kept: the app is as it was.")
    for endpoint, rules in report.replaced.items():
        shown = f" ({', '.join(rules)})" if rules else ""
        lines.append(f"{endpoint} belongs to this cell now; it replaces {endpoint}{shown} of another cell.")
    if report.late:
        lines.append("Only here: plain Flask refuses set-up after the first request. In app.py this comes before it.")
    for name, cells in report.left_behind.items():
        titles = ", ".join(f"“{cell.title}”" for cell in cells)
        lines.append(
            f"{name} is new. These cells stayed with the old one: {titles}. %flask_app --rerun runs them again."
        )
    if lines:
        show(Note(lines))
