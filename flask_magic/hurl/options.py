"""The options of an entry: which there are, and what their values mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..errors import HurlRunError, UnknownName
from .functions import FUNCTIONS
from .scanner import Scanner
from .tree import Template

__all__ = ["OPTIONS", "check_option", "option_value", "variable_value", "variables_of"]

#: Each option, and the kind of its value.
OPTIONS = {
    "location": "boolean", "location-trusted": "boolean", "max-redirs": "count", "retry": "count",
    "retry-interval": "duration", "delay": "duration", "variable": "variable", "variables-file": "text",
    "skip": "boolean", "repeat": "count", "header": "text", "user": "text", "compressed": "boolean", "output": "text",
    "path-as-is": "boolean", "no-jsonpath-coercion": "boolean", "verbose": "boolean", "very-verbose": "boolean",
    "verbosity": "verbosity", "fail-with-body": "boolean",
}  # fmt: skip

_NETWORK = "the request goes to the app, and not through curl"
_SWITCHES = (
    "digest", "http1.0", "http1.1", "http2", "http3", "insecure", "ipv4", "ipv6", "negotiate", "netrc",
    "netrc-optional", "ntlm",
)  # fmt: skip
_REFUSED = {
    **dict.fromkeys(
        (*_SWITCHES, "aws-sigv4", "cacert", "cert", "connect-timeout", "connect-to", "key", "limit-rate", "max-time",
         "netrc-file", "pinnedpubkey", "proxy", "resolve", "unix-socket"), _NETWORK,
    ),
    "no-header": "leave out the header",
}  # fmt: skip

_DURATION = re.compile(r"(\d{1,9})\s*(ms|s|m|h)?\Z")
_SECONDS = {None: 0.001, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def check_option(scanner: Scanner, name: str, value: Template, offset: int) -> None:
    """Raise HurlSyntaxError for an option that is not implemented, with the reason, or that is not there.

    What is switched off may be written: `insecure: false` asks for nothing.
    """
    if name in _REFUSED and not (name in _SWITCHES and value.parts == ("false",)):
        todo = _REFUSED[name]
        scanner.fail(f"The option {name} is not implemented.", todo=f"{todo[0].upper()}{todo[1:]}.", offset=offset)
    if name not in OPTIONS and name not in _REFUSED:
        scanner.offset = offset
        scanner.fail_at_word("{} is not an option.", OPTIONS)
    if all(isinstance(part, str) for part in value.parts):
        try:
            option_value(name, "".join(map(str, value.parts)))
        except HurlRunError as error:
            scanner.fail(error.what, offset=offset)


def option_value(name: str, text: str) -> Any:
    """An option's value: a bool, an int, seconds, a text, or a pair of name and value. Raises HurlRunError.

    >>> option_value("retry-interval", "300ms"), option_value("location", "true")
    (0.3, True)
    """
    match OPTIONS.get(name, "boolean"):
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
        case "text":
            return text
        case "verbosity":
            if text in ("brief", "verbose", "debug"):
                return text
            expected = "brief, verbose or debug"
        case _:
            variable, equals, value = text.partition("=")
            if variable.strip() in FUNCTIONS:
                raise HurlRunError(f"{variable.strip()} is a function, and cannot be a variable.")
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


def variables_of(lines: Iterable[str]) -> dict[str, Any]:
    """The variables that lines set, NAME=VALUE each; empty lines and comments are passed over. Raises UnknownName.

    >>> variables_of(["# the shop", "size=7", "host=tools.test"])
    {'size': 7, 'host': 'tools.test'}
    """
    found = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not equals or not name.strip():
            raise UnknownName(f"{line!r} sets no variable.", todo="Write NAME=VALUE.")
        found[name.strip()] = variable_value(value)
    return found
