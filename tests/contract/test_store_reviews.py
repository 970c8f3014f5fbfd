"""Reviews and holds: opened with the text that causes them, told when overdue, ended by a person and nothing else."""

import msgspec
import pytest

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.clock import DAY, HOUR
from gateway.model.hold import HoldReason, Opening
from gateway.model.ids import ReviewId
from gateway.model.inbound import Heard, Reading, ReplyKind, SignalName
from gateway.model.message import Origin, State
from gateway.model.review import ReviewDecision, Verdict
from gateway.store.doubt import Recovery
from gateway.store.inbound import SignalNews
from gateway.store.reviews import Overdue, ReviewCount, ReviewFilter, ReviewNews, ReviewOutcome
from tests.contract.desk import CLIENT, NOON, NUMBER, OTHER_NUMBER, Desk

READING = Reading("weak.ending", "enough", (Heard(SignalName.ATTORNEY, "attorney.represented", "my lawyer"),))


async def unclear(
    desk: Desk, *reasons: HoldReason, number: Number = NUMBER, client: str = CLIENT, due_at: int = 0
) -> ReviewId:
    """A text comes that holds the number; the id of its review."""
    inbound = desk.reply(ReplyKind.NEEDS_REVIEW, number, text="enough, talk to my lawyer", reading=READING)
    reception = desk.reception(inbound)
    opening = Opening(
        ReviewId(inbound.id + 1), client, reasons or (HoldReason.REVIEW,), due_at or inbound.received_at + DAY
    )
    effect = msgspec.structs.replace(reception.effect, openings=(opening,), told=(client,))
    await desk.store.receive_inbound([msgspec.structs.replace(reception, effect=effect, reply=None)])
    desk.now += 1
    return opening.id


async def decide(
    desk: Desk, review: ReviewId, decision: ReviewDecision, client: str | None = CLIENT, note: str = ""
) -> ReviewOutcome:
    (outcome,) = await desk.store.decide_reviews([Verdict(review, client, decision, "agent 12", note, desk.now)])
    return outcome


async def code_of(desk: Desk, message_id: int) -> tuple[State, Code | None]:
    message = await desk.message(message_id)
    return message.state, message.code


async def test_a_held_number_gets_nothing_that_was_queued_before(desk: Desk) -> None:
    message_id = await desk.queue()
    other = await desk.queue(number=OTHER_NUMBER)
    await unclear(desk)
    assert [segment.message_id for segment in await desk.claim()] == [other]
    assert await code_of(desk, message_id) == (State.HELD, Code.HOLD_REVIEW)
    assert (await desk.last_news(message_id)).code == "hold.review"


async def test_a_held_number_gets_nothing_that_is_submitted_after(desk: Desk) -> None:
    await unclear(desk, HoldReason.ATTORNEY)
    message_id = await desk.queue()
    assert await code_of(desk, message_id) == (State.HELD, Code.HOLD_ATTORNEY)
    assert await desk.claim() == ()
    desk.now += DAY - 10
    assert await desk.claim() == ()
    desk.now += HOUR
    assert await desk.claim() == ()
    assert await code_of(desk, message_id) == (State.EXPIRED, Code.EXPIRED_BEFORE_SENDING)


async def test_a_scheduled_text_is_held_when_its_time_comes(desk: Desk) -> None:
    message_id = await desk.queue(send_at=desk.now + HOUR)
    await unclear(desk)
    desk.now += 2 * HOUR
    assert await desk.claim() == ()
    assert await code_of(desk, message_id) == (State.HELD, Code.HOLD_REVIEW)


async def test_a_hold_is_one_clients(desk: Desk) -> None:
    await unclear(desk, client="globex")
    message_id = await desk.queue()
    assert [segment.message_id for segment in await desk.claim()] == [message_id]


async def test_an_answer_to_a_core_word_is_not_held(desk: Desk) -> None:
    await unclear(desk)
    await desk.say(ReplyKind.HELP)
    (answer,) = await desk.claim()
    assert answer.origin is Origin.REPLY


