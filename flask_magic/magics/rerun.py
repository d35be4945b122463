"""Running cells again on the user's behalf."""

from __future__ import annotations

from typing import Any

from ..errors import CellFailed
from ..workbench import Workbench

__all__ = ["run_left_behind"]


def run_left_behind(shell: Any, workbench: Workbench) -> list[str]:
    """Run the cells again that registered with an app no variable holds any more; a sentence for the reader.

    Raises CellFailed with the first one's exception as its cause.
    """
    cells = workbench.ledger.stayed_behind()
    if not cells:
        return ["No cell has anything registered with an app that was replaced."]
    for cell in cells:
        result = shell.run_cell(cell.source, store_history=False, silent=False, cell_id=cell.id)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            raise CellFailed(f"The cell “{cell.title}” failed when it was run again.") from error
    return [f"Ran {len(cells)} cell{'' if len(cells) == 1 else 's'} again: " + ", ".join(f"“{c.title}”" for c in cells)]
