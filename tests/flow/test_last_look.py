"""An opt-out or a hold that is on disk already, and whose caller was not told of it yet, stops what an earlier claim brings."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
import trio.testing

from gateway.model.address import Number
from gateway.model.clock import HOUR
from gateway.model.consent import ANY, Scope
from gateway.model.message import State
from gateway.model.number_check import NumberCheck, Reassigned
from tests.flow.rig import NUMBER, Rig, Smsc, rig, settle


async def say_unclear(flow: Rig, smsc: Smsc) -> None:
    await smsc.deliver(short_message=b"Goodbye")


async def stop(flow: Rig, smsc: Smsc) -> None:
    await smsc.deliver(short_message=b"STOP")


async def revoke(flow: Rig, smsc: Smsc) -> None:
    await flow.consents.revoke(flow.config.clients[0], NUMBER, Scope(ANY, ANY), "api")


async def reassign(flow: Rig, smsc: Smsc) -> None:
    check = NumberCheck(Number(NUMBER), flow.client, Reassigned.YES, flow.wall, flow.wall, "a database", flow.wall)
    await flow.consents.note_check(flow.config.clients[0], check)


async def erase(flow: Rig, smsc: Smsc) -> None:
    await flow.ledger.erase([flow.client], Number(NUMBER), "asked for it")


@pytest.mark.parametrize(
    ("way", "verb"),
    [
        (stop, "receive_inbound"),
        (say_unclear, "receive_inbound"),
        (revoke, "withdraw"),
        (reassign, "keep_check"),
        (erase, "erase"),
    ],
    ids=["STOP", "unclear", "api", "reassigned", "erasure"],
)
async def test_it_goes_back_to_be_judged_again(
    autojump_clock: trio.testing.MockClock,
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[Rig, Smsc], Awaitable[None]],
    verb: str,
) -> None:
    async with rig(window=8) as flow, trio.open_nursery() as nursery:
        await flow.consent()
        accepted = await flow.submit("Hello")
        claimed = flow.slow_claims(monkeypatch)
        _, smsc = await flow.link()
        await settle()
        written, told = getattr(flow.store, verb), trio.Event()

        async def write(*items: Any) -> Any:
            outcome = await written(*items)
            await told.wait()
            return outcome

        monkeypatch.setattr(flow.store, verb, write)
        nursery.start_soon(way, flow, smsc)
        await settle()
        claimed.set()
        await settle()
        assert not [pdu for pdu in smsc.submits if pdu.short_message == b"Hello"]
        told.set()
        await settle()
        assert not [pdu for pdu in smsc.submits if pdu.short_message == b"Hello"]
        assert await flow.state(accepted) in (State.BLOCKED, State.CANCELLED, State.HELD)
        nursery.cancel_scope.cancel()


async def test_a_claim_that_began_while_an_erasure_blanks_the_log_is_no_exception(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(window=8) as flow, trio.open_nursery() as nursery:
        await flow.consent()
        accepted = await flow.submit("Hello")
        scrub, erasing = flow.store.scrub_events, flow.store.erase
        blanked, told = trio.Event(), trio.Event()

        async def scrub_slowly(wish: Any) -> Any:
            await blanked.wait()
            return await scrub(wish)

        async def erase_slowly(erasure: Any) -> Any:
            erased = await erasing(erasure)
            await told.wait()
            return erased

        monkeypatch.setattr(flow.store, "scrub_events", scrub_slowly)
        monkeypatch.setattr(flow.store, "erase", erase_slowly)
        claimed = flow.slow_claims(monkeypatch)
        nursery.start_soon(flow.ledger.erase, [flow.client], Number(NUMBER), "asked for it")
        await settle()
        _, smsc = await flow.link()
        await settle()
        blanked.set()
        await settle()
        claimed.set()
        await settle()
        told.set()
        await settle()
        assert not smsc.submits
        assert await flow.state(accepted) in (State.BLOCKED, State.CANCELLED)


async def test_a_text_that_lacks_parts_is_no_exception(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.deliver(short_message=b"\x05\x00\x03\x07\x02\x01STOP", esm_class=0x40)
        flow.wall += HOUR
        receive, held = flow.store.receive_inbound, []

        def post(*items: Any) -> Any:
            held.append(flow.optouts.holds(NUMBER, flow.client))
            return receive(*items)

        monkeypatch.setattr(flow.store, "receive_inbound", post)
        flow.optouts.claim_begins()
        assert await flow.inbound.end_partial_texts() == 1
        assert held == [True]
