"""A text that the carrier puts off for ever, with a status that means the account, mostly: the others leave all the same."""

from collections.abc import Callable

import pytest
import trio
import trio.testing

from gateway.flow.put_offs import PutOffs
from gateway.model.address import Number
from gateway.model.ids import MessageId
from gateway.model.message import Claimed, Origin, State
from gateway.smpp import const
from gateway.smpp.pdu import SubmitSm, SubmitSmResp
from tests.flow.rig import NOON, NUMBER, Rig, rig, settle

FULL = "+12025550124"


async def pass_seconds(flow: Rig, seconds: int) -> None:
    for _ in range(seconds):
        flow.wall += 1000
        await trio.sleep(1)
        await settle()


def refusing(number: str, status: int) -> Callable[[SubmitSm], SubmitSmResp]:
    return lambda pdu: (
        SubmitSmResp(command_status=status) if pdu.destination_addr == number[1:] else SubmitSmResp(message_id="1")
    )


@pytest.mark.parametrize("status", [const.ESME_RTHROTTLED, const.ESME_RMSGQFUL])
@pytest.mark.parametrize("window", [1, 10])
async def test_the_others_leave_and_it_leaves_when_it_may(
    autojump_clock: trio.testing.MockClock, status: int, window: int
) -> None:
    async with rig(window=window) as flow:
        _, smsc = await flow.link()
        for number in (FULL, NUMBER):
            await flow.consent(number)
        smsc.answer = refusing(FULL, status)
        put_off = await flow.submit(number=FULL)
        others = [await flow.submit(f"{number}") for number in range(5)]
        await pass_seconds(flow, 60)
        assert {await flow.state(other) for other in others} == {State.SUBMITTED}
        assert await flow.state(put_off) is State.QUEUED
        tries = len(smsc.submits)
        await pass_seconds(flow, 60)
        assert len(smsc.submits) - tries <= 15, "nobody waits behind it, so it is tried as before"
        smsc.answer = lambda pdu: SubmitSmResp(message_id="2")
        await pass_seconds(flow, 60)
        message = await flow.message(put_off)
        assert (message.state, message.segments[0].attempt) == (State.SUBMITTED, 1)


async def test_it_does_not_slow_down_who_is_accepted_beside_it(autojump_clock: trio.testing.MockClock) -> None:
    async with rig(window=1) as flow:
        _, smsc = await flow.link()
        for number in (FULL, NUMBER):
            await flow.consent(number)
        smsc.answer = refusing(FULL, const.ESME_RMSGQFUL)
        await flow.submit(number=FULL)
        await pass_seconds(flow, 30)
        late = []
        for count in range(120):
            sent = await flow.submit(f"{count}")
            await pass_seconds(flow, 1)
            if await flow.state(sent) is not State.SUBMITTED:
                late.append(count)
        assert all(count < 10 for count in late), "two rests of the account, until it is seen that it is about the text"


def segment(message_id: int) -> Claimed:
    return Claimed(
        MessageId(message_id), 1, 1, 1, "main", "acme", "loans", "servicing", Number(NUMBER), "+12025550100", "Hello",
        "gsm7", 0, NOON, NOON, Origin.CLIENT,
    )  # fmt: skip


def test_its_pauses_grow_while_others_are_accepted_and_no_further_than_ten_minutes() -> None:
    put_offs = PutOffs()
    assert [put_offs.refused(segment(1)) for _ in range(4)] == [(None, True), (None, True), (0.0, True), (0.0, True)]
    told = []
    for _ in range(10):
        put_offs.accepted(segment(2))
        told.append(put_offs.refused(segment(1)))
    assert told[:4] == [(5.0, False), (10.0, False), (20.0, False), (40.0, False)]
    assert told[-1] == (600.0, False)
    put_offs.accepted(segment(1))
    assert put_offs.refused(segment(1)) == (None, True)


def test_another_answer_to_it_ends_the_row() -> None:
    put_offs = PutOffs()
    for _ in range(2):
        put_offs.refused(segment(1))
    put_offs.ended(segment(1))
    assert put_offs.refused(segment(1)) == (None, True)


def test_what_it_remembers_is_bounded() -> None:
    put_offs = PutOffs()
    for _ in range(2):
        put_offs.refused(segment(1))
    for number in range(2, 5000):
        put_offs.refused(segment(number))
    assert len(put_offs._refused) <= 4096
    assert put_offs.refused(segment(1)) == (None, True)
