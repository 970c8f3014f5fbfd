"""Receipts that no segment claims by its id: given to segments in doubt, kept apart from overtaken attempts, forgotten."""

import msgspec

from gateway.model.clock import DAY
from gateway.model.message import Claimed, State
from gateway.store.doubt import Settlement
from gateway.store.forget import Forget
from gateway.store.orphans import Adoption, Askable
from tests.contract.desk import CARRIER, NOON, NUMBER, OTHER_NUMBER, SENDER, Desk


async def in_doubt(desk: Desk, **changes: object) -> Claimed:
    """The first segment of a text, in doubt; all others are too."""
    message_id = await desk.queue(**changes)
    segments = [segment for segment in await desk.claim() if segment.message_id == message_id]
    await desk.settle(*(desk.answer(segment, State.IN_DOUBT) for segment in segments))
    return segments[0]


async def parked_id(desk: Desk) -> int:
    return (await desk.store.parked(None, 0, desk.now, 1))[0].id


def adoption(desk: Desk, receipt_id: int, segment: Claimed) -> Adoption:
    return Adoption(receipt_id, segment.message_id, segment.n, desk.now)


# Given to a doubt.


async def test_a_receipt_of_unknown_id_settles_the_doubt_that_it_means(desk: Desk) -> None:
    segment = await in_doubt(desk)
    assert await desk.tell(desk.receipt("77")) == [False]
    assert await desk.store.adopt([adoption(desk, await parked_id(desk), segment)]) == [True]
    message = await desk.message(segment.message_id)
    assert (message.state, message.segments[0].smsc_message_id) == (State.DELIVERED, "77")
    assert await desk.kinds(segment.message_id) == ["accepted", "in_doubt", "delivered"]
    assert await desk.store.parked(None, 0, desk.now, 9) == []
    # It has its name now.
    assert await desk.tell(desk.receipt("77")) == [True]


async def test_an_intermediate_receipt_says_that_the_carrier_has_it(desk: Desk) -> None:
    segment = await in_doubt(desk)
    await desk.tell(desk.receipt("77", state=None))
    assert await desk.store.adopt([adoption(desk, await parked_id(desk), segment)]) == [True]
    assert await desk.state(segment.message_id) is State.SUBMITTED
    assert await desk.tell(desk.receipt("77")) == [True]
    assert await desk.state(segment.message_id) is State.DELIVERED


async def test_the_receipts_of_one_id_are_applied_together(desk: Desk) -> None:
    segment = await in_doubt(desk)
    await desk.tell(desk.receipt("77", state=None))
    first = await parked_id(desk)
    await desk.tell(desk.receipt("77"))
    second = await parked_id(desk)
    adoptions = [adoption(desk, first, segment), adoption(desk, second, segment)]
    assert await desk.store.adopt(adoptions) == [True, False]
    assert await desk.kinds(segment.message_id) == ["accepted", "in_doubt", "submitted", "delivered"]
    assert await desk.store.parked(None, 0, desk.now, 9) == []


async def test_a_receipt_without_any_id_settles_too(desk: Desk) -> None:
    segment = await in_doubt(desk)
    await desk.tell(desk.receipt(smsc_message_id=""))
    assert await desk.store.adopt([adoption(desk, await parked_id(desk), segment)]) == [True]
    assert await desk.state(segment.message_id) is State.DELIVERED


async def test_while_another_text_to_the_number_has_no_name_yet_nobody_is_given_the_receipt(desk: Desk) -> None:
    segment = await in_doubt(desk)
    await desk.queue()
    (on_its_way,) = await desk.claim()
    await desk.tell(desk.receipt("77"))
    wish = adoption(desk, await parked_id(desk), segment)
    assert await desk.store.adopt([wish]) == [False]
    assert await desk.state(segment.message_id) is State.IN_DOUBT
    # It was the other one's.
    await desk.settle(desk.answer(on_its_way, smsc_id="77"))
    assert await desk.state(on_its_way.message_id) is State.DELIVERED
    assert await desk.store.adopt([wish]) == [False]


async def test_a_text_that_was_taken_without_an_id_may_be_meant(desk: Desk) -> None:
    segment = await in_doubt(desk)
    await desk.queue()
    (nameless,) = await desk.claim()
    await desk.settle(desk.answer(nameless, smsc_id="", smsc_key=None, smsc_message_id=None))
    await desk.tell(desk.receipt("77"))
    assert await desk.store.adopt([adoption(desk, await parked_id(desk), segment)]) == [False]


