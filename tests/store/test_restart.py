"""What a process that stopped, or died, left on disk is all that the next one needs."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import trio

from gateway.errors import Code
from gateway.model.ids import IdSource
from gateway.model.inbound import Part
from gateway.model.message import State
from gateway.store.accept import Replayed
from gateway.store.deeds import Follow
from gateway.store.doubt import Recovery
from gateway.store.inbound import Arrival
from gateway.store.sqlite import open_store
from gateway.store.webhooks import Progress, Retry, TurnWanted, WebhookState
from tests.contract import test_store_check_due, test_store_plugins
from tests.contract.desk import CLIENT, DAY, NOON, NUMBER, OTHER_NUMBER, Desk

_DEADLINE_SECONDS = 120
Open = Callable[[], AbstractAsyncContextManager[Desk]]


@pytest.fixture
async def process(tmp_path: Path, nursery: trio.Nursery) -> Open:
    """A life of the gateway: each call is the next process on the same data."""
    nursery.start_soon(_watch)
    ids = IdSource()

    @asynccontextmanager
    async def live() -> AsyncIterator[Desk]:
        async with open_store(tmp_path / "state") as store:
            yield Desk(store, ids)

    return live


async def _watch() -> None:
    await trio.sleep(_DEADLINE_SECONDS)
    raise TimeoutError("the store did not answer in time")


async def test_events_go_on_growing_for_every_client(process: Open) -> None:
    seen: dict[str, list[int]] = {"acme": [], "globex": [], "zeta": []}
    for life in range(4):
        async with process() as desk:
            # The last to write differs from life to life: the greatest number is not one client's.
            for client in (["acme"], ["globex", "acme"], ["zeta"], list(seen))[life]:
                await desk.accept(desk.submission(client=client), desk.submission(client=client))
            for client, seqs in seen.items():
                events = await desk.store.events(client, seqs[-1] if seqs else 0, 100)
                seqs += [event.seq for event in events]
    everything = sorted(seq for seqs in seen.values() for seq in seqs)
    assert everything == list(range(1, 15))
    assert all(seqs == sorted(seqs) for seqs in seen.values())


async def test_a_check_that_no_plugin_was_told_of_yet_is_told_by_the_next_process_and_not_asked_for_again(
    process: Open,
) -> None:
    async with process() as desk:
        await desk.grant()
        desk.now += 61 * DAY
        await test_store_check_due.refused(desk)
    for _ in range(2):
        async with process() as desk:
            assert await test_store_check_due.numbers(desk) == [NUMBER]
            desk.now += 61 * DAY
            await test_store_check_due.refused(desk)


async def test_ids_go_on_growing(process: Open) -> None:
    async with process() as desk:
        message_id = await desk.queue()
    async with process() as desk:
        greatest = await desk.store.greatest_id()
    assert greatest == message_id
    assert IdSource(greatest).next(0) > message_id  # though the clock was set back


async def test_what_became_of_a_plugin_s_text_is_told_by_the_next_process_at_once(tmp_path: Path) -> None:
    ids = IdSource()
    async with open_store(tmp_path / "state", NOON) as store:
        desk = Desk(store, ids)
        await store.follow_texts(Follow(CLIENT, 2))
        await desk.grant()
        await store.submit_for_plugin(test_store_plugins.deed(desk, "r/1"))
        (segment,) = await desk.claim()
    async with open_store(tmp_path / "state", NOON + DAY) as store:
        desk = Desk(store, ids)
        await desk.settle(desk.answer(segment, State.REJECTED))
        looks = 1
        while (await store.follow_texts(Follow(CLIENT, 2)))[0]:
            looks += 1
            assert looks < 9, "it goes from number to number, and there are a million to a second"
        assert [one.kind for one in await test_store_plugins.log(desk)] == ["text"]


async def test_a_backup_that_is_brought_back_gives_no_number_of_an_event_twice(tmp_path: Path) -> None:
    ids = IdSource()
    directory, backup = tmp_path / "state", tmp_path / "backup.db"

    async def life(at: int) -> list[int]:
        async with open_store(directory, at) as store:
            desk = Desk(store, ids)
            before = [event.seq for event in await store.events(CLIENT, 0, 100)]
            await desk.accept(desk.submission(), desk.submission())
            return [event.seq for event in await store.events(CLIENT, before[-1] if before else 0, 100)]

    told = await life(NOON)
    backup.write_bytes((directory / "assent.db").read_bytes())
    told += await life(NOON + 1)
    backup.rename(directory / "assent.db")
    told += await life(NOON + 2)
    assert len(told) == 6
    assert told == sorted(set(told))
    assert await life(0) > told[-1:]  # though the clock was set back


async def test_what_was_in_flight_is_known(process: Open) -> None:
    async with process() as desk:
        lost, again = await desk.queue(category="collections"), await desk.queue()
        await desk.claim()
        waiting = await desk.queue()
    async with process() as desk:
        assert await desk.store.recover(Recovery(NOON, frozenset({"servicing"}))) == [2]
        assert await desk.state(lost) is State.IN_DOUBT
        assert {segment.message_id for segment in await desk.claim()} == {again, waiting}


async def test_an_opt_out_holds(process: Open) -> None:
    async with process() as desk:
        message_id = await desk.queue()
        await desk.stop()
    async with process() as desk:
        assert await desk.state(message_id) is State.BLOCKED
        (accepted,) = await desk.accept(desk.submission())
        assert accepted.code is Code.CONSENT_OPTED_OUT
        assert not await desk.grant()


async def test_a_repeated_request_gets_its_answer(process: Open) -> None:
    async with process() as desk:
        await desk.grant()
        request = desk.acceptance(desk.submission(), key="k-1", fingerprint=b"body")
        (first,) = await desk.store.accept(request)
    async with process() as desk:
        (again,) = await desk.store.accept(msgspec.structs.replace(request, submissions=(desk.submission(),)))
        assert isinstance(again, Replayed)
        assert again.answers == first
        assert len(await desk.claim()) == 1


async def test_an_early_receipt_still_waits(process: Open) -> None:
    async with process() as desk:
        message_id = await desk.queue()
        await desk.tell(desk.receipt("early"))
    async with process() as desk:
        (segment,) = await desk.claim()
        await desk.settle(desk.answer(segment, smsc_id="early"))
        assert await desk.state(message_id) is State.DELIVERED


async def test_a_receipt_finds_the_text_of_an_earlier_process(process: Open) -> None:
    async with process() as desk:
        message_id, (key,) = await desk.submit()
    async with process() as desk:
        assert await desk.tell(desk.receipt(key)) == [True]
        assert await desk.kinds(message_id) == ["accepted", "submitted", "delivered"]


async def test_half_of_a_long_text_still_waits_for_the_rest(process: Open) -> None:
    one, two = [Part("sim", NUMBER[1:], "1", 7, 2, seq, b"part", NOON) for seq in (1, 2)]
    async with process() as desk:
        await desk.store.store_parts([Arrival(one)])
    async with process() as desk:
        assert await desk.store.store_parts([Arrival(two)]) == [(one, two)]


async def test_references_of_long_texts_go_on(process: Open) -> None:
    seen = []
    for _ in range(3):
        async with process() as desk:
            await desk.queue(segments=2)
            await desk.queue(segments=2, number=OTHER_NUMBER)
            seen.append([segment.concat for segment in await desk.claim() if segment.n == 1])
    assert seen == [[1, 1], [2, 2], [3, 3]]


async def test_webhooks_go_on_where_they_stood(process: Open) -> None:
    async with process() as desk:
        await desk.store.open_webhook("acme/1")
        await desk.accept(desk.submission(), desk.submission())
        retry = Retry("acme/1", 1, 3, NOON + 9, "503")
        await desk.store.record_progress(Progress("acme/1", 1, failed=(retry,)))
    async with process() as desk:
        assert await desk.store.open_webhook("acme/1") == [
            WebhookState("acme/1", 1, waiting=1, next_at=NOON + 9, last_failure="503")
        ]
        turn = await desk.store.webhook_turn(TurnWanted("acme/1", CLIENT, 1, NOON + 9, 10))
        assert ([one for one, _ in turn.due], [event.seq for event in turn.news]) == ([retry], [2])


async def test_what_was_posted_is_written_though_its_process_is_cancelled(process: Open) -> None:
    with trio.CancelScope() as scope:
        async with process() as desk:
            texts = [desk.submission() for _ in range(50)]
            for text in texts:
                desk.store.accept(desk.acceptance(text))
            scope.cancel()
            await trio.lowlevel.checkpoint()
    async with process() as desk:
        assert {await desk.state(text.id) for text in texts} == {State.BLOCKED}
