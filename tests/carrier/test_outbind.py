"""The carrier calls us: the one who may, and everybody else who finds the port."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
import trio

from gateway.carrier.bind import BindKind, BindState, BindStatus
from gateway.carrier.outbind import CalledBind
from gateway.config import OutbindConfig
from gateway.smpp.codec import encode
from gateway.smpp.connection import Connection
from gateway.smpp.events import NeedData, RequestReceived
from gateway.smpp.pdu import (
    BindReceiver,
    BindTransceiver,
    DeliverSm,
    EnquireLink,
    Outbind,
    Request,
    Unbind,
    response_to,
)
from gateway.smpp.session import Role
from gateway.smpp.timers import Limits
from tests.carrier.test_bind import LIMIT, Road, config
from tools.simulator import smsc as simulator
from tools.simulator.caller import keep_calling
from tools.simulator.journal import Bound, Journal
from tools.simulator.scenario import changed, load

OUTBIND = OutbindConfig(listen="127.0.0.1:0", system_id="SMSC", password_env="THEIRS")
RIGHT = Outbind(system_id="SMSC", password="theirs")


class Calls:
    """A bind that is called, with the history of its states."""

    def __init__(self, bind: CalledBind, road: Road, states: list[BindState]) -> None:
        self.bind = bind
        self.road = road
        self.states = states
        self.streams: list[trio.SocketStream] = []

    async def until(self, state: BindState, times: int = 1) -> None:
        with trio.fail_after(LIMIT):
            while self.states.count(state) < times or not self.bind.port:
                await trio.sleep(0.002)

    async def connect(self) -> trio.SocketStream:
        stream = await trio.open_tcp_stream("127.0.0.1", self.bind.port)
        self.streams.append(stream)
        return stream


@asynccontextmanager
async def called(**changes: object) -> AsyncIterator[Calls]:
    road, states = Road(), list[BindState]()

    def note(status: BindStatus) -> None:
        states.append(status.state)

    made = msgspec.structs.replace(config(1), binds=0, outbind=OUTBIND, **changes)
    bind = CalledBind(made, "ours", "theirs", road, note)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bind.run)
        calls = Calls(bind, road, states)
        await calls.until(BindState.LISTENING)
        yield calls
        for stream in calls.streams:
            await trio.aclose_forcefully(stream)
        nursery.cancel_scope.cancel()


class Smsc:
    """The carrier's end of a call."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.connection = Connection(Role.SMSC, Limits())
        self.binds: list[Request] = []

    async def say(self, pdu: Request) -> None:
        self.connection.request(pdu, trio.current_time())
        await self.stream.send_all(self.connection.data_to_send())

    async def take_bind(self, status: int = 0) -> Request:
        with trio.fail_after(LIMIT):
            while not self.binds:
                octets = bytes(await self.stream.receive_some(4096))
                assert octets, "it was closed"
                self.connection.receive_data(octets, trio.current_time())
                while not isinstance(event := self.connection.next_event(), NeedData):
                    if isinstance(event, RequestReceived):
                        self.binds.append(event.request)
                        self.connection.respond(event.request, response_to(event.request, status))
        await self.stream.send_all(self.connection.data_to_send())
        return self.binds[0]


async def is_closed(stream: trio.SocketStream) -> bool:
    """Whether the other end says nothing and goes."""
    with trio.fail_after(LIMIT):
        try:
            return await stream.receive_some(100) == b""
        except trio.BrokenResourceError:
            return True


@pytest.mark.parametrize(("bind", "answer"), [("trx", BindTransceiver), ("tx+rx", BindReceiver)])
async def test_a_call_is_answered_with_a_bind_over_the_same_connection(bind: str, answer: type[Request]) -> None:
    async with called(bind=bind) as calls:
        smsc = Smsc(await calls.connect())
        await smsc.say(RIGHT)
        request = await smsc.take_bind()
        assert isinstance(request, answer)
        assert isinstance(request, BindTransceiver | BindReceiver)
        assert (request.system_id, request.password) == ("assent", "ours")
        await calls.until(BindState.BOUND)
        assert calls.bind.status.kind is (BindKind.TRX if bind == "trx" else BindKind.RX)
        await smsc.say(DeliverSm(source_addr="12025550123", destination_addr="40404", short_message=b"STOP"))
        with trio.fail_after(LIMIT):
            while not calls.road.requests:
                await trio.sleep(0.002)


async def test_after_a_call_it_listens_again() -> None:
    async with called() as calls:
        for round_ in (1, 2):
            smsc = Smsc(await calls.connect())
            await smsc.say(RIGHT)
            await smsc.take_bind()
            await calls.until(BindState.BOUND, round_)
            await smsc.say(Unbind())
            await smsc.stream.aclose()
            await calls.until(BindState.LISTENING, round_ + 1)


