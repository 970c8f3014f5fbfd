"""Texts that are judged alike share the grounds of it, and each has its own instant."""

import msgspec

from gateway.errors import Code
from gateway.model.decision import Decision, Finding, Verdict, conclude
from gateway.model.message import Claimed, Facts, Ruling, State
from gateway.store.sqlite import SqliteStore
from tests.contract.desk import NOON, OTHER_NUMBER, Desk


async def test_texts_that_are_judged_alike_share_their_grounds(desk: Desk) -> None:
    ids = [await desk.queue() for _ in range(3)]
    desk.now += 60_000
    later = await desk.queue()
    refused = desk.submission(number=OTHER_NUMBER)
    await desk.accept(refused)

    messages = [await desk.message(message_id) for message_id in (*ids, later)]
    assert [message.decided_at for message in messages] == [NOON, NOON, NOON, NOON + 60_000]
    assert {bytes(message.decision) for message in messages} == {bytes(messages[0].decision)}
    assert msgspec.json.decode(messages[0].decision, type=Decision).outcome is Verdict.ALLOW
    other = msgspec.json.decode((await desk.message(refused.id)).decision, type=Decision)
    assert other.outcome is Verdict.REFUSE
    assert await _kept(desk) == 2


async def test_the_last_look_gives_one_text_other_grounds_and_lets_the_others_have_theirs(desk: Desk) -> None:
    first, second = await desk.queue(), await desk.queue(number=OTHER_NUMBER)
    before = await desk.message(first)
    desk.now += 5000
    waits = msgspec.json.encode(conclude((Finding("hold", Verdict.HOLD, Code.SCHEDULED, until=desk.now + 1),)))

    def look(segment: Claimed, facts: Facts, now: int) -> Ruling | None:
        return Ruling(State.HELD, now + 1, waits, Code.SCHEDULED) if segment.message_id == first else None

    assert [segment.message_id for segment in (await desk.claims(look=look)).segments] == [second]

    stopped, gone = await desk.message(first), await desk.message(second)
    assert (stopped.state, stopped.decided_at, stopped.accepted_at) == (State.HELD, NOON + 5000, NOON)
    assert msgspec.json.decode(stopped.decision, type=Decision).outcome is Verdict.HOLD
    assert (gone.decided_at, bytes(gone.decision)) == (NOON, bytes(before.decision))


async def _kept(desk: Desk) -> int:
    assert isinstance(desk.store, SqliteStore)
    return await desk.store._read(lambda unit: int(unit.sql.execute("SELECT count(*) FROM grounds").fetchone()[0]))
