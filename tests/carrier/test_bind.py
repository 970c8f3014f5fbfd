"""A bind, kept up over real sockets against carriers that refuse, vanish, speak something else, or unbind."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import trio

from gateway.carrier.bind import Bind, BindKind, BindState, BindStatus, credentials_pause
from gateway.carrier.link import Link
from gateway.carrier.pool import Pool
from gateway.config import CarrierConfig, Credentials, OutbindConfig, load
from gateway.config.faults import Fault
from gateway.config.tls import read_tls
from gateway.smpp import const
from gateway.smpp.codec import decode, encode
from gateway.smpp.connection import Connection
from gateway.smpp.events import Closed, NeedData, RequestReceived, ResponseReceived, ResponseTimedOut
from gateway.smpp.pdu import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSm,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Request,
    Unbind,
    response_to,
)
from gateway.smpp.session import Role
from gateway.smpp.timers import Limits

CONF = Path(__file__).parent.parent.parent / "conf"
LIMIT = 20


class Carrier:
    """What one end of the socket does, connection by connection."""

    def __init__(self) -> None:
        self.binds: list[Request] = []
        self.connections = 0
        self.status = const.ESME_ROK
        self.first_words: bytes | None = None
        self.drop_after_bind = False
        self.unbind_after_bind = False
        self.deliver_with_bind = False
        self.silent_after_bind = False

    async def serve(self, stream: trio.abc.Stream) -> None:
        self.connections += 1
        if self.first_words is not None:
            await stream.receive_some(100)
            await stream.send_all(self.first_words)
            return
        connection = Connection(Role.SMSC, Limits())
        while True:
            try:
                octets = await stream.receive_some(4096)
            except (trio.BrokenResourceError, ssl.SSLError):
                return
            connection.receive_data(bytes(octets), trio.current_time())
            if not octets:
                return
            bound = False
            while not isinstance(event := connection.next_event(), NeedData):
                if isinstance(event, RequestReceived):
                    bound = self._answer(event.request, connection) or bound
            try:
                await stream.send_all(connection.data_to_send())
                if bound and self.drop_after_bind:
                    return
                if bound and self.silent_after_bind:
                    await trio.sleep_forever()
            except trio.BrokenResourceError:
                return

    def _answer(self, request: Request, connection: Connection) -> bool:
        if not isinstance(request, BindTransceiver | BindTransmitter | BindReceiver):
            return False
        self.binds.append(request)
        connection.respond(request, response_to(request, self.status))
        if self.status != const.ESME_ROK:
            return False
        if self.deliver_with_bind:
            deliver = DeliverSm(source_addr="12025550123", destination_addr="40404", short_message=b"STOP")
            connection.request(deliver, trio.current_time())
        if self.unbind_after_bind:
            connection.request(Unbind(), trio.current_time())
        return True


class Road:
    """Notes what it is handed."""

    def __init__(self) -> None:
        self.served: list[Link] = []
        self.requests: list[Request] = []
        self.closed: list[Closed] = []

    async def serve(self, link: Link) -> None:
        self.served.append(link)
        await trio.sleep_forever()

    def answered(self, link: Link, responses: list[ResponseReceived]) -> None: ...

    def overdue(self, link: Link, timeouts: list[ResponseTimedOut]) -> None: ...

    def asked(self, link: Link, requests: list[Request]) -> None:
        self.requests += requests

    def ended(self, link: Link, closed: Closed) -> None:
        self.closed.append(closed)


class Stage:
    """A carrier that listens, and a bind to it with the history of its states."""

    def __init__(self, carrier: Carrier, bind: Bind, road: Road, states: list[tuple[BindState, str]]) -> None:
        self.carrier = carrier
        self.bind = bind
        self.road = road
        self.states = states

    async def until(self, state: BindState, times: int = 1) -> str:
        """Wait until the bind was in a state so many times; the detail it gave then."""
        with trio.fail_after(LIMIT):
            while True:
                found = [detail for seen, detail in self.states if seen is state]
                if len(found) >= times:
                    return found[times - 1]
                await trio.sleep(0.005)


def config(port: int, **changes: object) -> CarrierConfig:
    values: dict[str, object] = {"reconnect_seconds": 0.05, "rebind_seconds": 0.05, "bind_seconds": 2.0}
    return msgspec.structs.replace(load(CONF).carriers[0], port=port, **(values | changes))


@asynccontextmanager
async def stage(
    carrier: Carrier, kind: BindKind = BindKind.TRX, secured_by: ssl.SSLContext | None = None, **changes: object
) -> AsyncIterator[Stage]:
    async with trio.open_nursery() as nursery:
        handler: Callable[[trio.SocketStream], Awaitable[object]] = carrier.serve
        if secured_by is not None:
            context = secured_by

            async def secured(stream: trio.SocketStream) -> None:
                try:
                    await carrier.serve(trio.SSLStream(stream, context, server_side=True))
                except (trio.BrokenResourceError, ssl.SSLError):
                    return

            handler = secured
        listeners = await nursery.start(trio.serve_tcp, handler, 0)
        port = listeners[0].socket.getsockname()[1]
        made = config(port, **changes)
        road = Road()
        states: list[tuple[BindState, str]] = []

        def note(status: BindStatus) -> None:
            states.append((status.state, status.detail))

        faults: list[Fault] = []
        tls = read_tls(made.tls, Path, "tls", faults) if made.tls.enabled else None
        assert faults == []
        bind = Bind(made, kind, 1, "secret", road, note, tls)
        nursery.start_soon(bind.run)
        yield Stage(carrier, bind, road, states)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("kind", "pdu"),
    [(BindKind.TRX, BindTransceiver), (BindKind.TX, BindTransmitter), (BindKind.RX, BindReceiver)],
)
async def test_each_kind_of_bind(kind: BindKind, pdu: type[Request]) -> None:
    async with stage(Carrier(), kind) as on:
        await on.until(BindState.BOUND)
        (request,) = on.carrier.binds
        assert isinstance(request, pdu)
        assert isinstance(request, BindTransceiver | BindTransmitter | BindReceiver)
        assert (request.system_id, request.password) == ("assent", "secret")
        with trio.fail_after(LIMIT):
            while not on.road.served:
                await trio.sleep(0.005)
        assert on.road.served[0].transmits is (kind is not BindKind.RX)


async def test_a_wrong_password_raises_the_alarm_and_is_not_hammered() -> None:
    carrier = Carrier()
    carrier.status = const.ESME_RINVPASWD
    async with stage(carrier) as on:
        assert await on.until(BindState.REFUSED) == "ESME_RINVPASWD"
        await trio.sleep(0.3)
        assert carrier.connections == 1
        retry_at = on.bind.status.retry_at
        assert retry_at is not None
        assert retry_at - trio.current_time() > 30


@pytest.mark.parametrize(("refusals", "seconds"), [(1, 60.0), (2, 120.0), (4, 480.0), (5, 600.0), (10_000, 600.0)])
def test_a_password_that_stays_wrong_is_tried_ever_more_rarely(refusals: int, seconds: float) -> None:
    assert credentials_pause(refusals) == seconds


async def test_a_session_that_the_carrier_still_holds_is_waited_out() -> None:
    carrier = Carrier()
    carrier.status = const.ESME_RALYBND
    async with stage(carrier) as on:
        assert "ESME_RALYBND" in await on.until(BindState.WAITING, 2)
        carrier.status = const.ESME_ROK
        await on.until(BindState.BOUND)


async def test_a_lost_link_is_made_again() -> None:
    carrier = Carrier()
    carrier.drop_after_bind = True
    async with stage(carrier) as on:
        await on.until(BindState.BOUND, 3)
        assert "peer closed" in await on.until(BindState.WAITING)
        assert len(on.road.closed) >= 2


async def test_a_carrier_that_drops_each_link_is_not_hammered() -> None:
    carrier = Carrier()
    carrier.drop_after_bind = True
    async with stage(carrier, reconnect_seconds=60.0) as on:
        with trio.fail_after(LIMIT):
            pauses: list[float] = []
            while len(pauses) < 2:
                await on.until(BindState.WAITING, len(pauses) + 1)
                while (retry_at := on.bind.status.retry_at) is None:
                    await trio.sleep(0.001)
                pauses.append(retry_at - trio.current_time())
                while on.bind.status.retry_at is not None:
                    await trio.sleep(0.001)
    assert 0 < pauses[0] <= 0.5 < 0.6 < pauses[1] <= 1.0


async def test_an_unbind_of_the_carrier_is_answered_and_followed_by_a_new_bind() -> None:
    carrier = Carrier()
    carrier.unbind_after_bind = True
    async with stage(carrier) as on:
        await on.until(BindState.BOUND, 2)


async def test_nobody_listens() -> None:
    states: list[BindState] = []
    details: list[str] = []

    def note(status: BindStatus) -> None:
        states.append(status.state)
        details.append(status.detail)

    with trio.socket.socket() as taken:
        await taken.bind(("127.0.0.1", 0))
        made = config(taken.getsockname()[1])
        async with trio.open_nursery() as nursery:
            bind = Bind(made, BindKind.TRX, 1, "secret", Road(), note)
            nursery.start_soon(bind.run)
            with trio.fail_after(LIMIT):
                while states.count(BindState.WAITING) < 3:
                    await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
    assert BindState.FAULTED not in states
    assert "cannot connect: Connection refused" in details


@pytest.mark.parametrize("words", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28", b"\x00" * 16])
async def test_a_peer_that_speaks_something_else(words: bytes) -> None:
    carrier = Carrier()
    carrier.first_words = words
    async with stage(carrier) as on:
        await on.until(BindState.WAITING, 2)
        assert all(state is not BindState.FAULTED for state, _ in on.states)
        assert all(state is not BindState.BOUND for state, _ in on.states)


async def test_a_carrier_that_breaks_the_protocol_is_told_so() -> None:
    heard = bytearray()

    class Breaking(Carrier):
        async def serve(self, stream: trio.abc.Stream) -> None:
            self.connections += 1
            request = decode(bytes(await stream.receive_some(4096)))
            assert isinstance(request, BindTransceiver)
            await stream.send_all(encode(response_to(request, const.ESME_ROK)))
            await stream.send_all(encode(EnquireLink(7)) + bytes.fromhex("00000008000000050000000000000001"))
            if self.connections == 1:
                async for octets in stream:
                    heard.extend(octets)

    async with stage(Breaking()) as on:
        await on.until(BindState.BOUND, 2)
    assert heard == encode(EnquireLinkResp(7)) + encode(GenericNack(1, const.ESME_RINVCMDLEN))


async def test_a_text_in_the_same_segment_as_the_bind_response_is_not_lost() -> None:
    carrier = Carrier()
    carrier.deliver_with_bind = True
    async with stage(carrier) as on:
        await on.until(BindState.BOUND)
        with trio.fail_after(LIMIT):
            while not on.road.requests:
                await trio.sleep(0.005)
        (request,) = on.road.requests
        assert isinstance(request, DeliverSm)
        assert request.short_message == b"STOP"


async def test_stop_unbinds_and_ends() -> None:
    async with stage(Carrier()) as on:
        await on.until(BindState.BOUND)
        on.bind.stop()
        await on.until(BindState.STOPPED)
        assert on.road.closed[-1].reason.value == "unbound"


@pytest.mark.parametrize("listens", [True, False], ids=["no answer to unbind", "no answer to the connect"])
async def test_a_carrier_that_is_gone_does_not_hold_up_the_stop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, listens: bool
) -> None:
    async def connect(host: str, port: int) -> trio.SocketStream:
        return await trio.sleep_forever()

    carrier, road = Carrier(), Road()
    carrier.silent_after_bind = True
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, carrier.serve, 0)
        if not listens:
            monkeypatch.setattr(trio, "open_tcp_stream", connect)
        made = config(listeners[0].socket.getsockname()[1], bind_seconds=60.0)
        secrets = Credentials(carriers={made.name: "secret"}, outbinds={}, tls={}, webhooks={})
        pool = Pool([made], secrets, road, lambda status: None)
        with trio.fail_after(LIMIT):
            async with trio.open_nursery() as running:
                running.start_soon(pool.run)
                while pool.observe()[0].state is not (BindState.BOUND if listens else BindState.CONNECTING):
                    await trio.sleep(0.005)
                pool.stop(0.1)
        nursery.cancel_scope.cancel()
    assert len(road.closed) == listens, "what was in flight is told"
    assert [record.getMessage() for record in caplog.records if "cut" in record.getMessage()] == [
        "not unbound in time, and cut: simulator/trx-1"
    ]


def test_the_pool_holds_every_bind_of_the_profile() -> None:
    made = config(1, bind="tx+rx", binds=2, rx_binds=1)
    secrets = Credentials(carriers={made.name: "secret"}, outbinds={made.name: "theirs"}, tls={}, webhooks={})
    pool = Pool([made], secrets, Road(), lambda status: None)
    assert [status.name for status in pool.observe()] == ["simulator/tx-1", "simulator/tx-2", "simulator/rx-1"]
    called = config(1, binds=0, outbind=OutbindConfig(listen="127.0.0.1:0", system_id="SMSC", password_env="X"))
    pool = Pool([called], secrets, Road(), lambda status: None)
    assert [(status.name, status.kind) for status in pool.observe()] == [("simulator/outbind-1", BindKind.TRX)]
