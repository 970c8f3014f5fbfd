"""Texts coming in: parts wait for the rest, whole texts are stored once with all that they change."""

import sqlite3

import msgspec
import pytest

from gateway.model.events import Kind
from gateway.model.ids import spell
from gateway.model.inbound import Part, ReplyKind
from gateway.model.message import Origin, State
from gateway.store.inbound import REDELIVERY_WINDOW, Arrival, InboundNews
from tests.contract.desk import CARRIER, CLIENT, NOON, NUMBER, SENDER, Desk


def part(seq: int, body: bytes = b"", **changes: object) -> Part:
    whole = Part(CARRIER, NUMBER[1:], SENDER[1:], 9, 3, seq, body or b"part %d" % seq, NOON + seq)
    return msgspec.structs.replace(whole, **changes)


async def keep(
    desk: Desk, *parts: Part, link: str = "", living: frozenset[str] = frozenset()
) -> list[tuple[Part, ...]]:
    return await desk.store.store_parts([Arrival(part, link, living) for part in parts])


async def test_parts_in_any_order_are_given_back_in_theirs(desk: Desk) -> None:
    assert await keep(desk, part(3)) == [(part(3),)]
    assert await keep(desk, part(1), part(2)) == [(part(1), part(3)), (part(1), part(2), part(3))]


async def test_a_part_that_comes_again_is_the_same_part(desk: Desk) -> None:
    await keep(desk, part(1))
    assert await keep(desk, part(1, at=NOON + 99)) == [(part(1),)]


async def test_a_different_part_for_the_same_place_is_kept_beside_the_first(desk: Desk) -> None:
    (found,) = (await keep(desk, part(1), part(1, b"other")))[1:]
    assert sorted(found, key=lambda one: one.body) == [part(1, b"other"), part(1)]


@pytest.mark.parametrize("field", ["carrier", "source", "destination", "reference", "total"])
async def test_parts_of_different_texts_do_not_mix(desk: Desk, field: str) -> None:
    other = msgspec.structs.replace(part(2), **{field: 7 if field in ("reference", "total") else "else"})
    await keep(desk, part(1))
    assert await keep(desk, other) == [(other,)]


async def test_parts_whose_rest_never_came_are_found_text_by_text(desk: Desk) -> None:
    await keep(desk, part(1), part(2), part(2, reference=10), part(1, reference=11, at=NOON + 100))
    assert sorted(await desk.store.overdue_parts(NOON + 10, 10), key=len) == [
        (part(2, reference=10),),
        (part(1), part(2)),
    ]
    assert len(await desk.store.overdue_parts(NOON + 10, 1)) == 1
    assert await desk.store.overdue_parts(NOON, 10) == []


async def test_a_joined_text_takes_its_parts_along(desk: Desk) -> None:
    await keep(desk, part(1), part(2), part(1, reference=10))
    reception = desk.reception(desk.reply(ReplyKind.NONE, parts=2))
    reception = msgspec.structs.replace(reception, joined_from=part(2), reply=None)
    assert await desk.store.receive_inbound([reception]) == [True]
    assert await desk.store.overdue_parts(NOON + 10, 10) == [(part(1, reference=10),)]


async def test_a_text_is_told_to_its_client(desk: Desk) -> None:
    inbound = desk.reply(ReplyKind.HELP, text="help?")
    assert await desk.store.receive_inbound([desk.reception(inbound)]) == [True]
    received, answer = await desk.store.events(CLIENT, 0, 10)
    assert (received.kind, received.at, received.message_id) == ("inbound.received", NOON, None)
    news = msgspec.json.decode(received.body, type=InboundNews)
    assert (news.id, news.from_, news.to, news.text, news.kind, news.program) == (
        spell("in", inbound.id), NUMBER, SENDER[1:], "help?", "help", "loans",
    )  # fmt: skip
    assert answer.kind == "message.accepted"