async def test_a_release_sends_what_was_held(desk: Desk) -> None:
    await desk.queue()
    review = await unclear(desk)
    await desk.queue(text="second")
    await desk.claim()
    assert await decide(desk, review, ReviewDecision.RELEASE) is ReviewOutcome.DECIDED
    assert len(await desk.claim()) == 2


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "found in flight at a start"])
async def test_a_release_sends_the_rest_of_a_text_that_was_held_half_way(desk: Desk, answered: bool) -> None:
    message_id = await desk.queue(segments=2)
    (first,) = await desk.claim(1)
    review = await unclear(desk)
    assert await desk.claim() == ()
    if answered:
        await desk.settle(desk.answer(first))
    else:
        await desk.store.recover(Recovery(desk.now, frozenset()))
        assert await desk.state(message_id) is State.IN_DOUBT
    assert await decide(desk, review, ReviewDecision.RELEASE) is ReviewOutcome.DECIDED
    assert [(segment.message_id, segment.n) for segment in await desk.claim()] == [(message_id, 2)]


async def test_a_release_leaves_a_scheduled_text_to_its_time(desk: Desk) -> None:
    review = await unclear(desk)
    message_id = await desk.queue(send_at=desk.now + HOUR)
    await decide(desk, review, ReviewDecision.RELEASE)
    assert await desk.claim() == ()
    assert await code_of(desk, message_id) == (State.HELD, Code.SCHEDULED)
    desk.now += HOUR
    assert len(await desk.claim()) == 1


async def test_an_opt_out_by_review_ends_what_was_held_and_is_not_texted_about(desk: Desk) -> None:
    message_id = await desk.queue()
    review = await unclear(desk)
    await desk.claim()
    assert await decide(desk, review, ReviewDecision.OPT_OUT) is ReviewOutcome.DECIDED
    assert await code_of(desk, message_id) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)
    assert await desk.claim() == ()
    (consent,) = [one for one in await desk.store.consents_of(NUMBER, CLIENT) if one.state == "revoked"]
    assert consent.cause == "review: agent 12"


async def test_an_opt_out_closes_all_that_was_open_and_keeps_what_another_law_holds(desk: Desk) -> None:
    first, second = await unclear(desk), await unclear(desk, HoldReason.BANKRUPTCY)
    await decide(desk, first, ReviewDecision.OPT_OUT)
    assert await desk.store.review_counts(desk.now) == []
    found = await desk.store.review(second, CLIENT)
    assert found is not None
    assert (found.decision, found.holding) == (ReviewDecision.OPT_OUT, (HoldReason.BANKRUPTCY,))
    desk.now += 1
    await desk.start()
    await desk.claim()
    held = await desk.queue()
    assert await code_of(desk, held) == (State.HELD, Code.HOLD_BANKRUPTCY)
    assert await decide(desk, second, ReviewDecision.RELEASE) is ReviewOutcome.DECIDED
    assert len(await desk.claim()) == 1


async def test_a_kept_hold_stays_and_can_be_released_later(desk: Desk) -> None:
    await desk.queue()
    review = await unclear(desk, HoldReason.DECEASED)
    assert await decide(desk, review, ReviewDecision.KEEP) is ReviewOutcome.DECIDED
    assert await desk.store.review_counts(desk.now + 9 * DAY) == []
    assert await desk.claim() == ()
    assert await decide(desk, review, ReviewDecision.RELEASE) is ReviewOutcome.DECIDED
    assert len(await desk.claim()) == 1


async def test_a_hold_stands_while_any_review_asks_for_it(desk: Desk) -> None:
    await desk.queue()
    first, second = await unclear(desk), await unclear(desk, HoldReason.REVIEW, HoldReason.CEASE)
    await decide(desk, first, ReviewDecision.RELEASE)
    assert await desk.claim() == ()
    await decide(desk, second, ReviewDecision.RELEASE)
    assert len(await desk.claim()) == 1


async def test_a_hold_that_was_kept_outlives_the_release_of_another_review(desk: Desk) -> None:
    await desk.queue()
    first, second = await unclear(desk, HoldReason.ATTORNEY), await unclear(desk, HoldReason.ATTORNEY)
    await decide(desk, first, ReviewDecision.KEEP)
    await decide(desk, second, ReviewDecision.RELEASE)
    assert await desk.claim() == ()


async def test_the_same_decision_again_changes_nothing_and_another_comes_too_late(desk: Desk) -> None:
    review = await unclear(desk)
    assert await decide(desk, review, ReviewDecision.RELEASE) is ReviewOutcome.DECIDED
    seen = len(await desk.store.events(CLIENT, 0, 100))
    assert await decide(desk, review, ReviewDecision.RELEASE) is ReviewOutcome.DECIDED
    assert await decide(desk, review, ReviewDecision.OPT_OUT) is ReviewOutcome.SETTLED
    assert len(await desk.store.events(CLIENT, 0, 100)) == seen


