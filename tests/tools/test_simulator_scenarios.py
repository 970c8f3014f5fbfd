"""Every scenario that comes with the simulator plays what its title says.

One test a scenario, on memory streams and a clock that jumps; a scenario without a test fails the last one.
"""

from collections.abc import Awaitable, Callable

import msgspec
import pytest
import trio

from gateway.smpp import const
from gateway.smpp.events import CloseReason, Malformed, RemoteProtocolError, Unmatched
from gateway.smpp.pdu import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    CancelSm,
    DataSm,
    DeliverSm,
    GenericNack,
    Outbind,
    QuerySm,
    QuerySmResp,
    Response,
    SubmitSmResp,
    Tlv,
)
from gateway.smpp.receipt import read
from tests.tools.simulator_peer import Carrier, Esme, carrier, text
from tools.simulator import journal, scenario
from tools.simulator.scenario import load

Headline = Callable[[Carrier], Awaitable[None]]
HEADLINES: dict[str, Headline] = {}


def plays(name: str) -> Callable[[Headline], Headline]:
    def register(test: Headline) -> Headline:
        HEADLINES[name] = test
        return test

    return register


def body(pdu: DeliverSm | DataSm) -> str:
    octets = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    octets = octets or pdu.tlv(const.TLV_MESSAGE_PAYLOAD) or b""
    return octets.decode("utf-16-be" if octets.startswith(b"\0") else "ascii")


def word(pdu: DeliverSm | DataSm, key: str) -> str:
    """The value of `key:` in a receipt's text, up to the next blank."""
    return body(pdu).partition(f"{key}:")[2].partition(" ")[0]


async def one_receipt(smsc: Carrier) -> tuple[Response, DeliverSm | DataSm]:
    esme = await smsc.bound()
    answer = await esme.submit(text("one"))
    await esme.until(lambda: esme.delivered)
    return answer, esme.delivered[0]


@plays("well_behaved")
async def well_behaved(smsc: Carrier) -> None:
    answer, receipt = await one_receipt(smsc)
    assert isinstance(answer, SubmitSmResp)
    assert isinstance(receipt, DeliverSm)
    assert receipt.esm_class == 0x04
    assert (receipt.source_addr, receipt.destination_addr) == ("15551230001", "40404")
    assert (receipt.source_addr_ton, receipt.dest_addr_ton) == (1, 3)
    assert receipt.tlv(const.TLV_RECEIPTED_MESSAGE_ID) == answer.message_id.encode() + b"\0"  # type: ignore[union-attr]
    assert receipt.tlv(const.TLV_MESSAGE_STATE) == bytes([const.MESSAGE_STATE_DELIVERED])
    assert word(receipt, "id") == answer.message_id
    assert word(receipt, "stat") == "DELIVRD"
    assert body(receipt).endswith(" err:000 text:one")


@plays("receipt_before_response_decimal_ids")
async def receipt_before_response(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text(f"t{n}") for n in range(100)])
    ids: dict[str, int] = {}
    for place, pdu in enumerate(esme.order):
        if isinstance(pdu, DeliverSm):
            ids[word(pdu, "id")] = place
        elif isinstance(pdu, SubmitSmResp):
            assert ids[str(int(pdu.message_id or "", 16))] < place
    assert len(ids) == 100


@plays("throttle_bursts")
async def throttle_bursts(smsc: Carrier) -> None:
    esme = await smsc.bound()
    by_second: dict[int, list[int]] = {}
    started = trio.current_time()
    while (second := int(trio.current_time() - started)) < 20:
        answer = await esme.submit(text("more"))
        by_second.setdefault(second, []).append(answer.command_status)
        await trio.sleep(0.013)
    assert {status for answers in by_second.values() for status in answers} == {0, const.ESME_RTHROTTLED}
    for second in (0, 1, 2, 10, 11, 12):
        assert set(by_second[second]) == {const.ESME_RTHROTTLED}
    for second in (4, 5, 6, 7, 8, 14, 15, 16, 17, 18):
        assert 49 <= by_second[second].count(0) <= 51, second


@plays("rmsgqful")
async def rmsgqful(smsc: Carrier) -> None:
    esme = await smsc.bound()
    answers = await esme.submit_all([text("t") for _ in range(9)])
    assert [answer.command_status for answer in answers] == [0, 0, const.ESME_RMSGQFUL] * 3


