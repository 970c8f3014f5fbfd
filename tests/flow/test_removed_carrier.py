"""What is left of a carrier that the operator took out of carriers.toml: it moves, expires, is listed; nothing is lost."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import trio

from gateway.config import Config, RouteConfig
from gateway.errors import Code
from gateway.flow.reroute import Reroute
from gateway.flow.waits import Cause, Wait, Waits
from gateway.model.clock import HOUR
from gateway.model.message import State
from gateway.smpp import const
from gateway.store.sqlite import open_memory
from tests.flow.rig import Rig, settle
from tests.flow.test_reroute import two_carriers

Clock = trio.testing.MockClock


def without_main() -> Config:
    config = two_carriers(carriers=("backup",))
    return msgspec.structs.replace(config, carriers=config.carriers[1:])


@asynccontextmanager
async def before_and_after() -> AsyncIterator[tuple[Rig, Rig]]:
    """One store, under a configuration with the carrier ``main`` and under one without it."""
    async with open_memory() as store, trio.open_nursery() as nursery:
        before = Rig(two_carriers(), store, nursery)
        yield before, Rig(without_main(), store, nursery)
        nursery.cancel_scope.cancel()


async def test_its_texts_move_to_another_carrier_of_their_program(autojump_clock: Clock) -> None:
    async with before_and_after() as (before, after):
        await before.consent()
        accepted = await before.submit()
        _, backup = await after.link(carrier_name="backup")
        await Reroute(after.config, after.store, after.health, after.now).once()
        await settle()
        assert [pdu.short_message for pdu in backup.submits] == [b"Hello"]
        assert await after.state(accepted) is State.SUBMITTED


@pytest.mark.parametrize(
    "stays",
    [
        {"backup": {"permits": ("marketing",)}},
        {"routes": (RouteConfig(carriers={"backup": 1}, categories=("collections",)),), "carriers": ()},
    ],
    ids=["permits", "route"],
)
async def test_its_texts_do_not_move_to_a_carrier_that_is_not_for_them(
    autojump_clock: Clock, stays: dict[str, Any]
) -> None:
    config = two_carriers(**stays)
    config = msgspec.structs.replace(config, carriers=config.carriers[1:])
    async with open_memory() as store, trio.open_nursery() as nursery:
        before, after = Rig(two_carriers(), store, nursery), Rig(config, store, nursery)
        await before.consent()
        accepted = await before.submit()
        _, backup = await after.link(carrier_name="backup")
        await Reroute(after.config, after.store, after.health, after.now).once()
        await settle()
        assert backup.submits == []
        assert await after.state(accepted) is State.QUEUED
        nursery.cancel_scope.cancel()


async def test_what_cannot_move_is_listed_and_expires(autojump_clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    async with before_and_after() as (before, after):
        await before.consent()
        accepted = await before.submit(expires_at=before.wall + HOUR)
        sweep = after.sweep()
        with caplog.at_level(logging.WARNING):
            await sweep.once()
            await sweep.once()
        assert [record.getMessage() for record in caplog.records] == [
            "texts are left of carriers that are not configured any more: main"
        ]
        assert 'assent_queue_depth{carrier="main"} 1.0' in after.metrics.render().decode()
        waits = Waits(after.store, after.dispatch, after.health, after.now)
        assert await waits.of("main") == [Wait(Cause.REMOVED)]
        assert await after.state(accepted) is State.QUEUED
        after.wall += HOUR
        await sweep.once()
        assert await after.state(accepted) is State.EXPIRED
        assert await after.store.carriers() == []


async def test_half_a_stop_that_it_brought_still_stops(autojump_clock: Clock) -> None:
    async with before_and_after() as (before, after):
        _, main = await before.link(carrier_name="main")
        await before.consent()
        await main.deliver(short_message=b"\x05\x00\x03\x07\x02\x01STOP", esm_class=0x40)
        assert main.answers[-1].command_status == const.ESME_ROK
        after.wall += HOUR
        assert await after.inbound.end_partial_texts() == 1
        assert (await after.submit()).code is Code.CONSENT_OPTED_OUT
