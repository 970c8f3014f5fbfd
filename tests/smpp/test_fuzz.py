"""Hostile octets: whatever comes, the codec answers with a PDU or with one of its own errors, and the machine lives or
ends in order. Seeded, so that a failure can be had again."""

import random
from collections.abc import Iterator

import pytest

from gateway.smpp.codec import decode, encode
from gateway.smpp.connection import Connection
from gateway.smpp.errors import PduError
from gateway.smpp.events import NEED_DATA, Closed, RequestReceived
from gateway.smpp.pdu import (
    BindReceiver,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    DeliverSm,
    SubmitSm,
    response_to,
)
from gateway.smpp.receipt import read
from gateway.smpp.session import Role, State
from gateway.smpp.timers import Limits
from tests.smpp.vectors import VECTORS, octets

SEEDS = [octets(name) for name in VECTORS]
INTERESTING = (0, 1, 0x0F, 0x10, 0x7F, 0x80, 0xFE, 0xFF)


def mutate(rng: random.Random, frame: bytes) -> bytes:
    """A frame near `frame`: octets changed, put in, taken out, copied, cut off; its length mostly made right again."""
    octet = bytearray(frame)
    for _ in range(rng.randint(1, 6)):
        position = rng.randrange(len(octet) + 1)
        match rng.randrange(6):
            case 0 if position < len(octet):
                octet[position] = rng.choice(INTERESTING)
            case 1 if position < len(octet):
                octet[position] ^= 1 << rng.randrange(8)
            case 2:
                octet[position:position] = rng.randbytes(rng.choice((1, 2, 4, 64, 300)))
            case 3:
                del octet[position : position + rng.randint(1, 8)]
            case 4:
                other = rng.choice(SEEDS)
                octet[position:] = other[rng.randrange(len(other)) :]
            case _:
                del octet[position:]
    if len(octet) >= 4 and rng.random() < 0.95:
        octet[:4] = len(octet).to_bytes(4)
    return bytes(octet)


def mutations(seed: int, count: int) -> Iterator[bytes]:
    """`count` mutated frames."""
    rng = random.Random(seed)
    for _ in range(count):
        yield mutate(rng, rng.choice(SEEDS))


def test_the_codec_raises_nothing_but_its_own() -> None:
    read_well = refused = 0
    for frame in mutations(seed=1, count=40_000):
        try:
            pdu = decode(frame)
        except PduError:
            refused += 1
            continue
        read_well += 1
        # What it took, it took whole: nothing is lost on the way back.
        assert encode(pdu) == frame
        if isinstance(pdu, DeliverSm):
            read(pdu)
    # The mutations are of use only if they come out both ways.
    assert read_well > 4_000
    assert refused > 4_000


@pytest.mark.parametrize("role", Role)
def test_a_connection_survives_or_ends_in_order(role: Role) -> None:
    """Each mutated frame goes into a bound connection between two good requests; requests keep their answers."""
    rng = random.Random(2)
    survived = 0
    for frame in mutations(seed=3, count=4_000):
        connection = bound(role)
        good = encode(DeliverSm(1) if role is Role.ESME else SubmitSm(1))
        stream = good + frame + good
        while stream:
            cut = rng.randint(1, len(stream))
            connection.receive_data(stream[:cut])
            stream = stream[cut:]
            drain(connection)
        connection.tick(10.0)
        drain(connection)
        if connection.state is State.CLOSED:
            assert connection.next_event() is NEED_DATA
        else:
            survived += 1
        connection.receive_data(b"")
        connection.data_to_send()
        assert drain(connection) or connection.state is State.CLOSED
    assert 1_000 < survived < 4_000


def bound(role: Role) -> Connection:
    """A connection bound for both directions, with one text of ours in flight."""
    connection = Connection(role, Limits())
    if role is Role.ESME:
        connection.request(BindTransceiver(), 0.0)
        connection.receive_data(encode(BindTransceiverResp(1)))
    else:
        connection.receive_data(encode(BindTransceiver(1)))
    drain(connection)
    connection.request(SubmitSm() if role is Role.ESME else DeliverSm(), 0.0)
    return connection


def drain(connection: Connection) -> list[Closed]:
    """Take all events, answer every bind and every text, return the ends that were told."""
    ends = []
    while (event := connection.next_event()) is not NEED_DATA:
        if isinstance(event, Closed):
            ends.append(event)
        elif isinstance(event, RequestReceived) and isinstance(
            event.request, BindTransceiver | BindTransmitter | BindReceiver | SubmitSm | DeliverSm
        ):
            connection.respond(event.request, response_to(event.request))
    assert len(ends) <= 1
    return ends
