"""An orderly stop: what a claim still brings back from the disk is sent and answered before the links are unbound."""

import pytest
import trio
import trio.testing

from gateway.model.message import State
from tests.flow.rig import rig, settle


async def test_a_stop_waits_for_what_a_claim_brings(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(window=8) as flow:
        await flow.consent()
        accepted = await flow.submit()
        gate = flow.slow_claims(monkeypatch)
        link, smsc = await flow.link()
        await settle()
        flow.dispatch.stop()
        drained = False

        async def drain() -> None:
            nonlocal drained
            await flow.dispatch.drained([link])
            drained = True

        async with trio.open_nursery() as nursery:
            nursery.start_soon(drain)
            await settle()
            early = drained or bool(smsc.submits)
            gate.set()
        assert not early
        assert len(smsc.submits) == 1
        await settle()
        assert await flow.state(accepted) is State.SUBMITTED
