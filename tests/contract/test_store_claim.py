"""Handing segments to binds: in order, looked at once more, to one bind each."""

import pytest
import trio

from gateway.errors import Code
from gateway.model.message import Claimed, Facts, Origin, Ruling, State
from gateway.store.claim import Claim, Claims
from gateway.store.sqlite import SqliteStore
from tests.contract.desk import CARRIER, DAY, NOON, NUMBER, OTHER_NUMBER, Desk, news_of
from tests.policies import look_again

A, B = "sim/0", "sim/1"


async def test_a_claim_is_all_that_the_wire_needs(desk: Desk) -> None:
    message_id = await desk.queue(reference="r-1", account="a-1")
    (segment,) = await desk.claim()
    assert segment == Claimed(
        message_id, 1, 1, 1, CARRIER, "acme", "loans", "servicing", NUMBER, "+12025550100",
        "Your payment is due on 3 March.", "gsm7", 0, NOON + DAY, NOON, Origin.CLIENT, "r-1", "a-1",
    )  # fmt: skip
    assert await desk.state(message_id) is State.IN_FLIGHT
    kept = (await desk.message(message_id)).segments[0]
    assert (kept.bind, kept.claimed_at, kept.attempt) == (A, NOON, 1)


async def test_order_is_priority_then_due_time_then_age(desk: Desk) -> None:
    later = await desk.queue(send_at=NOON + 50)
    desk.now += 10
    last = await desk.queue(priority=3)
    first, second = await desk.queue(), await desk.queue()
    urgent = await desk.queue(priority=0)
    desk.now = NOON + 100
    newest = await desk.queue()
    order = [segment.message_id for segment in await desk.claim()]
    assert order == [urgent, first, second, later, newest, last]


@pytest.mark.parametrize("limit", [1, 2, 5, 7])
async def test_the_limit_is_kept_and_nothing_is_claimed_twice(desk: Desk, limit: int) -> None:
    queued = [await desk.queue(priority=index % 4) for index in range(12)]
    seen: list[int] = []
    while segments := await desk.claim(limit):
        assert len(segments) <= limit
        seen += [segment.message_id for segment in segments]
    assert sorted(seen) == queued
    assert len(set(seen)) == 12


async def test_claims_at_the_same_instant_share_the_queue(desk: Desk) -> None:
    queued = [await desk.queue() for _ in range(10)]
    got: dict[str, list[int]] = {}

    async def take(bind: str) -> None:
        got[bind] = [segment.message_id for segment in await desk.claim(4, bind)]

    async with trio.open_nursery() as nursery:
        for bind in (A, B, "sim/2"):
            nursery.start_soon(take, bind)
    assert sorted(message_id for share in got.values() for message_id in share) == queued
    assert max(map(len, got.values())) == 4


async def test_nothing_due_tells_when_to_ask_again(desk: Desk) -> None:
    assert (await desk.claims()).next_due is None
    await desk.queue(send_at=NOON + 900, priority=1)
    await desk.queue(send_at=NOON + 300, priority=3)
    assert (await desk.claims()).next_due == NOON + 300
    await desk.queue(carrier="other")
    assert await desk.claims() == Claims((), NOON + 300)


async def test_a_claim_that_got_fewer_tells_when_to_ask_again(desk: Desk) -> None:
    first = await desk.queue()
    await desk.queue(send_at=NOON + 300)
    claims = await desk.claims(2)
    assert ([segment.message_id for segment in claims.segments], claims.next_due) == ([first], NOON + 300)
    await desk.queue()
    assert (await desk.claims(1)).next_due is None  # it got what it might have: whoever has more room asks at once


@pytest.mark.parametrize(
    ("texts", "limit", "took_part", "awake"),
    [(1, 2, False, False), (2, 2, False, True), (2, 1, False, True), (1, 2, True, True)],
)
async def test_nobody_is_woken_for_what_the_same_commit_claimed(
    desk: Desk, texts: int, limit: int, took_part: bool, awake: bool
) -> None:
    if took_part:  # the other bind has begun a text, and is left the rest of it
        await desk.queue(segments=2)
        await desk.claim(1, B)
    await desk.grant()
    woken: list[set[str]] = []
    assert isinstance(desk.store, SqliteStore)
    desk.store.on_commit(lambda queued, told, verbs, seconds: woken.append(set(queued)))
    accepted = desk.store.accept(desk.acceptance(*(desk.submission() for _ in range(texts))))
    claimed = [desk.store.claim(Claim(CARRIER, A, limit, desk.now, look_again, frozenset({B})))]
    claimed.append(desk.store.claim(Claim("other", "other/0", limit, desk.now, look_again)))
    await accepted
    assert [len(claims.segments) for (claims,) in [await claim for claim in claimed]] == [min(texts, limit), 0]
    assert woken == [{CARRIER} if awake else set()]


