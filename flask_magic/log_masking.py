"""What other programs print, made the same on every run: no port, process id, time or place on this machine."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from .masking import MASK, mask_text

__all__ = ["mask_log", "mask_paths", "mask_port", "mask_times", "plain"]

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_ZONE = r"(?: ?(?:[+-]\d\d:?\d\d|Z|UTC|GMT))?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_TIMES = re.compile(
    rf"\b\d{{4}}[-/]\d\d[-/]\d\d[T ]{_CLOCK}{_ZONE}"
    rf"|\b{_DAY} {_MONTH} +\d+ {_CLOCK} \d{{4}}"
    rf"|(?:\b{_DAY}, )?\b\d\d?[/ ]{_MONTH}[/ ]\d{{4}}[: ]{_CLOCK}{_ZONE}"
    rf"|\b{_CLOCK}\b"
)

#: Where servers write process ids: gunicorn and PostgreSQL, nginx, redis, uvicorn and the rest.
_PIDS = (
    re.compile(r"(?<=\{time\}\] \[)\d+(?=\])|(?<=\{time\} \[)\d+(?=\])"),
    re.compile(r"(?<=: )\d+#\d+(?=: )|(?<=\] )\d+#\d+(?=: )"),
    re.compile(r"^\d+(?=:[A-Z] (?:\{time\}|[*#-]))", re.MULTILINE),
    re.compile(r"(?<=\()\d+(?=\)$)", re.MULTILINE),
    re.compile(r"(\bpid\s*[:=]?\s*|\bprocess(?:es)? \[?)\d+", re.IGNORECASE),
)
_CELL = re.compile(r"(\[\{time\}\] [A-Z]+ in )(?:\d+|<ipython-input[^>]*>):")
_PIN = re.compile(r"(Debugger PIN: )\d{3}-\d{3}-\d{3}")
_LOCAL_PORT = re.compile(r"((?:127\.0\.0\.1|localhost|\[::1\]):)(\d+)\b")


def plain(text: str) -> str:
    """Text without colours and other control characters.

    >>> plain("\\x1b[31mred\\x1b[0m")
    'red'
    """
    return _CONTROLS.sub("", _ESCAPES.sub("", text))


def mask_times(text: str) -> str:
    """Text without the time of the day; a cell has no module's name, but a number that the kernel gave its code.

    >>> mask_times("[2026-01-31 08:00:00,123] INFO in 411241752: done")
    '[{time}] INFO in {cell}: done'
    """
    return _CELL.sub(r"\1{cell}:", _TIMES.sub("{time}", text))


def mask_port(text: str, port: int | None) -> str:
    """An address of this machine, with `{port}` in the place of the number.

    >>> mask_port("http://127.0.0.1:43215/tools", 43215)
    'http://127.0.0.1:{port}/tools'
    """
    return text if port is None else re.sub(rf"((?:127\.0\.0\.1|localhost):){port}\b", r"\1{port}", text)


def mask_paths(text: str, folders: Iterable[Path]) -> str:
    """Paths as the reader knows them: from the project on, from `~`, from the library's folder.

    >>> mask_paths("File /tmp/x/shop/app.py", [Path("/tmp/x/shop")])
    'File app.py'
    """
    for folder in folders:
        if folder != folder.parent:
            here = re.escape(str(folder))
            text = re.sub(rf"(?<![\w/]){here}/", "", text)
            text = re.sub(rf"(?<![\w/]){here}(?![\w.-])", ".", text)
    known = {sysconfig.get_path(name): name for name in ("purelib", "platlib", "stdlib")}
    names = {"purelib": "site-packages", "platlib": "site-packages", "stdlib": "python"}
    for place, name in sorted(known.items(), key=lambda item: -len(item[0])):
        text = text.replace(place, names[name])
    text = text.replace(sys.executable, "python")
    home = str(Path.home())
    return text if home == "/" else re.sub(rf"(?<![\w/]){re.escape(home)}(?![\w.-])", "~", text)


def mask_log(text: str, port: int | None, folders: Iterable[Path]) -> str:
    """A log without ports, process ids, times, secrets, the debugger's PIN and this machine's paths.

    >>> mask_log("[2026-01-31 08:00:00 +0000] [17] [INFO] Listening at: http://127.0.0.1:5001 (17)", 5001, [])
    '[{time}] [{pid}] [INFO] Listening at: http://127.0.0.1:{port} ({pid})'
    """
    text = mask_times(plain(text))
    for pattern in _PIDS:
        text = pattern.sub(lambda match: (match[1] if match.re.groups else "") + "{pid}", text)
    text = _PIN.sub(rf"\g<1>{MASK}", text)
    own = str(port)
    text = _LOCAL_PORT.sub(lambda match: match[1] + ("{port}" if match[2] == own else MASK), text)
    if port is not None:
        text = re.sub(rf"(?<![\w.]){own}(?!\w|\.\d)", "{port}", text)
    return mask_text(mask_paths(text, folders))
