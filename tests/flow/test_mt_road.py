"""From a wish to the carrier's receipt."""

import pytest
import trio

from gateway.errors import Code, Transient
from gateway.flow.invalid import Invalid
from gateway.flow.prepare import Wish
from gateway.model.clock import HOUR
from gateway.model.message import State
from gateway.smpp import const
from gateway.smpp.pdu import SubmitSm, SubmitSmResp
from tests.flow.rig import NUMBER, SENDER, rig, settle


async def test_a_text_with_consent_is_submitted_and_delivered(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit("Hello @ you")
        assert accepted.state is State.QUEUED
        (pdu,) = smsc.submits
        assert (pdu.source_addr, pdu.destination_addr) == (SENDER, NUMBER[1:])
        assert (pdu.source_addr_ton, pdu.source_addr_npi, pdu.dest_addr_ton, pdu.dest_addr_npi) == (1, 1, 1, 1)
        assert (pdu.short_message, pdu.data_coding, pdu.esm_class, pdu.registered_delivery) == (
            b"Hello \x00 you",
            0,
            0,
            1,
        )
        assert await flow.state(accepted) is State.SUBMITTED
        assert await smsc.receipt("00000001") == const.ESME_ROK
        message = await flow.message(accepted)
        assert message.state is State.DELIVERED
        assert message.segments[0].smsc_message_id == "00000001"
        assert message.segments[0].stat == "DELIVRD"
        timeline = await flow.store.timeline(accepted.id)
        assert [event.kind for event in timeline] == ["message.accepted", "message.submitted", "message.delivered"]


async def test_a_text_s_life_is_three_commits(autojump_clock: trio.testing.MockClock) -> None:
    """Accepted and claimed, answered, and its receipt: nobody looks into a queue that is known to be empty."""
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        commits: list[int] = []

        def committed(queued: set[str], told: set[str], verbs: int, seconds: float) -> None:
            commits.append(verbs)
            flow.dispatch.wake(queued)

        await flow.submit()
        flow.store.on_commit(committed)
        for _ in range(2):
            accepted = await flow.submit()
            await smsc.receipt(f"{len(smsc.submits):08x}")
            assert await flow.state(accepted) is State.DELIVERED
        assert commits == [2, 1, 1] * 2


async def test_a_scheduled_text_goes_though_no_commit_wakes_its_bind(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit(send_at=flow.wall + HOUR)
        await flow.submit()
        assert len(smsc.submits) == 1  # this claim is the last that was asked
        flow.wall += HOUR
        await trio.sleep(HOUR / 1000)
        await settle()
        assert len(smsc.submits) == 2


@pytest.mark.parametrize(
    ("number", "category", "code"),
    [
        (NUMBER, "servicing", None),
        (NUMBER, "marketing", Code.CONSENT_CATEGORY),
        ("+12025550124", "servicing", Code.CONSENT_MISSING),
    ],
)
async def test_consent_is_for_one_number_and_one_category(
    autojump_clock: trio.testing.MockClock, number: str, category: str, code: Code | None
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        wish = Wish(number, "servicing", category, "Hello")
        (answer,) = await flow.submitting.submit(flow.config.clients[0], [wish])
        assert not isinstance(answer, Invalid)
        await settle()
        assert answer.code == code
        assert len(smsc.submits) == (code is None)


async def test_a_refusal_is_kept_with_its_decision(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        refused = await flow.submit()
        message = await flow.message(refused)
        assert (message.state, message.code) == (State.BLOCKED, Code.CONSENT_MISSING)
        assert b'"consent.missing"' in bytes(message.decision)
        assert [event.kind for event in await flow.store.timeline(refused.id)] == ["message.blocked"]


async def test_a_long_text_goes_in_segments_that_belong_together(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        first = await flow.submit("x" * 400)
        await flow.submit("y" * 400)
        assert [pdu.esm_class for pdu in smsc.submits] == [0x40] * 6
        headers = [pdu.short_message[:6] for pdu in smsc.submits]
        assert [header[4:] for header in headers] == [b"\x03\x01", b"\x03\x02", b"\x03\x03"] * 2
        assert len({header[3] for header in headers[:3]}) == 1
        assert headers[0][3] != headers[3][3]
        for key in ("00000001", "00000003"):
            await smsc.receipt(key)
        assert await flow.state(first) is State.SUBMITTED
        await smsc.receipt("00000002")
        assert await flow.state(first) is State.DELIVERED


async def test_segments_go_one_by_one_through_a_window_of_one(autojump_clock: trio.testing.MockClock) -> None:
    async with rig(window=1) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit("x" * 400)
        assert len(smsc.submits) == 3
        assert await flow.state(accepted) is State.SUBMITTED


async def test_all_segments_of_a_text_take_one_link(autojump_clock: trio.testing.MockClock) -> None:
    async with rig(window=1) as flow:
        _, first = await flow.link()
        _, second = await flow.link()
        await flow.consent()
        for letter in "abcdef":
            await flow.submit(letter * 400)
        by_link = [{pdu.short_message[6:7] for pdu in smsc.submits} for smsc in (first, second)]
        assert sum(len(smsc.submits) for smsc in (first, second)) == 18
        assert not by_link[0] & by_link[1]


async def test_a_scheduled_text_waits_for_its_time(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit(send_at=flow.wall + HOUR)
        assert accepted.state is State.HELD
        assert not smsc.submits
        flow.wall += HOUR
        await trio.sleep(61)
        await settle()
        assert len(smsc.submits) == 1
        assert await flow.state(accepted) is State.SUBMITTED


async def test_a_text_that_expired_in_the_queue_is_not_sent(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        await flow.consent()
        accepted = await flow.submit(expires_at=flow.wall + 1000)
        flow.wall += 1000
        _, smsc = await flow.link()
        await settle()
        assert not smsc.submits
        message = await flow.message(accepted)
        assert (message.state, message.code) == (State.EXPIRED, Code.EXPIRED_BEFORE_SENDING)


@pytest.mark.parametrize("status", [const.ESME_RTHROTTLED, const.ESME_RMSGQFUL])
async def test_throttling_slows_the_account_and_costs_no_attempt(
    autojump_clock: trio.testing.MockClock, status: int
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: SubmitSmResp(command_status=status)
        accepted = await flow.submit()
        assert len(smsc.submits) == 1
        assert await flow.state(accepted) is State.QUEUED
        smsc.answer = lambda pdu: SubmitSmResp(message_id="a1")
        await trio.sleep(10)
        await settle()
        assert len(smsc.submits) == 2
        message = await flow.message(accepted)
        assert (message.state, message.segments[0].attempt) == (State.SUBMITTED, 1)


async def test_a_temporary_error_is_tried_again_later_and_not_for_ever(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: SubmitSmResp(command_status=const.ESME_RSUBMITFAIL)
        accepted = await flow.submit()
        for _ in range(100):
            flow.wall += 60_000
            await trio.sleep(61)
        await settle()
        message = await flow.message(accepted)
        assert (message.state, message.code) == (State.REJECTED, Code.CARRIER_RETRIES_SPENT)
        assert len(smsc.submits) == flow.config.carriers[0].retry.attempts


async def test_a_permanent_error_ends_the_message(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: SubmitSmResp(command_status=const.ESME_RINVDSTADR)
        message = await flow.message(await flow.submit())
        assert (message.state, message.code) == (State.REJECTED, Code.CARRIER_REJECTED)
        assert message.segments[0].command_status == const.ESME_RINVDSTADR


async def test_when_one_segment_is_refused_the_rest_is_not_sent(autojump_clock: trio.testing.MockClock) -> None:
    async with rig(window=1) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: SubmitSmResp(command_status=const.ESME_RINVDSTADR)
        message = await flow.message(await flow.submit("x" * 400))
        assert message.state is State.REJECTED
        assert len(smsc.submits) == 1
        assert [segment.state for segment in message.segments] == [State.REJECTED, State.CANCELLED, State.CANCELLED]


async def test_an_unanswered_text_is_in_doubt_until_the_late_answer(autojump_clock: trio.testing.MockClock) -> None:
    async with rig(response_seconds=30.0) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        kept: list[SubmitSm] = []

        def keep(pdu: SubmitSm) -> None:
            kept.append(pdu)

        smsc.answer = keep
        accepted = await flow.submit()
        await trio.sleep(32)
        await settle()
        message = await flow.message(accepted)
        assert (message.state, message.code) == (State.IN_DOUBT, Code.IN_DOUBT_NO_RESPONSE)
        assert [doubt.message_id for doubt in await flow.store.doubts(10)] == [accepted.id]
        smsc.connection.respond(kept[0], SubmitSmResp(message_id="late"))
        await smsc.send()
        await settle()
        assert await flow.state(accepted) is State.SUBMITTED


async def test_a_lost_link_puts_what_was_in_flight_in_doubt(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        link, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: None
        accepted = await flow.submit()
        await link._stream.aclose()
        await settle()
        message = await flow.message(accepted)
        assert (message.state, message.code) == (State.IN_DOUBT, Code.IN_DOUBT_LINK_LOST)
        _, again = await flow.link()
        await settle()
        assert not again.submits


async def test_the_receipt_before_the_response_is_kept_for_it(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        kept: list[SubmitSm] = []

        def keep(pdu: SubmitSm) -> None:
            kept.append(pdu)

        smsc.answer = keep
        accepted = await flow.submit()
        assert await smsc.receipt("59113978") == const.ESME_ROK
        assert await flow.state(accepted) is State.IN_FLIGHT
        smsc.connection.respond(kept[0], SubmitSmResp(message_id="38601FA"))  # the same number, in hex
        await smsc.send()
        await settle()
        assert await flow.state(accepted) is State.DELIVERED


async def test_no_room_on_the_disk_refuses_new_texts_only(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        await flow.consent()
        accepted = await flow.submit()
        flow.room = False
        with pytest.raises(Transient) as caught:
            await flow.submit()
        assert caught.value.code is Code.STORE_FULL
        _, smsc = await flow.link()
        await settle()
        assert len(smsc.submits) == 1
        assert await flow.state(accepted) is State.SUBMITTED


async def test_the_rate_is_never_exceeded(autojump_clock: trio.testing.MockClock) -> None:
    async with rig(rate=10.0, window=100) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        times: list[float] = []

        def note(pdu: SubmitSm) -> SubmitSmResp:
            times.append(trio.current_time())
            return SubmitSmResp(message_id=f"{len(times):x}")

        smsc.answer = note
        client = flow.config.clients[0]
        await flow.submitting.submit(client, [Wish(NUMBER, "servicing", "servicing", "Hello")] * 50)
        await trio.sleep(10)
        await settle()
        assert len(times) == 50
        assert all(later - first > 0.999 for first, later in zip(times, times[11:], strict=False))
