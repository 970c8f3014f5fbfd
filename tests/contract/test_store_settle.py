"""What the carrier answered: each answer counts once, for the attempt it answers, and the message follows its segments."""

import pytest

from gateway.errors import Code
from gateway.model.message import State
from tests.contract.desk import NOON, Desk


async def test_a_segment_that_the_carrier_took(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    desk.now += 5
    assert await desk.settle(desk.answer(segment, smsc_id="00AB", smsc_key="ab", command_status=0)) == [True]
    message = await desk.message(message_id)
    (kept,) = message.segments
    assert (message.state, message.updated_at) == (State.SUBMITTED, NOON + 5)
    assert (kept.state, kept.smsc_message_id, kept.submitted_at, kept.command_status) == (
        State.SUBMITTED, "00AB", NOON + 5, 0,
    )  # fmt: skip
    news = await desk.last_news(message_id)
    assert (news.state, news.cause, news.command_status, news.segment) == (State.SUBMITTED, "response", 0, None)


@pytest.mark.parametrize("state", [State.REJECTED, State.EXPIRED, State.BLOCKED])
async def test_a_segment_that_ended(desk: Desk, state: State) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    assert await desk.settle(desk.answer(segment, state, code=Code.CARRIER_REJECTED, command_status=0x0B)) == [True]
    message = await desk.message(message_id)
    assert (message.state, message.code) == (state, Code.CARRIER_REJECTED)
    assert await desk.kinds(message_id) == ["accepted", state]
    assert await desk.claim() == ()


async def test_a_segment_for_another_try_is_due_later_and_told(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=NOON + 60_000, command_status=0x64))
    assert await desk.state(message_id) is State.QUEUED
    news = await desk.last_news(message_id)
    assert (news.state, news.due_at, news.command_status) == (State.QUEUED, "2026-09-21T14:14:20.000Z", 0x64)
    assert (await desk.claims()).next_due == NOON + 60_000
    desk.now = NOON + 60_000
    (again,) = await desk.claim()
    assert (again.message_id, again.attempt) == (message_id, 2)


async def test_a_try_that_does_not_count_is_not_counted(desk: Desk) -> None:
    await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=NOON, spent=False))
    (again,) = await desk.claim()
    assert again.attempt == 1


async def test_a_second_answer_changes_nothing(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, smsc_id="1"))
    assert await desk.settle(desk.answer(segment, State.REJECTED)) == [False]
    assert await desk.settle(desk.answer(segment, smsc_id="2")) == [False]
    assert (await desk.message(message_id)).segments[0].smsc_message_id == "1"
    assert await desk.kinds(message_id) == ["accepted", "submitted"]


async def test_an_answer_after_the_end_changes_nothing(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    answer = desk.answer(segment)
    await desk.settle(answer)
    await desk.tell(desk.receipt(answer.smsc_key or ""))
    assert await desk.settle(desk.answer(segment, State.IN_DOUBT)) == [False]
    assert await desk.state(message_id) is State.DELIVERED


async def test_a_late_answer_resolves_the_doubt(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.IN_DOUBT, cause="no_response", code=Code.IN_DOUBT_NO_RESPONSE))
    assert (await desk.message(message_id)).code is Code.IN_DOUBT_NO_RESPONSE
    assert await desk.settle(desk.answer(segment)) == [True]
    message = await desk.message(message_id)
    assert (message.state, message.code) == (State.SUBMITTED, None)
    assert await desk.kinds(message_id) == ["accepted", "in_doubt", "submitted"]


async def test_a_late_yes_keeps_a_segment_that_waits_to_be_sent_again_from_going_twice(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=NOON + 100, cause="no_response"))
    assert await desk.settle(desk.answer(segment, smsc_id="77")) == [True]
    assert await desk.state(message_id) is State.SUBMITTED
    desk.now += 100
    assert await desk.claim() == ()
    assert await desk.tell(desk.receipt("77")) == [True]