@pytest.mark.parametrize("client", ["globex", ""])
async def test_a_review_of_another_client_is_no_review(desk: Desk, client: str) -> None:
    review = await unclear(desk)
    assert await decide(desk, review, ReviewDecision.RELEASE, client) is ReviewOutcome.UNKNOWN
    assert await desk.store.review(review, client) is None
    assert await decide(desk, ReviewId(1), ReviewDecision.RELEASE) is ReviewOutcome.UNKNOWN
    assert await decide(desk, review, ReviewDecision.RELEASE, None) is ReviewOutcome.DECIDED


async def test_an_overdue_review_is_told_once_and_holds_on(desk: Desk) -> None:
    await desk.queue()
    review = await unclear(desk, due_at=NOON + HOUR)
    await unclear(desk, number=OTHER_NUMBER, due_at=NOON + 2 * HOUR)
    for now, expected in ((NOON + HOUR - 1, []), (NOON + HOUR, [review]), (NOON + HOUR + 1, [])):
        assert await desk.store.overdue_reviews(Overdue(now, 10)) == [expected]
    assert (await desk.store.events(CLIENT, 0, 100))[-1].kind == "review.overdue"
    assert await desk.store.review_counts(NOON + HOUR) == [ReviewCount(CLIENT, 2, 1)]
    assert await desk.claim() == ()


async def test_a_review_shows_the_text_and_how_it_was_read(desk: Desk) -> None:
    review = await unclear(desk, HoldReason.REVIEW, HoldReason.ATTORNEY)
    found = await desk.store.review(review, CLIENT)
    assert found is not None
    assert (found.text, found.kind, found.reading) == ("enough, talk to my lawyer", "needs-review", READING)
    assert found.reasons == found.holding == (HoldReason.REVIEW, HoldReason.ATTORNEY)
    await decide(desk, review, ReviewDecision.KEEP, note="on file")
    found = await desk.store.review(review, None)
    assert found is not None
    assert (found.decision, found.by, found.note, found.decided_at) == ("keep", "agent 12", "on file", desk.now)


async def test_reviews_are_listed_oldest_first_by_pages(desk: Desk) -> None:
    ids = [await unclear(desk, due_at=NOON + place * HOUR) for place in range(1, 6)]
    await decide(desk, ids[0], ReviewDecision.KEEP)
    other = await unclear(desk, client="globex", number=OTHER_NUMBER)

    async def listed(wanted: ReviewFilter) -> list[int]:
        found: list[int] = []
        while True:
            page, after = await desk.store.reviews(wanted)
            found += [review.id for review in page]
            if after is None:
                return found
            wanted = msgspec.structs.replace(wanted, after=after)

    assert await listed(ReviewFilter(CLIENT, limit=2)) == ids[1:]
    assert await listed(ReviewFilter(CLIENT, due_by=NOON + 3 * HOUR)) == ids[1:3]
    assert await listed(ReviewFilter(CLIENT, open=False, limit=5)) == ids
    assert await listed(ReviewFilter(None, limit=2)) == [*ids[1:], other]


async def test_an_opening_and_a_decision_are_told_to_the_client(desk: Desk) -> None:
    review = await unclear(desk)
    await decide(desk, review, ReviewDecision.KEEP, note="asked by phone")
    events = await desk.store.events(CLIENT, 0, 100)
    assert [event.kind for event in events] == [
        "inbound.received", "review.opened", "consumer.attorney", "review.decided",
    ]  # fmt: skip
    opened, decided = (msgspec.json.decode(events[place].body, type=ReviewNews) for place in (1, 3))
    assert (opened.reasons, opened.decision) == (("review",), None)
    assert (decided.id, decided.decision, decided.by, decided.note) == (opened.id, "keep", "agent 12", "asked by phone")
    news = msgspec.json.decode(events[2].body, type=SignalNews)
    assert (news.number, news.rule, news.words) == (NUMBER, "attorney.represented", "my lawyer")


async def test_ids_of_reviews_are_never_given_twice(desk: Desk) -> None:
    review = await unclear(desk)
    assert await desk.store.greatest_id() == review
