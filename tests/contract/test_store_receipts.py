"""Delivery receipts: each finds its segment or waits for it, moves it forward only, and none is lost."""

from itertools import permutations

import pytest

from gateway.model.message import State
from gateway.store.receipts import PARKED_FOR
from tests.contract.desk import BIND, NOON, NUMBER, OTHER_NUMBER, SENDER, Desk


async def test_a_receipt_delivers(desk: Desk) -> None:
    message_id, (key,) = await desk.submit()
    desk.now += 40
    assert await desk.tell(desk.receipt(key, err="000")) == [True]
    message = await desk.message(message_id)
    (segment,) = message.segments
    assert (message.state, message.updated_at) == (State.DELIVERED, NOON + 40)
    assert (segment.state, segment.stat, segment.err, segment.receipt_at) == (
        State.DELIVERED, "DELIVRD", "000", NOON + 40,
    )  # fmt: skip
    news = await desk.last_news(message_id)
    assert (news.state, news.cause, news.stat, news.err) == (State.DELIVERED, "receipt", "DELIVRD", "000")


@pytest.mark.parametrize("state", [State.UNDELIVERED, State.EXPIRED, State.REJECTED])
async def test_a_receipt_that_tells_of_failure(desk: Desk, state: State) -> None:
    message_id, (key,) = await desk.submit()
    assert await desk.tell(desk.receipt(key, state=state, err="069")) == [True]
    assert await desk.state(message_id) is state
    assert (await desk.last_news(message_id)).err == "069"


async def test_an_intermediate_receipt_moves_nothing(desk: Desk) -> None:
    message_id, (key,) = await desk.submit()
    assert await desk.tell(desk.receipt(key, state=None)) == [True]
    assert await desk.state(message_id) is State.SUBMITTED
    assert await desk.tell(desk.receipt(key)) == [True]
    assert await desk.kinds(message_id) == ["accepted", "submitted", "delivered"]


async def test_a_receipt_that_comes_twice_counts_once(desk: Desk) -> None:
    message_id, (key,) = await desk.submit()
    receipt = desk.receipt(key)
    assert await desk.tell(receipt, receipt) == [True, True]
    assert await desk.tell(receipt) == [True]
    assert await desk.kinds(message_id) == ["accepted", "submitted", "delivered"]


# What may follow on what.

_FINAL = (State.DELIVERED, State.UNDELIVERED, State.EXPIRED, State.REJECTED)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(("first", "second"), list(permutations(_FINAL, 2)))
async def test_only_a_late_delivered_corrects(desk: Desk, first: State, second: State, together: bool) -> None:
    message_id, (key,) = await desk.submit()
    receipts = desk.receipt(key, state=first, err="001"), desk.receipt(key, state=second, err="002")
    if together:
        assert await desk.tell(*receipts) == [True, True]
    else:
        for receipt in receipts:
            assert await desk.tell(receipt) == [True]
    corrected = second is State.DELIVERED and first is not State.REJECTED
    assert await desk.state(message_id) is (second if corrected else first)
    assert await desk.segments(message_id) == [second if corrected else first]
    assert (await desk.message(message_id)).segments[0].err == ("002" if corrected else "001")
    told = ["accepted", "submitted", str(first), str(second)]
    assert await desk.kinds(message_id) == (told if corrected else told[:3])


async def test_each_segment_has_its_own_receipt(desk: Desk) -> None:
    message_id, keys = await desk.submit(segments=3)
    await desk.tell(desk.receipt(keys[2]), desk.receipt(keys[0]))
    assert await desk.segments(message_id) == [State.DELIVERED, State.SUBMITTED, State.DELIVERED]
    assert await desk.state(message_id) is State.SUBMITTED
    await desk.tell(desk.receipt(keys[1]))
    assert await desk.state(message_id) is State.DELIVERED
    assert await desk.kinds(message_id) == ["accepted", "submitted", "delivered"]


