"""Consent as clients and consumers change it, and what an opt-out ends."""

import pytest

from gateway.errors import Code
from gateway.model.consent import ANY, ConsentChange, ConsentState
from gateway.model.events import Kind
from gateway.model.message import Origin, State
from gateway.store.claim import Claim
from tests.contract.desk import BIND, CARRIER, CLIENT, NOON, NUMBER, OTHER_NUMBER, Desk
from tests.policies import look_again

HOUR = 3_600_000


async def _accepted(desk: Desk, **changes: object) -> Code | None:
    """The code with which a text is refused; None if it is taken."""
    (accepted,) = await desk.accept(desk.submission(**changes))
    assert (accepted.state is State.BLOCKED) == (accepted.code is not None)
    return accepted.code


async def test_a_grant_is_kept_with_its_evidence(desk: Desk) -> None:
    change = ConsentChange(
        NUMBER, CLIENT, "loans", "servicing", ConsentState.CONFIRMED, NOON, "api", b'{"medium":"web form"}', NOON - 5
    )
    assert await desk.store.change_consents([change]) == [True]
    (consent,) = await desk.store.consents_of(NUMBER, CLIENT)
    assert (consent.program, consent.category, consent.state, consent.changed_at, consent.cause) == (
        "loans", "servicing", ConsentState.CONFIRMED, NOON, "api",
    )  # fmt: skip
    assert bytes(consent.evidence) == b'{"medium":"web form"}'
    assert await desk.store.consents_of(NUMBER, "globex") == []
    assert await desk.store.consents_of(OTHER_NUMBER, CLIENT) == []


async def test_a_stop_ends_everything_that_waits(desk: Desk) -> None:
    queued = await desk.queue(segments=2)
    scheduled = await desk.queue(send_at=NOON + HOUR)
    collections = await desk.queue(category="collections", program="cards")
    other = await desk.queue(number=OTHER_NUMBER)
    assert await desk.stop()
    for message_id in (queued, scheduled, collections):
        message = await desk.message(message_id)
        assert (message.state, message.code) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)
        assert {segment.state for segment in message.segments} == {State.BLOCKED}
        assert (await desk.last_news(message_id)).cause == "opt_out"
    assert await desk.state(other) is State.QUEUED
    assert await _accepted(desk) is Code.CONSENT_OPTED_OUT
    assert {segment.number for segment in await desk.claim() if segment.origin == "client"} == {OTHER_NUMBER}


async def test_a_stop_leaves_what_the_carrier_has_and_what_is_on_its_way(desk: Desk) -> None:
    submitted, _ = await desk.submit()
    in_flight = await desk.queue()
    (segment,) = await desk.claim()
    await desk.stop()
    assert await desk.state(submitted) is State.SUBMITTED
    assert await desk.state(in_flight) is State.IN_FLIGHT
    assert await desk.settle(desk.answer(segment)) == [True]


async def test_a_stop_in_the_middle_of_a_long_text_ends_the_rest(desk: Desk) -> None:
    message_id = await desk.queue(segments=3)
    (first,) = await desk.claim(1)
    await desk.stop()
    assert await desk.segments(message_id) == [State.IN_FLIGHT, State.BLOCKED, State.BLOCKED]
    await desk.settle(desk.answer(first, smsc_id="1"))
    await desk.tell(desk.receipt("1"))
    assert await desk.state(message_id) is State.BLOCKED
    assert await desk.kinds(message_id) == ["accepted", "blocked"]


async def test_a_stop_is_one_client_s(desk: Desk) -> None:
    theirs = ConsentChange(NUMBER, "globex", "loans", "servicing", ConsentState.CONFIRMED, NOON, "api", b"{}", NOON)
    await desk.store.change_consents([theirs])
    waiting = desk.submission(client="globex")
    await desk.accept(waiting)
    await desk.stop()
    assert await desk.state(waiting.id) is State.QUEUED
    assert await _accepted(desk, client="globex") is None


