"""What a stored output must not hold: anything that depends on the machine, the moment or the run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from flask_magic.pages.sanitize import ANSI

__all__ = ["forbidden", "texts"]

MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
RULES = (
    (r"\b(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1\]):\d{2,5}\b", "a port of this machine"),
    (r"(?<![\w.:/-])/(?:tmp|home|root|work|Users|var/folders)/[\w.-]+", "a path of this machine"),
    (r"\b0x[0-9a-fA-F]{6,}\b", "a memory address"),
    (r"[\w./-]*site-packages/\S*", "a path or stack frame inside an installed package"),
    (r"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d{3,}", "the time of the run"),
    (rf"\[\d\d/{MONTH}/20\d\d[ :]\d\d:\d\d:\d\d", "the time of the run"),
    (rf"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d {MONTH} 20\d\d \d\d:\d\d:\d\d GMT", "the time of the run"),
    (r"/ipykernel_\d+/", "the number of a process"),
)


def forbidden(outputs: list[dict[str, Any]], written: str) -> Iterator[str]:
    """One message for each kind of forbidden text in the outputs of a cell.

    `written` is the source of the page's code: what the page itself writes (a fixed port, a fixed date) is
    the same on every run, and is let through.

    >>> list(forbidden([{"output_type": "stream", "text": "at 0x7f12ab34cd"}], ""))
    ["the output holds a memory address: '0x7f12ab34cd'"]
    """
    whole = "\n".join(text for output in outputs for text in texts(output))
    for pattern, what in RULES:
        match = next((match for match in re.finditer(pattern, whole) if match[0] not in written), None)
        if match:
            yield f"the output holds {what}: '{match[0]}'"


def texts(output: dict[str, Any]) -> Iterator[str]:
    """Every text that a reader of an output can see, without colours."""
    if output["output_type"] == "stream":
        yield ANSI.sub("", output["text"])
    elif output["output_type"] == "error":
        yield ANSI.sub("", "\n".join([output["evalue"], *output["traceback"]]))
    for mime, value in output.get("data", {}).items():
        if not mime.startswith(("image/png", "image/jpeg")):
            yield value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
