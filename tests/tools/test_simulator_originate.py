"""Consumers' texts: encodings, cuts, and what cannot be sent. What is cut is put together again by `gateway.text`."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import const
from gateway.smpp.pdu import DeliverSm
from gateway.text import gsm7, udh
from gateway.text.alphabet import Alphabet
from gateway.text.decode import decode
from tools.simulator.originate import RawDelivery, Unwritable, address, originate
from tools.simulator.scenario import LongForm, Mo

FROM = (1, 1, "15551230001")
TO = (3, 0, "40404")


def sent(mo: Mo, reference: int = 7, default: Alphabet = Alphabet.GSM7) -> list[DeliverSm]:
    return originate(mo, FROM, TO, reference, default)


def joined(pdus: list[DeliverSm], default: Alphabet = Alphabet.GSM7) -> str:
    """The text of these parts, whatever their order."""
    pieces: dict[int, bytes] = {}
    for pdu in pdus:
        sar = pdu.tlv(const.TLV_SAR_SEGMENT_SEQNUM)
        if pdu.esm_class & const.ESM_CLASS_UDHI:
            header = udh.parse(pdu.short_message)
            assert header.concat is not None
            assert header.fault is None
            body = header.body
            if default is Alphabet.GSM7_PACKED and pdu.data_coding == 0:
                body = gsm7.unpack(body, gsm7.fill_bits(header.octets))
            pieces[header.concat.sequence] = body
        elif sar is not None:
            pieces[sar[0]] = pdu.short_message
        else:
            pieces[1] = pdu.tlv(const.TLV_MESSAGE_PAYLOAD) or pdu.short_message
    whole = b"".join(pieces[place] for place in sorted(pieces))
    if default is Alphabet.GSM7_PACKED and pdus[0].esm_class & const.ESM_CLASS_UDHI and pdus[0].data_coding == 0:
        return gsm7.decode(whole)
    return decode(whole, pdus[0].data_coding, default).text


def test_short_texts_by_encoding() -> None:
    cases: list[tuple[Mo, Alphabet, int, bytes]] = [
        (Mo(text="STOP @ £"), Alphabet.GSM7, 0, b"STOP \x00 \x01"),
        (Mo(text="Стоп"), Alphabet.GSM7, 8, "Стоп".encode("utf-16-be")),
        (Mo(text="ARRÊT"), Alphabet.LATIN1, 0, b"ARR\xcaT"),
        (Mo(text="STOP"), Alphabet.GSM7_PACKED, 0, gsm7.pack(b"STOP")),
        (Mo(text="ARRÊT", encoding="latin1"), Alphabet.GSM7, 3, b"ARR\xcaT"),
        (Mo(text="STOP", encoding="ascii"), Alphabet.GSM7, 1, b"STOP"),
        (Mo(text="STOP", encoding="ucs2"), Alphabet.GSM7, 8, b"\0S\0T\0O\0P"),
        (Mo(text="@", encoding="gsm7"), Alphabet.LATIN1, 0, b"\x00"),
        (Mo(text="@", encoding="latin1", data_coding=0), Alphabet.GSM7, 0, b"@"),
    ]
    for mo, default, data_coding, octets in cases:
        (pdu,) = sent(mo, default=default)
        assert (pdu.data_coding, pdu.short_message, pdu.esm_class) == (data_coding, octets, 0), mo
        assert (pdu.source_addr_ton, pdu.source_addr, pdu.dest_addr_ton, pdu.destination_addr) == (
            1,
            "15551230001",
            3,
            "40404",
        )


@pytest.mark.parametrize(
    ("text", "encoding", "complaint"),
    [("Ê", "gsm7", "gsm7 has no"), ("€", "latin1", "latin1 has no"), ("é", "ascii", "ascii has no")],
)
def test_what_the_encoding_has_not_is_named(text: str, encoding: str, complaint: str) -> None:
    with pytest.raises(Unwritable, match=complaint):
        sent(msgspec.convert({"text": f"STOP {text}", "encoding": encoding}, Mo))


@pytest.mark.parametrize("long", ["udh8", "udh16", "sar", "payload"])
@given(text=st.text(st.sampled_from("aé€^Ж🎉\n "), min_size=1, max_size=700), reference=st.integers(0, 1 << 20))
def test_every_cut_can_be_put_together(long: LongForm, text: str, reference: int) -> None:
    pdus = sent(Mo(text=text, long=long), reference)
    assert joined(pdus) == text
    for pdu in pdus:
        assert len(pdu.short_message) <= (160 if pdu.data_coding == 0 else 140)
        assert (long in ("udh8", "udh16")) >= bool(pdu.esm_class & const.ESM_CLASS_UDHI)
    if long == "payload":
        assert len(pdus) == 1


def test_packed_parts_begin_on_a_septet_boundary() -> None:
    text = "0123456789" * 40
    for long in ("udh8", "udh16"):
        pdus = sent(msgspec.convert({"text": text, "long": long}, Mo), default=Alphabet.GSM7_PACKED)
        assert joined(pdus, Alphabet.GSM7_PACKED) == text
        assert all(len(pdu.short_message) <= 140 for pdu in pdus)


def test_parts_in_any_order_doubled_and_left_out() -> None:
    text = "x" * 400
    pdus = sent(Mo(text=text, parts=(3, 1, 1)))
    assert [pdu.short_message[:6].hex() for pdu in pdus] == ["050003070303", "050003070301", "050003070301"]
    with pytest.raises(Unwritable, match="3 parts"):
        sent(Mo(text=text, parts=(4,)))


def test_more_parts_than_can_be_counted() -> None:
    assert len(sent(Mo(text="ж" * 9_000, long="udh16"))) == 137
    with pytest.raises(Unwritable, match="255"):
        sent(Mo(text="🎉" * 10_000, long="udh16"))


@pytest.mark.parametrize(
    ("number", "plus", "expected"),
    [
        ("+15551230001", False, (1, 1, "15551230001")),
        ("15551230001", False, (1, 1, "15551230001")),
        ("+15551230001", True, (1, 1, "+15551230001")),
        ("40404", True, (3, 0, "40404")),
        ("+40404", False, (1, 1, "40404")),
        ("Shop", False, (5, 0, "Shop")),
        ("١٢٣", False, (5, 0, "١٢٣")),
        ("", False, (5, 0, "")),
    ],
)
def test_addresses(number: str, plus: bool, expected: tuple[int, int, str]) -> None:
    assert address(number, plus=plus) == expected


def test_a_raw_delivery_is_checked_where_it_is_written() -> None:
    for field, value in (
        ("short_message", "abc"),
        ("trailing", "x"),
        ("tlvs", [[1, "0"]]),
        ("tlvs", [[70_000, ""]]),
        ("esm_class", 256),
        ("colour", 1),
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"source_addr": "1", "destination_addr": "2", field: value}, RawDelivery)
