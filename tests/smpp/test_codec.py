"""PDU to octets and back: by hand-written frames, by properties, and against another implementation."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smpplib import smpp

from gateway.smpp import const, pdu
from gateway.smpp.codec import decode, decode_by_table, encode, encode_body_by_table, without_stray_nul
from gateway.smpp.errors import BodyError, FramingError, LocalProtocolError, PduError, UnknownCommand
from tests.smpp.strategies import ADDRESS, ANY_PDU, OCTET, of_class, strings
from tests.smpp.vectors import VECTORS, octets


@pytest.mark.parametrize("name", VECTORS)
def test_a_frame_says_what_the_specification_says(name: str) -> None:
    frame, expected = octets(name), VECTORS[name][1]
    assert decode(frame) == expected
    assert encode(expected) == frame


def test_the_vectors_cover_every_command() -> None:
    assert {type(expected) for _, expected in VECTORS.values()} == set(pdu.PDU_CLASSES)


def test_every_command_of_the_specification_has_its_class() -> None:
    assert {pdu_class.command_id: pdu_class.command_name for pdu_class in pdu.PDU_CLASSES} == const.COMMAND_NAMES


# ---- properties


@given(ANY_PDU)
def test_what_is_encoded_is_decoded(original: Any) -> None:
    assert decode(encode(original)) == original


@given(st.one_of([of_class(c) for c in (pdu.SubmitSm, pdu.DeliverSm, pdu.SubmitSmResp, pdu.DeliverSmResp)]))
def test_the_fast_lanes_agree_with_the_table(original: Any) -> None:
    frame = encode(original)
    assert frame[16:] == encode_body_by_table(original)
    assert decode(frame) == decode_by_table(frame) == original


@given(st.sampled_from(sorted(VECTORS)), st.data())
def test_the_fast_lanes_agree_with_the_table_about_damage(name: str, data: st.DataObject) -> None:
    body = bytearray(octets(name)[16:])
    if body:
        for _ in range(data.draw(st.integers(1, 4))):
            body[data.draw(st.integers(0, len(body) - 1))] = data.draw(OCTET)
    cut = data.draw(st.integers(0, len(body)))
    damaged = (16 + cut).to_bytes(4) + octets(name)[4:16] + bytes(body[:cut])
    assert _outcome(decode, damaged) == _outcome(decode_by_table, damaged)


def _outcome(read: Any, frame: bytes) -> Any:
    try:
        return read(frame)
    except PduError as error:
        return type(error), str(error), error.command_status, error.field, error.command_id, error.sequence_number


@given(ANY_PDU, st.integers(0, 0xFFFFFFFF))
def test_a_sequence_number_may_be_given(original: Any, sequence_number: int) -> None:
    frame = encode(original, sequence_number)
    assert frame[12:16] == sequence_number.to_bytes(4)
    assert frame[:12] + frame[16:] == encode(original)[:12] + encode(original)[16:]


@given(st.binary(max_size=80), st.sampled_from([*const.COMMAND_NAMES, 0x110, 0x80000110]))
def test_any_body_is_read_or_refused_by_name(body: bytes, command_id: int) -> None:
    frame = (16 + len(body)).to_bytes(4) + command_id.to_bytes(4) + bytes(8) + body
    outcome = _outcome(decode, frame)
    if isinstance(outcome, tuple):
        kind, _, command_status, field, named_id, _ = outcome
        assert named_id == command_id
        assert field
        assert command_status != const.ESME_ROK
        assert kind is (BodyError if command_id in const.COMMAND_NAMES else UnknownCommand)
    else:
        assert encode(outcome) == frame


# ---- another implementation, on what it can do

_TEXT = strings(15).filter(bool)
_ADDRESS = strings(20).filter(bool)


def _by_smpplib(name: str, sequence_number: int, **fields: Any) -> bytes:
    other = smpp.make_pdu(name, sequence=sequence_number, **fields)
    for field, value in fields.items():
        setattr(other, field, value)
    other.sequence = sequence_number
    return bytes(other.generate())


@st.composite
def _texts(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "service_type": draw(strings(5)),
        "source_addr_ton": draw(OCTET),
        "source_addr_npi": draw(OCTET),
        "source_addr": draw(_ADDRESS),
        "dest_addr_ton": draw(OCTET),
        "dest_addr_npi": draw(OCTET),
        "destination_addr": draw(_ADDRESS),
        "esm_class": draw(OCTET),
        "protocol_id": draw(OCTET),
        "priority_flag": draw(OCTET),
        "schedule_delivery_time": draw(strings(16)),
        "validity_period": draw(strings(16)),
        "registered_delivery": draw(OCTET),
        "replace_if_present_flag": draw(OCTET),
        "data_coding": draw(OCTET),
        "sm_default_msg_id": draw(OCTET),
        "short_message": draw(st.binary(max_size=254)),
    }


@given(_texts(), st.sampled_from([pdu.SubmitSm, pdu.DeliverSm]), st.integers(1, 0x7FFFFFFF), st.integers(0, 0xFFFF))
@settings(max_examples=50)
def test_texts_agree_with_smpplib(fields: dict[str, Any], pdu_class: Any, number: int, reference: int) -> None:
    ours = encode(pdu_class(number, tlvs=(pdu.Tlv(const.TLV_SAR_MSG_REF_NUM, reference.to_bytes(2)),), **fields))
    assert ours == _by_smpplib(pdu_class.command_name, number, sar_msg_ref_num=reference, **fields)
    theirs = smpp.parse_pdu(ours, sequence=0)
    for name, value in fields.items():
        got = getattr(theirs, name)
        assert (got.decode("latin-1") if isinstance(value, str) else got or value) == value


@given(_TEXT, _TEXT, OCTET, st.sampled_from([pdu.BindReceiver, pdu.BindTransmitter, pdu.BindTransceiver]))
@settings(max_examples=30)
def test_binds_agree_with_smpplib(system_id: str, rest: str, ton: int, pdu_class: Any) -> None:
    fields: dict[str, Any] = {
        "system_id": system_id,
        "password": rest[:8],
        "system_type": rest[:12],
        "interface_version": 0x34,
        "addr_ton": ton,
        "addr_npi": 255 - ton,
        "address_range": rest,
    }
    assert encode(pdu_class(7, **fields)) == _by_smpplib(pdu_class.command_name, 7, **fields)


@given(strings(64), ADDRESS.filter(lambda address: 0 < len(address) < 21), OCTET)
@settings(max_examples=30)
def test_the_rest_agrees_with_smpplib(message_id: str, address: str, octet: int) -> None:
    source: dict[str, Any] = {"source_addr_ton": octet, "source_addr_npi": 1, "source_addr": address}
    for response_class in (pdu.SubmitSmResp, pdu.DeliverSmResp, pdu.DataSmResp):
        ours = encode(response_class(3, message_id=message_id))
        assert ours == _by_smpplib(response_class.command_name, 3, message_id=message_id)
    if message_id:
        ours = encode(pdu.QuerySm(3, message_id=message_id, **source))
        assert ours == _by_smpplib("query_sm", 3, message_id=message_id, **source)
    ours = encode(pdu.AlertNotification(3, esme_addr_ton=1, esme_addr_npi=octet, esme_addr="9", **source))
    assert ours == _by_smpplib("alert_notification", 3, esme_addr_ton=1, esme_addr_npi=octet, esme_addr="9", **source)
    ours = encode(pdu.QuerySmResp(3, message_id="1", final_date="", message_state=octet, error_code=1))
    assert ours == _by_smpplib("query_sm_resp", 3, message_id="1", final_date="", message_state=octet, error_code=1)
    for pdu_class in (pdu.Unbind, pdu.UnbindResp, pdu.EnquireLink, pdu.EnquireLinkResp, pdu.GenericNack):
        assert encode(pdu_class(octet)) == _by_smpplib(pdu_class.command_name, octet)


# ---- what cannot be read

# name of a good frame, what is done to its body, the field and status it comes down to
DAMAGE: list[tuple[str, str, str, int]] = [
    ("submit_sm", "", "service_type", const.ESME_RINVSERTYP),
    ("submit_sm", "41", "service_type", const.ESME_RINVSERTYP),
    ("submit_sm", "00 01", "source_addr_npi", const.ESME_RINVSRCNPI),
    ("submit_sm", "00 01 01 3434", "source_addr", const.ESME_RINVSRCADR),
    ("submit_sm", "00 01 01" + "34" * 65 + "00", "source_addr", const.ESME_RINVSRCADR),
    ("submit_sm", "00 01 01 34 00 01", "dest_addr_npi", const.ESME_RINVDSTNPI),
    ("submit_sm", "00 01 01 34 00 01 01 35", "destination_addr", const.ESME_RINVDSTADR),
    ("submit_sm", "00 01 01 34 00 01 01 35 00", "esm_class", const.ESME_RINVESMCLASS),
    ("submit_sm", "00 01 01 34 00 01 01 35 00 00 00 00", "schedule_delivery_time", const.ESME_RINVSCHED),
    ("submit_sm", "00 01 01 34 00 01 01 35 00 00 00 00 00 31", "validity_period", const.ESME_RINVEXPIRY),
    ("deliver_sm, a receipt", "00 000000 000000 000000 00 00 00 00 00 00", "short_message", const.ESME_RINVMSGLEN),
    (
        "deliver_sm, a receipt",
        "00 000000 000000 000000 00 00 00 00 00 00 05 61",
        "short_message",
        const.ESME_RINVMSGLEN,
    ),
    ("submit_sm_resp", "6162", "message_id", const.ESME_RINVMSGID),
    ("submit_sm_resp", "61" * 256 + "00", "message_id", const.ESME_RINVMSGID),
    ("bind_transceiver, all empty", "61", "system_id", const.ESME_RINVSYSID),
    ("bind_transceiver, all empty", "61 00 70", "password", const.ESME_RINVPASWD),
    ("bind_transceiver, all empty", "61 00 70 00 74", "system_type", const.ESME_RINVSYSTYP),
    ("bind_transceiver, all empty", "00 00 00 34 00 00", "address_range", const.ESME_RBINDFAIL),
    ("submit_multi", "00 000000 03 01 01 01 35 00", "dest_address", const.ESME_RINVNUMDESTS),
    ("submit_multi", "00 000000 01 03 35 00", "dest_address", const.ESME_RINVNUMDESTS),
    ("submit_multi_resp", "37 00 01 01 01 35 00 000000", "unsuccess_sme", const.ESME_RINVNUMDESTS),
    ("query_sm", "41", "message_id", const.ESME_RINVMSGID),
    ("query_sm_resp", "41 00 00", "message_state", const.ESME_RINVPARLEN),
    ("replace_sm", "41 00 00 00 39 00 00 00 01 00 03 6869", "short_message", const.ESME_RINVMSGLEN),
    ("outbind", "00", "password", const.ESME_RINVPASWD),
]


@pytest.mark.parametrize(("name", "body", "field", "status"), DAMAGE)
def test_a_body_that_does_not_hold_is_refused_by_field(name: str, body: str, field: str, status: int) -> None:
    tail = bytes.fromhex(body)
    header = octets(name)[4:16]
    with pytest.raises(BodyError) as caught:
        decode((16 + len(tail)).to_bytes(4) + header + tail)
    error = caught.value
    assert (error.field, error.command_status) == (field, status)
    assert error.command_id == int.from_bytes(header[:4])
    assert error.sequence_number == int.from_bytes(header[8:12])
    assert field in str(error)
    assert not error.fatal


def test_what_is_refused_is_not_repeated() -> None:
    """The octets of a refused PDU may be a person's words or a password, and the refusal goes to the log."""
    with pytest.raises(BodyError) as caught:
        decode(bytes.fromhex("00000018 00000009 00000000 00000003  00 7365637265743E"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("frame", ["", "00", "0000001000000015", "0000000F000000150000000000000001"])
def test_no_header_is_fatal(frame: str) -> None:
    with pytest.raises(FramingError) as caught:
        decode(bytes.fromhex(frame))
    assert caught.value.fatal
    assert caught.value.command_status == const.ESME_RINVCMDLEN


@pytest.mark.parametrize("length", [0, 15, 17, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_disagrees_is_fatal(length: int) -> None:
    with pytest.raises(FramingError):
        decode(length.to_bytes(4) + octets("enquire_link")[4:])


@pytest.mark.parametrize("command_id", [0, 0x0A, 0x110, 0x111, 0x7FFFFFFF, 0x8000000B, 0x80000110, 0xFFFFFFFF])
def test_an_unknown_command_keeps_its_number(command_id: int) -> None:
    with pytest.raises(UnknownCommand) as caught:
        decode(bytes.fromhex("00000012") + command_id.to_bytes(4) + bytes.fromhex("00000000 FFFFFFFE 0102"))
    assert caught.value.command_id == command_id
    assert caught.value.sequence_number == 0xFFFFFFFE
    assert not caught.value.fatal


# ---- what is tolerated


@pytest.mark.parametrize("pdu_class", [c for c in pdu.PDU_CLASSES if issubclass(c, pdu.Response)])
@pytest.mark.parametrize("status", [0, 0x08, 0x58, 0x400, 0x4FF, 0xFFFFFFFF])
def test_any_response_may_be_a_header_alone(pdu_class: type[pdu.Response], status: int) -> None:
    frame = _header(pdu_class, status)
    response = decode(frame)
    assert isinstance(response, pdu_class)
    assert response.command_status == status
    assert encode(response) == frame
    if pdu_class.body_field:
        assert getattr(response, pdu_class.body_field) is None


def _header(pdu_class: type[pdu.Response], status: int) -> bytes:
    return b"\0\0\0\x10" + pdu_class.command_id.to_bytes(4) + status.to_bytes(4) + b"\0\0\0\x01"


def test_a_truncated_parameter_spoils_nothing_before_it() -> None:
    # A receipted_message_id that says 0x41 octets and has five, as one SMSC really sends it.
    frame = encode(pdu.DeliverSm(1, tlvs=(pdu.Tlv(0x0427, b"\x02"),), trailing=bytes.fromhex("001E00413330303500")))
    received = decode(frame)
    assert received.tlvs == (pdu.Tlv(0x0427, b"\x02"),)
    assert received.trailing == bytes.fromhex("001E00413330303500")
    assert encode(received) == frame


@pytest.mark.parametrize("text", [b"", b"STOP"])
def test_a_nul_behind_the_text_that_sm_length_does_not_count(text: bytes) -> None:
    tlvs = (pdu.Tlv(0x001E, b"A3005\0"), pdu.Tlv(0x0427, b"\x02"), pdu.Tlv(0x1400))
    whole = encode(pdu.DeliverSm(1, short_message=text, tlvs=tlvs))
    at = len(encode(pdu.DeliverSm(1, short_message=text)))
    frame = (len(whole) + 1).to_bytes(4) + whole[4:at] + b"\0" + whole[at:]
    received = decode(frame)
    assert encode(received) == frame
    assert without_stray_nul(received) == decode(whole)


@pytest.mark.parametrize("trailing", ["", "00", "000000", "00001E0041333030", "0004270001", "01001E0000"])
def test_what_a_nul_does_not_explain_stays_behind(trailing: str) -> None:
    for tlvs in ((), (pdu.Tlv(0x0427, b"\x02"),)):
        received = decode(encode(pdu.DeliverSm(1, tlvs=tlvs, trailing=bytes.fromhex(trailing))))
        assert without_stray_nul(received) is received


def test_parameters_are_kept_as_they_came() -> None:
    tlvs = (
        pdu.Tlv(0x1FFF, b"x"),
        pdu.Tlv(0),
        pdu.Tlv(0x001E, b"a\0"),
        pdu.Tlv(0x001E, b"b\0"),
        pdu.Tlv(0xFFFF, b"y" * 300),
    )
    for sender in (pdu.DeliverSm(1, tlvs=tlvs), pdu.Unbind(1, tlvs=tlvs), pdu.SubmitSmResp(1, tlvs=tlvs)):
        received = decode(encode(sender))
        assert received.tlvs == tlvs
        assert received.tlv(0x001E) == b"a\0"
        assert received.tlv(0x0005) is None


def test_a_payload_of_64_kib_is_carried() -> None:
    payload = bytes(range(256)) * 255 + bytes(255)
    assert len(payload) == 0xFFFF
    received = decode(encode(pdu.DataSm(1, tlvs=(pdu.Tlv(const.TLV_MESSAGE_PAYLOAD, payload),))))
    assert received.tlv(const.TLV_MESSAGE_PAYLOAD) == payload


def test_every_octet_survives_in_a_string() -> None:
    everything = bytes(range(1, 65)).decode("latin-1")
    high = bytes(range(192, 256)).decode("latin-1")
    sent = pdu.SubmitSm(1, source_addr=everything, destination_addr=high)
    assert decode(encode(sent)) == sent


# ---- what we must not send

UNFIT: list[tuple[pdu.Request | pdu.Response, str]] = [
    (pdu.SubmitSm(source_addr="a\0b"), "submit_sm.source_addr"),
    (pdu.SubmitSm(source_addr="1" * 65), "submit_sm.source_addr"),
    (pdu.SubmitSm(destination_addr="\N{EURO SIGN}"), "submit_sm.destination_addr"),
    (pdu.SubmitSm(short_message=b"x" * 256), "submit_sm.short_message"),
    (pdu.SubmitSm(data_coding=256), "submit_sm.data_coding"),
    (pdu.DeliverSm(esm_class=-1), "deliver_sm.esm_class"),
    (pdu.SubmitSm(tlvs=(pdu.Tlv(0x10000),)), "optional parameter"),
    (pdu.SubmitSm(tlvs=(pdu.Tlv(0x0424, b"x" * 0x10000),)), "optional parameter"),
    (pdu.SubmitSmResp(message_id="a\0"), "submit_sm_resp.message_id"),
    (pdu.SubmitSmResp(message_id="a" * 256), "submit_sm_resp.message_id"),
    (pdu.BindTransceiver(system_id="\N{SNOWMAN}"), "bind_transceiver.system_id"),
    (pdu.SubmitMulti(dest_address=(pdu.SmeAddress(),) * 256), "submit_multi.dest_address"),
    (pdu.SubmitMultiResp(unsuccess_sme=(pdu.UnsuccessSme(error_status_code=1 << 32),)), "unsuccess_sme"),
    (pdu.EnquireLink(1 << 32), "enquire_link"),
    (pdu.SubmitSmResp(command_status=-1), "submit_sm_resp"),
]


@pytest.mark.parametrize(("unfit", "named"), UNFIT)
def test_a_value_that_does_not_fit_is_our_error(unfit: pdu.Request | pdu.Response, named: str) -> None:
    with pytest.raises(LocalProtocolError, match=named):
        encode(unfit)


def test_printing_a_pdu_shows_nobody() -> None:
    shown = repr(
        (
            pdu.SubmitSm(1, source_addr="447700900001", destination_addr="447700900002", short_message=b"pay"),
            pdu.BindTransceiver(2, password="secret"),
            pdu.DataSm(3, tlvs=(pdu.Tlv(const.TLV_MESSAGE_PAYLOAD, b"pay"),)),
            pdu.SubmitMulti(4, dest_address=(pdu.SmeAddress(1, 1, "447700900002"),)),
            pdu.Tlv(const.TLV_MESSAGE_PAYLOAD, b"pay"),
        )
    )
    assert "4477" not in shown
    assert "secret" not in shown
    assert "pay" not in shown
    assert "submit_sm" in shown


# ---- answers


def test_a_bare_response_has_no_body_with_an_error() -> None:
    submit = pdu.SubmitSm(9)
    assert encode(pdu.response_to(submit, const.ESME_RTHROTTLED)) == bytes.fromhex("00000010800000040000005800000009")
    assert pdu.response_to(submit) == pdu.SubmitSmResp(9)
    assert pdu.response_to(pdu.BindReceiver(9), const.ESME_RINVPASWD) == pdu.BindReceiverResp(
        9, const.ESME_RINVPASWD, system_id=None
    )
    assert pdu.response_to(pdu.DeliverSm(9), const.ESME_RX_T_APPN) == pdu.DeliverSmResp(9, const.ESME_RX_T_APPN)
    assert pdu.response_to(pdu.Outbind(9), const.ESME_RINVBNDSTS) == pdu.GenericNack(9, const.ESME_RINVBNDSTS)


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (pdu.DeliverSm(9), "00"),
        (pdu.DataSm(9), "00"),
        (pdu.SubmitMulti(9), "00 00"),
        (pdu.QuerySm(9), "00 00 07 00"),
        (pdu.CancelSm(9), ""),
        (pdu.ReplaceSm(9), ""),
    ],
    ids=lambda value: value.command_name if isinstance(value, pdu.Request) else "",
)
def test_only_answers_to_binds_and_submit_sm_go_without_their_body(request_: pdu.Request, body: str) -> None:
    # SMPP 3.4 §4.5.2, §4.6.2, §4.7.2, §4.8.2 leave nothing out with an error, and peers read what they expect.
    # A state is one of those in §5.2.28, so it is "unknown".
    assert encode(pdu.response_to(request_, const.ESME_RINVCMDID))[16:] == bytes.fromhex(body)