async def test_a_text_that_was_sent_again_may_be_meant(desk: Desk) -> None:
    segment = await in_doubt(desk)
    again = await desk.queue()
    (first,) = await desk.claim()
    await desk.settle(desk.answer(first, State.QUEUED))  # its link was lost: that attempt has no name
    await desk.tell(desk.receipt("77"))
    wish = adoption(desk, await parked_id(desk), segment)
    assert await desk.store.adopt([wish]) == [False]
    (second,) = await desk.claim()
    await desk.settle(desk.answer(second, smsc_id="78"))
    assert await desk.tell(desk.receipt("78")) == [True]
    assert await desk.state(again) is State.DELIVERED
    assert await desk.store.adopt([wish]) == [False]
    assert await desk.state(segment.message_id) is State.IN_DOUBT


async def test_a_text_that_waits_for_its_receipt_may_be_meant(desk: Desk) -> None:
    segment = await in_doubt(desk)
    _, (smsc_id,) = await desk.submit()
    await desk.tell(desk.receipt("77"))
    wish = adoption(desk, await parked_id(desk), segment)
    assert await desk.store.adopt([wish]) == [False]
    await desk.tell(desk.receipt(smsc_id))
    assert await desk.store.adopt([wish]) == [True]


async def test_what_was_sent_again_days_before_cannot_be_meant(desk: Desk) -> None:
    await desk.queue()
    (first,) = await desk.claim()
    await desk.settle(desk.answer(first, State.QUEUED))
    (second,) = await desk.claim()
    await desk.settle(desk.answer(second, smsc_id="78"))
    await desk.tell(desk.receipt("78"))
    desk.now += 3 * DAY + 1
    segment = await in_doubt(desk)
    await desk.tell(desk.receipt("77"))
    assert await desk.store.adopt([adoption(desk, await parked_id(desk), segment)]) == [True]


async def test_a_doubt_that_was_settled_meanwhile_is_left_alone(desk: Desk) -> None:
    segment = await in_doubt(desk)
    await desk.tell(desk.receipt("77", state=State.UNDELIVERED))
    await desk.store.settle_doubt([Settlement(segment.message_id, State.SUBMITTED, desk.now, "they say so")])
    assert await desk.store.adopt([adoption(desk, await parked_id(desk), segment)]) == [False]
    assert await desk.state(segment.message_id) is State.SUBMITTED


async def test_a_known_id_of_a_doubt_needs_no_final_state(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.IN_DOUBT, smsc_id="5a"))
    assert await desk.tell(desk.receipt("5a", state=None)) == [True]
    assert await desk.state(message_id) is State.SUBMITTED


# Attempts that were overtaken.


async def test_the_receipt_of_an_overtaken_attempt_is_known(desk: Desk) -> None:
    message_id = await desk.queue()
    (first,) = await desk.claim()
    await desk.settle(desk.answer(first, State.QUEUED))
    (second,) = await desk.claim()
    await desk.settle(desk.answer(second, smsc_id="b2"))
    await desk.tell(desk.receipt("b1"))
    # The late answer to the first attempt, and its receipt, which came even before.
    assert await desk.settle(desk.answer(first, smsc_id="b1")) == [False]
    assert await desk.store.parked(None, 0, desk.now, 9) == []
    assert await desk.state(message_id) is State.DELIVERED
    assert await desk.tell(desk.receipt("b1")) == [True]


async def test_only_a_delivery_counts_among_what_is_told_of_an_overtaken_attempt(desk: Desk) -> None:
    message_id = await desk.queue()
    (first,) = await desk.claim()
    await desk.settle(desk.answer(first, State.QUEUED))
    (second,) = await desk.claim()
    await desk.settle(desk.answer(second, smsc_id="b2"))
    await desk.settle(desk.answer(first, smsc_id="b1"))
    for state in (None, State.UNDELIVERED, State.EXPIRED, State.REJECTED):
        assert await desk.tell(desk.receipt("b1", state=state)) == [True]
        assert await desk.state(message_id) is State.SUBMITTED
    assert await desk.tell(desk.receipt("b2", state=State.UNDELIVERED)) == [True]
    assert await desk.tell(desk.receipt("b1")) == [True]
    assert await desk.state(message_id) is State.DELIVERED


async def test_a_doubt_settled_by_a_person_hears_of_its_late_answer(desk: Desk) -> None:
    segment = await in_doubt(desk)
    await desk.store.settle_doubt([Settlement(segment.message_id, State.UNDELIVERED, desk.now, "gave up")])
    await desk.settle(desk.answer(segment, smsc_id="c1"))
    assert await desk.state(segment.message_id) is State.UNDELIVERED
    assert await desk.tell(desk.receipt("c1")) == [True]
    assert await desk.state(segment.message_id) is State.DELIVERED


