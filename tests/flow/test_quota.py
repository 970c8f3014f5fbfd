"""Carriers' limits on the wire: what is too much waits without noise, and everybody can see why."""

from typing import Any

import trio

from gateway.carrier.bind import BindKind, BindState, BindStatus
from gateway.config import LimitConfig
from gateway.flow.health import GRACE_SECONDS, Health
from gateway.flow.waits import Cause, Wait, Waits
from gateway.model.clock import HOUR, MINUTE
from gateway.model.message import State
from gateway.smpp import const
from gateway.smpp.pdu import SubmitSmResp
from tests.flow.rig import NOON, Rig, rig, settle

Clock = trio.testing.MockClock
TURN = NOON - NOON % MINUTE + MINUTE
PER_MINUTE = (LimitConfig(scope="program", per="minute", segments=3),)


async def pass_to(flow: Rig, instant: int) -> None:
    """Both clocks go on to an instant of the wall's."""
    seconds = (instant - flow.wall) / 1000
    flow.wall = instant
    await trio.sleep(seconds)
    await settle()


async def test_what_a_minute_does_not_take_goes_in_the_next(autojump_clock: Clock) -> None:
    async with rig(limits=PER_MINUTE) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        texts = [await flow.submit(f"{index}") for index in range(8)]
        assert len(smsc.submits) == 3
        await pass_to(flow, TURN - 1)
        assert len(smsc.submits) == 3
        await pass_to(flow, TURN)
        assert len(smsc.submits) == 6
        await pass_to(flow, TURN + MINUTE)
        assert [pdu.short_message for pdu in smsc.submits] == [str(index).encode() for index in range(8)]
        # Waiting told nobody anything.
        timeline = await flow.store.timeline(texts[-1].id)
        assert [event.kind for event in timeline] == ["message.accepted", "message.submitted"]


async def test_waiting_for_a_window_costs_nothing(autojump_clock: Clock) -> None:
    async with rig(limits=PER_MINUTE) as flow:
        await flow.link()
        await flow.consent()
        for _ in range(5):
            await flow.submit()
        commits = 0

        def count(queued: set[str], told: set[str], verbs: int, seconds: float) -> None:
            nonlocal commits
            commits += 1
            flow.dispatch.wake(queued)

        flow.store.on_commit(count)
        await pass_to(flow, TURN - 1)
        assert commits == 0


async def test_a_restart_does_not_begin_the_window_anew(autojump_clock: Clock) -> None:
    async with rig(limits=PER_MINUTE) as flow:
        link, first = await flow.link()
        await flow.consent()
        for _ in range(5):
            await flow.submit()
        again = Rig(flow.config, flow.store, flow._nursery)  # another process on the same disk
        await link._stream.aclose()
        _, second = await again.link()
        await settle()
        assert (len(first.submits), len(second.submits)) == (3, 0)
        again.wall = flow.wall
        await pass_to(again, TURN)
        assert len(second.submits) == 2


async def test_throttled_texts_do_not_use_the_quota_up(autojump_clock: Clock) -> None:
    async with rig(limits=PER_MINUTE) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: SubmitSmResp(command_status=const.ESME_RTHROTTLED)
        texts = [await flow.submit() for _ in range(3)]
        await trio.sleep(5)
        smsc.answer = lambda pdu: SubmitSmResp(message_id=f"{len(smsc.submits):x}")
        await trio.sleep(10)
        await settle()
        assert {await flow.state(text) for text in texts} == {State.SUBMITTED}


async def test_a_text_that_expires_while_it_waits_is_ended(autojump_clock: Clock) -> None:
    async with rig(limits=(LimitConfig(scope="client", per="day", segments=1),)) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit()
        expiring = await flow.submit(expires_at=flow.wall + HOUR)
        flow.wall += HOUR
        await flow.sweep().once()
        assert await flow.state(expiring) is State.EXPIRED
        assert len(smsc.submits) == 1


async def test_every_bind_keeps_its_own_rate(autojump_clock: Clock) -> None:
    async with rig(bind_rate=5.0, rate=8.0) as flow:
        _, first = await flow.link(serve=False)
        await flow.consent()
        for _ in range(30):
            await flow.submit()
        began = trio.current_time()
        flow._nursery.start_soon(flow.road.serve, flow.links[0])
        await trio.sleep(2.05)
        await settle()
        assert len(first.submits) == 11  # one at once, and five a second
        _, second = await flow.link()
        await trio.sleep(2)
        await settle()
        passed = len(first.submits) + len(second.submits) - 11
        assert 14 <= passed <= 17  # together they keep the account's
        assert trio.current_time() - began < 5


# Why texts wait.


async def reasons(flow: Rig) -> list[Wait]:
    return await Waits(flow.store, flow.dispatch, flow.health, flow.now).of("simulator")


async def test_the_reasons_are_told(autojump_clock: Clock) -> None:
    async with rig(limits=PER_MINUTE) as flow:
        assert await reasons(flow) == [Wait(Cause.DOWN, since=NOON)]
        link, smsc = await flow.link()
        assert await reasons(flow) == []
        await flow.consent()
        for _ in range(5):
            await flow.submit()
        assert await reasons(flow) == [
            Wait(Cause.QUOTA, until=TURN, key="program/minute/demo/servicing", segments=2),
        ]
        smsc.answer = lambda pdu: SubmitSmResp(command_status=const.ESME_RTHROTTLED)
        await pass_to(flow, TURN)
        pause, pace = await reasons(flow)
        assert (pause.cause, pace.cause) == (Cause.PAUSE, Cause.PACE)
        assert pause.until == TURN + 1000
        assert pace.rate is not None
        await link._stream.aclose()
        await settle()
        assert (await reasons(flow))[0] == Wait(Cause.DOWN, since=TURN)


def status(name: str, state: BindState, **changes: Any) -> BindStatus:
    return BindStatus(name, name.partition("/")[0], changes.get("kind", BindKind.TRX), state)


async def test_a_carrier_is_up_while_one_bind_transmits(autojump_clock: Clock) -> None:
    health = Health(("a", "b"))
    assert not health.up
    assert health.healthy() == {"a", "b"}
    health.changed(status("a/trx-1", BindState.BOUND))
    health.changed(status("a/trx-2", BindState.BOUND))
    health.changed(status("b/rx-1", BindState.BOUND, kind=BindKind.RX))
    assert health.up == {"a"}
    await trio.sleep(GRACE_SECONDS + 1)
    assert health.healthy() == {"a"}
    health.changed(status("a/trx-1", BindState.WAITING))
    assert health.up == {"a"}
    assert health.down_since("a") is None
    lost_at = trio.current_time()
    health.changed(status("a/trx-2", BindState.WAITING))
    await trio.sleep(GRACE_SECONDS - 1)
    for state in (BindState.CONNECTING, BindState.BINDING, BindState.REFUSED):
        health.changed(status("a/trx-2", state))
    assert not health.up
    assert health.healthy() == {"a"}
    assert health.down_since("a") == lost_at
    await trio.sleep(2)
    assert health.healthy() == frozenset()
    health.changed(status("a/trx-1", BindState.BOUND))
    assert health.up == {"a"}
    assert health.down_since("a") is None