@pytest.mark.parametrize("number", [NUMBER, ""])
@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("together", [False, True])
async def test_segments_that_the_carrier_gave_one_id_have_a_receipt_each(
    desk: Desk, together: bool, early: bool, number: str
) -> None:
    message_id = await desk.queue(segments=3)
    answers = [desk.answer(segment, smsc_id="5a") for segment in await desk.claim()]
    receipts = [desk.receipt("5a", number=number) for _ in answers]
    if early:
        assert await desk.tell(*receipts) == [False] * 3
        await desk.settle(*answers)
    else:
        await desk.settle(*answers)
        for batch in [receipts] if together else [[receipt] for receipt in receipts]:
            assert await desk.state(message_id) is State.SUBMITTED
            assert await desk.tell(*batch) == [True] * len(batch)
    assert await desk.segments(message_id) == [State.DELIVERED] * 3
    assert await desk.state(message_id) is State.DELIVERED


@pytest.mark.parametrize("together", [False, True])
async def test_a_segment_that_shares_its_id_is_delivered_by_no_receipt_of_another(desk: Desk, together: bool) -> None:
    message_id = await desk.queue(segments=3)
    await desk.settle(*[desk.answer(segment, smsc_id="5a") for segment in await desk.claim()])
    receipts = [
        desk.receipt("5a", state=None),  # moves none
        desk.receipt("5a", state=State.EXPIRED),
        desk.receipt("5a"),
    ]
    for batch in [receipts] if together else [[receipt] for receipt in receipts]:
        await desk.tell(*batch)
    assert await desk.segments(message_id) == [State.EXPIRED, State.DELIVERED, State.SUBMITTED]
    assert await desk.state(message_id) is State.EXPIRED
    await desk.tell(desk.receipt("5a"), desk.receipt("5a"))
    assert await desk.state(message_id) is State.DELIVERED
    assert await desk.tell(desk.receipt("5a")) == [True]


async def test_one_undelivered_segment_fails_the_message_for_good(desk: Desk) -> None:
    message_id, keys = await desk.submit(segments=3)
    await desk.tell(desk.receipt(keys[1], state=State.UNDELIVERED))
    assert await desk.state(message_id) is State.UNDELIVERED
    await desk.tell(desk.receipt(keys[0]), desk.receipt(keys[2], state=State.EXPIRED))
    assert await desk.state(message_id) is State.UNDELIVERED
    assert await desk.kinds(message_id) == ["accepted", "submitted", "undelivered"]


async def test_a_failed_message_is_delivered_after_all_when_each_segment_was(desk: Desk) -> None:
    message_id, keys = await desk.submit(segments=2)
    await desk.tell(desk.receipt(keys[0], state=State.EXPIRED))
    await desk.tell(desk.receipt(keys[0]))
    assert await desk.state(message_id) is State.EXPIRED  # not back to submitted: the end was told
    await desk.tell(desk.receipt(keys[1]))
    assert await desk.state(message_id) is State.DELIVERED
    assert await desk.kinds(message_id) == ["accepted", "submitted", "expired", "delivered"]


async def test_the_rest_of_a_failed_text_is_not_sent_though_its_failed_segment_was_delivered(desk: Desk) -> None:
    message_id = await desk.queue(segments=2)
    one, two = await desk.claim()
    await desk.settle(desk.answer(one, smsc_id="1"))
    await desk.tell(desk.receipt("1", state=State.UNDELIVERED), desk.receipt("1"))
    await desk.settle(desk.answer(two, State.QUEUED, due_at=NOON, spent=False))
    assert await desk.claim() == ()
    assert await desk.segments(message_id) == [State.DELIVERED, State.CANCELLED]
    assert await desk.kinds(message_id) == ["accepted", "undelivered"]


# Before the submit_sm_resp.


