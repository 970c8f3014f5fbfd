"""Doubts, cancellations and expiry: moves that no carrier caused."""

import pytest

from gateway.errors import Code
from gateway.model.message import State
from gateway.store.doubt import Cancellation, Expiry, Recovery, Settlement
from tests.contract.desk import BIND, CARRIER, CLIENT, NOON, NUMBER, Desk

# The process died.


async def test_what_was_in_flight_is_in_doubt_after_a_restart(desk: Desk) -> None:
    submitted, _ = await desk.submit()
    lost = await desk.queue()
    await desk.claim()
    waiting = await desk.queue()

    assert await desk.store.recover(Recovery(NOON + 5, frozenset())) == [1]

    message = await desk.message(lost)
    assert (message.state, message.code, message.updated_at) == (State.IN_DOUBT, Code.IN_DOUBT_RESTART, NOON + 5)
    assert (await desk.last_news(lost)).cause == "restart"
    assert (await desk.state(submitted), await desk.state(waiting)) == (State.SUBMITTED, State.QUEUED)
    assert [segment.message_id for segment in await desk.claim()] == [waiting]


async def test_a_category_that_is_sent_again_goes_back_to_the_queue(desk: Desk) -> None:
    held, again = await desk.queue(category="collections"), await desk.queue()
    await desk.claim()
    assert await desk.store.recover(Recovery(NOON + 5, frozenset({"servicing"}))) == [2]
    assert (await desk.state(held), await desk.state(again)) == (State.IN_DOUBT, State.QUEUED)
    (segment,) = await desk.claim()
    assert (segment.message_id, segment.attempt) == (again, 2)
    assert await desk.kinds(again) == ["accepted", "queued"]


async def test_a_second_recovery_finds_nothing(desk: Desk) -> None:
    await desk.queue()
    await desk.claim()
    await desk.store.recover(Recovery(NOON, frozenset()))
    assert await desk.store.recover(Recovery(NOON, frozenset())) == [0]


async def test_a_restart_in_the_middle_of_a_long_text(desk: Desk) -> None:
    message_id = await desk.queue(segments=3)
    one, _ = await desk.claim(2)
    await desk.settle(desk.answer(one))
    await desk.store.recover(Recovery(NOON, frozenset()))
    assert await desk.segments(message_id) == [State.SUBMITTED, State.IN_DOUBT, State.QUEUED]
    assert await desk.state(message_id) is State.IN_DOUBT


async def test_restarts_send_a_doubtful_text_as_often_as_the_carrier_is_tried_and_then_hold_it(desk: Desk) -> None:
    message_id = await desk.queue()
    resend = Recovery(NOON, frozenset({"servicing"}), {CARRIER: 2, "another": 9})
    await desk.claim()
    await desk.store.recover(resend)
    assert await desk.state(message_id) is State.QUEUED
    await desk.claim()
    await desk.store.recover(resend)
    assert await desk.state(message_id) is State.IN_DOUBT
    assert await desk.claim() == ()


async def test_a_restart_does_not_send_the_rest_of_a_failed_text_again(desk: Desk) -> None:
    message_id = await desk.queue(segments=2)
    one, _ = await desk.claim()
    await desk.settle(desk.answer(one, State.REJECTED))
    await desk.store.recover(Recovery(NOON, frozenset({"servicing"})))
    assert await desk.claim() == ()
    assert await desk.state(message_id) is State.REJECTED


# Doubts are listed, and a person settles them.


async def test_doubts_are_listed_oldest_first(desk: Desk) -> None:
    one, two = await desk.queue(segments=2), await desk.queue()
    await desk.claim()
    await desk.store.recover(Recovery(NOON, frozenset()))
    doubts = await desk.store.doubts(10)
    assert [(doubt.message_id, doubt.n) for doubt in doubts] == [(one, 1), (one, 2), (two, 1)]
    assert (doubts[0].number, doubts[0].bind, doubts[0].claimed_at, doubts[0].carrier) == (NUMBER, BIND, NOON, CARRIER)
    assert len(await desk.store.doubts(2)) == 2
    assert (await desk.store.depth(CARRIER)).in_doubt == 3


@pytest.mark.parametrize("state", [State.QUEUED, State.UNDELIVERED, State.SUBMITTED])
async def test_a_person_settles_a_doubt_once(desk: Desk, state: State) -> None:
    message_id = await desk.queue(segments=2)
    one, _ = await desk.claim()
    await desk.settle(desk.answer(one))
    await desk.store.recover(Recovery(NOON, frozenset()))
    word = Settlement(message_id, state, NOON + 9, "asked the carrier")
    assert await desk.store.settle_doubt([word, word]) == [True, False]
    message = await desk.message(message_id)
    assert (message.state, message.code) == (state, Code.SETTLED_BY_OPERATOR)
    assert [segment.state for segment in message.segments] == [State.SUBMITTED, state]
    assert (await desk.last_news(message_id)).cause == "operator: asked the carrier"
    assert len(await desk.claim()) == (1 if state is State.QUEUED else 0)
    assert await desk.store.doubts(10) == []


async def test_there_is_nothing_to_settle_where_there_is_no_doubt(desk: Desk) -> None:
    message_id = await desk.queue()
    settlements = [Settlement(message_id, State.UNDELIVERED, NOON, "no"), Settlement(1, State.QUEUED, NOON, "no")]
    assert await desk.store.settle_doubt(settlements) == [False, False]
    assert await desk.state(message_id) is State.QUEUED