@plays("drops_tcp")
async def drops_tcp(smsc: Carrier) -> None:
    # `every` 60 behind 20 and 40 spared ones: the 80th by FIN, the 100th by RST.
    esme = await smsc.bound()
    for n in range(1, 101):
        esme.ask(text(f"t{n}"))
    await esme.end()
    assert len(esme.responses) == 79
    cut = [answer for answer in smsc.seen(journal.Answered) if answer.status == "fin"]
    assert cut[0].token == "t80"
    assert cut[0].message_id
    # What had been sent behind it reached nobody, and the journal has it all the same.
    assert [answer.token for answer in cut[1:]] == [f"t{n}" for n in range(81, 101)]
    assert not any(answer.message_id for answer in cut[1:])
    esme = await smsc.bound()
    for n in range(20):
        esme.ask(text(f"u{n}"))
    await esme.end()
    assert len(esme.responses) == 19
    assert [answer.message_id for answer in smsc.seen(journal.Answered) if answer.status == "rst"] == [""]


@plays("sar_only_window_1_latin1")
async def sar_only(smsc: Carrier) -> None:
    sender = await smsc.bound()
    other = await smsc.bound()
    sar = (Tlv(const.TLV_SAR_MSG_REF_NUM, b"\0\7"), Tlv(const.TLV_SAR_TOTAL_SEGMENTS, b"\2"))
    place = Tlv(const.TLV_SAR_SEGMENT_SEQNUM, b"\1")
    good = await sender.submit(text("", short_message="caf\xe9 1".encode("latin-1"), tlvs=(*sar, place)))
    assert good.command_status == 0
    seen = smsc.seen(journal.Submitted)[-1]
    assert seen.text == "café 1"
    assert seen.part == journal.Part("sar", 7, 2, 1)
    udh = await sender.submit(text("", short_message=b"\5\0\3\7\2\1part", esm_class=0x40))
    assert udh.command_status == const.ESME_RINVESMCLASS
    answers = await sender.submit_all([text("a"), text("b")])
    assert [answer.command_status for answer in answers] == [0, const.ESME_RMSGQFUL]
    with trio.fail_after(5):
        await other.until(lambda: len(other.delivered) == 2)
    assert not sender.delivered


@plays("two_alphabets")
async def two_alphabets(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text("", short_message=b"caf\5 1")] * 10)
    assert smsc.seen(journal.Submitted)[-1].text == "café 1"
    await esme.until(lambda: any(one.esm_class == 0 for one in esme.delivered))
    said = next(one for one in esme.delivered if one.esm_class == 0)
    assert isinstance(said, DeliverSm)
    assert (said.data_coding, said.short_message) == (0, b"Arr\xeat")


@plays("other_bind_answers")
async def other_bind(smsc: Carrier) -> None:
    sender = await smsc.bound()
    other = await smsc.bound()
    await sender.submit_all([text(f"t{n}") for n in range(30)])
    await other.until(lambda: len(other.delivered) == 30)
    await sender.quiet(2)
    assert not sender.delivered


async def ids_in_two_forms(smsc: Carrier, same: Callable[[str, str], bool]) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text(f"t{n}") for n in range(5)])
    await esme.until(lambda: len(esme.delivered) == 5)
    for told, receipt in zip(esme.message_ids, esme.delivered, strict=True):
        written = word(receipt, "id")
        assert told != written
        assert same(told, written), (told, written)
        assert not receipt.tlvs


@plays("hex_ids")
async def hex_ids(smsc: Carrier) -> None:
    await ids_in_two_forms(smsc, lambda told, written: int(told, 16) == int(written))


@plays("decimal_ids_hex_receipts")
async def decimal_ids(smsc: Carrier) -> None:
    await ids_in_two_forms(smsc, lambda told, written: int(told) == int(written, 16) and written == written.upper())


@plays("padded_ids")
async def padded_ids(smsc: Carrier) -> None:
    await ids_in_two_forms(smsc, lambda told, written: written.startswith("0") and written.upper().lstrip("0") == told)


@plays("uuid_ids")
async def uuid_ids(smsc: Carrier) -> None:
    await ids_in_two_forms(smsc, lambda told, written: len(told) == 36 and told.lower() == written)


