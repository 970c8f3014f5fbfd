"""Carriers that mean harm: it owns peers that take a bind and then send what no SMSC would.

A carrier that is merely odd is the simulator's; these speak bytes.
"""

import struct
from collections.abc import Awaitable, Callable
from random import Random

import trio

from gateway.smpp import const
from gateway.smpp.codec import encode
from gateway.smpp.pdu import BindTransceiver, BindTransceiverResp, DeliverSm, SubmitSmResp
from tools.torture.fuzz import SEEDS, mutate
from tools.torture.patience import borne

_LENGTHS = (0, 1, 15, 16, 69_633, 2**31 - 1, 2**31, 2**32 - 1)
_HEADER = struct.Struct(">IIII")

Attack = Callable[["Enemy", trio.SocketStream], Awaitable[None]]


class Enemy:
    """A peer at a port of its own; each connection gets its bind answered and is then attacked."""

    def __init__(self, name: str, attack: Attack, dice: Random, profile: str = "") -> None:
        self.name = name
        self.profile = profile
        self.port = 0
        self.dice = dice
        self.attacks = 0
        self.pdus = 0
        """How many it sent, good or bad, whole or not."""
        self.longest = 0.0
        """Seconds for which the gateway bore the longest attack."""
        self._attack = attack

    async def open(self, nursery: trio.Nursery) -> None:
        """Listen until the nursery ends."""
        listeners = await nursery.start(trio.serve_tcp, self._serve, 0)
        self.port = int(listeners[0].socket.getsockname()[1])

    async def send(self, stream: trio.SocketStream, frames: list[bytes]) -> None:
        """Send PDUs, and count them."""
        await stream.send_all(b"".join(frames))
        self.pdus += len(frames)

    async def _serve(self, stream: trio.SocketStream) -> None:
        try:
            request = await stream.receive_some()
            if len(request) < const.HEADER_LENGTH:
                return
            _, _, _, sequence = _HEADER.unpack_from(request)
            await stream.send_all(encode(BindTransceiverResp(system_id="enemy"), sequence))
            self.attacks += 1
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return
        began = trio.current_time()
        async with borne(stream):
            await self._attack(self, stream)
        self.longest = max(self.longest, trio.current_time() - began)


async def mutations(enemy: Enemy, stream: trio.SocketStream) -> None:
    """PDUs that are nearly right, without end."""
    while True:
        await enemy.send(stream, [mutate(enemy.dice, SEEDS) for _ in range(20)])
        await trio.sleep(0.005)


async def lengths(enemy: Enemy, stream: trio.SocketStream) -> None:
    """A command_length that cannot be."""
    await enemy.send(stream, [_HEADER.pack(enemy.dice.choice(_LENGTHS), const.DELIVER_SM, 0, 1) + bytes(100)])
    await trio.sleep_forever()


async def drip(enemy: Enemy, stream: trio.SocketStream) -> None:
    """One octet of a PDU every second."""
    frame = encode(DeliverSm(source_addr="1", destination_addr="2", short_message=bytes(200)), 1)
    for octet in frame:
        await stream.send_all(bytes((octet,)))
        await trio.sleep(1.0)


async def half(enemy: Enemy, stream: trio.SocketStream) -> None:
    """A header that promises a body, then nothing."""
    await enemy.send(stream, [_HEADER.pack(60_000, const.DELIVER_SM, 0, 1)])
    await trio.sleep_forever()


async def wrong_state(enemy: Enemy, stream: trio.SocketStream) -> None:
    """What nobody may send to an ESME that is bound: another bind, and its answer."""
    await enemy.send(stream, [encode(BindTransceiver(system_id="x"), 1), encode(BindTransceiverResp(system_id="x"), 2)])
    await trio.sleep_forever()


async def strangers(enemy: Enemy, stream: trio.SocketStream) -> None:
    """Ten thousand answers to what was never asked."""
    for start in range(0, 10_000, 100):
        await enemy.send(
            stream, [encode(SubmitSmResp(message_id="1"), 1_000_000 + start + place) for place in range(100)]
        )
        await trio.sleep(0.002)
    await trio.sleep_forever()


async def endless_receipts(enemy: Enemy, stream: trio.SocketStream) -> None:
    """Deliveries as fast as they go, and no answer is ever read by anybody who cares."""
    sequence = 0
    while True:
        sequence += 100
        await enemy.send(stream, [encode(_TEXT, sequence + place) for place in range(100)])
        await trio.sleep(0.01)


_TEXT = DeliverSm(source_addr="12122999999", destination_addr="40404", short_message=b"again and again")

ATTACKS: dict[str, Attack] = {
    "mutations": mutations,
    "lengths": lengths,
    "drip": drip,
    "half": half,
    "wrong-state": wrong_state,
    "strangers": strangers,
    "deliveries": endless_receipts,
}