async def test_a_doubt_that_is_sent_again_after_a_stop_is_blocked(desk: Desk) -> None:
    message_id = await desk.queue()
    await desk.claim()
    await desk.store.recover(Recovery(NOON, frozenset()))
    await desk.stop()
    await desk.store.settle_doubt([Settlement(message_id, State.QUEUED, NOON, "send it")])
    assert message_id not in {segment.message_id for segment in await desk.claim()}
    assert await desk.state(message_id) is State.BLOCKED


# Cancelling.


async def _cancel(desk: Desk, message_id: int, client: str = CLIENT) -> State | None:
    return (await desk.store.cancel(Cancellation(message_id, client, desk.now)))[0]


async def test_what_waits_can_be_cancelled(desk: Desk) -> None:
    queued = await desk.queue(segments=2)
    scheduled = await desk.queue(send_at=NOON + 1000)
    for message_id in (queued, scheduled):
        assert await _cancel(desk, message_id) is State.CANCELLED
        assert await _cancel(desk, message_id) is State.CANCELLED  # and again
        message = await desk.message(message_id)
        assert (message.state, message.code) == (State.CANCELLED, Code.CANCELLED_BY_CLIENT)
        assert {segment.state for segment in message.segments} == {State.CANCELLED}
        assert (await desk.kinds(message_id))[1:] == ["cancelled"]
    desk.now += 1000
    assert (await desk.claims()).next_due is None


async def test_it_is_too_late_once_a_segment_is_on_its_way(desk: Desk) -> None:
    message_id = await desk.queue(segments=2)
    one, two = await desk.claim()
    assert await _cancel(desk, message_id) is State.IN_FLIGHT
    await desk.settle(desk.answer(one), desk.answer(two))
    assert await _cancel(desk, message_id) is State.SUBMITTED
    assert await desk.kinds(message_id) == ["accepted", "submitted"]


async def test_it_is_too_late_for_half_a_text(desk: Desk) -> None:
    message_id = await desk.queue(segments=2)
    (one,) = await desk.claim(1)
    await desk.settle(desk.answer(one))
    assert await _cancel(desk, message_id) is State.QUEUED
    assert await desk.segments(message_id) == [State.SUBMITTED, State.QUEUED]


async def test_a_cancel_and_a_claim_at_once_do_not_both_win(desk: Desk) -> None:
    message_id = await desk.queue()
    posted = desk.store.cancel(Cancellation(message_id, CLIENT, NOON))
    claimed = await desk.claim()
    assert await posted == [State.CANCELLED]
    assert claimed == ()


async def test_a_text_that_was_refused_stays_refused(desk: Desk) -> None:
    submission = desk.submission()
    await desk.accept(submission)
    assert await _cancel(desk, submission.id) is State.BLOCKED


async def test_nobody_cancels_what_is_not_theirs(desk: Desk) -> None:
    message_id = await desk.queue()
    assert await _cancel(desk, message_id, "globex") is None
    assert await _cancel(desk, 4711) is None
    assert await desk.state(message_id) is State.QUEUED


# Expiry where nobody claims.


async def test_what_is_overdue_is_found_and_ended(desk: Desk) -> None:
    short = await desk.queue(expires_at=NOON + 10, segments=2)
    scheduled = await desk.queue(expires_at=NOON + 20, send_at=NOON + 15)
    long = await desk.queue()
    assert await desk.store.overdue(CARRIER, NOON + 9, 10) == ()
    assert await desk.store.overdue(CARRIER, NOON + 10, 10) == (short,)
    assert set(await desk.store.overdue(CARRIER, NOON + 20, 10)) == {short, scheduled}
    assert await desk.store.overdue("other", NOON + 20, 10) == ()

    assert await desk.store.expire(Expiry((short, scheduled, long, 4711), NOON + 20)) == [3]
    for message_id in (short, scheduled):
        message = await desk.message(message_id)
        assert (message.state, message.code) == (State.EXPIRED, Code.EXPIRED_BEFORE_SENDING)
        assert (await desk.last_news(message_id)).cause == "validity"
    assert await desk.state(long) is State.QUEUED
    assert await desk.store.overdue(CARRIER, NOON + 20, 10) == ()


async def test_what_was_claimed_meanwhile_does_not_expire(desk: Desk) -> None:
    message_id = await desk.queue(expires_at=NOON + 10)
    (segment,) = await desk.claim()
    assert await desk.store.expire(Expiry((message_id,), NOON + 10)) == [0]
    assert await desk.settle(desk.answer(segment)) == [True]
    assert await desk.state(message_id) is State.SUBMITTED


async def test_half_a_text_that_expires_is_a_text_that_expired(desk: Desk) -> None:
    message_id = await desk.queue(expires_at=NOON + 10, segments=2)
    (one,) = await desk.claim(1)
    await desk.settle(desk.answer(one, smsc_id="1"))
    assert await desk.store.expire(Expiry((message_id,), NOON + 10)) == [1]
    await desk.tell(desk.receipt("1"))
    assert await desk.state(message_id) is State.EXPIRED
    assert await desk.segments(message_id) == [State.DELIVERED, State.EXPIRED]