@plays("empty_ids")
async def empty_ids(smsc: Carrier) -> None:
    answer, receipt = await one_receipt(smsc)
    assert isinstance(answer, SubmitSmResp)
    assert (answer.command_status, answer.message_id) == (0, "")
    assert word(receipt, "id").isdigit()


@plays("recycled_ids")
async def recycled_ids(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text("t") for _ in range(201)])
    assert len(set(esme.message_ids)) == 100
    assert esme.message_ids[0] == esme.message_ids[100] == esme.message_ids[200]


@plays("tlv_only_receipts")
async def tlv_only(smsc: Carrier) -> None:
    answer, receipt = await one_receipt(smsc)
    assert isinstance(receipt, DeliverSm)
    assert receipt.short_message == b""
    found = read(receipt)
    assert isinstance(answer, SubmitSmResp)
    assert found.smsc_message_id == answer.message_id


@plays("text_only_receipts")
async def text_only(smsc: Carrier) -> None:
    _, receipt = await one_receipt(smsc)
    assert receipt.tlvs == ()
    assert word(receipt, "stat") == "DELIVRD"


@plays("payload_receipts")
async def payload(smsc: Carrier) -> None:
    _, receipt = await one_receipt(smsc)
    assert isinstance(receipt, DeliverSm)
    assert receipt.short_message == b""
    assert (receipt.tlv(const.TLV_MESSAGE_PAYLOAD) or b"").startswith(b"id:")


@plays("data_sm_receipts")
async def data_sm(smsc: Carrier) -> None:
    _, receipt = await one_receipt(smsc)
    assert isinstance(receipt, DataSm)
    assert receipt.esm_class == 0x04
    assert word(receipt, "stat") == "DELIVRD"
    esme_answers = smsc.seen(journal.Taken)
    assert not esme_answers or esme_answers[0].status == "ESME_ROK"


@plays("disagreeing_receipts")
async def disagreeing(smsc: Carrier) -> None:
    answer, receipt = await one_receipt(smsc)
    assert isinstance(answer, SubmitSmResp)
    assert word(receipt, "stat") == "UNDELIV"
    assert receipt.tlv(const.TLV_MESSAGE_STATE) == bytes([const.MESSAGE_STATE_DELIVERED])
    tlv_id = (receipt.tlv(const.TLV_RECEIPTED_MESSAGE_ID) or b"").rstrip(b"\0").decode()
    assert tlv_id == answer.message_id
    assert int(tlv_id, 16) == int(word(receipt, "id"))
    assert word(receipt, "id").startswith("00")


@plays("odd_receipt_texts")
async def odd_texts(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text("hello there") for _ in range(40)])
    await esme.until(lambda: len(esme.delivered) == 40)
    assert {(word(one, "stat"), word(one, "err")) for one in esme.delivered} == {
        ("DELIVRD", "0x00"),
        ("UNDELIV", "EC_0C8"),
    }
    assert all(len(word(one, "submitdate")) == 14 for one in esme.delivered)
    assert all(body(one).endswith("Text:hello there") for one in esme.delivered)
    assert "sub:" not in body(esme.delivered[0])


@plays("udhi_receipts")
async def udhi(smsc: Carrier) -> None:
    _, receipt = await one_receipt(smsc)
    assert receipt.esm_class == 0x44
    assert body(receipt).startswith("id:")


async def misread_receipt(smsc: Carrier, data_coding: int, beginning: bytes) -> None:
    """One whose octets begin so, under that data_coding, is read as what it is."""
    answer, receipt = await one_receipt(smsc)
    assert isinstance(receipt, DeliverSm)
    assert receipt.data_coding == data_coding
    assert receipt.short_message.startswith(beginning)
    assert isinstance(answer, SubmitSmResp)
    assert read(receipt).smsc_message_id == answer.message_id


@plays("copied_data_coding")
async def copied_data_coding(smsc: Carrier) -> None:
    await misread_receipt(smsc, 8, b"id:")


@plays("ucs2_receipts")
async def ucs2(smsc: Carrier) -> None:
    await misread_receipt(smsc, 0, b"\0i\0d\0:")


