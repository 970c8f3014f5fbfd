"""Texts that wait while the operator takes their program, category or permission out of the configuration: none of them goes."""

from collections.abc import Callable

import msgspec
import pytest
import trio
import trio.testing

from gateway.config import Config
from gateway.errors import Code
from gateway.model.message import State
from gateway.store.sqlite import open_memory
from tests.flow.rig import Rig, configured, settle

Clock = trio.testing.MockClock


def _with_categories(config: Config, *categories: str) -> Config:
    client = config.clients[0]
    programs = tuple(msgspec.structs.replace(program, categories=categories) for program in client.programs)
    return msgspec.structs.replace(config, clients=(msgspec.structs.replace(client, programs=programs),))


def without_category(config: Config) -> Config:
    return _with_categories(config, "collections")


def without_category_anywhere(config: Config) -> Config:
    kept = {name: one for name, one in config.policy.categories.items() if name != "servicing"}
    policy = msgspec.structs.replace(config.policy, categories=kept)
    return msgspec.structs.replace(without_category(config), policy=policy)


def without_program(config: Config) -> Config:
    client = config.clients[0]
    programs = tuple(program for program in client.programs if program.id != "servicing")
    return msgspec.structs.replace(config, clients=(msgspec.structs.replace(client, programs=programs),))


def without_client(config: Config) -> Config:
    other = msgspec.structs.replace(config.clients[0], id="another")
    return msgspec.structs.replace(config, clients=(other,))


@pytest.mark.parametrize("change", [without_category, without_category_anywhere, without_program, without_client])
async def test_what_waits_is_blocked_and_says_why(autojump_clock: Clock, change: Callable[[Config], Config]) -> None:
    async with open_memory() as store, trio.open_nursery() as nursery:
        before = Rig(configured(), store, nursery)
        await before.consent()
        accepted = await before.submit()
        after = Rig(change(configured()), store, nursery)
        _, smsc = await after.link()
        await settle()
        message = await before.message(accepted)
        assert (message.state, message.code) == (State.BLOCKED, Code.CATEGORY_NOT_ALLOWED)
        assert smsc.submits == []
        nursery.cancel_scope.cancel()


async def test_what_waits_for_a_carrier_that_may_not_carry_it_any_more_is_blocked(autojump_clock: Clock) -> None:
    async with open_memory() as store, trio.open_nursery() as nursery:
        before = Rig(configured(), store, nursery)
        await before.consent()
        accepted = await before.submit()
        _, smsc = await Rig(configured(permits=("marketing",)), store, nursery).link()
        await settle()
        message = await before.message(accepted)
        assert (message.state, message.code) == (State.BLOCKED, Code.ROUTE_NOT_PERMITTED)
        assert smsc.submits == []
        nursery.cancel_scope.cancel()


async def test_the_answer_to_a_stop_goes_all_the_same(autojump_clock: Clock) -> None:
    async with open_memory() as store, trio.open_nursery() as nursery:
        before = Rig(configured(), store, nursery)
        _, smsc = await before.link(serve=False)
        nursery.start_soon(before.inbound.serve, before.links[0])
        await before.consent()
        await smsc.text("STOP")
        _, later = await Rig(without_category(configured(permits=("marketing",))), store, nursery).link()
        await settle()
        assert [b"STOP" in pdu.short_message or b"START" in pdu.short_message for pdu in later.submits] == [True]
        nursery.cancel_scope.cancel()