async def test_the_second_bind_to_ask_in_one_commit_is_told_what_the_first_learnt(desk: Desk) -> None:
    await desk.queue()
    await desk.queue(send_at=NOON + 300)
    wishes = [
        desk.store.claim(Claim(CARRIER, bind, 5, desk.now, look_again, frozenset({A, B} - {bind}))) for bind in (A, B)
    ]
    (first,), (second,) = [await wish for wish in wishes]
    assert (len(first.segments), first.next_due) == (1, NOON + 300)
    assert second == Claims((), NOON + 300)


async def test_an_opt_out_that_came_in_between_is_seen(desk: Desk) -> None:
    (message_id,) = [await desk.queue(segments=2)]
    first, second = await desk.claim()
    await desk.stop()
    # What was in flight comes back to the queue, as after a link that never wrote it: now the look has the word.
    for segment in (first, second):
        await desk.settle(desk.answer(segment, State.QUEUED, due_at=NOON, spent=False))
    (reply,) = await desk.claim()
    assert reply.origin is Origin.REPLY
    message = await desk.message(message_id)
    assert (message.state, message.code) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)
    assert b"opted out" in bytes(message.decision)
    assert await desk.segments(message_id) == [State.BLOCKED, State.BLOCKED]
    news = await desk.last_news(message_id)
    assert (news.state, news.code, news.cause) == (State.BLOCKED, Code.CONSENT_OPTED_OUT, "rules")


async def test_refused_texts_do_not_take_the_place_of_others(desk: Desk) -> None:
    refused = [await desk.queue() for _ in range(100)]
    passed = [await desk.queue(number=OTHER_NUMBER) for _ in range(3)]

    def look(segment: Claimed, facts: Facts, now: int) -> Ruling | None:
        return Ruling(State.BLOCKED, now, b"{}", Code.CONSENT_OPTED_OUT) if segment.number == NUMBER else None

    claims = await desk.claims(2, look=look)
    assert [segment.message_id for segment in claims.segments] == passed[:2]
    assert {await desk.state(message_id) for message_id in refused} == {State.BLOCKED}


async def test_a_queue_full_of_refused_texts_is_worked_off_in_bounded_claims(desk: Desk) -> None:
    await desk.grant()
    expired = [desk.submission(expires_at=NOON + 10) for _ in range(2500)]
    await desk.accept(*expired)
    alive = await desk.queue()
    desk.now += 10
    rounds = 0
    while not (claims := await desk.claims(10)).segments:
        assert claims.next_due == desk.now  # at once
        rounds += 1
        assert rounds < 10
    assert rounds > 0
    assert [segment.message_id for segment in claims.segments] == [alive]
    assert await desk.state(expired[-1].id) is State.EXPIRED


async def test_a_look_that_holds_moves_the_due_time(desk: Desk) -> None:
    message_id = await desk.queue(segments=2)

    def look(segment: Claimed, facts: Facts, now: int) -> Ruling | None:
        return Ruling(State.HELD, NOON + 700, b'{"held":1}', Code.SCHEDULED) if now < NOON + 700 else None

    claims = await desk.claims(look=look)
    assert (claims.segments, claims.next_due) == ((), NOON + 700)
    message = await desk.message(message_id)
    assert (message.state, message.code, bytes(message.decision)) == (State.HELD, Code.SCHEDULED, b'{"held":1}')
    news = await desk.last_news(message_id)
    assert (news.state, news.due_at) == (State.HELD, "2026-09-21T14:13:20.700Z")
    desk.now = NOON + 700
    assert len((await desk.claims(look=look)).segments) == 2


