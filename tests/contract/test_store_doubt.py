"""Doubts, cancellations and expiry: moves that no carrier caused."""

import pytest

from gateway.errors import Code
from gateway.model.message import State
from gateway.store.doubt import Cancellation, Expiry, Recovery, Settlement
from tests.contract.desk import BIND, CARRIER, CLIENT, NOON, NUMBER, Desk

# The process died.


async def test_what_was_in_flight_is_in_doubt_after_a_restart(desk: Desk) -> None:
    message_id = await desk.queue()
    waiting = await desk.queue()
    submitted = await desk.queue()
    one, _ = await desk.claim(2)
    (two,) = await desk.claim(1)
    await desk.settle(desk.answer(two))
    await desk.settle(desk.answer((await desk.claim(1) or [one])[0], State.QUEUED, due_at=NOON, spent=False))
    assert [await desk.state(one_id) for one_id in (message_id, waiting, submitted)].count(State.IN_FLIGHT) >= 1

    count = (await desk.store.recover(Recovery(NOON + 5, frozenset())))[0]

    assert count >= 1
    message = await desk.message(message_id)
    assert message.state in (State.IN_DOUBT, State.QUEUED)
