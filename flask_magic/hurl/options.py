"""The options of an entry: which there are, and what their values mean."""

from __future__ import annotations

import re
from typing import Any

from ..errors import HurlRunError
from .scanner import Scanner

__all__ = ["OPTIONS", "check_option", "option_value", "variable_value"]

#: Each option, and the kind of its value.
OPTIONS = {
    "location": "boolean", "max-redirs": "count", "retry": "count", "retry-interval": "duration",
    "delay": "duration", "variable": "variable", "skip": "boolean", "repeat": "count",
}  # fmt: skip

_NETWORK = "the request goes to the app, and not through curl"
_REFUSED = {
    **dict.fromkeys(
        ("aws-sigv4", "cacert", "cert", "connect-timeout", "connect-to", "http1.0", "http1.1", "http2", "http3",
         "insecure", "ipv4", "ipv6", "key", "limit-rate", "netrc", "netrc-file", "netrc-optional", "path-as-is",
         "pinnedpubkey", "proxy", "resolve", "unix-socket", "digest", "ntlm", "negotiate", "max-time"), _NETWORK,
    ),
    **dict.fromkeys(("verbose", "very-verbose", "verbosity"), "each exchange is shown anyway"),
    "compressed": "write the header `Accept-Encoding: gzip`",
    "header": "write the header below the URL",
    "location-trusted": "write location: true; redirects stay in the app",
    "output": "capture what is needed, or keep the response's body in a cell",
    "user": "write a section [BasicAuth]",
}  # fmt: skip

_DURATION = re.compile(r"(\d{1,9})\s*(ms|s|m|h)?\Z")
_SECONDS = {None: 0.001, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def check_option(scanner: Scanner, name: str, offset: int) -> None:
    """Raise HurlSyntaxError for an option that is not implemented, with the reason, or that is not there."""
    if name in _REFUSED:
        scanner.fail(f"The option {name} is not implemented.", todo=f"{_REFUSED[name].capitalize()}.", offset=offset)
    if name not in OPTIONS:
        scanner.offset = offset
        scanner.fail_at_word("{} is not an option.", OPTIONS)


def option_value(name: str, text: str) -> Any:
    """An option's value: a bool, an int, seconds, or a pair of name and value. Raises HurlRunError.

    >>> option_value("retry-interval", "300ms"), option_value("location", "true")
    (0.3, True)
    """
    match OPTIONS[name]:
        case "boolean":
            if text in ("true", "false"):
                return text == "true"
            expected = "true or false"
        case "count":
            if re.fullmatch(r"\d{1,9}", text) or (text == "-1" and name != "repeat"):
                return int(text)
            expected = "a whole number" + ("" if name == "repeat" else ", -1 for no limit")
        case "duration":
            duration = _DURATION.match(text)
            if duration is not None:
                return int(duration[1]) * _SECONDS[duration[2]]
            expected = "a number with ms, s, m or h, such as 300ms"
        case _:
            variable, equals, value = text.partition("=")
            if equals and re.fullmatch(r"\s*[A-Za-z_][\w-]*\s*", variable):
                return variable.strip(), variable_value(value.strip())
            expected = "name=value"
    raise HurlRunError(f"The option {name} is {text!r}, and takes {expected}.")


def variable_value(text: str) -> Any:
    """What a variable of the command line is: a number, true, false, null, or text; quotes make it text.

    >>> variable_value("7"), variable_value('"7"'), variable_value("null")
    (7, '7', None)
    """
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    if re.fullmatch(r"-?\d{1,30}", text):
        return int(text)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