@plays("fixed_width_receipts")
async def fixed_width(smsc: Carrier) -> None:
    answer, receipt = await one_receipt(smsc)
    assert isinstance(answer, SubmitSmResp)
    assert receipt.tlv(const.TLV_RECEIPTED_MESSAGE_ID) == (answer.message_id or "").ljust(48).encode() + b"\0"
    assert receipt.tlv(const.TLV_MESSAGE_STATE) == b"\0\0\0\2"
    assert read(receipt).smsc_message_id == answer.message_id


@plays("intermediate_receipts")
async def intermediate(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit(text("one", registered_delivery=0))
    await esme.until(lambda: len(esme.delivered) == 3)
    assert [word(one, "stat") for one in esme.delivered] == ["ENROUTE", "ACCEPTD", "DELIVRD"]
    assert [one.esm_class for one in esme.delivered] == [0x20, 0x20, 0x04]
    assert len({word(one, "id") for one in esme.delivered}) == 1


@plays("duplicate_receipts")
async def duplicates(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit(text("one"))
    await esme.quiet(5)
    assert len(esme.delivered) == 3
    assert len({body(one) for one in esme.delivered}) == 1


@plays("late_delivered")
async def late_delivered(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit(text("one"))
    await esme.quiet(5)
    assert [word(one, "stat") for one in esme.delivered] == ["EXPIRED", "DELIVRD"]


@plays("no_receipts")
async def no_receipts(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit(text("one"))
    await esme.quiet(60)
    assert not esme.delivered


@plays("missing_receipts")
async def missing_receipts(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text(f"t{n}") for n in range(500)])
    await esme.quiet(10)
    assert 420 < len(esme.delivered) < 480


@plays("receipt_storm")
async def receipt_storm(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text(f"t{n}") for n in range(999)])
    await esme.quiet(30)
    assert not esme.delivered
    await esme.submit(text("the last"))
    await esme.until(lambda: len(esme.delivered) == 1000)


@plays("err_codes")
async def err_codes(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text(f"t{n}") for n in range(300)])
    await esme.until(lambda: len(esme.delivered) == 300)
    seen = {(word(one, "stat"), word(one, "err")) for one in esme.delivered}
    assert seen == {(outcome.stat, outcome.err) for outcome in load("err_codes").receipts.outcomes}
    barred = next(one for one in esme.delivered if word(one, "err") == "013")
    assert barred.tlv(const.TLV_NETWORK_ERROR_CODE) == b"\x03\x00\x0d"


@plays("slow_5s")
async def slow(smsc: Carrier) -> None:
    esme = await smsc.bound()
    started = trio.current_time()
    await esme.submit_all([text("a"), text("b")])
    assert 5 <= trio.current_time() - started < 5.5


@plays("out_of_order_responses")
async def out_of_order(smsc: Carrier) -> None:
    esme = await smsc.bound()
    sequences = [esme.ask(text(f"t{n}")) for n in range(20)]
    await esme.until(lambda: len(esme.responses) == 20)
    answered = list(esme.responses)
    assert sorted(answered) == sequences
    assert answered != sequences


@plays("unanswered_percent")
async def unanswered(smsc: Carrier) -> None:
    esme = await smsc.bound()
    for n in range(1000):
        esme.ask(text(f"t{n}"))
    await esme.quiet(10)
    silence = [answer for answer in smsc.seen(journal.Answered) if answer.status == "silence"]
    assert 5 < len(silence) < 50
    assert len(esme.responses) == 1000 - len(silence)
    taken = {answer.message_id for answer in silence if answer.message_id}
    assert 0 < len(taken) < len(silence)
    assert taken <= {word(one, "id") for one in esme.delivered}


@plays("lost_responses")
async def lost_responses(smsc: Carrier) -> None:
    esme = await smsc.bound()
    for n in range(8):
        esme.ask(text(f"t{n}"))
    await esme.until(lambda: len(esme.delivered) == 8)
    assert len(esme.responses) == 6
    unknown = {word(one, "id"): body(one) for one in esme.delivered if word(one, "id") not in esme.message_ids}
    assert sorted(one.rpartition("text:")[2] for one in unknown.values()) == ["t3", "t7"]


@plays("repeats_references")
async def repeats_references(smsc: Carrier) -> None:
    esme = await smsc.bound()
    for n in range(4):
        esme.ask(text(f"t{n}", tlvs=(Tlv(const.TLV_USER_MESSAGE_REFERENCE, bytes([7, n])),)))
    esme.ask(text("none"))
    await esme.until(lambda: len(esme.delivered) == 5)
    assert len(esme.responses) == 4
    references = [one.tlv(const.TLV_USER_MESSAGE_REFERENCE) for one in esme.delivered]
    assert references == [b"\7\0", b"\7\1", b"\7\2", b"\7\3", None]
    assert all(isinstance(one, DeliverSm) and not one.short_message for one in esme.delivered)


@plays("query_only")
async def query_only(smsc: Carrier) -> None:
    esme = await smsc.bound()
    answer = await esme.submit(text("one"))
    assert isinstance(answer, SubmitSmResp)
    await esme.quiet(60)
    assert esme.delivered == []
    sequence = esme.ask(QuerySm(message_id=answer.message_id or "", source_addr_ton=3, source_addr="40404"))
    await esme.until(lambda: sequence in esme.responses)
    told = esme.responses[sequence]
    assert isinstance(told, QuerySmResp)
    assert told.message_state == const.MESSAGE_STATE_DELIVERED


@plays("half_open")
async def half_open(smsc: Carrier) -> None:
    esme = smsc.connect()
    esme.ask(BindTransceiver(system_id="esme"))
    await esme.quiet(600)
    assert esme.reads == []
    assert esme.closed is None


@plays("goes_dark")
async def goes_dark(smsc: Carrier) -> None:
    # The hundredth: 50 are spared, and then it is each fiftieth.
    esme = await smsc.bound()
    for n in range(120):
        esme.ask(text(f"t{n}"))
    await esme.quiet(600)
    assert len(esme.responses) == 99
    assert esme.closed is None
    dark = [answer.token for answer in smsc.seen(journal.Answered) if answer.status == "blackhole"]
    assert dark == [f"t{n}" for n in range(99, 120)]
    assert smsc.smsc.session_views()[0].going == "blackhole"


@plays("stalled_reader")
async def stalled(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text(f"t{n}") for n in range(100)])
    started = trio.current_time()
    await esme.submit(text("next"))
    assert 2.5 < trio.current_time() - started <= 3.1


