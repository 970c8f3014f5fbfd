"""A window that is narrowed because the carrier says that its queue is full, and widened again; and what no longer fits."""

import pytest
import trio
import trio.testing

from gateway.model.message import State
from gateway.smpp import const
from gateway.smpp.pdu import SubmitSm, SubmitSmResp
from tests.flow.rig import Smsc, rig, settle


async def answer(smsc: Smsc, texts: list[SubmitSm], command_status: int = const.ESME_ROK) -> None:
    for pdu in texts:
        smsc.connection.respond(pdu, SubmitSmResp(command_status=command_status, message_id=f"{pdu.sequence_number:x}"))
    await smsc.send()
    await settle()


async def test_a_full_queue_halves_the_window_and_success_widens_it_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig(window=8) as flow:
        link, smsc = await flow.link()
        await flow.consent()
        accept = smsc.answer
        smsc.answer = lambda pdu: None
        for place in range(24):
            await flow.submit(f"Hello {place}")
        assert len(smsc.submits) == 8
        first, *others = smsc.submits
        await answer(smsc, [first], const.ESME_RMSGQFUL)
        assert link.connection.window_size == 4
        await answer(smsc, others)
        assert len(smsc.submits) == 8  # the whole account rests
        await trio.sleep(6)
        await settle()
        assert len(smsc.submits) == 12
        smsc.answer = accept
        await answer(smsc, smsc.submits[8:])
        assert len(smsc.submits) == 25
        assert link.connection.window_size == 5  # after four windows of texts
        for place in range(5 * 4 + 6 * 4 + 7 * 4):
            await flow.submit(f"Hello again {place}")
        assert link.connection.window_size == 8
        for place in range(40):
            await flow.submit(f"And again {place}")
        assert link.connection.window_size == 8


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
