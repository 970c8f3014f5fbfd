"""Receipts as carriers write them: the forms met in the field, and what must never be taken for one."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import const, pdu
from gateway.smpp.codec import decode
from gateway.smpp.receipt import (
    STATE_TEXTS,
    DeliveryState,
    MessageType,
    classify,
    combine,
    read,
    state_of,
    type_of,
)
from gateway.smpp.receipt_text import _scan, scan

D = DeliveryState
ID = pdu.Tlv(const.TLV_RECEIPTED_MESSAGE_ID, b"0123456789\0")
DELIVERED = pdu.Tlv(const.TLV_MESSAGE_STATE, b"\x02")

# ---- which deliver_sm is a receipt


@pytest.mark.parametrize(
    ("bits", "kind"),
    [
        (0b0000, MessageType.TEXT),
        (0b0001, MessageType.RECEIPT),
        (0b0010, MessageType.DELIVERY_ACK),
        (0b0100, MessageType.MANUAL_ACK),
        (0b0110, MessageType.CONVERSATION_ABORT),
        (0b1000, MessageType.INTERMEDIATE),
        (0b0011, MessageType.TEXT),
        (0b1111, MessageType.TEXT),
    ],
)
def test_bits_5_to_2_decide_and_no_others(bits: int, kind: MessageType) -> None:
    for others in (0x00, 0x01, 0x02, 0x03, 0x40, 0x80, 0xC0, 0xC3):
        assert classify(bits << 2 | others) is kind


def test_a_text_that_reads_like_a_receipt_is_a_text() -> None:
    forged = pdu.DeliverSm(1, esm_class=0, short_message=b"id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:")
    assert classify(forged.esm_class) is MessageType.TEXT


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (b"id:1 stat:DELIVRD err:000 text:Reply STOP to end", MessageType.RECEIPT),
        ("id:1 stat:DELIVRD".encode("utf-16-be"), MessageType.RECEIPT),
        (b"", MessageType.RECEIPT),
        (b"STOP", MessageType.TEXT),
        (b"STOP id:5", MessageType.TEXT),
    ],
)
def test_parameters_tell_a_receipt_whose_esm_class_does_not(words: bytes, kind: MessageType) -> None:
    assert type_of(pdu.DeliverSm(1, short_message=words, tlvs=(ID, DELIVERED))) is kind
    for some in ((), (ID,), (DELIVERED,)):
        assert type_of(pdu.DeliverSm(1, short_message=words, tlvs=some)) is MessageType.TEXT
    for esm_class in (0x04, 0x20, 0x10):
        told = pdu.DeliverSm(1, esm_class=esm_class, short_message=words, tlvs=(ID, DELIVERED))
        assert type_of(told) is classify(esm_class)


# ---- the text

USUAL = {
    "smsc_message_id": "0123456789",
    "sub": "001",
    "dlvrd": "001",
    "submit_date": "1005232039",
    "done_date": "1005242339",
    "stat": "DELIVRD",
    "err": "000",
    "text": "This is a sample mes",
}
APPENDIX_B = (
    "id:0123456789 sub:001 dlvrd:001 submit date:1005232039 done date:1005242339 stat:DELIVRD err:000"
    " text:This is a sample mes"
)

# text, what differs from USUAL (None: not there)
FORMS: list[tuple[str, dict[str, str | None]]] = [
    (APPENDIX_B, {}),
    (APPENDIX_B + "\0", {}),
    (APPENDIX_B + "\0\0\0\r\n", {}),
    (APPENDIX_B.replace("text:", "Text:"), {}),
    (APPENDIX_B.replace("text:", "TEXT: "), {}),
    (APPENDIX_B.replace("submit date", "submitdate").replace("done date", "donedate"), {}),
    (APPENDIX_B.replace("submit date", "Submit Date").replace("done date", "Done Date"), {}),
    (APPENDIX_B.replace("submit date", "submit_date").replace("done date", "done_date"), {}),
    (APPENDIX_B.replace(":", ": "), {}),
    (APPENDIX_B.replace(":", " : "), {}),
    (APPENDIX_B.replace(":", "="), {}),
    ("  " + APPENDIX_B.replace(" sub", "   sub"), {}),
    (APPENDIX_B.upper(), {"text": "THIS IS A SAMPLE MES"}),
    (APPENDIX_B.replace("1005232039", "100523203917"), {"submit_date": "100523203917"}),
    (APPENDIX_B.replace("1005242339", "20100524233917"), {"done_date": "20100524233917"}),
    (APPENDIX_B.replace("1005242339", "2010-05-24 23:39:17"), {"done_date": "2010-05-24 23:39:17"}),
    (APPENDIX_B.replace("1005242339", "10/05/24 23:39"), {"done_date": "10/05/24 23:39"}),
    (APPENDIX_B.replace("1005242339", "20100524 233917"), {"done_date": "20100524 233917"}),
    (APPENDIX_B.replace("1005242339", "2010-05-24T23:39:17Z"), {"done_date": "2010-05-24T23:39:17Z"}),
    (APPENDIX_B.replace("1005242339", "24-May-2010 23:39:17"), {"done_date": "24-May-2010 23:39:17"}),
    (APPENDIX_B.replace("1005242339", "05/24/2010 11:39:17 PM"), {"done_date": "05/24/2010 11:39:17 PM"}),
    (APPENDIX_B.replace("1005242339", "Mon May 24 23:39:17 2010"), {"done_date": "Mon May 24 23:39:17 2010"}),
    (APPENDIX_B.replace("1005242339", "Mon, 24 May 2010 23:39:17 GMT"), {"done_date": "Mon, 24 May 2010 23:39:17 GMT"}),
    (APPENDIX_B.replace("1005242339", "yesterday"), {"done_date": "yesterday"}),
    (APPENDIX_B.replace("err:000 text", "err:000text"), {}),
    (
        APPENDIX_B.replace("9 sub", "9sub").replace("1 sub", "1sub").replace("9 done", "9done").replace("9 st", "9st"),
        {},
    ),
    (APPENDIX_B.replace("stat:DELIVRD err", "stat:DELIVRDerr"), {}),
    (APPENDIX_B.replace("err:000 text", "err:E1btext"), {"err": "E1b"}),
    (APPENDIX_B.replace("0123456789 sub", "0123456789absub"), {"smsc_message_id": "0123456789ab"}),
    (APPENDIX_B.replace(" sub", "sub").replace("1 submit date", "1submitdate").replace(" dl", "dl"), {}),
    (APPENDIX_B.replace("0123456789", "0123 4567 89ab"), {"smsc_message_id": "0123 4567 89ab"}),
    (APPENDIX_B.replace("0123456789", "0123456789 of 2"), {}),
    (APPENDIX_B.replace("0123456789", "0123456789 4 of them"), {}),
    ("id:0123 4567", dict.fromkeys(USUAL) | {"smsc_message_id": "0123 4567"}),
    ("id:0123 4567, stat:EXPIRED", dict.fromkeys(USUAL) | {"smsc_message_id": "0123 4567", "stat": "EXPIRED"}),
    (APPENDIX_B.replace("err:000", "err:21b"), {"err": "21b"}),
    (APPENDIX_B.replace("err:000", "err:E-12"), {"err": "E-12"}),
    (APPENDIX_B.replace("err:000", "err:0x1B"), {"err": "0x1B"}),
    (APPENDIX_B.replace("err:000", "err:"), {"err": ""}),
    (APPENDIX_B.replace("err:000 ", ""), {"err": None}),
    (APPENDIX_B.replace("sub:001 dlvrd:001 ", ""), {"sub": None, "dlvrd": None}),
    (APPENDIX_B.replace("sub:001 dlvrd:001", "sub: dlvrd:"), {"sub": "", "dlvrd": ""}),
    (APPENDIX_B.replace("sub:001", "sub:1").replace("dlvrd:001", "dlvrd:0"), {"sub": "1", "dlvrd": "0"}),
    (APPENDIX_B.replace("This is a sample mes", ""), {"text": ""}),
    (APPENDIX_B[: APPENDIX_B.index(" text:")], {"text": None}),
    (APPENDIX_B[: APPENDIX_B.index("xt:")], {"text": None}),
    (
        APPENDIX_B.replace("0123456789", "74e02ee1-4e2f-4a6e-a78b-4b247d756a22"),
        {"smsc_message_id": "74e02ee1-4e2f-4a6e-a78b-4b247d756a22"},
    ),
    (APPENDIX_B.replace("0123456789", "2E179B31_0EDE/971+B=="), {"smsc_message_id": "2E179B31_0EDE/971+B=="}),
    (APPENDIX_B.replace("id:0123456789", "id:"), {"smsc_message_id": ""}),
    (APPENDIX_B.replace("id:0123456789", "id: "), {"smsc_message_id": ""}),
    (APPENDIX_B.replace("id:0123456789", "i:0123456789"), {"smsc_message_id": None}),
    (APPENDIX_B.replace("id:0123456789", "msgid:0123456789"), {}),
    (APPENDIX_B.replace("id:0123456789", "message id:0123456789"), {}),
    (APPENDIX_B.replace("id:0123456789", "msgid:5 id:0123456789"), {}),
    (APPENDIX_B.replace("stat:DELIVRD", "stat:UNDELIVERABLE"), {"stat": "UNDELIVERABLE"}),
    (APPENDIX_B.replace("stat:DELIVRD", "stat:ACKED"), {"stat": "ACKED"}),
    (APPENDIX_B.replace("stat:DELIVRD", "stat:"), {"stat": ""}),
    (APPENDIX_B.replace("stat:DELIVRD", "status:Delivered"), {"stat": "Delivered"}),
    (APPENDIX_B.replace("This is a sample mes", "stat:UNDELIV id:9 err"), {"text": "stat:UNDELIV id:9 err"}),
    (APPENDIX_B.replace("This is a sample mes", "text:text:"), {"text": "text:text:"}),
    (APPENDIX_B.replace("This is a sample mes", "a\nb"), {"text": "a\nb"}),
    (APPENDIX_B.replace("This is a sample mes", "caf\xe9 \x04\x1f"), {"text": "caf\xe9 \x04\x1f"}),
    (APPENDIX_B.replace("err:000", "err:000 msisdn:447700900001 op:23415 cost:0.01"), {}),
    (APPENDIX_B.replace("err:000", "err: mcc:234"), {"err": ""}),
    (
        APPENDIX_B.replace(" ", ",").replace("submit,date", "submit date").replace("done,date", "done date"),
        {"text": "This,is,a,sample,mes"},
    ),
    (
        ";".join(f"{key}:{value}" for key, value in (("id", "7"), ("stat", "EXPIRED"), ("err", "1"))),
        dict.fromkeys(USUAL) | {"smsc_message_id": "7", "stat": "EXPIRED", "err": "1"},
    ),
    (
        "sub:001 id:0123456789 err:000 dlvrd:001 done date:1005242339 submit date:1005232039 text: stat:DELIVRD",
        {"text": ""},
    ),
    (
        "text:id:9 stat:EXPIRED, err:7 " + APPENDIX_B[: APPENDIX_B.index(" text:")],
        {"text": "id:9 stat:EXPIRED, err:7"},
    ),
    (
        "id:0123456789 text:stat:EXPIRED is id:9 stat:DELIVRD err:000",
        dict.fromkeys(USUAL)
        | {"smsc_message_id": "0123456789", "text": "stat:EXPIRED is id:9", "stat": "DELIVRD", "err": "000"},
    ),
    ("text:a " + APPENDIX_B.replace("This is a sample mes", "id:9 stat:EXPIRED"), {"text": "a"}),
    (APPENDIX_B + " msg id:5", {"text": "This is a sample mes msg id:5"}),
    (
        "id:0123456789 id:5 stat:EXPIRED stat:DELIVRD",
        dict.fromkeys(USUAL) | {"smsc_message_id": "0123456789", "stat": "EXPIRED"},
    ),
    ("Hello, id like a receipt please", dict.fromkeys(USUAL)),
    ("", dict.fromkeys(USUAL)),
    ("\0", dict.fromkeys(USUAL)),
]


@pytest.mark.parametrize(("text", "differs"), FORMS, ids=range(len(FORMS)))
def test_the_forms_met_in_the_field(text: str, differs: dict[str, str | None]) -> None:
    expected = {key: value for key, value in (USUAL | differs).items() if value is not None}
    assert scan(text) == expected


@pytest.mark.parametrize("seed", range(20))
def test_the_keys_come_in_any_order(seed: int) -> None:
    names = {
        "id": "smsc_message_id",
        "sub": "sub",
        "dlvrd": "dlvrd",
        "submit date": "submit_date",
        "done date": "done_date",
        "stat": "stat",
        "err": "err",
        "text": "text",
    }
    order = list(names)
    random.Random(seed).shuffle(order)
    assert scan(" ".join(f"{key}:{USUAL[names[key]]}" for key in order)) == USUAL


@given(st.text())
def test_any_text_can_be_scanned(text: str) -> None:
    assert all(value in text for value in scan(text).values())


def test_a_long_hostile_text_takes_no_long_time() -> None:
    """Were any step quadratic, these would take minutes."""
    for unit in (
        "id:",
        "text:",
        "submit ",
        "stat:A",
        "\t",
        "2023-",
        "id",
        "_:",
        "1",
        "a",
        "a ",
        "1a",
        "1 ",
        "1 a",
        "1sub",
        "asub:",
        "text:id:",
    ):
        for begin in ("", "id:1 ", "id:1 1", "done date:", "err:"):
            for end in ("", "!", "1!"):
                scan(begin + unit * (65_535 // len(unit)) + end)
        state_of(unit * 10_000)


# ---- states


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        *((spelt, state) for state, spelt in STATE_TEXTS.items()),
        ("delivrd", D.DELIVERED),
        ("DELIVERED", D.DELIVERED),
        ("DELIVERD", D.DELIVERED),
        (" DELIVRD ", D.DELIVERED),
        ("DELIVERED_TO_HANDSET", D.DELIVERED),
        ("UNDELIVERABLE", D.UNDELIVERABLE),
        ("UNDELIVERED", D.UNDELIVERABLE),
        ("UNDELIVRD", D.UNDELIVERABLE),
        ("FAILED", D.UNDELIVERABLE),
        ("EXPIRD", D.EXPIRED),
        ("REJECTED", D.REJECTED),
        ("BLOCKED", D.REJECTED),
        ("ACCEPTED", D.ACCEPTED),
        ("ACKED", D.ACCEPTED),
        ("BUFFRED", D.ENROUTE),
        ("BUFFERED", D.ENROUTE),
        ("EN_ROUTE", D.ENROUTE),
        ("2", D.DELIVERED),
        ("5", D.UNDELIVERABLE),
        ("002", D.DELIVERED),
        ("02", D.DELIVERED),
        ("22", None),
        ("000", None),
        ("DELIVERY_FAILED", None),
        ("", None),
        ("0", None),
        ("BADSTAT", None),
        ("\xb2", None),
        ("x" * 100_000, None),
    ],
)
def test_states(stat: str, state: DeliveryState | None) -> None:
    assert state_of(stat) is state


def test_a_carrier_has_its_own_words() -> None:
    own = {"ACCEPTD": D.DELIVERED, "ZUGEST": D.DELIVERED}
    assert state_of("acceptd", own) is D.DELIVERED
    assert state_of("ZUGEST", own) is D.DELIVERED
    assert state_of("UNDELIV", own) is D.UNDELIVERABLE
    assert read(receipt_with("id:1 stat:ZUGEST"), own).state is D.DELIVERED


def test_what_is_final() -> None:
    assert {state for state in D if state.final} == {
        D.DELIVERED,
        D.EXPIRED,
        D.DELETED,
        D.UNDELIVERABLE,
        D.REJECTED,
        D.SKIPPED,
    }


# ---- the whole


def receipt_with(text: str, *tlvs: pdu.Tlv, **fields: Any) -> pdu.DeliverSm:
    """A receipt with this text and these parameters."""
    return pdu.DeliverSm(1, esm_class=4, short_message=text.encode("latin-1"), tlvs=tlvs, **fields)


FAILED = pdu.Tlv(const.TLV_MESSAGE_STATE, b"\x05")
NETWORK = pdu.Tlv(const.TLV_NETWORK_ERROR_CODE, b"\x03\x00\x45")


def test_text_alone() -> None:
    got = read(receipt_with(APPENDIX_B))
    assert {key: getattr(got, key) for key in USUAL} == USUAL
    assert got.state is D.DELIVERED
    assert got.final
    assert got.network_error is None
    assert not got.conflict


def test_parameters_alone() -> None:
    got = read(receipt_with("", ID, FAILED, NETWORK))
    assert (got.smsc_message_id, got.stat, got.err, got.text) == ("0123456789", "UNDELIV", "069", None)
    assert got.state is D.UNDELIVERABLE
    assert got.network_error == (3, 69)
    assert not got.conflict


def test_parameters_and_text_that_agree() -> None:
    got = read(receipt_with(APPENDIX_B.replace("DELIVRD", "DELIVERED"), ID, DELIVERED, NETWORK))
    assert not got.conflict
    # The carrier's own word and code stay as they are.
    assert (got.stat, got.err, got.network_error) == ("DELIVERED", "000", (3, 69))


def test_parameters_and_text_that_disagree() -> None:
    other = pdu.Tlv(const.TLV_RECEIPTED_MESSAGE_ID, b"999\0")
    got = read(receipt_with(APPENDIX_B, other, FAILED))
    assert got.conflict
    assert (got.smsc_message_id, got.stat, got.state) == ("999", "UNDELIV", D.UNDELIVERABLE)
    assert got.other_message_id == "0123456789"
    assert read(receipt_with(APPENDIX_B, ID, FAILED)).conflict
    assert read(receipt_with(APPENDIX_B, other, DELIVERED)).conflict


def test_one_number_in_two_bases_is_no_conflict() -> None:
    """As an SMSC in the field sends it: decimal in the text, hex in the parameter."""
    frame = bytes.fromhex(
        "000000BA000000050000000000000002000101343439353133363139323000010134303430340004000000000000"
        "00006E69643A30303539313133393738207375623A30303120646C7672643A303031207375626D697420646174653A"
        "3130303231303137333020646F6E6520646174653A3130303231303137333120737461743A44454C49565244206572"
        "723A30303020746578743A4024232125262F3A000E0001010006000101001E000833383630316661000427000102"
    )
    received = decode(frame)
    assert isinstance(received, pdu.DeliverSm)
    got = read(received)
    assert got.smsc_message_id == "38601fa"
    assert got.text == "@$#!%&/:"
    assert not got.conflict
    assert got.other_message_id is None


def test_payload_and_data_sm() -> None:
    payload = pdu.Tlv(const.TLV_MESSAGE_PAYLOAD, APPENDIX_B.encode())
    for carrying in (receipt_with("", payload), pdu.DataSm(1, esm_class=4, tlvs=(payload,))):
        assert read(carrying).smsc_message_id == "0123456789"
    assert read(receipt_with("id:5 stat:EXPIRED", payload)).smsc_message_id == "5"


def test_ucs2() -> None:
    octets = APPENDIX_B.encode("utf-16-be")
    got = read(pdu.DeliverSm(1, esm_class=4, data_coding=8, short_message=octets + b"\0"))
    assert got.smsc_message_id == "0123456789"


@pytest.mark.parametrize("data_coding", [0x00, 0x08, 0x18, 0xF1])
@pytest.mark.parametrize("codec", ["ascii", "utf-16-be", "utf-16-le", "utf-16"])
def test_a_receipt_may_bear_the_data_coding_of_the_text_that_it_is_about(data_coding: int, codec: str) -> None:
    octets = APPENDIX_B.encode(codec)
    for esm_class in (0x04, 0x44):
        got = read(pdu.DeliverSm(1, esm_class=esm_class, data_coding=data_coding, short_message=octets))
        assert {key: getattr(got, key) for key in USUAL} == USUAL


def test_ucs2_that_does_not_look_like_it() -> None:
    words = "\u041f\u0440\u0438\u0432\u0435\u0442 id:5 stat:EXPIRED"
    got = read(pdu.DeliverSm(1, esm_class=4, data_coding=8, short_message=words.encode("utf-16-be")))
    assert (got.smsc_message_id, got.stat) == ("5", "EXPIRED")


def test_gsm_letters_of_an_id() -> None:
    octets = APPENDIX_B.replace("0123456789", "a\x11b\x02").encode()
    assert read(pdu.DeliverSm(1, esm_class=4, short_message=octets)).smsc_message_id == "a_b$"


def test_packed_septets_are_read_where_the_carrier_packs() -> None:
    packed = pdu.DeliverSm(1, esm_class=4, short_message=b"\x93\x4f")
    assert read(packed).smsc_message_id is None
    assert read(packed, unpack=lambda octets: f"id:{octets.hex()}").smsc_message_id == "934f"
    plain = pdu.DeliverSm(1, esm_class=4, short_message=b"id:5")
    assert read(plain, unpack=lambda octets: "id:6").smsc_message_id == "5"


def test_the_udhi_flag_with_and_without_a_header() -> None:
    assert read(pdu.DeliverSm(1, esm_class=0x44, short_message=APPENDIX_B.encode())).smsc_message_id == "0123456789"
    header = bytes.fromhex("050003690201")
    assert read(pdu.DeliverSm(1, esm_class=0x44, short_message=header + b"id:5 stat:EXPIRED")).smsc_message_id == "5"


@pytest.mark.parametrize(
    "odd",
    [
        pdu.Tlv(const.TLV_RECEIPTED_MESSAGE_ID),
        pdu.Tlv(const.TLV_RECEIPTED_MESSAGE_ID, b"\0"),
        pdu.Tlv(const.TLV_MESSAGE_STATE),
        pdu.Tlv(const.TLV_NETWORK_ERROR_CODE, b"\x03"),
        pdu.Tlv(0x1400, b"\xff"),
    ],
)
def test_odd_parameters_leave_the_text_as_it_is(odd: pdu.Tlv) -> None:
    assert read(receipt_with(APPENDIX_B, odd)) == read(receipt_with(APPENDIX_B))


@pytest.mark.parametrize(
    "value", [b"0123456789", b"0123456789\0\0\0", b"0123456789   \0", b" 0123456789\0", b"0123456789\0junk"]
)
def test_what_an_id_is_filled_up_with_is_no_part_of_it(value: bytes) -> None:
    got = read(receipt_with(APPENDIX_B, pdu.Tlv(const.TLV_RECEIPTED_MESSAGE_ID, value)))
    assert (got.smsc_message_id, got.conflict) == ("0123456789", False)


@pytest.mark.parametrize("value", [b"\x05", b"\0\x05", b"\0\0\0\x05", b"\x05\0", b"5", b"5\0"])
def test_a_state_in_more_octets_than_one(value: bytes) -> None:
    got = read(receipt_with("", ID, pdu.Tlv(const.TLV_MESSAGE_STATE, value)))
    assert (got.stat, got.state) == ("UNDELIV", D.UNDELIVERABLE)


@pytest.mark.parametrize("value", [b"\0", b"\0\0\0\0"])
def test_a_state_that_nobody_filled_in_says_less_than_a_word(value: bytes) -> None:
    zero = pdu.Tlv(const.TLV_MESSAGE_STATE, value)
    got = read(receipt_with(APPENDIX_B, ID, zero))
    assert (got.stat, got.state, got.conflict) == ("DELIVRD", D.DELIVERED, True)
    assert read(receipt_with("", ID, zero)).state is D.SCHEDULED


def test_an_unknown_state_is_shown_and_not_guessed() -> None:
    got = read(receipt_with("", ID, pdu.Tlv(const.TLV_MESSAGE_STATE, b"\x63")))
    assert (got.stat, got.state, got.final) == ("99", None, False)
    assert read(receipt_with(APPENDIX_B, pdu.Tlv(const.TLV_MESSAGE_STATE, b"\x63"))).state is D.DELIVERED


def test_nothing_at_all() -> None:
    assert combine(None, None, None, None) == read(receipt_with(""))


def test_printing_a_receipt_does_not_show_the_text() -> None:
    assert "sample" not in repr(read(receipt_with(APPENDIX_B)))


@given(
    st.sampled_from(["", " ", "Hello", "id:1 stat:EXPIRED", "x text: y", "message id:5 done date:1"]),
    st.sampled_from("tT"),
)
def test_the_usual_form_is_read_alike_the_short_way_and_the_long(words: str, letter: str) -> None:
    text = (
        "id:a1-B2 sub:001 dlvrd:001 submit date:2609211200 done date:260921120159 stat:DELIVRD err:0a0"
        f" {letter}ext:{words}"
    )
    assert scan(text) == _scan(text)
    assert set(scan(text)) == {"smsc_message_id", "sub", "dlvrd", "submit_date", "done_date", "stat", "err", "text"}
