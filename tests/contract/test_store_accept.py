"""Taking submissions: judged and stored once, whatever the client repeats."""

import sqlite3

import msgspec
import pytest
import trio

from gateway.errors import Code
from gateway.model.decision import Decision, Verdict
from gateway.model.message import Accepted, Message, State
from gateway.store.accept import Answer, KeyReused, Replayed
from gateway.store.base import Store
from gateway.store.forget import Forget
from gateway.store.reads import MessageFilter
from tests.contract.desk import CLIENT, DAY, NOON, NUMBER, OTHER_NUMBER, SENDER, Desk, news_of


async def test_a_text_with_consent_is_queued_and_told(desk: Desk) -> None:
    await desk.grant()
    submission = desk.submission(reference="r-1", account="a-1")

    (accepted,) = await desk.accept(submission)

    assert accepted == Accepted(submission.id, State.QUEUED, "gsm7", 1, None)
    message = await desk.message(submission.id)
    assert message == Message(
        submission.id, CLIENT, "loans", "servicing", NUMBER, SENDER, "sim", submission.text, "gsm7", 31, 1, 2,
        State.QUEUED, None, submission.origin, "a-1", "r-1", NOON, None, NOON + DAY, NOON, NOON, message.decision,
        message.segments,
    )  # fmt: skip
    assert [(segment.n, segment.state, segment.due_at) for segment in message.segments] == [(1, State.QUEUED, NOON)]
    assert await desk.kinds(submission.id) == ["accepted"]
    news = await desk.last_news(submission.id)
    assert (news.to, news.reference, news.account, news.cause) == (NUMBER, "r-1", "a-1", "rules")


async def test_nobody_consented_so_it_is_refused_and_the_refusal_is_kept(desk: Desk) -> None:
    submission = desk.submission()

    (accepted,) = await desk.accept(submission)

    assert (accepted.state, accepted.code) == (State.BLOCKED, Code.CONSENT_MISSING)
    decision = msgspec.json.decode(accepted.decision, type=Decision)
    assert decision.outcome is Verdict.REFUSE
    message = await desk.message(submission.id)
    assert (message.state, message.code, message.segments) == (State.BLOCKED, Code.CONSENT_MISSING, ())
    assert msgspec.json.decode(message.decision, type=Decision) == decision
    assert accepted.decided_at == message.decided_at == NOON
    assert await desk.kinds(submission.id) == ["blocked"]
    assert await desk.claim() == ()


async def test_consent_for_another_category_is_none_for_this_one(desk: Desk) -> None:
    await desk.grant(category="collections")
    (accepted,) = await desk.accept(desk.submission())
    assert accepted.code is Code.CONSENT_CATEGORY


async def test_a_text_for_later_is_held_until_then(desk: Desk) -> None:
    message_id = await desk.queue(send_at=NOON + 5000)
    assert (await desk.message(message_id)).code is Code.SCHEDULED
    assert await desk.state(message_id) is State.HELD
    assert (await desk.last_news(message_id)).due_at is not None

    claims = await desk.claims()
    assert (claims.segments, claims.next_due) == ((), NOON + 5000)
    desk.now = NOON + 5000
    (segment,) = await desk.claim()
    assert segment.message_id == message_id


async def test_answers_come_in_the_order_of_the_submissions(desk: Desk) -> None:
    await desk.grant()
    texts = [desk.submission(number=NUMBER if i % 3 else OTHER_NUMBER) for i in range(300)]
    accepted = await desk.accept(*texts)
    assert [answer.id for answer in accepted] == [text.id for text in texts]
    assert [answer.state for answer in accepted] == [State.QUEUED if i % 3 else State.BLOCKED for i in range(300)]


async def test_a_repeated_key_gets_the_first_answer_and_makes_no_second_message(desk: Desk) -> None:
    await desk.grant()
    first = desk.acceptance(desk.submission(), key="k-1", fingerprint=b"body")
    again = desk.acceptance(desk.submission(), key="k-1", fingerprint=b"body")
    (answer,) = await desk.store.accept(first)
    (replayed,) = await desk.store.accept(again)
    assert isinstance(replayed, Replayed)
    assert replayed.answers == answer
    assert await _count(desk.store) == 1


async def test_what_else_was_said_of_the_request_comes_back_with_the_answer(desk: Desk) -> None:
    request = msgspec.structs.replace(desk.acceptance(desk.submission(), key="k-1"), kept=b'{"invalid":[3]}')
    nothing_valid = msgspec.structs.replace(desk.acceptance(key="k-2"), kept=b"[1]")
    for one, kept in ((request, b'{"invalid":[3]}'), (nothing_valid, b"[1]")):
        posted = desk.store.accept(one), desk.store.accept(one)
        (first,), (together,), (later,) = await posted[0], await posted[1], await desk.store.accept(one)
        assert isinstance(first, tuple)
        assert isinstance(together, Replayed)
        assert together == later
        assert bytes(together.kept) == kept


async def test_a_repeated_key_with_another_body_is_refused(desk: Desk) -> None:
    await desk.grant()
    await desk.store.accept(desk.acceptance(desk.submission(), key="k-1", fingerprint=b"body"))
    (answer,) = await desk.store.accept(desk.acceptance(desk.submission(), key="k-1", fingerprint=b"other"))
    assert isinstance(answer, KeyReused)
    assert await _count(desk.store) == 1