async def test_a_bind_that_the_caller_refuses_is_no_end() -> None:
    async with called() as calls:
        smsc = Smsc(await calls.connect())
        await smsc.say(RIGHT)
        await smsc.take_bind(0x0E)
        await calls.until(BindState.LISTENING, 2)
        smsc = Smsc(await calls.connect())
        await smsc.say(RIGHT)
        await smsc.take_bind()
        await calls.until(BindState.BOUND)


async def test_a_carrier_that_calls_again_has_lost_its_last_call() -> None:
    async with called() as calls:
        first = Smsc(await calls.connect())
        await first.say(RIGHT)
        await first.take_bind()
        await calls.until(BindState.BOUND)
        second = Smsc(await calls.connect())
        await second.say(RIGHT)
        await second.take_bind()
        await calls.until(BindState.BOUND, 2)
        assert await is_closed(first.stream)


async def test_stop_ends_the_wait_for_a_call() -> None:
    async with called() as calls:
        calls.bind.stop()
        with trio.fail_after(LIMIT):
            while BindState.STOPPED not in calls.states:
                await trio.sleep(0.002)


async def test_the_simulated_carrier_that_calls() -> None:
    async with called() as calls, trio.open_nursery() as nursery:
        there = {"outbind": {"to": f"127.0.0.1:{calls.bind.port}", "password": "theirs", "every": 0.01}}
        journal = Journal()
        smsc = simulator.Smsc(changed(load("calls_the_esme"), there), journal, password="ours")
        nursery.start_soon(smsc.run)
        nursery.start_soon(keep_calling, smsc)
        await calls.until(BindState.BOUND)
        smsc.disconnect("rst")
        await calls.until(BindState.BOUND, 2)
        bound = [entry for entry in journal.after(0) if isinstance(entry, Bound)]
        assert [(entry.type, entry.status) for entry in bound] == [("trx", "ESME_ROK")] * 2
        nursery.cancel_scope.cancel()


# Everybody else.

OUTBIND_FRAME = encode(RIGHT, 1)


@pytest.mark.parametrize(
    "words",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00\x00\x00\x0f" + b"\x00" * 12,
        b"\x7f\xff\xff\xff" + b"\x00" * 12,
        b"\x00\x00\x01\x00" + b"\x00" * 252,
        encode(EnquireLink(), 1),
        encode(BindTransceiver(system_id="SMSC", password="theirs"), 1),
        OUTBIND_FRAME[:-1] + b"X",
        OUTBIND_FRAME + OUTBIND_FRAME,
        encode(Outbind(system_id="SMSC", password=""), 1),
        encode(Outbind(system_id="", password="theirs"), 1),
        encode(Outbind(system_id="SMSC", password="Theirs"), 1),
        encode(Outbind(system_id="\xe9\xff", password="\xff" * 8), 1),
    ],
)
async def test_whoever_shows_anything_else_gets_nothing(words: bytes) -> None:
    async with called() as calls:
        stream = await calls.connect()
        await stream.send_all(words)
        assert await is_closed(stream)
        assert BindState.BINDING not in calls.states


async def test_a_caller_that_says_nothing_is_not_waited_for() -> None:
    async with called(bind_seconds=0.2) as calls:
        stream = await calls.connect()
        await stream.send_all(OUTBIND_FRAME[:20])
        assert await is_closed(stream)
        assert BindState.BINDING not in calls.states


async def test_a_crowd_is_turned_away_and_the_carrier_gets_through_after_it(caplog: pytest.LogCaptureFixture) -> None:
    async with called(bind_seconds=0.5) as calls:
        crowd = [await calls.connect() for _ in range(60)]
        for stream in crowd:
            assert await is_closed(stream)
        smsc = Smsc(await calls.connect())
        await smsc.say(RIGHT)
        await smsc.take_bind()
        await calls.until(BindState.BOUND)


async def test_wrong_credentials_are_told_without_repeating_them(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        async with called() as calls:
            stream = await calls.connect()
            await stream.send_all(encode(Outbind(system_id="SMSC", password="hunter2"), 1))
            assert await is_closed(stream)
    assert "check [carrier.outbind]" in caplog.text
    assert "hunter2" not in caplog.text


async def test_a_port_that_is_taken_is_tried_again() -> None:
    with trio.socket.socket() as taken:
        await taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        outbind = msgspec.structs.replace(OUTBIND, listen=where)
        details: list[str] = []
        made = msgspec.structs.replace(config(1), outbind=outbind)
        bind = CalledBind(made, "ours", "theirs", Road(), lambda status: details.append(status.detail))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bind.run)
            with trio.fail_after(LIMIT):
                while details.count(f"cannot listen on {where}: Address already in use") < 2:
                    await trio.sleep(0.002)
            nursery.cancel_scope.cancel()
