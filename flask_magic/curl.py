"""A request as a `curl` command that makes the app receive the same."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from .exchange import Exchange
from .masking import mask_header, mask_json, mask_text
from .process import HOST
from .request_line import FileItem, Request
from .request_words import mask_named

__all__ = ["curl_command", "curl_options"]

_PORT = 5000  # of `flask run`
_LINE = 88  # characters above which each option has a line of its own
_URL = "/:@!$&'()*+,;=~-._%"  # what stands for itself; brackets and braces would be patterns of curl's
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)


def curl_command(exchange: Exchange, *, follow: bool = False, reveal: bool = False) -> str:
    """The command, ready for a shell, on one line or on several that end in a backslash.

    It asks where `flask run` serves the app, or the process that was asked. The client's cookies are those that it
    sent; secrets, and the port of a process, are masked unless `reveal`. What differs: `User-Agent`, `Accept` and
    `Host` are curl's own, and at a redirect curl keeps a method that `-X` names.

    >>> print(curl_command(Exchange(Request("PUT", "/tools/7", json={"name": "claw hammer"}))))
    curl -X PUT http://127.0.0.1:5000/tools/7 \\
      -H 'Content-Type: application/json' \\
      -d '{"name": "claw hammer"}'
    """
    words = [shlex.join(option) for option in curl_options(exchange, follow=follow, reveal=reveal)]
    line = " ".join(["curl", *words])
    if len(line) <= _LINE and "\n" not in line:
        return line
    address = next(place for place, word in enumerate(words) if "://" in word)
    return " \\\n  ".join([" ".join(["curl", *words[: address + 1]]), *words[address + 1 :]])


def curl_options(exchange: Exchange, *, follow: bool = False, reveal: bool = False) -> list[list[str]]:
    """The command's words after `curl`, an option with its value at a time."""
    request = exchange.sent
    return [
        *([["-L"]] if follow else []),
        *_method(request, follow),
        *_address(exchange, reveal),
        *_headers(request, reveal),
        *_cookies(exchange, follow, reveal),
        *_body(request, reveal),
    ]


def _method(request: Request, follow: bool) -> Iterator[list[str]]:
    has_body = request.json is not None or request.data is not None or bool(request.form or request.files)
    if request.method == "HEAD" and not has_body:
        yield ["-I"]
    elif request.method == "POST" and not has_body and follow:  # with -X it would post again where it is led to
        yield from (["-d", ""], ["-H", "Content-Type:"])
    elif request.method != ("POST" if has_body else "GET"):
        yield ["-X", request.method]


def _address(exchange: Exchange, reveal: bool) -> Iterator[list[str]]:
    request, process = exchange.sent, exchange.process
    tls = process is not None and process.command.tls
    port = str(_PORT) if process is None else str(process.port) if reveal else "{port}"
    path, _, query = request.path.partition("?")
    if request.query:
        query += ("&" if query else "") + urlencode(request.query)
    place = f"{'localhost' if tls else HOST}:{port}"  # a certificate is made out to a name
    target = _quoted(path) + (f"?{_quoted(query, also='?')}" if query else "")
    url = f"{'https' if tls else 'http'}://{request.host or place}{target}"
    yield [url if reveal else mask_text(url)]
    if request.host:
        yield ["--connect-to", f"::{HOST}:{port}"]
    if _DOTS.search(path):
        yield ["--path-as-is"]
    if process is not None and process.command.cafile is not None:
        yield ["--cacert", str(process.command.cafile)]


def _quoted(text: str, also: str = "") -> str:
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text), safe=_URL + also)


def _headers(request: Request, reveal: bool) -> Iterator[list[str]]:
    said = {name.lower() for name, _ in request.headers}
    if request.json is not None and "content-type" not in said:
        yield ["-H", "Content-Type: application/json"]
    for name, text in request.headers:
        if name.lower() == "cookie" or (name.lower() == "host" and not text):
            continue  # a client's cookies are its jar's; a request without Host is none
        if text:
            yield ["-H", f"{name}: {text if reveal else mask_header(name, text)}"]
        else:
            yield ["-H", f"{name};" if text == "" else f"{name}:"]


def _cookies(exchange: Exchange, follow: bool, reveal: bool) -> Iterator[list[str]]:
    response = exchange.response
    if response is not None:
        first = response.history[0] if response.history else response
        sent = first.request.environ.get("HTTP_COOKIE", "")
        if sent:
            yield ["-b", sent if reveal else mask_header("Cookie", sent)]
    if follow:
        yield ["-b", ""]  # have it keep the cookies that it is given on the way


def _body(request: Request, reveal: bool) -> Iterator[list[str]]:
    if request.json is not None:
        yield ["-d", json.dumps(request.json if reveal else mask_json(request.json), ensure_ascii=False)]
        return
    if request.data is not None:
        text = request.data.decode(errors="replace")
        yield ["--data-raw", text if reveal else mask_text(text)]
        if not any(name.lower() == "content-type" for name, _ in request.headers):
            yield ["-H", "Content-Type:"]
        return
    for name, value in request.form:
        shown = mask_named(name, value, reveal)
        if request.files:
            yield ["--form-string", f"{name}={shown}"]
        else:
            # Only the value is encoded by curl.
            yield ["--data-urlencode", f"{quote(name, safe='')}={shown}"]
    for file in request.files:
        yield ["-F", f"{file.field}=@{_path(file)};type={file.content_type}"]


def _path(file: FileItem) -> str:
    path = file.path or file.filename
    if not re.search(r'[,;"\\]', path):
        return path
    escaped = re.sub(r'(["\\])', r"\\\1", path)
    return f'"{escaped}"'