@plays("byte_at_a_time")
async def byte_at_a_time(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit(text("one"))
    await esme.until(lambda: esme.delivered)


@plays("alybnd")
async def alybnd(smsc: Carrier) -> None:
    esme = await smsc.bound()
    second = smsc.connect()
    assert (await second.bind()).command_status == const.ESME_RALYBND
    await esme.stream.aclose()
    await trio.sleep(19)
    assert (await smsc.connect().bind()).command_status == const.ESME_RALYBND
    await trio.sleep(2)
    assert (await smsc.connect().bind()).command_status == const.ESME_ROK


@plays("bad_password")
async def bad_password(smsc: Carrier) -> None:
    for _ in range(3):
        assert (await smsc.connect().bind()).command_status == const.ESME_RINVPASWD


@plays("bind_refused_three_times")
async def refused_three_times(smsc: Carrier) -> None:
    statuses = [(await smsc.connect().bind()).command_status for _ in range(5)]
    assert statuses == [const.ESME_RSYSERR] * 3 + [0, 0]


@plays("tx_and_rx_only")
async def tx_and_rx_only(smsc: Carrier) -> None:
    assert (await smsc.connect().bind()).command_status == const.ESME_RINVCMDID
    sender = await smsc.bound(BindTransmitter(system_id="esme"))
    receiver = await smsc.bound(BindReceiver(system_id="esme"))
    await sender.submit(text("one"))
    await receiver.until(lambda: receiver.delivered)


@plays("bind_without_version")
async def without_version(smsc: Carrier) -> None:
    answer = await smsc.connect().bind()
    assert (answer.command_status, answer.tlvs) == (0, ())


@plays("generic_nacks")
async def generic_nacks(smsc: Carrier) -> None:
    esme = await smsc.bound()
    answers = await esme.submit_all([text(f"t{n}") for n in range(10)])
    assert [isinstance(answer, GenericNack) for answer in answers] == [False, False, False, False, True] * 2


@plays("header_only_errors")
async def header_only(smsc: Carrier) -> None:
    esme = await smsc.bound()
    answers = await esme.submit_all([text(f"t{n}") for n in range(4)])
    assert isinstance(answers[3], SubmitSmResp)
    assert answers[3].command_status == const.ESME_RSUBMITFAIL
    assert answers[3].message_id is None


@plays("errors_with_body")
async def with_body(smsc: Carrier) -> None:
    esme = await smsc.bound()
    answers = await esme.submit_all([text(f"t{n}") for n in range(4)])
    assert isinstance(answers[3], SubmitSmResp)
    assert answers[3].command_status == const.ESME_RINVDSTADR
    assert answers[3].message_id == ""


@plays("vendor_statuses")
async def vendor_statuses(smsc: Carrier) -> None:
    esme = await smsc.bound()
    answers = await esme.submit_all([text(f"t{n}") for n in range(5)])
    assert [answer.command_status for answer in answers] == [0, 0, 0x401, 0, 0x4FF]


@plays("coalesced_bind_deliver")
async def coalesced(smsc: Carrier) -> None:
    esme = smsc.connect()
    await esme.bind()
    assert len(esme.reads) == 1
    assert [body(one) for one in esme.delivered] == ["STOP"]
    assert esme.delivered[0].source_addr == "15551230001"
    assert esme.delivered[0].destination_addr == "40404"


@plays("unbind_midway")
async def unbind_midway(smsc: Carrier) -> None:
    esme = await smsc.bound()
    for n in range(60):
        esme.ask(text(f"t{n}"))
    closed = await esme.end()
    assert closed.reason is CloseReason.UNBOUND
    assert sum(status == 0 for status in esme.statuses) == 40
    assert [record.by for record in smsc.seen(journal.Unbound)] == ["us"]


@plays("mo_forged_receipt")
async def forged_receipt(smsc: Carrier) -> None:
    esme = await smsc.bound()
    answer = await esme.submit(text("one"))
    await esme.until(lambda: esme.delivered)
    forged = esme.delivered[0]
    assert isinstance(answer, SubmitSmResp)
    assert forged.esm_class == 0
    assert word(forged, "id") == answer.message_id
    assert word(forged, "stat") == "DELIVRD"


@plays("stop_after_every_tenth")
async def stop_after_tenth(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text("t", to=f"1555123{n:04}", registered_delivery=0) for n in range(20)])
    await esme.until(lambda: len(esme.delivered) == 2)
    assert [(one.source_addr, one.destination_addr, body(one)) for one in esme.delivered] == [
        ("15551230009", "40404", "STOP"),
        ("15551230019", "40404", "STOP"),
    ]