async def test_a_text_to_an_address_of_no_program_is_kept_and_told_to_nobody(desk: Desk) -> None:
    inbound = desk.reply(ReplyKind.NONE, client=None, program=None)
    reception = msgspec.structs.replace(desk.reception(inbound), reply=None)
    assert await desk.store.receive_inbound([reception]) == [True]
    assert await desk.store.events(CLIENT, 0, 10) == []
    assert await desk.store.greatest_id() == inbound.id


async def test_stop_is_answered_once(desk: Desk) -> None:
    await desk.grant()
    for _ in range(3):
        assert await desk.stop()  # each is a text of its own
    (reply,) = await desk.claim()
    assert (reply.origin, reply.text, reply.number) == (Origin.REPLY, "You are opted out.", NUMBER)


async def test_stop_again_after_start_is_answered_again(desk: Desk) -> None:
    await desk.stop()
    await desk.start()
    await desk.stop()
    assert len(await desk.claim()) == 3  # the START too


async def test_help_is_answered_every_time_also_after_a_stop(desk: Desk) -> None:
    await desk.stop()
    await desk.say(ReplyKind.HELP)
    await desk.say(ReplyKind.HELP)
    assert len(await desk.claim()) == 3


async def test_a_second_stop_does_not_take_the_confirmation_of_the_first_away(desk: Desk) -> None:
    await desk.stop()
    await desk.stop()
    (reply,) = await desk.claim()
    assert await desk.state(reply.message_id) is State.IN_FLIGHT


async def test_start_without_a_stop_is_not_answered(desk: Desk) -> None:
    await desk.start()
    assert await desk.claim() == ()


async def test_stops_of_many_numbers_in_one_verb(desk: Desk) -> None:
    numbers = [f"+1202555{n:04}" for n in range(100, 150)]
    waiting = [await desk.queue(number=number) for number in numbers]
    receptions = [desk.reception(desk.reply(ReplyKind.OPT_OUT, number=number)) for number in numbers]  # type: ignore[arg-type]
    assert all(await desk.store.receive_inbound(receptions))
    assert {await desk.state(message_id) for message_id in waiting} == {State.BLOCKED}
    assert len(await desk.claim(100)) == 50


# A PDU that is delivered again.


async def test_what_comes_again_after_its_link_died_is_a_redelivery(desk: Desk) -> None:
    await desk.grant()
    inbound = desk.reply(ReplyKind.OPT_OUT, link="link-1")
    await desk.store.receive_inbound([desk.reception(inbound)])
    again = desk.reply(ReplyKind.OPT_OUT, link="link-2", fingerprint=inbound.fingerprint)
    assert await desk.store.receive_inbound([desk.reception(again, living=["link-2"])]) == [False]
    kinds = [event.kind for event in await desk.store.events(CLIENT, 0, 10)]
    assert kinds.count(Kind.INBOUND_RECEIVED) == 1
    assert len(await desk.claim()) == 1


async def test_the_same_words_over_a_living_link_are_the_consumer_s(desk: Desk) -> None:
    inbound = desk.reply(ReplyKind.HELP)
    again = desk.reply(ReplyKind.HELP, fingerprint=inbound.fingerprint)
    assert await desk.store.receive_inbound([desk.reception(inbound), desk.reception(again)]) == [True, True]


async def test_a_redelivery_is_taken_for_one_only_once(desk: Desk) -> None:
    inbound = desk.reply(ReplyKind.HELP, link="link-1")
    await desk.store.receive_inbound([desk.reception(inbound)])
    for expected in (False, True):
        again = desk.reply(ReplyKind.HELP, link="link-2", fingerprint=inbound.fingerprint)
        assert await desk.store.receive_inbound([desk.reception(again, living=["link-2"])]) == [expected]


