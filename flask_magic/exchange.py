"""One request and what came back."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import flask
from flask.testing import EnvironBuilder, FlaskClient
from werkzeug.exceptions import InternalServerError
from werkzeug.test import Client, TestResponse
from werkzeug.test import EnvironBuilder as PlainBuilder

from .clients import DEFAULT
from .frames import definition, render, user_frames
from .ledger.private import error_handler_for
from .logs import LogLine, collect_logs
from .masking import mask_text
from .overriding import overriding
from .redirects import following
from .request_cookies import sending_cookies
from .request_line import Request

if TYPE_CHECKING:
    from .process import Process
    from .trace import Trace, Tracer

__all__ = ["Exchange", "Exchanges", "send", "send_to"]


@dataclass
class Exchange:
    """A request, its response, and what happened in between.

    Attributes of Werkzeug's test response (`status_code`, `text`, `json`, `headers`, `history` …) are the
    exchange's own. `sent` is the request as it was asked for; `response` is None where the app's settings let an
    exception through to the client. `error` is the exception that no handler took. `chunks` are the pieces of a
    streamed body (None: not streamed); `seconds` the time it took.
    """

    sent: Request
    response: TestResponse | None = None
    error: BaseException | None = None
    error_lines: list[str] = field(default_factory=list)
    #: What to do about a response that Flask made itself, such as a 404; what to do about `error` is in its lines.
    advice: list[str] = field(default_factory=list)
    logs: list[LogLine] = field(default_factory=list)
    chunks: list[bytes] | None = None
    seconds: float = 0.0
    #: The life of the request, where it was asked for.
    trace: Trace | None = field(default=None, repr=False)
    client: str = DEFAULT
    #: The process that it was sent to over a socket, where it was not the live app.
    process: Process | None = field(default=None, repr=False)
    #: Called instead of showing the exchange, when it is the value of a cell that has shown it already.
    on_display: Callable[[Exchange], None] | None = field(default=None, repr=False)

    def _ipython_display_(self) -> None:
        if self.on_display is not None:
            self.on_display(self)
        else:
            from .display import ExchangeDisplay, show

            show(ExchangeDisplay(self))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.response is None:
            raise AttributeError(f"there is no response, so no {name!r}: {type(self.error).__name__} was raised")
        return getattr(self.response, name)

    def __repr__(self) -> str:
        outcome = self.response.status if self.response is not None else type(self.error).__name__
        return f"<Exchange {self.sent.method} {mask_text(self.sent.target)} → {outcome}>"


class Exchanges(tuple[Exchange, ...]):
    """What several clients got for one request. As the value of a cell it is shown as its exchanges are."""

    __slots__ = ()

    def _ipython_display_(self) -> None:
        for exchange in self:
            exchange._ipython_display_()


def send(
    app: flask.Flask,
    client: FlaskClient,
    request: Request,
    *,
    follow: bool = False,
    name: str = DEFAULT,
    tracer: Tracer | None = None,
) -> Exchange:
    """Send a request through a test client and collect what happened. The app's own settings decide the response.

    With a `tracer` the exchange has a trace.

    >>> app = flask.Flask("demo")
    >>> send(app, app.test_client(), Request(path="/nowhere")).status_code
    404
    """
    from .advice.refusals import noticing_refusals

    exchange = Exchange(request, client=name)
    with (
        tracer.trace(app) if tracer is not None else nullcontext() as exchange.trace,
        collect_logs(tracer.tell_log if tracer is not None else None) as (exchange.logs, errors_stream),
        _noticing_errors(app, exchange),
        noticing_refusals(app) as refusals,
    ):
        builder = _filled(partial(EnvironBuilder, app), request, errors_stream=errors_stream)
        try:
            _perform(exchange, client, builder, follow)
        except Exception as error:
            if error is not exchange.error:  # else it was noticed inside its request, where more is known
                exchange.error, exchange.error_lines = error, render(error, app)
    if exchange.response is not None:
        exchange.advice = refusals.advice(exchange.response)
    return exchange


def send_to(
    process: Process, client: Client, request: Request, *, follow: bool = False, name: str = DEFAULT
) -> Exchange:
    """Send a request to a process over a real socket; `client` is the process's own, see `socket_client`.

    Raises ProcessFailed where nothing comes back.
    """
    exchange = Exchange(request, client=name, process=process)
    options = {} if request.host else {"base_url": "https://localhost/" if process.command.tls else "http://localhost/"}
    _perform(exchange, client, _filled(PlainBuilder, request, **options), follow)
    return exchange


def _perform(exchange: Exchange, client: Client, builder: PlainBuilder, follow: bool) -> None:
    started = time.perf_counter()
    try:
        cookies = [value for name, value in exchange.sent.headers if name.lower() == "cookie" and value]
        with (
            sending_cookies(client, cookies, builder.host) if cookies else nullcontext(),
            following(client) if follow else nullcontext(),
        ):
            response = client.open(builder, follow_redirects=follow)
        exchange.response = response
        chunks: list[bytes] = []
        try:
            # A stream that breaks off has sent its status and what came before.
            chunks.extend(response.iter_encoded())
        finally:
            response.response = chunks
            if response.content_length is None and len(chunks) > 1:
                exchange.chunks = chunks
            response.close()
    finally:
        exchange.seconds = time.perf_counter() - started
        builder.close()


def _filled(make: Callable[..., PlainBuilder], request: Request, **options: Any) -> PlainBuilder:
    data: dict[str, Any] = {}
    for name, value in request.form:
        data.setdefault(name, []).append(value)
    for file in request.files:
        import io

        data.setdefault(file.field, []).append((io.BytesIO(file.content), file.filename, file.content_type))
    if request.json is not None:
        options["json"] = request.json
    elif request.data is not None:
        options["data"] = request.data
    elif data:
        options["data"] = data
    if request.host is not None:
        options["base_url"] = f"{request.scheme}://{request.host}/"
    path = request.path
    if request.query:
        from urllib.parse import urlencode

        path += ("&" if "?" in path else "?") + urlencode(request.query)
    builder = make(path, method=request.method, **options)
    for header, text in request.headers:
        if text is None:
            builder.headers.remove(header)
        elif header.lower() in ("content-type", "host"):
            builder.headers[header] = text
        else:
            builder.headers.add(header, text)
    return builder


def _noticing_errors(app: flask.Flask, exchange: Exchange) -> AbstractContextManager[None]:
    """Keep the exception that no handler took: Flask calls this method before it seeks the handler of 500."""

    def notice(*arguments: Any) -> None:
        exception = arguments[-1]
        server_error = InternalServerError(original_exception=exception)
        blueprints = flask.request.blueprints if flask.has_request_context() else []
        if error_handler_for(app, server_error, blueprints) is None:
            exchange.error = exception
            exchange.error_lines = [*_uncallable_view(app, exception), *render(exception, app)]

    return overriding(app, "handle_exception", notice)


def _uncallable_view(app: flask.Flask, error: BaseException) -> list[str]:
    """Where the view is defined, if Flask could not even call it: then no line of the user's is in the traceback."""
    if user_frames(error) or not isinstance(error, TypeError) or not flask.request.url_rule:
        return []
    view = inspect.unwrap(app.view_functions[flask.request.url_rule.endpoint])
    frame = definition(view)
    return [] if frame is None else [f"{frame.place}, line {frame.line}", f"    {frame.code}"]