async def test_a_receipt_that_is_early_waits_for_its_segment(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    assert await desk.tell(desk.receipt("c0ffee")) == [False]
    assert await desk.segments(message_id) == [State.IN_FLIGHT]
    await desk.settle(desk.answer(segment, smsc_id="c0ffee"))
    assert await desk.state(message_id) is State.DELIVERED
    assert await desk.kinds(message_id) == ["accepted", "submitted", "delivered"]


async def test_several_early_receipts_are_applied_in_their_order(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.tell(desk.receipt("7", state=None), desk.receipt("7", state=State.EXPIRED))
    await desk.tell(desk.receipt("7"), desk.receipt("7", state=State.UNDELIVERED))
    await desk.settle(desk.answer(segment, smsc_id="7"))
    assert await desk.kinds(message_id) == ["accepted", "submitted", "expired", "delivered"]
    assert await desk.tell(desk.receipt("7")) == [True]


async def test_a_thousand_early_receipts_find_their_segments(desk: Desk) -> None:
    await desk.grant()
    texts = [desk.submission() for _ in range(1000)]
    await desk.accept(*texts)
    claimed = await desk.claim(1000)
    assert not any(await desk.tell(*(desk.receipt(f"{n:x}") for n in range(1000))))
    await desk.settle(*(desk.answer(segment, smsc_id=f"{n:x}") for n, segment in enumerate(claimed)))
    assert {(await desk.message(text.id)).state for text in texts[::37]} == {State.DELIVERED}
    assert (await desk.store.depth("sim")).queued == 0


@pytest.mark.parametrize(("waited", "state"), [(PARKED_FOR, State.DELIVERED), (PARKED_FOR + 1, State.SUBMITTED)])
async def test_a_receipt_that_has_waited_for_days_is_no_new_segment_s(desk: Desk, waited: int, state: State) -> None:
    """Carriers use ids again: by then it may be another text's."""
    await desk.tell(desk.receipt("c0ffee"))
    desk.now += waited
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, smsc_id="c0ffee"))
    assert await desk.state(message_id) is state


