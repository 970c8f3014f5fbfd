"""A wall clock that is set back while the gateway runs: nothing waits for hours, nothing goes before its time."""

import logging
from collections.abc import Sequence

import pytest
import trio
import trio.testing

from gateway.flow.setbacks import ROUND_SECONDS, Setbacks
from gateway.model.clock import HOUR, SECOND
from gateway.model.message import Accepted, State
from gateway.smpp import const
from gateway.smpp.pdu import SubmitSmResp
from gateway.store.webhooks import Progress, Retry
from tests.flow.rig import Rig, rig, settle

Clock = trio.testing.MockClock
ENDPOINT = "acme/1"


async def states(flow: Rig, texts: Sequence[Accepted]) -> set[State]:
    return {await flow.state(text) for text in texts}


async def pass_by(flow: Rig, setbacks: Setbacks, seconds: float) -> None:
    """Time, on both clocks, with the rounds that fall into it."""
    for _ in range(int(seconds / ROUND_SECONDS)):
        await trio.sleep(ROUND_SECONDS)
        flow.wall += int(ROUND_SECONDS * SECOND)
        await setbacks.once()
        await settle()


@pytest.mark.parametrize("back", [2 * SECOND, HOUR, 24 * HOUR])
async def test_texts_that_were_taken_before_go_on(
    back: int, autojump_clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig() as flow:
        await flow.consent()
        setbacks = Setbacks(flow.store, flow.now)
        await setbacks.once()
        texts = [await flow.submit() for _ in range(3)]
        flow.wall -= back
        _, smsc = await flow.link()
        await settle()
        assert smsc.submits == []
        with caplog.at_level(logging.WARNING):
            await setbacks.once()
        await settle()
        assert len(smsc.submits) == 3
        assert await states(flow, texts) == {State.SUBMITTED}
    assert [record.message for record in caplog.records] == [
        f"the clock was set back by {back // SECOND} s: 3 segments are due that were not"
    ]


async def test_it_comes_to_an_end_while_texts_are_taken(autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rig() as flow:
        await flow.consent()
        setbacks = Setbacks(flow.store, flow.now)
        await setbacks.once()
        await flow.submit()
        flow.wall -= HOUR
        looks: list[int] = []
        look = flow.store.ahead

        async def ahead(carrier: str, now: int, limit: int) -> tuple[int, ...]:
            flow.wall += SECOND // 2
            await flow.submit()
            found = await look(carrier, now, limit)
            looks.append(len(found))
            assert len(looks) < 10
            return found

        monkeypatch.setattr(flow.store, "ahead", ahead)
        await setbacks.once()
        assert looks == [1, 0]


async def test_texts_go_on_where_it_was_set_back_while_we_were_down(autojump_clock: Clock) -> None:
    async with rig() as flow:
        await flow.consent()
        text = await flow.submit()
        flow.wall -= HOUR
        _, smsc = await flow.link()
        await Setbacks(flow.store, flow.now).once()
        await settle()
        assert len(smsc.submits) == 1
        assert await flow.state(text) is State.SUBMITTED


async def test_a_scheduled_text_keeps_its_instant(autojump_clock: Clock) -> None:
    async with rig() as flow:
        await flow.consent()
        setbacks = Setbacks(flow.store, flow.now)
        await setbacks.once()
        text = await flow.submit(send_at=flow.wall + 60 * SECOND)
        _, smsc = await flow.link()
        flow.wall -= HOUR
        await pass_by(flow, setbacks, 120)
        assert smsc.submits == []
        assert await flow.state(text) is State.HELD


async def test_a_clock_that_goes_on_brings_nothing_forward(
    autojump_clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig() as flow:
        await flow.consent()
        setbacks = Setbacks(flow.store, flow.now)
        await setbacks.once()
        _, smsc = await flow.link()
        smsc.answer = lambda pdu: SubmitSmResp(command_status=const.ESME_RSYSERR)
        await flow.submit()
        await settle()
        assert len(smsc.submits) == 1
        with caplog.at_level(logging.WARNING):
            flow.wall -= SECOND // 2  # slewed
            await setbacks.once()
            await settle()
            flow.wall += HOUR  # slept
            await setbacks.once()
        assert [record for record in caplog.records if "set back" in record.message] == []
        assert await flow.store.ahead(flow.config.carriers[0].name, flow.wall, 10) == ()


async def test_webhooks_are_tried_again_in_their_time(autojump_clock: Clock) -> None:
    async with rig() as flow:
        await flow.consent()
        setbacks = Setbacks(flow.store, flow.now)
        await setbacks.once()
        await flow.submit()
        (seq, *_) = [event.seq for event in await flow.store.events(flow.client, 0, 10)]
        await flow.store.open_webhook(ENDPOINT)
        failed = Retry(ENDPOINT, seq, 1, flow.wall + 5 * SECOND, "503")
        await flow.store.record_progress(Progress(ENDPOINT, seq, failed=(failed,)))
        flow.wall -= HOUR
        await setbacks.once()
        assert (await flow.store.webhook_state(ENDPOINT)).next_at == flow.wall + 5 * SECOND
