"""What consumers and carriers bring."""

from collections import Counter
from typing import Any

import msgspec
import pytest
import trio

from gateway.config import Config
from gateway.errors import Code
from gateway.flow import inbound as inbound_module
from gateway.flow.inbound import PARTS_TIMEOUT
from gateway.flow.replies import consumer
from gateway.model.address import Number
from gateway.model.clock import HOUR, SECOND
from gateway.model.consent import ANY, Scope
from gateway.model.events import Kind
from gateway.model.inbound import Inbound
from gateway.model.message import State
from gateway.smpp import const
from gateway.smpp.pdu import DeliverSm, EnquireLink, SubmitSm, SubmitSmResp, Tlv
from gateway.store.reads import MessageFilter
from gateway.store.received import InboundFilter
from gateway.store.sqlite import open_memory
from gateway.text.reassembly import ReceivedPart, receive
from tests.flow.rig import NOON, NUMBER, SENDER, Rig, configured, rig, rig_of, settle


def words(pdu: SubmitSm) -> str:
    return pdu.short_message.decode("ascii")


async def test_stop_blocks_the_next_text_and_is_confirmed_once(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        assert await smsc.text("STOP") == const.ESME_ROK
        program = flow.config.clients[0].programs[0]
        assert [words(pdu) for pdu in smsc.submits] == [program.stop_confirmation]
        assert await smsc.text("stop") == const.ESME_ROK
        assert len(smsc.submits) == 1
        refused = await flow.submit()
        assert (refused.state, refused.code) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)


async def test_stop_ends_all_that_still_waits(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        await flow.consent()
        queued = await flow.submit("x" * 400)
        scheduled = await flow.submit(send_at=flow.wall + HOUR)
        flow.dispatch.stopping = True
        _, smsc = await flow.link()
        assert await smsc.text("Please stop texting me") == const.ESME_ROK
        for accepted in (queued, scheduled):
            message = await flow.message(accepted)
            assert (message.state, message.code) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)
            assert all(segment.state is State.BLOCKED for segment in message.segments)


