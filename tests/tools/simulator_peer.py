"""An ESME to hold against the simulator: `gateway.smpp` in the other role, driven by hand, one read at a time."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import trio
from trio.testing import memory_stream_pair

from gateway.smpp import const
from gateway.smpp.connection import Connection
from gateway.smpp.events import (
    BindRefused,
    Bound,
    Closed,
    Event,
    NeedData,
    RequestReceived,
    ResponseReceived,
)
from gateway.smpp.pdu import (
    BindTransceiver,
    DataSm,
    DeliverSm,
    Request,
    Response,
    SubmitSm,
    SubmitSmResp,
    response_to,
)
from gateway.smpp.session import Role
from gateway.smpp.timers import NEVER, Limits
from tools.simulator.journal import Entry, Journal
from tools.simulator.scenario import Scenario, changed, load
from tools.simulator.smsc import Smsc

DEADLINE = 30.0
"""Seconds on the test's clock; most tests run on one that jumps."""


def text(words: str, to: str = "15551230001", **fields: Any) -> SubmitSm:
    """A text from 40404 with a final receipt asked for."""
    usual: dict[str, Any] = {
        "source_addr_ton": 3,
        "source_addr": "40404",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": to,
        "registered_delivery": 1,
        "short_message": words.encode("ascii"),
    }
    return SubmitSm(**usual | fields)


class Esme:
    """One link. Everything that comes in is kept; deliveries are answered by `reply`."""

    def __init__(self, stream: trio.abc.Stream, *, window: int = 10_000) -> None:
        self.stream = stream
        limits = Limits(window=window, enquire_idle=NEVER, response_timeout=1_000.0)
        self.connection = Connection(Role.ESME, limits)
        self.events: list[Event] = []
        self.delivered: list[DeliverSm | DataSm] = []
        self.responses: dict[int, Response] = {}
        self.order: list[Request | Response] = []
        """What came in, deliveries and responses, in its order."""
        self.closed: Closed | None = None
        self.reads: list[bytes] = []
        self.reply: Callable[[Request], int | None] = lambda _: const.ESME_ROK
        """The status to answer a delivery with; None for no answer."""

    async def flush(self) -> None:
        octets = self.connection.data_to_send()
        if octets:
            await self.stream.send_all(octets)

    def ask(self, pdu: Request) -> int:
        """Put a request on the next flush; its sequence number."""
        return self.connection.request(pdu, trio.current_time())

    async def pump(self) -> None:
        """Read once and take what it brings."""
        await self.flush()
        try:
            octets = bytes(await self.stream.receive_some(65_536))
        except trio.BrokenResourceError:
            octets = b""
        self.reads.append(octets)
        self.connection.receive_data(octets, trio.current_time())
        while not isinstance(event := self.connection.next_event(), NeedData):
            self.events.append(event)
            self._take(event)
        if self.closed is None:
            await self.flush()

    def _take(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            request = event.request
            if isinstance(request, DeliverSm | DataSm):
                self.delivered.append(request)
                self.order.append(request)
                status = self.reply(request)
                if status is not None:
                    self.connection.respond(request, response_to(request, status))
        elif isinstance(event, ResponseReceived):
            self.responses[event.response.sequence_number] = event.response
            self.order.append(event.response)
        elif isinstance(event, Closed):
            self.closed = event

    async def until(self, condition: Callable[[], object]) -> None:
        """Read until `condition` holds or the link is closed."""
        with trio.fail_after(DEADLINE):
            while not condition() and self.closed is None:
                await self.pump()
        assert condition(), f"the link was closed first: {self.closed}"

    async def quiet(self, seconds: float) -> None:
        """Read for so long."""
        with trio.move_on_after(seconds):
            while self.closed is None:
                await self.pump()

    async def bind(self, bind: Request | None = None) -> Response:
        """Bind, as a transceiver unless told otherwise, and return the answer."""
        self.ask(bind if bind is not None else BindTransceiver(system_id="esme", password="secret"))
        await self.until(lambda: any(isinstance(event, Bound | BindRefused) for event in self.events))
        event = next(event for event in reversed(self.events) if isinstance(event, Bound | BindRefused))
        return event.response

    async def submit(self, pdu: SubmitSm) -> Response:
        """Submit one text and return its answer."""
        sequence = self.ask(pdu)
        await self.until(lambda: sequence in self.responses)
        return self.responses[sequence]

    async def submit_all(self, pdus: list[SubmitSm]) -> list[Response]:
        """Submit texts in one write; their answers, in the order of the texts."""
        sequences = [self.ask(pdu) for pdu in pdus]
        await self.until(lambda: all(sequence in self.responses for sequence in sequences))
        return [self.responses[sequence] for sequence in sequences]

    async def end(self) -> Closed:
        """Read until the link is closed."""
        await self.until(lambda: self.closed is not None)
        assert self.closed is not None
        return self.closed

    @property
    def statuses(self) -> list[int]:
        """The statuses of the answers to texts, in the order in which they came."""
        return [pdu.command_status for pdu in self.order if isinstance(pdu, Response)]

    @property
    def message_ids(self) -> list[str]:
        """The ids of the texts that were taken, in the order in which their answers came."""
        return [
            pdu.message_id or ""
            for pdu in self.order
            if isinstance(pdu, SubmitSmResp) and pdu.command_status == const.ESME_ROK
        ]


class Carrier:
    """A running SMSC in this very process, at the other end of memory streams."""

    def __init__(self, smsc: Smsc, nursery: trio.Nursery) -> None:
        self.smsc = smsc
        self._nursery = nursery

    def connect(self, **options: Any) -> Esme:
        ours, theirs = memory_stream_pair()
        self._nursery.start_soon(self.smsc.serve, theirs, "memory")
        return Esme(ours, **options)

    def called(self, **options: Any) -> Esme:
        """The end of a connection that the SMSC has made."""
        ours, theirs = memory_stream_pair()
        self._nursery.start_soon(self.smsc.call, theirs, "memory")
        return Esme(ours, **options)

    async def bound(self, bind: Request | None = None) -> Esme:
        esme = self.connect()
        assert (await esme.bind(bind)).command_status == const.ESME_ROK
        return esme

    def seen(self, *events: type[Entry]) -> list[Any]:
        """The journal's records of these kinds."""
        return [entry for entry in self.smsc.journal.after(0) if isinstance(entry, events)]


@asynccontextmanager
async def carrier(scenario: Scenario | str = "well_behaved", **options: Any) -> AsyncIterator[Carrier]:
    """An SMSC that plays this scenario. `set` changes some of its keys; other options are those of Smsc."""
    changes = options.pop("set", {})
    played = changed(load(scenario) if isinstance(scenario, str) else scenario, changes)
    smsc = Smsc(played, Journal(), first_number=options.pop("first_number", 0x0ABCDEF0), **options)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(smsc.run)
        yield Carrier(smsc, nursery)
        nursery.cancel_scope.cancel()
