"""Moving queued texts to another carrier: whole ones that nobody can have, and no other."""

from zoneinfo import ZoneInfo

from gateway.model.message import Origin, State
from gateway.rules.quota import Limit, Per, Scope
from gateway.store.claim import Claim
from gateway.store.quota import Recall
from gateway.store.reroute import Move, Place
from tests.contract.desk import BIND, CARRIER, NOON, Desk, news_of
from tests.policies import look_again


def moving(desk: Desk, message_id: int, segments: int = 1, **changes: str) -> Move:
    values = {"source": CARRIER, "target": "other", "encoding": "ucs2"} | changes
    return Move(message_id, **values, units=33, segments=segments, at=desk.now)


async def found(desk: Desk, limit: int = 100, carrier: str = CARRIER) -> list[int]:
    return [text.message_id for text in (await desk.store.movable(carrier, desk.now, Place(), limit))[0]]


async def test_a_moved_text_is_the_other_carriers(desk: Desk) -> None:
    message_id = await desk.queue(segments=2, reference="r-1")
    assert await desk.store.move([moving(desk, message_id, 2)]) == [True]
    assert await desk.claim() == ()
    wish = Claim("other", "other/0", 10, desk.now, look_again)
    (claims,) = await desk.store.claim(wish)
    assert [(s.message_id, s.n, s.carrier, s.encoding) for s in claims.segments] == [
        (message_id, 1, "other", "ucs2"),
        (message_id, 2, "other", "ucs2"),
    ]
    message = await desk.message(message_id)
    assert (message.carrier, message.encoding, message.units) == ("other", "ucs2", 33)
    assert await desk.kinds(message_id) == ["accepted", "queued"]
    news = await desk.last_news(message_id)
    assert (news.cause, news.carrier_before, news.carrier, news.reference) == ("reroute", CARRIER, "other", "r-1")


async def test_the_other_carrier_is_woken(desk: Desk) -> None:
    woken: list[set[str]] = []
    desk.store.on_commit(lambda queued, told, verbs, seconds: woken.append(queued))  # type: ignore[attr-defined]
    message_id = await desk.queue()
    await desk.store.move([moving(desk, message_id)])
    assert woken[-1] == {"other"}


async def test_only_due_texts_of_the_carrier_are_found_in_the_order_of_its_queue(desk: Desk) -> None:
    plain = [await desk.queue(segments=2) for _ in range(3)]
    urgent = await desk.queue(priority=0)
    later = await desk.queue(send_at=NOON + 500)
    await desk.queue(carrier="other")
    desk.now += 10
    assert await found(desk) == [urgent, *plain]
    seen: list[int] = []
    place: Place | None = Place()
    while place is not None:
        texts, place = await desk.store.movable(CARRIER, desk.now, place, 1)
        seen += [text.message_id for text in texts]
    assert seen == [urgent, *plain]
    desk.now = NOON + 500
    assert later in await found(desk)


async def test_a_text_that_somebody_may_have_stays(desk: Desk) -> None:
    begun = await desk.queue(segments=2)
    (first,) = await desk.claim(1)
    tried = await desk.queue()
    (_, second) = await desk.claim(2)
    await desk.settle(desk.answer(second, State.QUEUED, due_at=desk.now))  # an attempt was spent on it
    doubtful = await desk.queue()
    (third,) = [segment for segment in await desk.claim(3) if segment.message_id == doubtful]
    await desk.settle(desk.answer(third, State.IN_DOUBT))
    sent, _ = await desk.submit()
    assert first.message_id == begun
    assert second.message_id == tried
    assert await found(desk) == []
    moves = [moving(desk, begun, 2), moving(desk, tried), moving(desk, doubtful), moving(desk, sent)]
    assert await desk.store.move(moves) == [False] * 4
    assert (await desk.message(begun)).carrier == CARRIER


async def test_one_that_certainly_never_went_moves_and_is_nobodys(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    # Throttled, or never written to the link.
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=desk.now, spent=False, command_status=0x58))
    assert await found(desk) == [message_id]
    assert await desk.store.move([moving(desk, message_id)]) == [True]
    kept = (await desk.message(message_id)).segments[0]
    assert (kept.bind, kept.claimed_at, kept.command_status, kept.attempt) == (None, None, None, 0)


async def test_what_changed_in_between_stays(desk: Desk) -> None:
    claimed, ended, moved, resized = [await desk.queue() for _ in range(4)]
    assert await desk.store.move([moving(desk, moved)]) == [True]
    await desk.claim(1)
    await desk.stop()
    moves = [moving(desk, each) for each in (claimed, ended, moved)]
    assert await desk.store.move([*moves, moving(desk, resized, 2), moving(desk, 7)]) == [False] * 5
    assert await desk.state(ended) is State.BLOCKED


async def test_a_text_that_came_to_wait_stays(desk: Desk) -> None:
    message_id = await desk.queue()
    assert await found(desk) == [message_id]
    later = moving(desk, message_id)
    desk.now -= 1  # it is due only after the move's instant
    assert await desk.store.move([moving(desk, message_id)]) == [False]
    assert await desk.store.move([later]) == [True]


async def test_named_twice_it_moves_once(desk: Desk) -> None:
    message_id = await desk.queue()
    assert await desk.store.move([moving(desk, message_id), moving(desk, message_id, target="third")]) == [True, False]
    assert (await desk.message(message_id)).carrier == "other"


async def test_an_answer_to_a_consumer_goes_back_as_the_word_came(desk: Desk) -> None:
    await desk.accept(desk.submission(origin=Origin.REPLY))
    assert await found(desk) == []


async def test_a_text_that_waits_for_a_quota_moves_once_it_is_called_back(desk: Desk) -> None:
    limits = (Limit(Scope.PROGRAM, Per.DAY, 1, ZoneInfo("UTC")),)
    await desk.queue()
    message_id = await desk.queue()
    await desk.store.claim(Claim(CARRIER, BIND, 10, desk.now, look_again, limits=limits))
    assert await found(desk) == []
    await desk.store.recall(Recall(CARRIER, 10))
    assert await found(desk) == [message_id]
    assert await desk.store.move([moving(desk, message_id)]) == [True]


async def test_a_scheduled_text_that_is_due_moves_as_queued(desk: Desk) -> None:
    message_id = await desk.queue(send_at=NOON + 500)
    desk.now = NOON + 500
    assert await desk.store.move([moving(desk, message_id)]) == [True]
    message = await desk.message(message_id)
    assert (message.state, message.code) == (State.QUEUED, None)
    assert [news_of(event).state for event in await desk.store.timeline(message_id)] == [State.HELD, State.QUEUED]