@plays("long_mo_out_of_order")
async def long_mo(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text("t", registered_delivery=0) for _ in range(10)])
    await esme.until(lambda: len(esme.delivered) == 4)
    parts = []
    for one in esme.delivered:
        assert isinstance(one, DeliverSm)
        assert one.esm_class == 0x40
        assert one.short_message[:3] == b"\6\x08\4"
        parts.append((one.short_message[6], one.short_message[7:].decode("ascii")))
    assert [number for number, _ in parts] == [3, 2, 1, 2]
    whole = dict(parts)
    assert (whole[1] + whole[2] + whole[3]) == load("long_mo_out_of_order").faults[0].mo.text  # type: ignore[union-attr]


@plays("lost_deliver_acks")
async def lost_acks(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text(f"t{n}") for n in range(20)])
    await esme.quiet(30)
    assert len({body(one) for one in esme.delivered}) == 20
    assert len(esme.delivered) == 24  # 20, then the 4 that got lost, and none of those is a fifth


@plays("drops_tcp_on_deliver")
async def drops_on_deliver(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text(f"t{n}") for n in range(40)])
    await esme.end()
    assert len(esme.delivered) == 30
    again = await smsc.bound()
    await again.until(lambda: len({word(one, "id") for one in (*esme.delivered, *again.delivered)}) == 40)
    # The delivery that was cut off comes again.
    assert word(esme.delivered[-1], "id") in {word(one, "id") for one in again.delivered}


@plays("strict_addresses")
async def strict_addresses(smsc: Carrier) -> None:
    esme = await smsc.bound()
    answers = await esme.submit_all(
        [
            text("a"),
            text("b", source_addr_ton=0),
            text("c", dest_addr_npi=0),
            text("d", to="+15551230001"),
        ]
    )
    expected = [0, const.ESME_RINVSRCADR, const.ESME_RINVDSTADR, const.ESME_RINVDSTADR]
    assert [answer.command_status for answer in answers] == expected


