"""Sending what an `%http` line asks for, and showing what comes back."""

from __future__ import annotations

from typing import Any

from ..clients import DEFAULT
from ..display import ExchangeDisplay, show
from ..errors import MagicLineError
from ..exchange import Exchange
from ..frames import show_user_frames
from ..request_line import read_request
from ..workbench import Workbench

__all__ = ["send_and_show"]


def send_and_show(workbench: Workbench, arguments: Any, app: str | None) -> Exchange:
    """Send the request of parsed arguments, show the exchange unless quiet, and raise what it has to raise."""
    request = read_request(arguments.words, form=arguments.form)
    client, follow = arguments.client or DEFAULT, arguments.follow
    if arguments.to is None:
        exchange = workbench.send(request, app=app, client=client, follow=follow)
    elif app is not None:
        raise MagicLineError("A request goes to an app (--app) or to a process (--to), not to both.")
    else:
        exchange = workbench.send_to(arguments.to, request, client=client, follow=follow)
    expected = arguments.expect
    raises = exchange.error is not None and not (exchange.response is not None and expected and "5" in expected)
    if not arguments.quiet:
        show(ExchangeDisplay(exchange, arguments.part, arguments.time, arguments.reveal, raises))
    try:
        workbench.settle(exchange, expected)
    except Exception as error:
        if error is exchange.error:
            show_user_frames(error, exchange.error_lines)
        raise
    return exchange