async def test_a_late_no_leaves_a_segment_that_waits_to_be_sent_again_where_it_is(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=NOON, cause="no_response"))
    assert await desk.settle(desk.answer(segment, State.REJECTED)) == [False]
    assert await desk.state(message_id) is State.QUEUED


@pytest.mark.parametrize("late", [State.SUBMITTED, State.REJECTED, State.QUEUED, State.IN_DOUBT])
async def test_an_answer_to_an_earlier_attempt_says_nothing_of_this_one(desk: Desk, late: State) -> None:
    message_id = await desk.queue()
    (first,) = await desk.claim()
    await desk.settle(desk.answer(first, State.QUEUED, due_at=NOON, cause="no_response"))
    (second,) = await desk.claim()
    assert await desk.settle(desk.answer(first, late, smsc_id="5")) == [False]
    assert await desk.segments(message_id) == [State.IN_FLIGHT]
    assert await desk.settle(desk.answer(second, smsc_id="6")) == [True]
    assert (await desk.message(message_id)).segments[0].smsc_message_id == "6"


async def test_two_answers_of_one_segment_in_one_verb_count_in_their_order(desk: Desk) -> None:
    one, two, three = [await desk.queue() for _ in range(3)]
    a, b, c = await desk.claim()
    settled = await desk.settle(
        desk.answer(a, State.IN_DOUBT), desk.answer(b), desk.answer(c, State.QUEUED, due_at=NOON),
        desk.answer(a, smsc_id="a1"), desk.answer(b, State.IN_DOUBT), desk.answer(c, State.IN_DOUBT),
    )  # fmt: skip
    assert settled == [True, True, True, True, False, False]
    assert [await desk.state(message_id) for message_id in (one, two, three)] == [
        State.SUBMITTED, State.SUBMITTED, State.QUEUED,
    ]  # fmt: skip
    assert await desk.kinds(one) == ["accepted", "in_doubt", "submitted"]
    assert (await desk.message(one)).segments[0].smsc_message_id == "a1"


