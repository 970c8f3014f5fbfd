"""Hostile octets: whatever comes, the codec answers with a PDU or with one of its own errors, and the machine lives or
ends in order. Seeded, so that a failure can be had again."""

import random

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
from tools.torture.fuzz import mutations

SEEDS = [octets(name) for name in VECTORS]


def test_the_codec_raises_nothing_but_its_own() -> None:
    read_well = refused = 0
    for frame in mutations(seed=1, count=40_000, seeds=SEEDS):
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
    for frame in mutations(seed=3, count=4_000, seeds=SEEDS):
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
