"""What carriers do in practice, each on the whole road: odd answers, silence, full windows, their own words in receipts."""

from typing import Any

import msgspec
import pytest
import trio

from gateway.errors import Code, Transient
from gateway.flow.pdus import submit_sm
from gateway.model.clock import HOUR, MINUTE
from gateway.model.ids import MessageId
from gateway.model.message import Claimed, Origin, State
from gateway.smpp import const
from gateway.smpp.pdu import (
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Response,
    SubmitSm,
    SubmitSmResp,
    Tlv,
    Unbind,
)
from gateway.store.inbound import Reception
from tests.flow.rig import NOON, NUMBER, Rig, Smsc, configured, rig, settle

Clock = trio.testing.MockClock


def answering(status: int = const.ESME_ROK, message_id: str | None = "a1") -> Any:
    return lambda pdu: SubmitSmResp(command_status=status, message_id=message_id)


async def hours_later(flow: Rig, hours: int = 1) -> None:
    for _ in range(4 * hours):
        flow.wall += HOUR // 4
        flow.dispatch.wake(["simulator"])
        await settle()


# Ids.


@pytest.mark.parametrize("message_id", ["", None])
async def test_a_text_taken_without_an_id_is_taken(autojump_clock: Clock, message_id: str | None) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = answering(message_id=message_id)
        accepted = await flow.submit()
        assert await flow.state(accepted) is State.SUBMITTED
        assert await smsc.receipt("77") == const.ESME_ROK
        assert await flow.state(accepted) is State.SUBMITTED