async def test_what_expired_is_not_handed_out(desk: Desk) -> None:
    message_id = await desk.queue(expires_at=NOON + 10, segments=2)
    desk.now = NOON + 10
    assert await desk.claim() == ()
    message = await desk.message(message_id)
    assert (message.state, message.code) == (State.EXPIRED, Code.EXPIRED_BEFORE_SENDING)
    assert b"consent" in bytes(message.decision)  # the decision of the submit is kept
    assert (await desk.last_news(message_id)).cause == "validity"


async def test_a_look_that_raises_hands_out_nothing_and_spoils_no_other(desk: Desk) -> None:
    await desk.queue()

    def look(segment: Claimed, facts: Facts, now: int) -> Ruling | None:
        raise LookupError("no facts")

    with pytest.raises(LookupError):
        await desk.claims(look=look)
    (segment,) = await desk.claim()
    assert segment.attempt == 1


async def test_answers_to_the_consumer_need_no_consent(desk: Desk) -> None:
    submission = desk.submission(origin=Origin.REPLY)
    (accepted,) = await desk.accept(submission)
    assert accepted.state is State.QUEUED
    (segment,) = await desk.claim()
    assert look_again(segment, Facts(opted_out="*/*"), desk.now) is None


# A text goes over one bind, as long as that bind is up.


async def test_the_rest_of_a_text_is_left_to_the_bind_that_began_it(desk: Desk) -> None:
    long = await desk.queue(segments=3)
    short = await desk.queue()
    (first,) = await desk.claim(1, A)
    assert [segment.message_id for segment in await desk.claim(5, B, {A})] == [short]
    claims = await desk.claims(5, B, {A})
    assert (claims.segments, claims.next_due) == ((), None)  # nothing to ask for again soon
    rest = await desk.claim(5, A, {B})
    assert [(segment.message_id, segment.n) for segment in (first, *rest)] == [(long, 1), (long, 2), (long, 3)]


async def test_two_binds_in_one_batch_do_not_tear_a_text_apart(desk: Desk) -> None:
    await desk.queue(segments=4)
    got: dict[str, int] = {}

    async def take(bind: str, other: str) -> None:
        got[bind] = len(await desk.claim(3, bind, {other}))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(take, A, B)
        nursery.start_soon(take, B, A)
    assert sorted(got.values()) == [0, 3]


async def test_segments_left_to_another_bind_do_not_hide_what_is_behind_them(desk: Desk) -> None:
    for _ in range(30):
        await desk.queue(segments=5)
        await desk.claim(1, A)
        desk.now -= 1  # the next one is due before the rest of this one
    desk.now = NOON
    short = await desk.queue()
    (segment,) = await desk.claim(1, B, {A})
    assert segment.message_id == short


async def test_the_rest_of_a_text_goes_over_another_bind_when_its_own_is_gone(desk: Desk) -> None:
    long = await desk.queue(segments=3)
    await desk.claim(1, A)
    rest = await desk.claim(5, B)
    assert [(segment.message_id, segment.n) for segment in rest] == [(long, 2), (long, 3)]


async def test_two_binds_that_both_have_a_part_do_not_leave_the_rest_to_each_other(desk: Desk) -> None:
    await desk.queue(segments=3)
    (first,) = await desk.claim(1, A)
    await desk.settle(desk.answer(first))
    (second,) = await desk.claim(1, B)  # while A was down
    await desk.settle(desk.answer(second))
    (third,) = await desk.claim(5, A, {B})
    assert third.n == 3


@pytest.mark.parametrize("taken", [1, 2])
async def test_a_bind_that_comes_back_leaves_the_rest_to_the_one_that_went_on(desk: Desk, taken: int) -> None:
    await desk.queue(segments=5)
    (first,) = await desk.claim(1, A)
    await desk.settle(desk.answer(first))
    desk.now += 1
    await desk.claim(taken, B)  # while A was down
    desk.now += 1
    assert await desk.claim(5, A, {B}) == ()
    assert [segment.n for segment in await desk.claim(5, B, {A})] == list(range(2 + taken, 6))


async def test_a_claim_tells_nothing_and_the_answer_everything(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    assert await desk.kinds(message_id) == ["accepted"]
    await desk.settle(desk.answer(segment))
    timeline = await desk.store.timeline(message_id)
    assert [news_of(event).state for event in timeline] == [State.QUEUED, State.SUBMITTED]