async def test_the_first_answer_is_given_again_after_the_message_has_moved_on(desk: Desk) -> None:
    await desk.grant()
    request = desk.acceptance(desk.submission(), key="k-1", fingerprint=b"body")
    (answer,) = await desk.store.accept(request)
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.REJECTED))
    (replayed,) = await desk.store.accept(request)
    assert isinstance(replayed, Replayed)
    assert replayed.answers == answer
    assert await desk.state(segment.message_id) is State.REJECTED


async def test_a_refusal_is_given_again_though_consent_came_meanwhile(desk: Desk) -> None:
    request = desk.acceptance(desk.submission(), key="k-1")
    (refused,) = await desk.store.accept(request)
    await desk.grant()
    (replayed,) = await desk.store.accept(request)
    assert isinstance(replayed, Replayed)
    assert replayed.answers == refused
    assert b"consent.missing" in bytes(replayed.answers[0].decision)


async def test_many_at_once_with_one_key_make_one_message(desk: Desk) -> None:
    await desk.grant()
    answers: list[Answer] = []

    async def post(fingerprint: bytes) -> None:
        answers.extend(await desk.store.accept(desk.acceptance(desk.submission(), key="k-1", fingerprint=fingerprint)))

    async with trio.open_nursery() as nursery:
        for index in range(40):
            nursery.start_soon(post, b"other" if index % 4 == 3 else b"body")
    assert len(answers) == 40
    (first,) = [answer for answer in answers if isinstance(answer, tuple)]
    replayed = [answer for answer in answers if isinstance(answer, Replayed)]
    assert len(replayed) in (9, 29)  # whichever body came first
    assert all(answer.answers == first for answer in replayed)
    assert await _count(desk.store) == 1


async def test_keys_of_different_clients_have_nothing_to_do_with_each_other(desk: Desk) -> None:
    request = desk.acceptance(desk.submission(), key="k-1", fingerprint=b"body")
    theirs = msgspec.structs.replace(
        request, client="globex", fingerprint=b"theirs", submissions=(desk.submission(client="globex"),)
    )
    await desk.store.accept(request)
    (answer,) = await desk.store.accept(theirs)
    assert not isinstance(answer, KeyReused)


async def test_a_key_that_had_its_time_is_forgotten(desk: Desk) -> None:
    request = desk.acceptance(desk.submission(), key="k-1", fingerprint=b"body")
    await desk.store.accept(request)
    assert await desk.store.forget_keys(Forget(NOON, 10)) == [0]
    assert await desk.store.forget_keys(Forget(NOON + 1, 10)) == [1]
    (answer,) = await desk.store.accept(desk.acceptance(desk.submission(), key="k-1", fingerprint=b"other"))
    assert not isinstance(answer, KeyReused)


async def test_so_many_keys_are_forgotten_at_a_time_the_oldest_first(desk: Desk) -> None:
    for n in range(5):
        await desk.store.accept(desk.acceptance(desk.submission(), key=f"k-{n}", fingerprint=b"body"))
        desk.now -= 1
    assert await desk.store.forget_keys(Forget(NOON + 1, 2)) == [2]
    for n, kept in enumerate([True, True, True, False, False]):
        (answer,) = await desk.store.accept(desk.acceptance(desk.submission(), key=f"k-{n}", fingerprint=b"other"))
        assert isinstance(answer, KeyReused) is kept


async def test_a_request_that_cannot_be_stored_spoils_no_other(desk: Desk) -> None:
    await desk.grant()
    taken = await desk.queue()
    good, bad = desk.submission(), desk.submission(id=taken)
    posted = [desk.store.accept(desk.acceptance(text)) for text in (bad, good)]
    with pytest.raises(sqlite3.IntegrityError):
        await posted[0]
    await posted[1]
    assert await desk.state(good.id) is State.QUEUED
    assert await desk.kinds(taken) == ["accepted"]


async def test_segments_of_long_texts_are_joined_by_references_in_sequence(desk: Desk) -> None:
    await desk.grant()
    await desk.grant(OTHER_NUMBER)
    await desk.accept(
        desk.submission(segments=2),
        desk.submission(segments=2),
        desk.submission(),
        desk.submission(segments=3, number=OTHER_NUMBER),
        desk.submission(segments=2, sender="40404"),
        desk.submission(segments=2),
    )
    claimed = await desk.claim(100)
    references = {segment.message_id: segment.concat for segment in claimed}
    assert list(references.values()) == [1, 2, 0, 1, 1, 3]
    assert [(segment.n, segment.total) for segment in claimed] == [
        (1, 2), (2, 2), (1, 2), (2, 2), (1, 1), (1, 3), (2, 3), (3, 3), (1, 2), (2, 2), (1, 2), (2, 2)
    ]  # fmt: skip


async def test_every_change_is_an_event_in_the_client_s_log(desk: Desk) -> None:
    message_id = await desk.queue()
    events = await desk.store.events(CLIENT, 0, 100)
    assert [event.kind for event in events] == ["consent.granted", "message.accepted"]
    assert [event.seq for event in events] == sorted({event.seq for event in events})
    assert events[1].message_id == message_id
    assert (events[1].at, news_of(events[1]).state) == (NOON, State.QUEUED)
    assert await desk.store.events("globex", 0, 100) == []


async def _count(store: Store) -> int:
    return len((await store.messages(MessageFilter(CLIENT)))[0])