async def test_stop_twice_is_told_once(desk: Desk) -> None:
    await desk.grant()
    await desk.stop()
    await desk.stop()
    kinds = [event.kind for event in await desk.store.events(CLIENT, 0, 100)]
    assert kinds.count(Kind.CONSENT_REVOKED) == 1
    assert await _accepted(desk) is Code.CONSENT_OPTED_OUT


async def test_a_stop_that_is_repeated_ends_what_waits_by_then(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    await desk.revoke()
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=NOON + HOUR))
    farewell = desk.submission(origin=Origin.FAREWELL)
    await desk.accept(farewell)
    assert not await desk.revoke()
    message = await desk.message(message_id)
    assert (message.state, message.code) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)
    assert await desk.state(farewell.id) is State.QUEUED


async def test_start_undoes_a_stop(desk: Desk) -> None:
    await desk.grant()
    await desk.stop()
    desk.now += 1
    await desk.start()
    assert await _accepted(desk) is None
    kinds = [event.kind for event in await desk.store.events(CLIENT, 0, 100) if event.kind.startswith("consent.")]
    assert kinds == ["consent.granted", "consent.revoked", "consent.granted"]


async def test_start_brings_nothing_back_that_the_stop_ended(desk: Desk) -> None:
    message_id = await desk.queue()
    await desk.stop()
    await desk.start()
    assert await desk.state(message_id) is State.BLOCKED
    assert message_id not in {segment.message_id for segment in await desk.claim()}


async def test_start_without_a_stop_grants_nothing(desk: Desk) -> None:
    await desk.start()
    assert await _accepted(desk) is Code.CONSENT_MISSING
    assert await desk.store.consents_of(NUMBER, CLIENT) == []


async def test_start_does_not_grant_what_was_never_granted(desk: Desk) -> None:
    await desk.grant()
    await desk.stop()
    await desk.start()
    assert await _accepted(desk, category="collections") is Code.CONSENT_CATEGORY
    assert await _accepted(desk, program="cards") is Code.CONSENT_MISSING


async def test_stop_start_stop(desk: Desk) -> None:
    await desk.grant()
    for _ in range(3):
        await desk.stop()
        assert await _accepted(desk) is Code.CONSENT_OPTED_OUT
        desk.now += 1
        await desk.start()
        assert await _accepted(desk) is None
        desk.now += 1


# The later wish of the consumer counts.


@pytest.mark.parametrize("age", [0, 1, HOUR])
async def test_a_consent_from_before_the_stop_does_not_undo_it(desk: Desk, age: int) -> None:
    await desk.stop()
    assert not await desk.grant(age=age)  # of the same instant, or older
    assert await _accepted(desk) is Code.CONSENT_OPTED_OUT


async def test_a_consent_from_after_the_stop_undoes_it(desk: Desk) -> None:
    await desk.stop()
    desk.now += 10
    assert await desk.grant(age=9)
    assert await _accepted(desk) is None


