"""The application factory of a package."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator

from .single import FROM_ENVIRONMENT

__all__ = ["factory", "indented"]


def factory(app: str, head: str, body: str) -> str:
    """The text of `create_app`: `head` makes the app and sets it up, then the environment, then `test_config`.

    >>> print(factory("app", "app = Flask(__name__)", "views.init_app(app)"))
    def create_app(test_config=None):
        \"\"\"Make the app. `test_config` has the last word, also over the environment.\"\"\"
        app = Flask(__name__)
        app.config.from_prefixed_env()
        if test_config is not None:
            app.config.from_mapping(test_config)
    <BLANKLINE>
        views.init_app(app)
    <BLANKLINE>
        return app
    <BLANKLINE>
    """
    said = FROM_ENVIRONMENT.format(app=app)
    lines = head.removesuffix(said).splitlines()
    settings = [said, "if test_config is not None:", f"    {app}.config.from_mapping(test_config)"]
    doc = '"""Make the app. `test_config` has the last word, also over the environment."""'
    text = "\n".join([doc, *lines, *settings, "", *([body.rstrip("\n"), ""] if body else []), f"return {app}"])
    return f"def create_app(test_config=None):\n{indented(text)}\n"


def indented(text: str) -> str:
    """The text four columns further right; what is within a string of several lines stays as it is."""
    within = {line for first, last in _strings(text) for line in range(first + 1, last + 1)}
    lines = text.splitlines()
    return "\n".join(line if number in within or not line else f"    {line}" for number, line in enumerate(lines, 1))


def _strings(text: str) -> Iterator[tuple[int, int]]:
    """First and last lines of strings that span several."""
    started: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        if kind in ("FSTRING_START", "TSTRING_START"):
            started.append(token.start[0])
        elif kind in ("FSTRING_END", "TSTRING_END"):
            yield started.pop(), token.end[0]
        elif kind == "STRING" and token.end[0] > token.start[0]:
            yield token.start[0], token.end[0]
