"""The requests that were sent, and what came back of each."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from werkzeug.http import parse_options_header

from .errors import UnknownName
from .exchange import Exchange
from .request_line import Request

__all__ = ["Answer", "Entry", "History"]

#: Bytes of a body that are kept.
KEPT = 100_000


@dataclass(frozen=True)
class Answer:
    """A response, reduced to what a later one can be compared with.

    `status` is empty where an exception reached the client instead; `error` is the exception that no handler took.
    `hops` are the redirects that were followed. Of a long body the first 100,000 bytes are kept, and the
    `size` and `digest` of the whole. `port` is that of the process it came from.
    """

    status: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    body: bytes = b""
    size: int = 0
    digest: str = ""
    hops: tuple[str, ...] = ()
    error: str = ""
    port: int | None = None

    @classmethod
    def of(cls, exchange: Exchange) -> Answer:
        """What came back in an exchange."""
        error = "" if exchange.error is None else f"{type(exchange.error).__name__}: {exchange.error}".rstrip(": ")
        response = exchange.response
        if response is None:
            return cls(error=error)
        body = response.get_data()
        return cls(
            status=response.status,
            headers=tuple(response.headers.items()),
            content_type=response.content_type or "",
            body=body[:KEPT],
            size=len(body),
            digest=hashlib.sha256(body).hexdigest() if len(body) > KEPT else "",
            hops=tuple(f"{step.status} {step.headers.get('Location', '')}" for step in response.history),
            error=error,
            port=exchange.process.port if exchange.process is not None else None,
        )

    @property
    def media_type(self) -> str:
        """The media type without its parameters, such as `text/html`."""
        return parse_options_header(self.content_type)[0].lower()

    @property
    def charset(self) -> str:
        """The encoding of a text, as the media type's parameter says."""
        return parse_options_header(self.content_type)[1].get("charset", "utf-8")

    def same_body(self, other: Answer) -> bool:
        """Have the two the same bytes?"""
        return (self.size, self.body, self.digest) == (other.size, other.body, other.digest)

    @property
    def is_whole(self) -> bool:
        """Is the whole body kept?"""
        return self.size == len(self.body)


@dataclass(frozen=True)
class Entry:
    """A request that was sent: its number, who sent it, to the app of which variable or to which process.

    `cell` is the first line of the cell that sent it, where that cell has no `%http` line of its own. The request
    is kept whole, with the files it uploads, since it may be sent again.
    """

    number: int
    request: Request
    answer: Answer
    client: str
    app: str | None = None
    process: str | None = None
    follow: bool = False
    cell: str = ""


class History:
    """The last requests, numbered from 1 in the order in which they were sent.

    What `%http` and `--try` send is in it, to apps and to processes. A replay is not: it is compared with what came
    back when the cell was run, and a second replay has to find that again.

    A number is never given twice, so a cell that is run again adds a request. A page that shows numbers shows the
    same on its second run if a cell says `%flask_history --reset` first; a single cell that shows them is one that
    `changes-state`.

    >>> history = History(limit=2)
    >>> for path in ("/a", "/b", "/c"):
    ...     _ = history.add(Exchange(Request(path=path)))
    >>> [(entry.number, entry.request.path) for entry in history]
    [(2, '/b'), (3, '/c')]
    """

    def __init__(self, limit: int = 100) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._sent = 0

    def add(self, exchange: Exchange, *, app: str | None = None, follow: bool = False, cell: str = "") -> Entry:
        """Note an exchange; the oldest is forgotten where there are too many."""
        self._sent += 1
        process = exchange.process.name if exchange.process is not None else None
        entry = Entry(
            self._sent, exchange.sent, Answer.of(exchange), exchange.client, app, process, follow=follow, cell=cell
        )
        self._entries.append(entry)
        return entry

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def keep(self, limit: int) -> None:
        """Keep so many from now on."""
        self._entries = deque(self._entries, maxlen=limit)

    def reset(self) -> None:
        """Forget all; the next one is number 1 again."""
        self._entries.clear()
        self._sent = 0

    def chosen(self, numbers: Iterable[int] = ()) -> list[Entry]:
        """The requests of these numbers, or all, in the order in which they were sent.

        Raises UnknownName for a number that is not there, or where nothing is.
        """
        if not self._entries:
            raise UnknownName("No request was sent yet.", todo="Send one, such as: %http /")
        by_number = {entry.number: entry for entry in self._entries}
        wanted = set()
        for number in numbers:
            if number not in by_number:
                raise self._unknown(number)
            wanted.add(number)
        return [by_number[number] for number in sorted(wanted)] or list(self._entries)

    def _unknown(self, number: int) -> UnknownName:
        first, last = self._entries[0].number, self._entries[-1].number
        return UnknownName(
            f"There is no request {number} in the history.",
            why=f"It has {first} to {last}." if first != last else f"It has {first} only.",
            todo=f"It keeps the last {self._entries.maxlen}: %config FlaskMagic.history = 500" if first > 1 else "",
        )