@plays("basic_plane_only")
async def basic_plane_only(smsc: Carrier) -> None:
    esme = await smsc.bound()
    words = ("due ❤️", "due 🎉")
    answers = await esme.submit_all(
        [msgspec.structs.replace(text("a"), short_message=one.encode("utf-16-be"), data_coding=8) for one in words]
    )
    assert [answer.command_status for answer in answers] == [0, const.ESME_RX_R_APPN]


@plays("no_query")
async def no_query(smsc: Carrier) -> None:
    esme = await smsc.bound()
    sequences = [esme.ask(QuerySm(message_id="1")), esme.ask(CancelSm(message_id="1"))]
    await esme.until(lambda: len(esme.responses) == 2)
    for sequence in sequences:
        assert isinstance(esme.responses[sequence], GenericNack)
        assert esme.responses[sequence].command_status == const.ESME_RINVCMDID


@plays("garbage")
async def garbage(smsc: Carrier) -> None:
    esme = await smsc.bound()
    for n in range(60):
        esme.ask(text(f"t{n}"))
    closed = await esme.end()
    assert closed.reason is CloseReason.PROTOCOL_ERROR
    assert any(isinstance(event, RemoteProtocolError) for event in esme.events)
    assert len(esme.responses) == 60


@plays("unknown_commands")
async def unknown_commands(smsc: Carrier) -> None:
    esme = await smsc.bound()
    await esme.submit_all([text(f"t{n}") for n in range(12)])
    await esme.quiet(5)
    strange = [event for event in esme.events if isinstance(event, Malformed | Unmatched)]
    assert len(strange) == 6
    assert esme.closed is None
    assert any("answers nothing" in complaint.detail for complaint in smsc.seen(journal.Complained))


@plays("outbind")
async def outbind(smsc: Carrier) -> None:
    esme = smsc.connect()
    await esme.until(lambda: esme.events)
    request = getattr(esme.events[0], "request", None)
    assert isinstance(request, Outbind)
    assert (request.system_id, request.password) == ("SMSC", "pw")
    assert (await esme.bind()).command_status == 0


@plays("calls_the_esme")
async def calls_the_esme(smsc: Carrier) -> None:
    esme = smsc.called()
    await esme.until(lambda: esme.events)
    request = getattr(esme.events[0], "request", None)
    assert isinstance(request, Outbind)
    assert (request.system_id, request.password) == ("SMSC", "letmein")
    assert (await esme.bind(BindReceiver(system_id="esme"))).command_status == 0


@plays("idle_cut")
async def idle_cut(smsc: Carrier) -> None:
    esme = await smsc.bound()
    started = trio.current_time()
    with trio.fail_after(60):
        while esme.closed is None:
            await esme.pump()
    assert 29 <= trio.current_time() - started <= 35


@plays("speaks_http")
async def speaks_http(smsc: Carrier) -> None:
    esme = smsc.connect()
    await esme.end()
    assert "HTTP" in foreign(esme)


@plays("speaks_tls")
async def speaks_tls(smsc: Carrier) -> None:
    esme = smsc.connect()
    await esme.end()
    assert "TLS" in foreign(esme)


def foreign(esme: Esme) -> str:
    return next(event.detail for event in esme.events if isinstance(event, RemoteProtocolError))


@plays("odd_tlvs")
async def odd_tlvs(smsc: Carrier) -> None:
    _, receipt = await one_receipt(smsc)
    assert [(tlv.tag, tlv.value.hex()) for tlv in receipt.tlvs[-3:]] == [
        (0x1403, "deadbeef"),
        (0x1403, "00"),
        (0x1501, ""),
    ]
    assert receipt.trailing.hex() == "14040010ab"


@pytest.mark.parametrize("name", scenario.names())
async def test_plays_its_title(name: str, autojump_clock: trio.testing.MockClock) -> None:
    assert name in HEADLINES, "every scenario has a test that plays it"
    with trio.fail_after(2_000):
        async with carrier(name) as smsc:
            await HEADLINES[name](smsc)


def test_every_test_has_its_scenario() -> None:
    assert set(HEADLINES) == set(scenario.names())