async def test_an_early_receipt_counts_from_when_its_segment_was_known(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    early = desk.receipt("c0ffee")
    await desk.tell(early)
    desk.now += 40
    await desk.settle(desk.answer(segment, smsc_id="c0ffee"))
    message = await desk.message(message_id)
    assert (message.updated_at, message.segments[0].receipt_at) == (early.at + 40, early.at + 40)


async def test_an_early_receipt_is_found_by_any_of_its_keys(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.tell(desk.receipt("59113978", "38601fa"))
    await desk.settle(desk.answer(segment, smsc_id="38601fa"))
    assert await desk.state(message_id) is State.DELIVERED


async def test_an_early_receipt_for_another_number_goes_on_waiting_for_its_own_segment(desk: Desk) -> None:
    theirs = await desk.queue(number=OTHER_NUMBER)
    mine = await desk.queue()
    their_segment, my_segment = await desk.claim()
    await desk.tell(desk.receipt("16", "10"))  # for NUMBER: 0x10, or a decimal 16
    await desk.settle(desk.answer(their_segment, smsc_id="10"))
    assert await desk.state(theirs) is State.SUBMITTED
    await desk.settle(desk.answer(my_segment, smsc_id="16"))
    assert (await desk.state(theirs), await desk.state(mine)) == (State.SUBMITTED, State.DELIVERED)


# Whose receipt it is.


async def test_receipts_of_another_account_are_not_ours(desk: Desk) -> None:
    message_id, (key,) = await desk.submit()
    assert await desk.tell(desk.receipt(key, carrier="other")) == [False]
    assert await desk.state(message_id) is State.SUBMITTED


async def test_receipts_come_over_any_bind_of_the_account(desk: Desk) -> None:
    message_id, (key,) = await desk.submit()
    assert await desk.tell(desk.receipt(key, bind=f"{BIND}-receiver")) == [True]
    assert await desk.state(message_id) is State.DELIVERED


async def test_an_unknown_id_and_none_at_all_are_kept_waiting(desk: Desk) -> None:
    message_id, _ = await desk.submit()
    assert await desk.tell(desk.receipt("beef"), desk.receipt()) == [False, False]
    assert await desk.state(message_id) is State.SUBMITTED


@pytest.mark.parametrize(
    ("number", "sender"),
    [
        (NUMBER, SENDER),
        (NUMBER[1:], SENDER[1:]),
        (NUMBER[2:], "40404"),  # national
        (f"00{NUMBER[1:]}", ""),
        (f"0{NUMBER[2:]}", ""),  # with a trunk prefix
        (SENDER[1:], NUMBER[1:]),  # addresses as they were in the submit_sm
    ],
)
async def test_an_id_in_another_base_counts_when_the_number_agrees(desk: Desk, number: str, sender: str) -> None:
    message_id, _ = await desk.submit()
    segment = (await desk.message(message_id)).segments[0]
    key = segment.smsc_message_id or ""
    assert await desk.tell(desk.receipt("999999", key, number=number, sender=sender)) == [True]
    assert await desk.state(message_id) is State.DELIVERED


@pytest.mark.parametrize("number", [OTHER_NUMBER, "", "0123", "****0123"])
async def test_an_id_in_another_base_does_not_count_otherwise(desk: Desk, number: str) -> None:
    message_id, (key,) = await desk.submit()
    assert await desk.tell(desk.receipt("999999", key, number=number, sender="40404")) == [False]
    assert await desk.state(message_id) is State.SUBMITTED


@pytest.mark.parametrize("number", [OTHER_NUMBER, "", "****0123", "a1b2c3"])
async def test_the_id_as_the_carrier_spelt_it_counts_alone(desk: Desk, number: str) -> None:
    message_id, (key,) = await desk.submit()
    assert await desk.tell(desk.receipt(key, number=number)) == [True]
    assert await desk.state(message_id) is State.DELIVERED


async def test_hex_and_decimal_that_both_exist_are_told_apart_by_the_number(desk: Desk) -> None:
    decimal, hexadecimal = await desk.queue(number=OTHER_NUMBER), await desk.queue()
    one, two = await desk.claim()
    await desk.settle(desk.answer(one, smsc_id="305419896"), desk.answer(two, smsc_id="12345678"))
    assert await desk.tell(desk.receipt("305419896", "12345678", number=NUMBER[1:])) == [True]
    assert (await desk.state(decimal), await desk.state(hexadecimal)) == (State.SUBMITTED, State.DELIVERED)
    assert await desk.tell(desk.receipt("305419896", "12345678", number=OTHER_NUMBER[1:])) == [True]
    assert await desk.state(decimal) is State.DELIVERED


async def test_a_reused_id_is_the_newest_text_s(desk: Desk) -> None:
    old = await desk.queue()
    new = await desk.queue()
    for segment in await desk.claim():
        await desk.settle(desk.answer(segment, smsc_id="1"))
    await desk.tell(desk.receipt("1"))
    assert (await desk.state(old), await desk.state(new)) == (State.SUBMITTED, State.DELIVERED)


async def test_a_reused_id_goes_to_the_number_that_the_receipt_names(desk: Desk) -> None:
    old = await desk.queue()
    new = await desk.queue(number=OTHER_NUMBER)
    for segment in await desk.claim():
        await desk.settle(desk.answer(segment, smsc_id="1"))
    await desk.tell(desk.receipt("1"))
    assert (await desk.state(old), await desk.state(new)) == (State.DELIVERED, State.SUBMITTED)


async def test_an_early_receipt_with_a_reused_id_is_not_spent_on_the_old_text(desk: Desk) -> None:
    old, _ = await desk.submit(number=OTHER_NUMBER)
    old_key = (await desk.message(old)).segments[0].smsc_message_id or ""
    await desk.tell(desk.receipt(old_key, number=OTHER_NUMBER[1:]))
    new = await desk.queue()
    (segment,) = await desk.claim()
    assert await desk.tell(desk.receipt(old_key)) == [False]
    await desk.settle(desk.answer(segment, smsc_id=old_key))
    assert await desk.state(new) is State.DELIVERED


async def test_forged_ids_move_nothing(desk: Desk) -> None:
    message_id, (key,) = await desk.submit()
    forged = [desk.receipt(f"{n:x}", str(n), number=OTHER_NUMBER) for n in range(10_000, 11_000) if f"{n:x}" != key]
    assert not any(await desk.tell(*forged))
    assert await desk.state(message_id) is State.SUBMITTED
