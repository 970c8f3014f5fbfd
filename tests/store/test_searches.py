"""What a store runs in a life of messages, receipts, replies and webhooks, it runs by searching an index: no statement grows
slower with what is already there."""

import re
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec
import pytest
import trio

from gateway.model.inbound import Part, ReplyKind
from gateway.model.message import Origin, State
from gateway.store.doubt import Cancellation, Expiry, Recovery, Settlement
from gateway.store.forget import Forget
from gateway.store.inbound import Arrival
from gateway.store.migration import migrate
from gateway.store.reads import ApiKey, MessageFilter
from gateway.store.sqlite import SqliteStore
from gateway.store.unit import last_seq
from gateway.store.webhooks import Progress, Retry, Revival, TurnWanted
from tests.contract.desk import CARRIER, CLIENT, NOON, NUMBER, Desk

T = TypeVar("T")
_MAY_BE_SCANNED = re.compile(
    r"SCAN (v|wanted|clients|links|past|api_key|\d+ CONSTANT ROWS?|CONSTANT ROW|\d+-ROW VALUES CLAUSE|\(subquery-\d+\)"
    r"|\(join-\d+\))( |$)"
)
"""Rows of values, rows that a search found, and the keys, which are read once, at the start."""


class Recording(sqlite3.Connection):
    """A connection that remembers what it ran, with the values it ran it with."""

    ran: dict[str, object]

    def execute(self, sql: str, values: object = (), /) -> sqlite3.Cursor:
        self.ran[sql] = values
        return super().execute(sql, values)  # type: ignore[arg-type]


class Disk:
    """Memory, on a connection that remembers."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None, factory=Recording)
        self.connection.ran = {}
        migrate(self.connection)

    async def write(self, work: Callable[[sqlite3.Connection], T], spoken: threading.Event | None = None) -> T:
        await trio.lowlevel.checkpoint()
        return work(self.connection)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self.write(work)


@asynccontextmanager
async def _store_on(disk: Disk) -> AsyncIterator[SqliteStore]:
    async with trio.open_nursery() as nursery:
        store = SqliteStore(disk, last_seq(disk.connection))
        nursery.start_soon(store.writer.run)
        yield store
        store.writer.close()
    disk.connection.close()


def _scans(connection: Recording) -> list[tuple[str, str]]:
    """Statements that look through a table, each with the step of its plan that does."""
    found: list[tuple[str, str]] = []
    for sql, values in list(connection.ran.items()):
        if sql.split(maxsplit=1)[0] not in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            continue
        for step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values):
            if step[3].startswith("SCAN") and _MAY_BE_SCANNED.match(step[3]) is None:
                found.append((step[3], " ".join(sql.split())))
    return found


async def _live(desk: Desk) -> None:
    """Every verb, in the ways that make it run all its statements."""
    store = desk.store
    await _messages(desk)
    await _replies(desk)
    await _webhooks(desk)
    await store.add_key(ApiKey("k1", CLIENT, "first", b"a" * 32, NOON))
    await store.revoke_key("k1", NOON)
    await store.api_keys()
    await store.events(CLIENT, 0, 10)
    await store.consents_of(NUMBER, CLIENT)
    await store.broken(NUMBER)
    await store.greatest_id()
    for wanted in (
        MessageFilter(CLIENT),
        MessageFilter(CLIENT, state=State.QUEUED, program="loans", reference="r", account="a"),
        MessageFilter(CLIENT, number=NUMBER, before=1 << 62),
        MessageFilter(CLIENT, number=NUMBER, state=State.IN_FLIGHT),
    ):
        await store.messages(wanted)


async def _messages(desk: Desk) -> None:
    store = desk.store
    await desk.grant()
    for key in ("k-1", "k-1"):
        await store.accept(desk.acceptance(desk.submission(), desk.submission(segments=3), key=key))
    one, two, *rest = await desk.claim(4)
    await desk.tell(desk.receipt("early", "later"))
    await desk.settle(desk.answer(one, smsc_id="early"), desk.answer(two, State.REJECTED))
    assert await desk.settle(desk.answer(one, smsc_id="early")) == [False]  # nobody waits for it: looked at carefully
    await desk.settle(*(desk.answer(segment, State.QUEUED, due_at=NOON) for segment in rest))
    message_id, keys = await desk.submit(segments=2)
    await desk.tell(*(desk.receipt(key) for key in (*keys, *keys)))
    await store.message(message_id, CLIENT)
    await store.timeline(message_id)
    await desk.queue(segments=3)
    await desk.claim(1)
    await desk.claim(5, "sim/1", {"sim/0"})
    await desk.queue(expires_at=NOON + 1)
    desk.now += 1
    await desk.claim(5)
    await desk.claim(5)
    await store.cancel(Cancellation(await desk.queue(), CLIENT, NOON))
    await store.recover(Recovery(NOON, frozenset({"collections"})))
    doubts = await store.doubts(10)
    await store.settle_doubt([Settlement(doubts[0].message_id, State.UNDELIVERED, NOON, "no")])
    overdue = await store.overdue(CARRIER, NOON, 10)
    await store.expire(Expiry((*overdue, message_id), NOON + 1))
    await store.depth(CARRIER)
    await store.unanswered([CLIENT], 0, NOON)
    await store.forget_keys(Forget(NOON - 1, 10))


async def _replies(desk: Desk) -> None:
    store = desk.store
    await desk.queue()
    await desk.stop()
    await desk.start()
    await desk.grant()
    await desk.revoke()
    await desk.revoke(program="loans", category="servicing")
    part = Part(CARRIER, NUMBER, "1", 1, 2, 1, b"body", NOON)
    await store.store_parts([Arrival(part)])
    await store.overdue_parts(NOON, 10)
    again = desk.reply(ReplyKind.OPT_OUT, fingerprint=b"same")
    for living in (["link-1"], []):
        reception = msgspec.structs.replace(desk.reception(again, living=living), joined_from=part)
        await store.receive_inbound([reception])
    assert {segment.origin for segment in await desk.claim(10)} == {Origin.REPLY}


async def _webhooks(desk: Desk) -> None:
    store = desk.store
    await store.open_webhook("acme/1")
    await store.record_progress(
        Progress("acme/1", 2, (1,), (Retry("acme/1", 1, 1, NOON, "503"), Retry("acme/1", 2, 9, None, "x")), NOON, "410")
    )
    await store.webhook_turn(TurnWanted("acme/1", CLIENT, 0, NOON, 10))
    await store.webhook_state("acme/1")
    await store.revive_webhook(Revival("acme/1", NOON))


async def test_nothing_is_looked_through() -> None:
    disk = Disk()
    with trio.fail_after(30):
        async with _store_on(disk) as store:
            await _live(Desk(store))
            assert len(disk.connection.ran) > 90
            assert _scans(disk.connection) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM message WHERE client = 'a' OR text = 'b'",
        "SELECT 1 FROM segment AS s WHERE s.state = 'queued'",
        "DELETE FROM event WHERE at < 5",
        "SELECT count(*) FROM consent",
    ],
)
def test_a_look_through_a_table_is_noticed(sql: str) -> None:
    disk = Disk()
    disk.connection.execute(sql)
    assert len(_scans(disk.connection)) == 1
    disk.connection.close()
