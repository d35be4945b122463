"""The life of a request, as it happened: which functions Flask called, and what they did.

The methods of one app object, of Jinja's environments and of signals are replaced for the time of one request; nothing
is patched before or after.
"""

from .events import Event, Outcome, Stage, Trace, folded, sections
from .tracer import Tracer

__all__ = ["Event", "Outcome", "Stage", "Trace", "Tracer", "folded", "sections"]
