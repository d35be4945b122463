"""Sending what an `%http` line asks for, and showing what comes back."""

from __future__ import annotations

from typing import Any

from ..clients import DEFAULT
from ..curl import curl_command
from ..display import CurlDisplay, ExchangeDisplay, SideBySide, TraceDisplay, show
from ..errors import MagicLineError
from ..exchange import Exchange, Exchanges
from ..expecting import leaves_with_error
from ..frames import show_user_frames
from ..request_line import Request, read_request
from ..workbench import Workbench

__all__ = ["send_and_show"]


def send_and_show(
    workbench: Workbench, arguments: Any, app: str | None, request: Request | None = None
) -> Exchange | Exchanges:
    """Send the request of parsed arguments, show the exchange unless quiet, and raise what it has to raise.

    Several clients are several exchanges, shown beside each other. `request` stands for one that is not typed.
    """
    request = request or read_request(arguments.words, form=arguments.form)
    names = arguments.client if isinstance(arguments.client, list) else [arguments.client or DEFAULT]
    exchanges = [_send(workbench, arguments, request, name, app) for name in names]
    expected, reveal = arguments.expect, bool(arguments.reveal)
    if not arguments.quiet:
        displays = [
            ExchangeDisplay(one, arguments.part, arguments.time, reveal, leaves_with_error(one, expected))
            for one in exchanges
        ]
        show(displays[0] if len(displays) == 1 else SideBySide(displays))
        if arguments.curl:
            curls = [curl_command(one, follow=bool(arguments.follow), reveal=reveal) for one in exchanges]
            for command in dict.fromkeys(curls):  # what is masked makes no difference
                show(CurlDisplay(command))
    for one in exchanges:
        if one.trace is not None:
            show(TraceDisplay(one.trace, bool(arguments.time), reveal))
    for one in exchanges:
        try:
            workbench.settle(one, expected)
        except Exception as error:
            if error is one.error:
                show_user_frames(error, one.error_lines, reveal=reveal)
            raise
    return exchanges[0] if len(exchanges) == 1 else Exchanges(exchanges)


def _send(workbench: Workbench, arguments: Any, request: Request, client: str, app: str | None) -> Exchange:
    follow = bool(arguments.follow)
    if arguments.to is None:
        return workbench.send(
            request, app=app, client=client, follow=follow, trace=bool(arguments.trace), expected=arguments.expect
        )
    if app is not None:
        raise MagicLineError("A request goes to an app (--app) or to a process (--to), not to both.")
    if arguments.trace:
        raise MagicLineError(
            "A request to a process cannot be traced.",
            why="What happens there happens in another Python.",
            todo="Send it to the live app: leave out --to.",
        )
    return workbench.send_to(arguments.to, request, client=client, follow=follow)
