"""What one HTTP request and its response look like to the code that answers.

Owns: the two structs that travel between the server, the router and the resources. Does not own: how they are read from
or written to a connection (conversation), nor what a body means (wire).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec

PHRASES: Final[Mapping[int, str]] = MappingProxyType(
    {status.value: status.phrase for status in HTTPStatus} | {413: "Content Too Large", 422: "Unprocessable Content"}
)
"""What RFC 9110 §15 calls each status. Python before 3.13 has older names for two."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request that has been read whole, checked against RFC 9112, and decoded as far as HTTP goes."""

    method: str
    path: str
    """Percent-decoded, without the query; valid Unicode, free of control characters; always begins with a slash,
    or is ``*`` (OPTIONS only)."""
    query: dict[str, str] = {}
    """Decoded as HTML forms are: ``+`` is a blank, a plus sign is ``%2B``. No name occurs twice."""
    headers: dict[str, str] = {}
    """Names in lower case. Repeated fields are joined by ``", "``; those that may stand only once do."""
    body: bytes = b""
    peer: str = ""
    """The address that connected, without its port."""
    params: dict[str, str] = {}
    """What the placeholders of the route's template matched."""


class Response(msgspec.Struct):
    """An answer. The server adds Date, Content-Length and, where it must, Connection."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    stream: AsyncIterator[bytes] | None = None
    """Given instead of ``body``: sent piece by piece, chunked, as long as it lasts."""


Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
"""Answers a request; raises ``Problem`` for an error that is the client's to mend."""

Admit: TypeAlias = Callable[[Request], None]
"""Raises ``Problem`` for whoever may not send a large body. Of the request there is the head alone."""


def anybody(request: Request) -> None:
    """Lets everybody send one."""