async def test_a_timeout_and_the_late_answer_posted_one_behind_the_other(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    doubt = desk.store.settle([desk.answer(segment, State.IN_DOUBT)])
    answer = desk.store.settle([desk.answer(segment)])
    assert (await doubt, await answer) == ([True], [True])
    assert (await desk.state(message_id), await desk.segments(message_id)) == (State.SUBMITTED, [State.SUBMITTED])


async def test_a_claim_posted_behind_an_answer_sees_it(desk: Desk) -> None:
    await desk.queue()
    (segment,) = await desk.claim()
    posted = desk.store.settle([desk.answer(segment, State.QUEUED, due_at=NOON, spent=False)])
    (again,) = await desk.claim()
    assert again == segment
    assert await posted == [True]


# Several segments.


async def test_a_message_is_submitted_with_its_last_segment(desk: Desk) -> None:
    message_id = await desk.queue(segments=3)
    one, two, three = await desk.claim()
    await desk.settle(desk.answer(one), desk.answer(three))
    assert await desk.state(message_id) is State.IN_FLIGHT
    assert await desk.kinds(message_id) == ["accepted"]
    await desk.settle(desk.answer(two))
    assert await desk.state(message_id) is State.SUBMITTED
    assert await desk.kinds(message_id) == ["accepted", "submitted"]
    assert (await desk.last_news(message_id)).segment == 2


async def test_a_scheduled_message_whose_first_segment_is_answered_alone(desk: Desk) -> None:
    message_id = await desk.queue(segments=2, send_at=NOON + 10)
    desk.now = NOON + 10
    one, two = await desk.claim()
    assert await desk.settle(desk.answer(one)) == [True]
    assert await desk.state(message_id) is State.IN_FLIGHT
    await desk.settle(desk.answer(two))
    assert await desk.state(message_id) is State.SUBMITTED
    assert await desk.kinds(message_id) == ["held", "queued", "submitted"]


async def test_a_doubt_is_resolved_while_another_segment_is_in_flight(desk: Desk) -> None:
    message_id = await desk.queue(segments=2)
    one, two = await desk.claim()
    await desk.settle(desk.answer(one, State.IN_DOUBT))
    assert await desk.state(message_id) is State.IN_DOUBT
    assert await desk.settle(desk.answer(one)) == [True]
    assert await desk.state(message_id) is State.IN_FLIGHT
    await desk.settle(desk.answer(two))
    assert await desk.kinds(message_id) == ["accepted", "in_doubt", "queued", "submitted"]


async def test_a_refused_segment_fails_the_message_and_the_rest_is_not_sent(desk: Desk) -> None:
    message_id = await desk.queue(segments=4)
    one, two = await desk.claim(2)
    await desk.settle(desk.answer(one), desk.answer(two, State.REJECTED, code=Code.CARRIER_REJECTED))
    assert await desk.state(message_id) is State.REJECTED
    assert await desk.segments(message_id) == [State.SUBMITTED, State.REJECTED, State.CANCELLED, State.CANCELLED]
    assert await desk.claim() == ()
    news = await desk.last_news(message_id)
    assert (news.code, news.segment) == (Code.CARRIER_REJECTED, 2)


async def test_a_segment_that_comes_back_to_the_queue_of_a_failed_message_is_not_sent_either(desk: Desk) -> None:
    message_id = await desk.queue(segments=2)
    one, two = await desk.claim()
    await desk.settle(desk.answer(one, State.REJECTED))
    await desk.settle(desk.answer(two, State.QUEUED, due_at=NOON, spent=False))
    assert await desk.claim() == ()
    assert await desk.segments(message_id) == [State.REJECTED, State.CANCELLED]
    assert await desk.kinds(message_id) == ["accepted", "rejected"]


@pytest.mark.parametrize("second", [State.SUBMITTED, State.IN_DOUBT, State.QUEUED, State.EXPIRED, State.BLOCKED])
async def test_a_message_that_ended_stays_as_it_ended(desk: Desk, second: State) -> None:
    message_id = await desk.queue(segments=2)
    one, two = await desk.claim()
    await desk.settle(desk.answer(one, State.REJECTED))
    assert await desk.settle(desk.answer(two, second, due_at=NOON)) == [True]
    assert await desk.state(message_id) is State.REJECTED
    assert await desk.kinds(message_id) == ["accepted", "rejected"]


async def test_a_doubt_in_a_failed_message_is_still_listed(desk: Desk) -> None:
    message_id = await desk.queue(segments=2)
    one, two = await desk.claim()
    await desk.settle(desk.answer(one, State.REJECTED), desk.answer(two, State.IN_DOUBT))
    assert await desk.state(message_id) is State.REJECTED
    assert [(doubt.message_id, doubt.n) for doubt in await desk.store.doubts(10)] == [(message_id, 2)]


async def test_a_segment_that_goes_back_to_the_queue_is_told_for_long_texts_too(desk: Desk) -> None:
    message_id = await desk.queue(segments=2)
    one, two = await desk.claim()
    await desk.settle(desk.answer(one), desk.answer(two, State.QUEUED, due_at=NOON + 100, command_status=0x58))
    assert await desk.kinds(message_id) == ["accepted", "queued"]
    news = await desk.last_news(message_id)
    assert (news.segment, news.command_status) == (2, 0x58)


async def test_hundreds_of_answers_in_one_verb(desk: Desk) -> None:
    ids = [await desk.queue() for _ in range(5)]
    await desk.grant()
    texts = [desk.submission(segments=1 + i % 2) for i in range(300)]
    await desk.accept(*texts)
    claimed = await desk.claim(1000)
    assert len(claimed) == 5 + 450
    assert await desk.settle(*map(desk.answer, claimed)) == [True] * 455
    assert {await desk.state(message_id) for message_id in (*ids, texts[0].id, texts[-1].id)} == {State.SUBMITTED}