async def test_the_id_that_came_with_a_doubt_is_known_once_another_attempt_has_its_own(desk: Desk) -> None:
    message_id = await desk.queue()
    (first,) = await desk.claim()
    await desk.settle(desk.answer(first, State.IN_DOUBT, smsc_id="d1"))
    await desk.store.settle_doubt([Settlement(message_id, State.QUEUED, desk.now, "again")])
    (second,) = await desk.claim()
    await desk.settle(desk.answer(second, smsc_id="d2"))
    assert await desk.tell(desk.receipt("d1", state=State.UNDELIVERED)) == [True]
    assert await desk.state(message_id) is State.SUBMITTED
    assert await desk.tell(desk.receipt("d1")) == [True]
    assert await desk.state(message_id) is State.DELIVERED


async def test_the_id_that_came_with_a_no_is_known_once_another_attempt_has_its_own(desk: Desk) -> None:
    message_id = await desk.queue()
    (first,) = await desk.claim()
    await desk.settle(desk.answer(first, State.QUEUED, smsc_id="d1"))
    (second,) = await desk.claim()
    await desk.settle(desk.answer(second, smsc_id="d2"))
    assert await desk.tell(desk.receipt("d1")) == [True]
    assert await desk.state(message_id) is State.DELIVERED


# Parked, orphaned, forgotten.


async def test_parked_receipts_are_listed_newest_first(desk: Desk) -> None:
    await desk.tell(desk.receipt("1"), desk.receipt("2", carrier="other"))
    desk.now += 4 * DAY
    await desk.tell(desk.receipt("3"))
    found = await desk.store.parked(None, 0, desk.now, 9)
    assert [(one.news.smsc_message_id, one.orphan) for one in found] == [("3", False), ("2", True), ("1", True)]
    assert [one.news.smsc_message_id for one in await desk.store.parked(CARRIER, NOON, desk.now, 9)] == ["3", "1"]
    assert [one.news.smsc_message_id for one in await desk.store.parked(None, NOON + 1, desk.now, 9)] == ["3"]
    assert await desk.store.parked_counts() == [("other", 1), (CARRIER, 2)]


async def test_after_days_an_id_may_be_another_texts(desk: Desk) -> None:
    await desk.tell(desk.receipt("77"))
    desk.now += 3 * DAY + 1
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, smsc_id="77"))
    assert await desk.state(message_id) is State.SUBMITTED


async def test_what_nobody_claims_is_forgotten_in_the_end(desk: Desk) -> None:
    await desk.tell(desk.receipt("1"), desk.receipt("2"))
    _, (smsc_id,) = await desk.submit()
    await desk.tell(desk.receipt(smsc_id), desk.receipt(smsc_id))  # the second is kept for the record
    desk.now += DAY
    await desk.tell(desk.receipt("3"))
    forgetting = Forget(NOON + 1, 1)
    assert [(await desk.store.forget_receipts(forgetting))[0] for _ in range(3)] == [1, 1, 0]
    assert [one.news.smsc_message_id for one in await desk.store.parked(None, 0, desk.now, 9)] == ["3"]
    assert await desk.tell(desk.receipt("1")) == [False]


# Whom to ask about.


async def test_what_can_be_asked_about(desk: Desk) -> None:
    doubtful = await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.IN_DOUBT, smsc_id="5a"))
    await in_doubt(desk)  # without a name
    silent, (smsc_id,) = await desk.submit(number=OTHER_NUMBER, expires_at=NOON + 5)
    await desk.submit(expires_at=NOON + 500)
    reported, (reported_id,) = await desk.submit(expires_at=NOON + 5)
    await desk.tell(desk.receipt(reported_id))
    expected = [
        Askable(doubtful, 1, NUMBER, SENDER, "5a", State.IN_DOUBT),
        Askable(silent, 1, OTHER_NUMBER, SENDER, smsc_id, State.SUBMITTED),
    ]
    assert await desk.store.askable(CARRIER, NOON + 6, (0, 0), 9) == expected
    assert await desk.store.askable(CARRIER, NOON + 6, (doubtful, 1), 9) == expected[1:]
    assert await desk.store.askable(CARRIER, NOON + 6, (0, 0), 1) == expected[:1]
    assert await desk.store.askable("other", NOON + 6, (0, 0), 9) == []
    assert reported != silent


async def test_a_conflicting_receipt_moves_and_is_kept(desk: Desk) -> None:
    message_id, (smsc_id,) = await desk.submit()
    news = msgspec.structs.replace(desk.receipt(smsc_id), conflict=True)
    assert await desk.tell(news) == [True]
    assert await desk.state(message_id) is State.DELIVERED
    assert await desk.store.parked(None, 0, desk.now, 9) == []
