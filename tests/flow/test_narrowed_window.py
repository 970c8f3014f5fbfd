"""A window that is narrowed while a claim is on its way to disk: what no longer fits goes back to the queue, at no cost."""

import pytest
import trio
import trio.testing

from gateway.model.message import State
from tests.flow.rig import rig, settle


async def test_what_no_longer_fits_waits_for_its_turn(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(window=8) as flow:
        await flow.consent()
        accepted = [await flow.submit(f"Hello {place}") for place in range(4)]
        gate = flow.slow_claims(monkeypatch)
        link, smsc = await flow.link()
        await settle()
        while link.free > 1:
            link.narrow()
        gate.set()
        await trio.sleep(60)
        assert [await flow.state(one) for one in accepted] == [State.SUBMITTED] * 4
        assert len(smsc.submits) == 4
        assert link.bound
        attempts = [(await flow.message(one)).segments[0].attempt for one in accepted]
        assert attempts == [1] * 4
