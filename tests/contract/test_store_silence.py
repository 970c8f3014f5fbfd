"""Texts that a carrier took and never reported on: they end unconfirmed, and any receipt is still better."""

import pytest

from gateway.errors import Code
from gateway.model.message import State
from gateway.store.silence import Silence
from tests.contract.desk import DAY, NOON, Desk

LATE = NOON + DAY + 1


async def _end(desk: Desk, limit: int = 100) -> int:
    return (await desk.store.end_silence(Silence(LATE, LATE, limit)))[0]


async def test_only_what_was_submitted_and_expired_long_ago_ends(desk: Desk) -> None:
    silent, _ = await desk.submit(segments=2)
    delivered, (key,) = await desk.submit()
    await desk.tell(desk.receipt(key))
    longer, _ = await desk.submit(expires_at=LATE)
    doubtful = await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.IN_DOUBT))
    waiting = await desk.queue()

    assert await _end(desk) == 2
    assert await _end(desk) == 0

    message = await desk.message(silent)
    assert (message.state, message.code, message.updated_at) == (State.UNCONFIRMED, Code.CARRIER_SILENT, LATE)
    assert (await desk.last_news(silent)).cause == "silence"
    states = [await desk.state(one) for one in (delivered, longer, doubtful, waiting)]
    assert states == [State.DELIVERED, State.SUBMITTED, State.IN_DOUBT, State.QUEUED]


async def test_a_look_has_a_limit(desk: Desk) -> None:
    for _ in range(5):
        await desk.submit()
    assert [await _end(desk, 2) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.parametrize("state", [State.DELIVERED, State.UNDELIVERED, State.EXPIRED, State.REJECTED])
@pytest.mark.parametrize("segments", [1, 2])
async def test_a_receipt_that_comes_after_all_is_better_than_silence(desk: Desk, state: State, segments: int) -> None:
    message_id, keys = await desk.submit(segments=segments)
    await desk.tell(*(desk.receipt(key) for key in keys[1:]))
    assert await _end(desk) == 1
    assert await desk.state(message_id) is State.UNCONFIRMED
    assert await desk.tell(desk.receipt(keys[0], state=state)) == [True]
    assert await desk.state(message_id) is state
    assert await desk.kinds(message_id) == ["accepted", "submitted", "unconfirmed", state]
