"""What a carrier's err code sets off."""

import pytest
import trio
import trio.testing

from gateway.errors import Code
from gateway.model.message import State
from gateway.smpp import const
from gateway.smpp.pdu import SubmitSmResp, Tlv
from gateway.store.silence import Silence
from gateway.text import gsm7
from tests.flow.rig import NUMBER, SENDER, Rig, Smsc, rig, settle

ERRORS = {"receipt_errors": {"021": "opted_out", "008": "invalid_number", "99": "content", "00a": "absent"}}


async def fail(flow: Rig, smsc: Smsc, err: str, at: int) -> None:
    text = (
        f"id:{at:08x} sub:001 dlvrd:000 submit date:2609211200 done date:2609211201 stat:UNDELIV err:{err} text:Hello"
    )
    await smsc.deliver(short_message=text.encode(), esm_class=4)
    await settle()


async def test_an_opt_out_that_the_carrier_reports_is_an_opt_out(autojump_clock: trio.testing.MockClock) -> None:
    async with rig(**ERRORS) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit()
        waiting = await flow.submit(send_at=flow.wall + 3_600_000)
        await fail(flow, smsc, "021", 1)
        message = await flow.message(accepted)
        assert (message.state, message.code) == (State.UNDELIVERED, Code.CARRIER_OPTED_OUT)
        assert (await flow.message(waiting)).state is State.BLOCKED
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
        assert len(smsc.submits) == 1


@pytest.mark.parametrize("turned", [True, False])
async def test_what_was_claimed_before_such_a_receipt_is_not_written_after_it(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch, *, turned: bool
) -> None:
    async with rig(window=8, **ERRORS) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit("first")
        claimed = flow.slow_claims(monkeypatch)
        second = await flow.submit("second")
        as_it_was = {} if turned else {"source_addr": SENDER, "destination_addr": NUMBER[1:]}
        text = b"id:00000001 sub:001 dlvrd:000 stat:REJECTD err:021 text:first"
        await smsc.deliver(short_message=text, esm_class=4, **as_it_was)
        claimed.set()
        await settle()
        assert len(smsc.submits) == 1
        assert await flow.state(second) is State.BLOCKED


async def test_an_opt_out_that_refuses_a_text_is_an_opt_out(autojump_clock: trio.testing.MockClock) -> None:
    async with rig(status_overrides={"0x40b": "opted_out"}) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        waiting = await flow.submit(send_at=flow.wall + 3_600_000)
        smsc.answer = lambda pdu: SubmitSmResp(command_status=0x40B)
        accepted = await flow.submit("x" * 200)
        message = await flow.message(accepted)
        assert (message.state, message.code) == (State.REJECTED, Code.CARRIER_OPTED_OUT)
        assert (await flow.message(waiting)).state is State.BLOCKED
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
        submitted = len(smsc.submits)
        await settle()
        assert len(smsc.submits) == submitted <= 2  # both segments were on their way at once


@pytest.mark.parametrize(
    ("err", "code"),
    [
        ("008", Code.CARRIER_INVALID_NUMBER),
        ("8", Code.CARRIER_INVALID_NUMBER),
        ("099", Code.CARRIER_CONTENT),
        ("0A", Code.CARRIER_ABSENT),
        ("000", Code.CARRIER_UNDELIVERED),
        ("777", Code.CARRIER_UNDELIVERED),
    ],
)
async def test_an_err_code_is_told_by_its_meaning(autojump_clock: trio.testing.MockClock, err: str, code: Code) -> None:
    async with rig(**ERRORS) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit()
        await fail(flow, smsc, err, 1)
        message = await flow.message(accepted)
        assert (message.state, message.code, message.segments[0].err) == (State.UNDELIVERED, code, err)
        assert (await flow.submit()).state is State.QUEUED


async def test_without_a_receipt_a_text_ends_unconfirmed_and_a_late_one_still_counts(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit("x" * 200)
        expires_at = (await flow.message(accepted)).expires_at
        assert await flow.store.end_silence(Silence(expires_at, expires_at, 10)) == [0]
        assert await flow.store.end_silence(Silence(expires_at + 1, expires_at + 1, 10)) == [2]
        message = await flow.message(accepted)
        assert (message.state, message.code) == (State.UNCONFIRMED, Code.CARRIER_SILENT)
        for key in ("00000001", "00000002"):
            await smsc.receipt(key)
        assert await flow.state(accepted) is State.DELIVERED


async def test_a_carrier_that_packs_its_septets_packs_those_of_receipts_too(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig(alphabet="packed_gsm7") as flow:
        _, smsc = await flow.link()
        await flow.consent()
        packed, plain = await flow.submit(), await flow.submit()
        septets = gsm7.encode("id:00000001 stat:DELIVRD err:000")
        assert septets is not None
        await smsc.deliver(short_message=gsm7.pack(septets), esm_class=4)
        await smsc.deliver(short_message=b"id:00000002 stat:DELIVRD err:000", esm_class=4)
        await settle()
        assert [(await flow.message(text)).state for text in (packed, plain)] == [State.DELIVERED, State.DELIVERED]


@pytest.mark.parametrize("esm_class", [0x20, 0x08, 0x18])
async def test_only_the_carriers_own_receipt_ends_a_text(
    autojump_clock: trio.testing.MockClock, esm_class: int
) -> None:
    """Not an intermediate notification, and not what a handset acknowledges (SMPP 3.4 §5.2.12)."""
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit()
        await smsc.deliver(short_message=b"id:00000001 stat:DELIVRD err:000", esm_class=esm_class)
        assert (await flow.message(accepted)).state is State.SUBMITTED
        await smsc.receipt("00000001")
        assert (await flow.message(accepted)).state is State.DELIVERED


async def test_a_receipt_whose_esm_class_is_none_is_known_by_its_parameters(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """And never heard as the consumer's: the words that it repeats are ours."""
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit()
        tlvs = (Tlv(const.TLV_RECEIPTED_MESSAGE_ID, b"00000001\0"), Tlv(const.TLV_MESSAGE_STATE, b"\x02"))
        await smsc.deliver(short_message=b"id:00000001 stat:DELIVRD text:Reply STOP to end", tlvs=tlvs)
        await settle()
        assert (await flow.message(accepted)).state is State.DELIVERED
        assert (await flow.submit()).code is None
        await smsc.deliver(short_message=b"STOP", tlvs=tlvs)
        await settle()
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


async def test_an_id_of_the_smscs_own_in_the_parameter_hides_none_that_is_ours_in_the_text(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit()
        tlvs = (Tlv(const.TLV_RECEIPTED_MESSAGE_ID, b"smsc-internal-77\0"), Tlv(const.TLV_MESSAGE_STATE, b"\x02"))
        # The number decides whether the text's id is the right one.
        await smsc.receipt("00000001", source_addr="12025550199", tlvs=tlvs)
        assert await flow.state(accepted) is State.SUBMITTED
        await smsc.receipt("00000001", tlvs=tlvs)
        assert await flow.state(accepted) is State.DELIVERED


async def test_the_parameter_is_believed_where_both_ids_are_of_texts_of_ours(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        one, two = await flow.submit(), await flow.submit()
        await smsc.receipt("00000001", tlvs=(Tlv(const.TLV_RECEIPTED_MESSAGE_ID, b"00000002\0"),))
        assert [await flow.state(text) for text in (one, two)] == [State.SUBMITTED, State.DELIVERED]