async def test_start_undoes_stop_and_gives_nothing_new(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await smsc.text("START")
        assert (await flow.submit()).code is Code.CONSENT_MISSING
        await flow.consent()
        await smsc.text("STOP")
        await smsc.text("START")
        assert (await flow.submit()).state is State.QUEUED
        program = flow.config.clients[0].programs[0]
        assert [words(pdu) for pdu in smsc.submits] == [program.stop_confirmation, program.start_confirmation, "Hello"]


async def test_help_is_answered_each_time_even_after_stop(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        for word in ("HELP", "STOP", "help"):
            await smsc.text(word)
        program = flow.config.clients[0].programs[0]
        assert [words(pdu) for pdu in smsc.submits] == [
            program.help_text,
            program.stop_confirmation,
            program.help_text,
        ]


async def test_a_stop_in_two_parts_and_any_order(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.deliver(short_message=b"\x05\x00\x03\x07\x02\x02OP", esm_class=0x40)
        assert (await flow.submit()).state is State.QUEUED
        await smsc.deliver(short_message=b"\x05\x00\x03\x07\x02\x01ST", esm_class=0x40)
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


@pytest.mark.parametrize("beside", [b"", b"\0", b" "])
async def test_a_stop_in_a_payload_beside_a_short_message_that_says_nothing(
    autojump_clock: trio.testing.MockClock, beside: bytes
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.deliver(short_message=beside, tlvs=(Tlv(const.TLV_MESSAGE_PAYLOAD, b"STOP"),))
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


async def test_a_stop_in_sar_parts_in_a_payload_in_ucs2(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()

        def sar(number: int) -> tuple[Tlv, ...]:
            return (
                Tlv(const.TLV_SAR_MSG_REF_NUM, b"\x01\x02"),
                Tlv(const.TLV_SAR_TOTAL_SEGMENTS, b"\x02"),
                Tlv(const.TLV_SAR_SEGMENT_SEQNUM, bytes([number])),
            )

        whole = "STOP".encode("utf-16-be")
        await smsc.deliver(data_coding=8, tlvs=(*sar(1), Tlv(const.TLV_MESSAGE_PAYLOAD, whole[:5])))
        await smsc.deliver(data_coding=8, tlvs=(*sar(2), Tlv(const.TLV_MESSAGE_PAYLOAD, whole[5:])))
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


@pytest.mark.parametrize("esm_class", [const.ESM_CLASS_TYPE_MANUAL_ACK, 0])
async def test_a_stop_in_a_payload_that_is_cut_short_is_a_stop(
    autojump_clock: trio.testing.MockClock, esm_class: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        for _ in range(3):
            await smsc.deliver(esm_class=esm_class, trailing=bytes.fromhex("0424 0020") + b"STOP")
        assert smsc.answers[-1].command_status == const.ESME_ROK
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
        assert caplog.text.count("a deliver_sm has 8 octets behind its last whole parameter") == 1
        assert "STOP" not in caplog.text


async def test_octets_that_no_parameter_announces_are_no_text(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.deliver(trailing=bytes.fromhex("1424 0020") + b"STOP")
        await smsc.deliver(short_message=b"Hi", trailing=bytes.fromhex("0424 0020") + b"STOP")
        assert (await flow.submit()).state is State.QUEUED
        assert [one.text for one in await inbound(flow)] == ["Hi", ""]


@pytest.mark.parametrize("opens", [True, False])
async def test_a_stop_is_answered_when_what_other_links_hold_has_left(
    autojump_clock: trio.testing.MockClock, opens: bool
) -> None:
    """A text that was written before the STOP may not be seen after its answer; a link that is stuck is not waited for."""
    async with rig() as flow:
        stuck, _ = await flow.link()
        _, smsc = await flow.link()
        await flow.consent()
        gate = trio.Event()
        stuck._stream.send_stream.send_all_hook = gate.wait  # type: ignore[attr-defined]
        stuck.submit(EnquireLink(), None)
        stuck.flush()
        await smsc.deliver(short_message=b"STOP")
        assert not smsc.answers
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
        if opens:
            gate.set()
            await settle()
        else:
            await trio.sleep(2)
        assert [answer.command_status for answer in smsc.answers] == [const.ESME_ROK]


async def test_a_revocation_is_answered_when_what_links_hold_has_left(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        stuck, _ = await flow.link()
        await flow.consent()
        gate = trio.Event()
        stuck._stream.send_stream.send_all_hook = gate.wait  # type: ignore[attr-defined]
        stuck.submit(EnquireLink(), None)
        stuck.flush()
        answered: list[object] = []

        async def revoke() -> None:
            answered.append(
                await flow.consents.revoke(flow.config.clients[0], NUMBER, Scope("servicing", ANY), "agent")
            )

        async with trio.open_nursery() as asking:
            asking.start_soon(revoke)
            await settle()
            assert not answered
            assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
            gate.set()
        assert answered == [True]


async def test_parts_that_never_come_do_not_keep_a_stop_waiting(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.deliver(short_message=b"\x05\x00\x03\x07\x02\x01STOP", esm_class=0x40)
        assert (await flow.submit()).state is State.QUEUED
        flow.wall += HOUR
        assert await flow.inbound.end_partial_texts() == 1
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


async def test_a_texted_receipt_is_a_text(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit()
        await smsc.text("id:00000001 sub:001 dlvrd:001 submit date:2609211200 done date:2609211201 stat:DELIVRD err:0")
        assert await flow.state(accepted) is State.SUBMITTED
        events = await flow.store.events(flow.client, 0, 100)
        assert events[-1].kind == "inbound.received"


async def test_redelivery_after_a_lost_link_is_one_text(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        link, smsc = await flow.link()
        await smsc.text("I paid")
        await link._stream.aclose()
        await settle()
        _, again = await flow.link()
        await again.text("I paid")
        await again.text("I paid")  # over a link that lives: the consumer said it again
        kinds = [event.kind for event in await flow.store.events(flow.client, 0, 100)]
        assert kinds.count(Kind.INBOUND_RECEIVED) == 2


async def test_a_text_to_an_unknown_address_still_stops(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        assert await smsc.text("STOP", destination_addr="99999") == const.ESME_ROK
        assert not smsc.submits
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


def _estate(config: Config, *carriers: str) -> Config:
    """A carrier beside the rig's; the texts of the rig's client leave by the first that is named, a neighbour's by the other. The
    rig's client is not configured where no carrier is named for it."""
    client = config.clients[0]
    elsewhere = msgspec.structs.replace(config.carriers[0], name="elsewhere")
    clients = [
        msgspec.structs.replace(
            client, id=name, programs=(msgspec.structs.replace(client.programs[0], sender=sender, carriers=(carrier,)),)
        )
        for name, sender, carrier in zip(
            (client.id, "neighbour"), (f"+{SENDER}", "+12025550199"), carriers, strict=True
        )
        if carrier
    ]
    return msgspec.structs.replace(config, carriers=(*config.carriers, elsewhere), clients=tuple(clients))


@pytest.mark.parametrize(("words", "code"), [("STOP", Code.CONSENT_OPTED_OUT), ("enough", Code.HOLD_REVIEW)])
@pytest.mark.parametrize("now_by", ["elsewhere", ""])
async def test_a_stop_reaches_whose_texts_came_by_the_carrier(
    autojump_clock: trio.testing.MockClock, now_by: str, words: str, code: Code
) -> None:
    """The client has gone to another carrier since, or is not configured for a while."""
    before = _estate(configured(), "simulator", "simulator")
    after = _estate(configured(), "elsewhere", "simulator")
    async with open_memory() as store, trio.open_nursery() as nursery:
        first = Rig(before, store, nursery)
        await first.link()
        await first.consent()
        assert await first.state(await first.submit()) is State.SUBMITTED
        meanwhile = Rig(_estate(configured(), now_by, "simulator"), store, nursery, NOON + SECOND)
        _, smsc = await meanwhile.link()
        assert await smsc.text(words) == const.ESME_ROK
        assert (await Rig(after, store, nursery, NOON + 2 * SECOND).submit()).code is code
        nursery.cancel_scope.cancel()


async def test_a_stop_to_an_unknown_address_ends_nothing_of_whom_the_carrier_never_served(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig_of(_estate(configured(), "simulator", "elsewhere")) as flow:
        _, smsc = await flow.link(carrier_name="elsewhere")
        await flow.link()
        await flow.consent()
        assert (await flow.submit()).state is State.QUEUED
        assert await smsc.text("STOP", destination_addr="99999") == const.ESME_ROK
        assert (await flow.submit()).state is State.QUEUED


async def test_a_national_source_address_is_the_same_consumer(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("STOP", source_addr=NUMBER[2:], source_addr_ton=2)
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


@pytest.mark.parametrize(
    ("source", "who", "changes"),
    [
        ("6462345678", "+16462345678", {}),  # or of New Zealand, where no text of ours goes
        ("4792345678", "+14792345678", {}),  # Arkansas, or Norway
        ("+6462345678", "+6462345678", {}),  # the plus sign leaves no doubt
        ("006462345678", "+6462345678", {}),
        ("16462345678", "+16462345678", {}),
        ("16462345678      ", "+16462345678", {}),  # filled up to its field
        ("2079460018", "+442079460018", {"prefixes": ("+44",)}),  # or of Maine, which this carrier does not serve
        ("02079460018", "+442079460018", {"prefixes": ("+44",)}),
        ("442079460018", "+442079460018", {"prefixes": ("+44",)}),
        ("6591234567", "+6591234567", {}),  # no number of +1 at all
        ("+1 (646) 234-5678", "+16462345678", {}),  # as people write it
        ("646.234.5678", "+16462345678", {}),
        ("tel:+16462345678", "+16462345678", {}),
        ("+16462345678/TYPE=PLMN", "+16462345678", {}),
        ("0116591234567", "+6591234567", {}),  # as North America dials abroad
        ("01142345678", "+441142345678", {"prefixes": ("+44",)}),  # and Sheffield at home
        ("ACME", None, {}),
        ("+", None, {}),
        ("12345", None, {}),
    ],
)
def test_an_address_is_read_as_the_number_that_was_texted(
    source: str, who: str | None, changes: dict[str, Any]
) -> None:
    carrier = configured(**changes).carriers[0]
    assert consumer(source, carrier, ("US", "CA", "GB")) == who


async def test_a_stop_from_an_address_that_is_no_number_is_told_of(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        assert await smsc.text("Hello", source_addr="ACME", source_addr_ton=5) == const.ESME_ROK
        assert "no number" not in caplog.text
        assert await smsc.text("STOP", source_addr="ACME", source_addr_ton=5) == const.ESME_ROK
        assert "its source address is no number: nobody is opted out by it" in caplog.text
        assert "ACME" not in caplog.text
        assert [one.text for one in await inbound(flow)] == ["STOP", "Hello"]


async def test_a_national_destination_is_the_same_sender(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        sender = flow.config.clients[0].programs[0].sender
        for written in (sender.removeprefix("+1"), sender.removeprefix("+") + "  "):
            await smsc.text("HELP", destination_addr=written)
        assert [pdu.source_addr for pdu in smsc.submits] == 2 * [sender.removeprefix("+")]


async def test_a_stop_in_a_manual_acknowledgement_is_a_stop(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        acknowledged = const.ESM_CLASS_TYPE_MANUAL_ACK
        await smsc.deliver(esm_class=acknowledged)  # without words: nothing was said
        assert await inbound(flow) == []
        await smsc.deliver(short_message=b"STOP", esm_class=acknowledged)
        assert [one.text for one in await inbound(flow)] == ["STOP"]
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


async def test_a_stop_in_the_payload_of_one_is_a_stop_too(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.deliver(esm_class=const.ESM_CLASS_TYPE_MANUAL_ACK, tlvs=(Tlv(const.TLV_MESSAGE_PAYLOAD, b"STOP"),))
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


@pytest.mark.parametrize(("alphabet", "words"), [("latin1", "$10@home"), (None, "¤10¡home")])
async def test_the_default_alphabet_of_what_comes_in_may_be_another(
    autojump_clock: trio.testing.MockClock, alphabet: str | None, words: str
) -> None:
    async with rig(inbound_alphabet=alphabet) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit("à")
        assert smsc.submits[0].short_message == b"\x7f"  # GSM 7-bit all the same
        await smsc.deliver(short_message=b"$10@home")
        assert [one.text for one in await inbound(flow)] == [words]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
async def test_a_stop_in_an_alphabet_that_nobody_told_of_is_a_stop(
    autojump_clock: trio.testing.MockClock, encoding: str
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.deliver(short_message="Arrêt".encode(encoding))
        assert [one.text for one in await inbound(flow)] == ["Arrêt"]
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


async def inbound(flow: Rig) -> list[Inbound]:
    page, _ = await flow.store.received_page(InboundFilter(flow.client))
    return page


async def test_the_carrier_may_handle_stop_itself(autojump_clock: trio.testing.MockClock) -> None:
    async with rig(stop_handled_by="carrier") as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("STOP")
        assert not smsc.submits
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


async def test_an_opt_out_reaches_a_segment_that_is_claimed_but_not_written(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        link, smsc = await flow.link(serve=False)
        await flow.consent()
        accepted = await flow.submit()
        account = flow.dispatch.accounts[link.carrier]
        write = flow.dispatch._write

        def opted_out_first(*arguments: object) -> None:
            # The commit of the opt-out falls between the commit of the claim and the dispatcher's next step.
            flow.optouts.note(NUMBER, [flow.client])
            write(*arguments)  # type: ignore[arg-type]

        flow.dispatch._write = opted_out_first  # type: ignore[assignment,method-assign]
        await flow.dispatch._claim(account, link, 10)
        await settle()
        assert not smsc.submits
        message = await flow.message(accepted)
        assert (message.state, message.code) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)
        assert not flow.optouts.covers(NUMBER, flow.client, "servicing", "servicing", None)


async def test_core_words_are_answered_in_the_language_of_whoever_writes_them(
    autojump_clock: trio.testing.MockClock,
) -> None:
    config = configured()
    silent = {"help_text": None, "stop_confirmation": None, "start_confirmation": None, "locale": "en-US"}
    client = config.clients[0]
    programs = tuple(msgspec.structs.replace(program, **silent) for program in client.programs)
    clients = (msgspec.structs.replace(client, programs=programs, name="Acme", contact="acme.example"),)
    async with rig_of(msgspec.structs.replace(config, clients=clients)) as flow:
        await flow.templates.load()
        _, smsc = await flow.link()
        for word in ("HELP", "AYUDA", "AIDE", "STOP", "START", "ALTO"):
            await smsc.text(word)
            await settle()
        said = [words(pdu) for pdu in smsc.submits]
        assert [text.partition(". ")[0] for text in said] == [
            "Acme: texts about your account",
            "Acme: mensajes sobre su cuenta",
            "Acme: texts about your account",
            "Acme: you are opted out and will get no more texts from us",
            "Acme: you will get texts about your account",
            "Acme: ya no le enviaremos mensajes",
        ]
        messages, _ = await flow.store.messages(MessageFilter(flow.client))
        assert {message.template for message in messages} == {
            "system.help",
            "system.opt_out_confirmation",
            "system.opt_in_confirmation",
        }


async def test_half_texts_of_two_consumers_are_two_texts(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        for source in ("12025550123", "12025550124"):
            await smsc.deliver(
                short_message=b"\x05\x00\x03\x07\x02\x01Hello, I have a", esm_class=0x40, source_addr=source
            )
        flow.wall += PARTS_TIMEOUT + 1
        assert await flow.inbound.end_partial_texts() == 2
        texts, _ = await flow.store.received_page(InboundFilter(flow.client))
        assert sorted(text.source for text in texts) == ["+12025550123", "+12025550124"]


async def test_an_answer_whose_person_was_erased_on_its_way_goes_to_nobody(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        smsc.answer = lambda pdu: None
        await flow.consent()
        await smsc.text("HELP")
        (answer,) = smsc.submits
        assert await flow.ledger.erase([flow.client], Number(NUMBER), "asked")
        smsc.connection.respond(answer, SubmitSmResp(command_status=const.ESME_RTHROTTLED))
        await smsc.send()
        await settle()
        await trio.sleep(120)
        assert smsc.submits == [answer]
        (message,), _ = await flow.store.messages(MessageFilter(flow.client))
        assert (message.state, message.code) == (State.BLOCKED, Code.CONSENT_MISSING)


@pytest.mark.parametrize("octets", [0, 1, 3, 8, 9, 64])
async def test_a_sar_reference_of_any_width_is_taken(octets: int, autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        link, smsc = await flow.link()
        await flow.consent()
        for n, words in ((1, b"Please stop "), (2, b"texting me")):
            tlvs = (
                Tlv(const.TLV_SAR_MSG_REF_NUM, b"\xff" * octets),
                Tlv(const.TLV_SAR_TOTAL_SEGMENTS, b"\x02"),
                Tlv(const.TLV_SAR_SEGMENT_SEQNUM, bytes([n])),
            )
            await smsc.deliver(short_message=words, tlvs=tlvs)
            assert smsc.answers[-1].command_status == const.ESME_ROK
        assert link.bound
        if octets:
            assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


async def test_a_stop_with_sar_parameters_of_absurd_widths_is_obeyed(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        tags = (const.TLV_SAR_MSG_REF_NUM, const.TLV_SAR_TOTAL_SEGMENTS, const.TLV_SAR_SEGMENT_SEQNUM)
        assert await smsc.text("STOP", tlvs=tuple(Tlv(tag, b"\xff" * 2000) for tag in tags)) == const.ESME_ROK
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


async def test_a_text_that_we_cannot_read_harms_no_other_and_is_brought_again(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read(*args: Any, **kwargs: Any) -> ReceivedPart:
        if args[0] == b"poison":
            raise ZeroDivisionError
        return receive(*args, **kwargs)

    monkeypatch.setattr(inbound_module, "receive", read)
    async with rig() as flow:
        link, smsc = await flow.link()
        await flow.consent()
        for words_of_theirs in (b"poison", b"STOP"):  # in one read
            text = DeliverSm(source_addr=NUMBER[1:], destination_addr=SENDER, short_message=words_of_theirs)
            smsc.connection.request(text, trio.current_time())
        await smsc.send()
        await settle()
        assert [answer.command_status for answer in smsc.answers] == [const.ESME_RX_T_APPN, const.ESME_ROK]
        assert link.bound
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
        assert "could not be read" in caplog.text
        monkeypatch.undo()
        assert await smsc.text("poison") == const.ESME_ROK


async def test_more_than_can_wait_is_put_off_and_told(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(inbound_module, "_WAITING_REQUESTS", 3)
    async with rig() as flow:
        link, smsc = await flow.link()
        for number in range(8):  # in one read
            text = DeliverSm(source_addr=NUMBER[1:], destination_addr=SENDER, short_message=b"Hi %d" % number)
            smsc.connection.request(text, trio.current_time())
        await smsc.send()
        await settle()
        statuses = Counter(answer.command_status for answer in smsc.answers)
        kept = await inbound(flow)
    assert statuses.keys() == {const.ESME_ROK, const.ESME_RX_T_APPN}
    assert statuses.total() == 8
    assert statuses[const.ESME_ROK] == len(kept)
    assert (
        f"{link.bind}: {statuses[const.ESME_RX_T_APPN]} texts and receipts put off: 3 wait already" in caplog.messages
    )


async def test_a_stop_in_a_payload_behind_a_nul_that_sm_length_does_not_count(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """As SMSCs send it that end each short_message with one, the empty one too."""
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.deliver(trailing=b"\0\x04\x24\x00\x04STOP")
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
