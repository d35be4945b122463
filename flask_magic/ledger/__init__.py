"""Who registered what: the part that lets any cell be run again.

`Ledger` frames the run of each cell and holds a `Book` for each app. A book's `Entry` is what one cell registered;
`shelves` reads and writes an app's registries, `rules` and `views` look after what can be many.
"""

from .book import Book
from .cells import Cell, Cells, source_hash
from .ledger import CellReport, Ledger

__all__ = ["Book", "Cell", "CellReport", "Cells", "Ledger", "source_hash"]
