"""What a line's `--expect` makes of a response."""

from __future__ import annotations

from .exchange import Exchange

__all__ = ["leaves_with_error", "status_fits"]


def status_fits(status: int, expected: str) -> bool:
    """Is a status the expected one? `404`, `4xx`, and several with commas.

    >>> status_fits(404, "4xx"), status_fits(201, "200,201")
    (True, True)
    """
    return any(
        len(one) == 3 and all(e in ("x", "X") or e == s for e, s in zip(one, str(status), strict=True))
        for one in (part.strip() for part in expected.split(","))
    )


def leaves_with_error(exchange: Exchange, expected: str | None) -> bool:
    """Is the exception that no handler took raised in the cell? Not where the response that it became was expected."""
    response = exchange.response
    met = response is not None and bool(expected) and status_fits(response.status_code, expected or "")
    return exchange.error is not None and not met
