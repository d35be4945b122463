"""One file of rules decides what two outputs may differ in: `notebooks/sanitize.cfg`, in nbval's format.

Each rule is two lines, `regex: …` and `replace: …`, under a heading in brackets. nbval reads the same file.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_magic.pages.errors import PageError

__all__ = ["Sanitizer", "read_rules"]

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
RULE = re.compile(r"^regex: (.*)$\n^replace: (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Sanitizer:
    """Rules applied in their order to every text of an output.

    >>> Sanitizer(((re.compile("[0-9]+ ms"), "N ms"),)).text("done in 12 ms")
    'done in N ms'
    """

    rules: tuple[tuple[re.Pattern[str], str], ...] = ()

    def text(self, text: str) -> str:
        """`text` with every rule applied."""
        for pattern, replacement in self.rules:
            text = pattern.sub(replacement, text)
        return text

    def comparable(self, outputs: list[dict[str, Any]], *, varies: bool = False) -> list[str]:
        """What of `outputs` is compared, one readable line of text an item.

        Execution counts and metadata are left out, as nbval does, and so is an output of which the rules
        leave nothing. With `varies` (a cell whose text depends on Python or a system) only the names of
        exceptions remain.
        """
        if varies:
            return [f"error: {output['ename']}" for output in outputs if output["output_type"] == "error"]
        return [line for output in outputs for line in self._lines(output)]

    def _lines(self, output: dict[str, Any]) -> list[str]:
        kind = output["output_type"]
        if kind == "error":
            trace = ANSI.sub("", "\n".join(output["traceback"]))
            return [f"error: {output['ename']}: {self.text(output['evalue'])}", self.text(trace)]
        if kind == "stream":
            # JupyterLab keeps what a terminal would show: a carriage return before a new line is not seen.
            text = self.text(output["text"].replace("\r\n", "\n"))
            return [f"{output['name']}: {text}"] if text.strip() else []
        data = {mime: self._value(value) for mime, value in sorted(output.get("data", {}).items())}
        if not data.get("text/html", "shown").strip():
            return []
        return [f"{mime}: {text}" for mime, text in data.items()]

    def _value(self, value: object) -> str:
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
        return self.text(text)


def read_rules(folder: Path) -> Sanitizer:
    """The rules of the collection in `folder`, none without a file; PageError for one that is no pattern."""
    path = folder / "sanitize.cfg"
    if not path.is_file():
        return Sanitizer()
    rules = []
    for regex, replacement in RULE.findall(path.read_text(encoding="utf-8")):
        try:
            rules.append((re.compile(regex), replacement))
        except re.error as error:
            raise PageError(f"{path}: '{regex}' is not a regular expression: {error}.") from error
    return Sanitizer(tuple(rules))
