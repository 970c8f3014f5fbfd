"""The round goes on over a disk that takes no writes for a while."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
import trio
import trio.testing

from gateway.carrier.bind import BindKind, BindState, BindStatus
from gateway.flow.sweep import KEYS_KEPT, ROUND_SECONDS
from gateway.model.clock import HOUR
from gateway.model.message import State
from gateway.store.disk import MemoryDisk
from gateway.store.forget import Forget
from gateway.store.sqlite import SqliteStore
from gateway.store.sqlite import _running as running
from gateway.store.writer import DiskBusy, DiskFull
from tests.flow.rig import Rig, configured, rig

T = TypeVar("T")


class MoodyDisk(MemoryDisk):
    """A disk that refuses writes while it has a reason to."""

    trouble: Exception | None = None

    async def write(self, work: Callable[[sqlite3.Connection], T], spoken: threading.Event | None = None) -> T:
        if self.trouble is not None:
            raise self.trouble
        return await super().write(work, spoken)


@pytest.mark.parametrize("trouble", [DiskFull("no room"), DiskBusy("locked")], ids=["full", "locked"])
async def test_it_waits_for_a_disk_that_takes_no_writes(
    trouble: Exception, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    disk = MoodyDisk()
    with caplog.at_level(logging.WARNING), trio.fail_after(600):
        async with running(SqliteStore(disk, 0)) as store, trio.open_nursery() as nursery:
            flow = Rig(configured(), store, nursery)
            await flow.consent()
            accepted = await flow.submit(expires_at=flow.wall + HOUR)
            disk.trouble = trouble
            sweep = flow.sweep()
            nursery.start_soon(sweep.run)
            await trio.sleep(3 * ROUND_SECONDS)
            disk.trouble = None
            flow.wall += HOUR
            await trio.sleep(2 * ROUND_SECONDS)
            assert await flow.state(accepted) is State.EXPIRED
            nursery.cancel_scope.cancel()
    disk.close()
    assert any("waits for the next round" in record.message for record in caplog.records)


async def test_it_goes_on_after_a_fault_of_ours(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig() as flow, trio.open_nursery() as nursery:
        await flow.consent()
        accepted = await flow.submit(expires_at=flow.wall + HOUR)
        flow.wall += HOUR
        with monkeypatch.context() as broken:
            broken.setattr(flow.store, "overdue", None)
            nursery.start_soon(flow.sweep().run)
            await trio.sleep(ROUND_SECONDS / 2)
            assert await flow.state(accepted) is State.QUEUED
        assert "a fault of ours, and what is due waits for the next round" in caplog.text
        await trio.sleep(ROUND_SECONDS)
        assert await flow.state(accepted) is State.EXPIRED
        nursery.cancel_scope.cancel()


async def test_the_keys_of_a_long_absence_go_in_shares(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig() as flow:
        forget = flow.store.forget_keys
        left = [1000, 1000, 7]
        wishes: list[Forget] = []

        async def forget_keys(wish: Forget) -> list[int]:
            wishes.append(wish)
            await forget(wish)
            return [left.pop(0)]

        monkeypatch.setattr(flow.store, "forget_keys", forget_keys)
        await flow.sweep().once()
        assert left == []
        assert wishes == [Forget(flow.wall - KEYS_KEPT, 1000)] * 3


async def test_texts_expire_while_only_a_receiver_of_their_carrier_is_up(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        await flow.consent()
        accepted = await flow.submit(expires_at=flow.wall + HOUR)
        name = flow.config.carriers[0].name
        flow.binds = [
            BindStatus(f"{name}/tx-1", name, BindKind.TX, BindState.WAITING),
            BindStatus(f"{name}/rx-1", name, BindKind.RX, BindState.BOUND),
        ]
        flow.wall += 2 * HOUR
        await flow.sweep().once()
        assert await flow.state(accepted) is State.EXPIRED
