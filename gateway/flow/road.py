"""Both directions of a link's traffic, as the carrier floor wants them.

Owns: which road a thing takes. Does not own: either road.
"""

import trio

from gateway.carrier.link import Link
from gateway.flow.dispatch import Dispatch
from gateway.flow.inbound import InboundRoad
from gateway.flow.queries import Queries
from gateway.smpp.events import Closed, ResponseReceived, ResponseTimedOut
from gateway.smpp.pdu import Request


class CarrierRoad:
    """See carrier.road.Road."""

    def __init__(self, dispatch: Dispatch, inbound: InboundRoad, queries: Queries) -> None:
        self._dispatch = dispatch
        self._inbound = inbound
        self._queries = queries

    async def serve(self, link: Link) -> None:
        async with trio.open_nursery() as nursery:
            if link.transmits:
                nursery.start_soon(self._dispatch.serve, link)
            nursery.start_soon(self._inbound.serve, link)

    def answered(self, link: Link, responses: list[ResponseReceived]) -> None:
        if responses := self._queries.take_answers(link, responses):
            self._dispatch.answered(link, responses)

    def overdue(self, link: Link, timeouts: list[ResponseTimedOut]) -> None:
        if timeouts := self._queries.take_timeouts(timeouts):
            self._dispatch.overdue(link, timeouts)

    def asked(self, link: Link, requests: list[Request]) -> None:
        self._inbound.asked(link, requests)

    def ended(self, link: Link, closed: Closed) -> None:
        self._inbound.ended(link)
        self._dispatch.ended(link, closed)