async def test_an_id_of_all_the_room_there_is(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = answering(message_id="f" * 64)
        accepted = await flow.submit()
        assert await smsc.receipt("F" * 64) == const.ESME_ROK
        assert await flow.state(accepted) is State.DELIVERED


# Statuses.


@pytest.mark.parametrize(
    ("status", "tries", "state", "code"),
    [
        (const.ESME_RSYSERR, 3, State.IN_DOUBT, Code.IN_DOUBT_CARRIER_FAULT),
        (0x00000400, 2, State.REJECTED, Code.CARRIER_RETRIES_SPENT),
        (0x000004FF, 2, State.REJECTED, Code.CARRIER_RETRIES_SPENT),
        (0xFFFFFFFF, 2, State.REJECTED, Code.CARRIER_RETRIES_SPENT),
        (const.ESME_RX_T_APPN, 5, State.REJECTED, Code.CARRIER_RETRIES_SPENT),
        (const.ESME_RX_P_APPN, 1, State.REJECTED, Code.CARRIER_REJECTED),
        (const.ESME_RX_R_APPN, 1, State.REJECTED, Code.CARRIER_REJECTED),
    ],
)
async def test_no_status_crashes_or_is_tried_for_ever(
    autojump_clock: Clock, status: int, tries: int, state: State, code: Code
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = answering(status)
        accepted = await flow.submit()
        await hours_later(flow, 3)
        message = await flow.message(accepted)
        assert (len(smsc.submits), message.state, message.code) == (tries, state, code)


async def test_a_profile_overrules_what_a_status_means(autojump_clock: Clock) -> None:
    async with rig(status_overrides={"0x45": "permanent"}) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = answering(const.ESME_RSUBMITFAIL)
        assert (await flow.message(await flow.submit())).code is Code.CARRIER_REJECTED


@pytest.mark.parametrize("status", [const.ESME_RTHROTTLED, const.ESME_RMSGQFUL])
async def test_being_told_to_wait_costs_no_attempt_and_keeps_the_order(autojump_clock: Clock, status: int) -> None:
    async with rig(window=1) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        refusals = 12

        def answer(pdu: SubmitSm) -> SubmitSmResp:
            if len(smsc.submits) <= refusals:
                return SubmitSmResp(command_status=status)
            return SubmitSmResp(message_id=f"{len(smsc.submits):x}")

        smsc.answer = answer
        texts = [await flow.submit(f"{number}") for number in range(3)]
        await trio.sleep(600)
        await settle()
        taken = [pdu.short_message for pdu in smsc.submits[refusals:]]
        assert taken == [b"0", b"1", b"2"]
        for text in texts:
            (segment,) = (await flow.message(text)).segments
            assert segment.attempt == 1


async def test_a_generic_nack_fails_the_text_that_it_names_alone(autojump_clock: Clock) -> None:
    async with rig() as flow:
        link, smsc = await flow.link()
        await flow.consent()

        def answer(pdu: SubmitSm) -> Response:
            if pdu.short_message == b"bad":
                return GenericNack(command_status=const.ESME_RINVCMDID)
            return SubmitSmResp(message_id="a1")

        smsc.answer = answer  # type: ignore[assignment]
        bad, good = await flow.submit("bad"), await flow.submit("good")
        assert (await flow.state(bad), await flow.state(good)) == (State.REJECTED, State.SUBMITTED)
        assert link.bound


async def test_a_generic_nack_without_an_error_accepts_nothing(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: GenericNack()  # type: ignore[assignment, return-value]
        text = await flow.submit()
        assert await flow.state(text) is State.QUEUED
        await hours_later(flow)
        assert (await flow.message(text)).code is Code.CARRIER_RETRIES_SPENT
        assert len(smsc.submits) == 2


# Windows.


async def test_a_window_gone_silent_is_given_back_probed_and_bound_anew(autojump_clock: Clock) -> None:
    async with rig(window=4) as flow:
        link, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: None
        texts = [await flow.submit(f"{number}") for number in range(4)]
        waiting = await flow.submit("behind")
        assert len(smsc.submits) == 4
        await trio.sleep(33)
        await settle()
        assert not link.bound
        assert {await flow.state(text) for text in texts} == {State.IN_DOUBT}
        assert await flow.state(waiting) is State.QUEUED
        _, smsc = await flow.link()
        await settle()
        assert [pdu.short_message for pdu in smsc.submits] == [b"behind"]


async def test_one_silent_text_holds_nobody_up(autojump_clock: Clock) -> None:
    async with rig(window=4) as flow:
        link, smsc = await flow.link()
        await flow.consent()
        accept = smsc.answer
        smsc.answer = lambda pdu: None if pdu.short_message == b"lost" else accept(pdu)
        lost = await flow.submit("lost")
        others = [await flow.submit(f"{number}") for number in range(10)]
        assert {await flow.state(text) for text in others} == {State.SUBMITTED}
        await trio.sleep(33)
        await settle()
        assert link.bound
        assert await flow.state(lost) is State.IN_DOUBT


async def test_a_full_window_keeps_neither_receipts_nor_probes_waiting(autojump_clock: Clock) -> None:
    async with rig(window=1) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        first = await flow.submit("first")
        smsc.answer = lambda pdu: None
        for number in range(5):
            await flow.submit(f"{number}")
        assert await smsc.receipt("00000001") == const.ESME_ROK
        assert await flow.state(first) is State.DELIVERED
        assert await smsc.text("STOP") == const.ESME_ROK
        smsc.connection.request(EnquireLink(), trio.current_time())
        heard = smsc.connection._timers._heard_at
        await trio.sleep(0.1)
        await smsc.send()
        await settle()
        assert smsc.connection._timers._heard_at > heard


async def test_segments_count_and_not_messages(autojump_clock: Clock) -> None:
    async with rig(rate=3.0, window=100) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        began = trio.current_time()
        times: list[float] = []
        accept = smsc.answer

        def note(pdu: SubmitSm) -> SubmitSmResp | None:
            times.append(trio.current_time() - began)
            return accept(pdu)

        smsc.answer = note
        for _ in range(4):
            await flow.submit("x" * 400)
        await trio.sleep(10)
        await settle()
        assert len(times) == 12
        assert all(later - first > 0.999 for first, later in zip(times, times[4:], strict=False))


async def test_a_peer_that_says_unbind_may_still_answer(autojump_clock: Clock) -> None:
    async with rig() as flow:
        link, smsc = await flow.link()
        await flow.consent()
        kept: list[SubmitSm] = []
        smsc.answer = kept.append
        accepted = await flow.submit("on its way")
        smsc.connection.request(Unbind(), trio.current_time())
        smsc.connection.respond(kept[0], SubmitSmResp(message_id="a1"))
        await smsc.send()
        await settle()
        assert not link.bound
        waiting = await flow.submit("waits")
        assert (await flow.state(accepted), await flow.state(waiting)) == (State.SUBMITTED, State.QUEUED)
        assert len(kept) == 1


async def test_a_carrier_that_has_forgotten_the_session_may_say_so_of_each_text(
    autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(window=10) as flow:
        link, smsc = await flow.link()
        await flow.consent()
        kept: list[SubmitSm] = []
        smsc.answer = kept.append
        texts = [await flow.submit(f"text {place}") for place in range(5)]
        # What we say meanwhile it reads later.
        monkeypatch.setattr(smsc.connection, "receive_data", lambda octets, now: None)
        for refused in (kept[:2], kept[2:]):
            for pdu in refused:
                smsc.connection.respond(pdu, SubmitSmResp(command_status=const.ESME_RINVBNDSTS))
            await smsc.send()
            await settle()
            assert not link.bound
        assert {await flow.state(text) for text in texts} == {State.QUEUED}
        await trio.sleep(10)
        assert link.closed is not None
        assert not link.closed.unanswered


@pytest.mark.parametrize(("answered", "bound"), [(None, False), (3, True)])
async def test_half_a_window_that_goes_silent_one_by_one_is_a_dead_session(
    autojump_clock: Clock, answered: int | None, *, bound: bool
) -> None:
    async with rig(window=10, response_seconds=5.0) as flow:
        link, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: SubmitSmResp(message_id="a1") if len(smsc.submits) == answered else None
        for place in range(5):
            assert link.bound
            await flow.submit(f"text {place}")
            await trio.sleep(60)  # the link itself is alive: enquire_link is answered all the time
        assert (link.bound, link.unbound_by_peer) == (bound, False)
        assert len(smsc.submits) == 5


# Receipts in the carrier's own words.


async def receipt_with(smsc: Smsc, text: str, *tlvs: Tlv) -> None:
    await smsc.deliver(short_message=text.encode(), esm_class=4, tlvs=tlvs)


async def test_a_profile_says_what_a_stat_means(autojump_clock: Clock) -> None:
    async with rig(receipt_states={"ACCEPTD": "delivered", "lost": "undeliverable"}) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        first, second, third = [await flow.submit() for _ in range(3)]
        await receipt_with(smsc, "id:00000001 stat:ACCEPTD err:000")
        await receipt_with(smsc, "id:00000002 stat:LOST err:000")
        await receipt_with(smsc, "id:00000003 stat:ENROUTE err:000")
        assert [await flow.state(text) for text in (first, second, third)] == [
            State.DELIVERED,
            State.UNDELIVERED,
            State.SUBMITTED,
        ]


async def test_without_that_accepted_is_no_end(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit()
        await receipt_with(smsc, "id:00000001 stat:ACCEPTD err:000")
        assert await flow.state(accepted) is State.SUBMITTED


async def test_a_receipt_that_contradicts_itself_is_believed_by_its_parameters_and_told(
    autojump_clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit()
        delivered = bytes([const.MESSAGE_STATE_DELIVERED])
        await receipt_with(smsc, "id:00000001 stat:UNDELIV err:011", Tlv(const.TLV_MESSAGE_STATE, delivered))
        assert await flow.state(accepted) is State.DELIVERED
        assert "say one thing in their text, another in their parameters" in caplog.text


async def test_the_carriers_clock_is_kept_as_it_is_and_never_reckoned_with(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit()
        flow.wall += MINUTE
        await receipt_with(smsc, "id:00000001 submit date:9912312359 done date:9912312359 stat:DELIVRD err:000")
        (segment,) = (await flow.message(accepted)).segments
        assert (segment.done_date, segment.receipt_at) == ("9912312359", NOON + MINUTE)


# What cannot be kept is not acknowledged.


async def test_more_than_can_be_taken_in_is_put_off_at_once(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link(serve=False)
        smsc.connection.window_size = 3000
        for number in range(2003):
            smsc.connection.request(
                DeliverSm(source_addr=NUMBER[1:], destination_addr="40404", short_message=b"%d" % number),
                trio.current_time(),
            )
        await smsc.send()
        await settle()
        assert [answer.command_status for answer in smsc.answers] == [const.ESME_RX_T_APPN] * 3


async def test_what_the_disk_does_not_take_the_carrier_brings_again(
    autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit()

        async def full(news: list[Any] | list[Reception]) -> None:
            raise Transient(Code.STORE_FULL, "no room")

        with monkeypatch.context() as patched:
            patched.setattr(flow.store, "receive_receipts", full)
            patched.setattr(flow.store, "receive_inbound", full)
            assert await smsc.receipt("00000001") == const.ESME_RX_T_APPN
            assert await smsc.text("STOP") == const.ESME_RX_T_APPN
        assert await flow.state(accepted) is State.SUBMITTED
        assert await smsc.receipt("00000001") == const.ESME_ROK
        assert await smsc.text("STOP") == const.ESME_ROK
        answer = smsc.answers[-1]
        assert isinstance(answer, DeliverSmResp)
        assert answer.message_id == ""
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


# The fields of a submit_sm.

CLAIMED = Claimed(
    MessageId(1), 1, 1, 1, "simulator", "demo", "servicing", "servicing", NUMBER, "+12025550100",  # type: ignore[arg-type]
    "Hi @ 5 o'clock", "gsm7", 7, NOON + 2 * HOUR, NOON, Origin.CLIENT,
)  # fmt: skip


def pdu_of(segment: Claimed = CLAIMED, now: int = NOON, **profile: Any) -> SubmitSm:
    return submit_sm(segment, configured(**profile).carriers[0], now)


@pytest.mark.parametrize(
    ("sender", "addr", "ton_npi"),
    [("+12025550100", "12025550100", (1, 1)), ("40404", "40404", (3, 0)), ("ACME Bank", "ACME Bank", (5, 0))],
)
def test_type_and_plan_follow_the_kind_of_sender(sender: str, addr: str, ton_npi: tuple[int, int]) -> None:
    pdu = pdu_of(msgspec.structs.replace(CLAIMED, sender=sender))
    assert (pdu.source_addr, (pdu.source_addr_ton, pdu.source_addr_npi)) == (addr, ton_npi)
    assert (pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi) == (NUMBER[1:], 1, 1)


def test_validity_is_what_is_left_of_it() -> None:
    assert pdu_of().validity_period == "000000020000000R"
    assert pdu_of(now=NOON + HOUR).validity_period == "000000010000000R"
    assert pdu_of(now=NOON + 3 * HOUR).validity_period == "000000000001000R"
    assert pdu_of(validity="absolute").validity_period == "260921161320000+"
    assert pdu_of(validity="none").validity_period == ""


def test_nothing_replaces_an_earlier_text_and_nothing_is_asked_for_unasked() -> None:
    pdu = pdu_of()
    assert (pdu.replace_if_present_flag, pdu.priority_flag, pdu.protocol_id, pdu.service_type) == (0, 0, 0, "")
    assert (pdu.schedule_delivery_time, pdu.sm_default_msg_id, pdu.tlvs) == ("", 0, ())
    assert pdu_of(service_type="WAP").service_type == "WAP"


def test_the_at_sign_is_a_nul_among_septets() -> None:
    assert pdu_of().short_message == b"Hi \x00 5 o'clock"


@pytest.mark.parametrize("wanted", [0, 1, 2, 17])
def test_each_segment_asks_for_its_receipt(wanted: int) -> None:
    segment = msgspec.structs.replace(CLAIMED, text="x" * 400, total=3)
    for n in (1, 2, 3):
        assert pdu_of(msgspec.structs.replace(segment, n=n), registered_delivery=wanted).registered_delivery == wanted


@pytest.mark.parametrize("mode", ["udh8", "udh16", "sar", "payload"])
def test_a_header_has_its_flag_and_a_payload_stands_alone(mode: str) -> None:
    total = 1 if mode == "payload" else 3
    pdu = pdu_of(msgspec.structs.replace(CLAIMED, text="x" * 400, total=total), long_messages=mode)
    assert bool(pdu.esm_class & const.ESM_CLASS_UDHI) is (mode in ("udh8", "udh16"))
    assert (pdu.tlv(const.TLV_MESSAGE_PAYLOAD) is not None) is (mode == "payload")
    assert bool(pdu.short_message) is (mode != "payload")
    assert len(pdu.short_message) <= 254
