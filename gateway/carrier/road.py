"""What a link asks of the floor above it.

Owns: the contract. All but ``serve`` are called from the link's reader and must not wait: the reader never does.
"""

from typing import TYPE_CHECKING, Protocol

from gateway.smpp.events import Closed, ResponseReceived, ResponseTimedOut
from gateway.smpp.pdu import Request

if TYPE_CHECKING:
    from gateway.carrier.link import Link


class Road(Protocol):
    """Where a link's traffic comes from and goes to."""

    async def serve(self, link: "Link") -> None:
        """Feed the link and take in its requests, for as long as it is bound."""
        ...

    def answered(self, link: "Link", responses: list[ResponseReceived]) -> None:
        """Responses came, in one read."""
        ...

    def overdue(self, link: "Link", timeouts: list[ResponseTimedOut]) -> None:
        """No response came in time."""
        ...

    def asked(self, link: "Link", requests: list[Request]) -> None:
        """deliver_sm and other requests came, in one read; each is to be answered by ``link.respond``."""
        ...

    def ended(self, link: "Link", closed: Closed) -> None:
        """The link is gone; what was unanswered is named."""
        ...
