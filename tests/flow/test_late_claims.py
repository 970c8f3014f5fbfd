"""A claim that comes back late, from a full disk or a machine that slept: it was judged for another hour, and is judged again."""

from typing import Any

import pytest
import trio
import trio.testing

from gateway.config import load
from gateway.model.clock import HOUR, MINUTE, read_instant
from gateway.model.message import State
from gateway.store.writer import DiskFull
from tests.flow.rig import CONF, rig, rig_of, settle

# A Monday; the number is in the Eastern zone, where the hours of the shipped packs end at eight.
EVENING = read_instant("2026-09-21T23:30:00Z")
CLOSING = read_instant("2026-09-22T00:00:00Z")
NEXT_MORNING = read_instant("2026-09-22T13:00:00Z")
WORDS = "Example Co: your statement is ready."


async def test_nothing_leaves_in_the_night_because_the_disk_was_full_in_the_evening(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig_of(load(CONF), EVENING) as flow:
        await flow.consent()
        accepted = await flow.submit(WORDS)
        disk = flow.store.writer._disk
        write, full = disk.write, True

        async def write_where_there_is_room(*work: Any) -> Any:
            if full:
                raise DiskFull("no room")
            return await write(*work)

        monkeypatch.setattr(disk, "write", write_where_there_is_room)
        _, smsc = await flow.link()
        await trio.sleep(60)
        flow.wall = CLOSING + HOUR
        full = False
        await trio.sleep(60)
        assert not smsc.submits
        assert await flow.state(accepted) is State.HELD
        flow.wall = NEXT_MORNING
        await trio.sleep(61)
        message = await flow.message(accepted)
        assert (message.state, message.segments[0].attempt, len(smsc.submits)) == (State.SUBMITTED, 1, 1)


async def test_a_claim_that_waits_for_the_disk_at_the_end_of_the_process_is_let_go(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig_of(load(CONF), EVENING) as flow:
        await flow.consent()
        accepted = await flow.submit(WORDS)
        disk = flow.store.writer._disk

        async def find_it_full(*work: Any) -> Any:
            raise DiskFull("no room")

        with monkeypatch.context() as full:
            full.setattr(disk, "write", find_it_full)
            link, smsc = await flow.link(serve=False)
            async with trio.open_nursery() as serving:
                serving.start_soon(flow.dispatch.serve, link)
                await trio.sleep(60)
                flow.dispatch.stop()
                assert flow.dispatch.accounts[link.carrier].claims == 1
                flow.store.writer.hurry(1.0)
                with trio.fail_after(2):
                    await flow.dispatch.drained([link])
        await trio.sleep(60)
        assert not smsc.submits
        assert (await flow.message(accepted)).segments[0].state is State.QUEUED


async def test_what_was_good_until_the_machine_slept_expires(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig_of(load(CONF), EVENING) as flow:
        await flow.consent()
        accepted = await flow.submit(WORDS, expires_at=EVENING + 5 * MINUTE)
        claimed = flow.slow_claims(monkeypatch)
        _, smsc = await flow.link()
        await settle()
        flow.wall = EVENING + 5 * MINUTE
        claimed.set()
        await settle()
        assert not smsc.submits
        assert await flow.state(accepted) is State.EXPIRED


async def test_a_claim_that_comes_back_to_a_link_that_has_ended_leaves_its_texts_to_the_next(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig() as flow:
        await flow.consent()
        accepted = await flow.submit()
        with monkeypatch.context() as slow:
            claimed = flow.slow_claims(slow)
            _, smsc = await flow.link()
            await settle()
            assert await flow.state(accepted) is State.IN_FLIGHT
            await smsc.stream.aclose()
            await settle()
            claimed.set()
            await settle()
        assert await flow.state(accepted) is State.QUEUED
        _, smsc = await flow.link()
        await settle()
        message = await flow.message(accepted)
        assert (message.state, message.segments[0].attempt, len(smsc.submits)) == (State.SUBMITTED, 1, 1)