async def test_a_stop_that_is_repeated_counts_from_its_last_time(desk: Desk) -> None:
    await desk.grant()
    await desk.stop()
    desk.now += HOUR
    await desk.stop()
    desk.now += 10
    assert not await desk.grant(age=HOUR // 2)  # agreed between the two
    assert await _accepted(desk) is Code.CONSENT_OPTED_OUT
    assert await desk.grant(age=5)
    assert await _accepted(desk) is None


async def test_a_new_consent_for_one_thing_does_not_bring_back_the_others(desk: Desk) -> None:
    await desk.grant()
    await desk.grant(category="collections")
    await desk.grant(program="cards")
    await desk.stop()
    desk.now += 10
    assert await desk.grant(age=5)
    assert await _accepted(desk) is None
    assert await _accepted(desk, category="collections") is Code.CONSENT_OPTED_OUT
    assert await _accepted(desk, program="cards") is Code.CONSENT_OPTED_OUT
    assert not await desk.grant(category="collections", age=15)  # from before the STOP: it is as good as the first
    assert not await desk.grant(category="marketing", age=15)
    assert await desk.grant(category="collections", age=5)
    assert await _accepted(desk, category="collections") is None
    await desk.start()  # the consumer takes the STOP back, and with it what it ended
    assert await _accepted(desk, program="cards") is None


async def test_a_stop_ends_what_was_granted_after_an_earlier_one(desk: Desk) -> None:
    await desk.stop()
    desk.now += 10
    message_id = await desk.queue()
    assert await desk.state(message_id) is State.QUEUED
    await desk.stop()
    assert await desk.state(message_id) is State.BLOCKED
    assert await _accepted(desk) is Code.CONSENT_OPTED_OUT
    kinds = [event.kind for event in await desk.store.events(CLIENT, 0, 100)]
    assert kinds.count(Kind.CONSENT_REVOKED) == 2


async def test_a_consent_that_one_opt_out_forbids_does_not_undo_another(desk: Desk) -> None:
    await desk.grant()
    await desk.grant(program="cards")
    await desk.stop()
    desk.now += 10
    await desk.revoke(program="loans")
    assert not await desk.grant(age=5)  # later than the STOP, earlier than the end of the program
    assert await _accepted(desk, program="cards") is Code.CONSENT_OPTED_OUT
    assert await _accepted(desk) is Code.CONSENT_OPTED_OUT


@pytest.mark.parametrize(
    ("program", "category", "code", "same_category", "same_program"),
    [
        (ANY, ANY, Code.CONSENT_OPTED_OUT, False, False),
        ("loans", ANY, Code.CONSENT_OPTED_OUT, True, False),
        (ANY, "servicing", Code.CONSENT_OPTED_OUT, False, True),
        ("loans", "servicing", Code.CONSENT_WITHDRAWN, True, True),
    ],
)
async def test_the_scope_of_an_end(
    desk: Desk, program: str, category: str, code: Code, same_category: bool, same_program: bool
) -> None:
    """What ends: the text itself, whether one of another program's same category goes on, and the reverse."""
    for one, other in (("loans", "servicing"), ("cards", "servicing"), ("loans", "collections")):
        await desk.grant(program=one, category=other)
    exact = await desk.queue()
    elsewhere = await desk.queue(program="cards")
    beside = await desk.queue(category="collections")
    desk.now += 10
    assert await desk.revoke(program=program, category=category)
    message = await desk.message(exact)
    assert (message.state, message.code) == (State.BLOCKED, code)
    assert await _accepted(desk) is code
    for message_id, goes_on in ((elsewhere, same_category), (beside, same_program)):
        assert await desk.state(message_id) is (State.QUEUED if goes_on else State.BLOCKED)
    assert (await _accepted(desk, program="cards") is None) is same_category
    assert (await _accepted(desk, category="collections") is None) is same_program
    desk.now += 10
    assert await desk.grant(age=5)
    assert await _accepted(desk) is None


async def test_the_same_end_again_changes_nothing(desk: Desk) -> None:
    await desk.grant()
    assert await desk.revoke(program="loans", category="servicing")
    assert not await desk.revoke(program="loans", category="servicing")


async def test_an_end_and_a_grant_in_one_verb_are_taken_in_their_order(desk: Desk) -> None:
    def change(state: ConsentState, obtained_at: int | None = None) -> ConsentChange:
        return ConsentChange(NUMBER, CLIENT, "loans", "servicing", state, NOON, "api", b"{}", obtained_at)

    granted, revoked = change(ConsentState.CONFIRMED, NOON), change(ConsentState.REVOKED)
    assert await desk.store.change_consents([granted, revoked]) == [True, True]
    assert await _accepted(desk) is Code.CONSENT_WITHDRAWN
    later = change(ConsentState.CONFIRMED, NOON + 1)
    assert await desk.store.change_consents([revoked, later]) == [False, True]
    assert await _accepted(desk) is None


async def test_an_opt_out_is_seen_by_a_claim_that_was_posted_just_before(desk: Desk) -> None:
    message_id = await desk.queue()
    claim = desk.store.claim(Claim(CARRIER, BIND, 10, NOON, look_again))
    opt_out = desk.store.change_consents([ConsentChange(NUMBER, CLIENT, ANY, ANY, ConsentState.REVOKED, NOON, "api")])
    assert await opt_out == [True]
    assert (await claim)[0].segments == ()
    assert await desk.state(message_id) is State.BLOCKED