async def test_a_stop_that_looks_like_a_redelivery_still_ends_what_a_start_allowed(desk: Desk) -> None:
    await desk.grant()
    first = desk.reply(ReplyKind.OPT_OUT, link="link-1")
    await desk.store.receive_inbound([desk.reception(first)])
    await desk.start()
    message_id = await desk.queue()
    again = desk.reply(ReplyKind.OPT_OUT, link="link-2", fingerprint=first.fingerprint)
    assert await desk.store.receive_inbound([desk.reception(again, living=["link-2"])]) == [False]
    assert await desk.state(message_id) is State.BLOCKED


async def test_the_same_words_much_later_are_new(desk: Desk) -> None:
    inbound = desk.reply(ReplyKind.HELP, link="link-1")
    await desk.store.receive_inbound([desk.reception(inbound)])
    desk.now += REDELIVERY_WINDOW
    again = desk.reply(ReplyKind.HELP, link="link-2", fingerprint=inbound.fingerprint)
    assert await desk.store.receive_inbound([desk.reception(again, living=["link-2"])]) == [True]


async def test_an_opt_out_that_cannot_be_stored_is_not_half_stored(desk: Desk) -> None:
    message_id = await desk.queue()
    good = desk.reply(ReplyKind.OPT_OUT)
    reception = desk.reception(good)
    assert reception.reply is not None
    clash = msgspec.structs.replace(reception.reply, submissions=(desk.submission(id=message_id, origin=Origin.REPLY),))
    with pytest.raises(sqlite3.IntegrityError):
        await desk.store.receive_inbound([msgspec.structs.replace(reception, reply=clash)])
    assert await desk.state(message_id) is State.QUEUED
    assert await desk.store.receive_inbound([reception]) == [True]
    assert await desk.state(message_id) is State.BLOCKED


async def test_a_part_that_comes_again_after_its_text_was_whole_is_no_new_text(desk: Desk) -> None:
    await keep(desk, part(1), part(2))
    reception = msgspec.structs.replace(
        desk.reception(desk.reply(ReplyKind.NONE, parts=2)), joined_from=part(2), reply=None
    )
    await desk.store.receive_inbound([reception])
    assert await keep(desk, part(2, at=NOON + 50)) == [()]
    assert await desk.store.overdue_parts(NOON + 1000, 10) == []
    other = part(2, b"of the next text with that reference")
    assert await keep(desk, other) == [(other,)]


async def test_parts_that_come_again_over_a_link_that_lives_are_another_text(desk: Desk) -> None:
    async def joined() -> None:
        whole = desk.reception(desk.reply(ReplyKind.NONE, parts=2))
        await desk.store.receive_inbound([msgspec.structs.replace(whole, joined_from=part(2, total=2), reply=None)])

    old, new = frozenset({"old"}), frozenset({"new"})
    await keep(desk, part(1, total=2), part(2, total=2), link="old", living=old)
    await joined()
    assert await keep(desk, part(1, total=2), part(2, total=2), link="new", living=new) == [
        (),
        (),
    ]  # nobody saw the answers over the old one
    again = part(1, total=2, at=NOON + 50), part(2, total=2, at=NOON + 51)
    assert await keep(desk, again[0], again[0], link="new", living=new) == [(), ()]  # a carrier repeats itself
    assert await keep(desk, again[1], link="new", living=new) == [again]  # somebody says it all again
    await joined()
    other = part(1, b"of another text with the same end", total=2, at=NOON + 60)
    assert await keep(desk, other, again[1], link="new", living=new) == [(other,), (other, again[1])]


async def test_a_joined_part_is_forgotten_when_nobody_delivers_it_again_any_more(desk: Desk) -> None:
    for reference in (10, 11):
        await keep(desk, part(1, reference=reference))
        inbound = desk.reply(ReplyKind.NONE, parts=1)
        reception = msgspec.structs.replace(
            desk.reception(inbound), joined_from=part(1, reference=reference), reply=None
        )
        await desk.store.receive_inbound([reception])
        desk.now += REDELIVERY_WINDOW
    # The same octets are then another text, also where no other long one came in between.
    again = [part(1, reference=reference, at=desk.now - 1) for reference in (10, 11)]
    assert await keep(desk, *again) == [(again[0],), ()]
