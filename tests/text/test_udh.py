"""The user data header: every element, every way to be wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text import udh
from gateway.text.udh import Concat, Element


def parse(hex_payload: str) -> udh.Header:
    return udh.parse(bytes.fromhex(hex_payload))


def test_concatenation_with_an_8_bit_reference() -> None:
    found = parse("050003cc0301" + "4869")
    assert found.concat == Concat(0xCC, 3, 1)
    assert found.body == b"Hi"
    assert found.octets == 6
    assert found.fault is None


def test_concatenation_with_a_16_bit_reference() -> None:
    found = parse("060804beef0202" + "4869")
    assert found.concat == Concat(0xBEEF, 2, 2)
    assert found.body == b"Hi"
    assert found.octets == 7


def test_all_elements_in_any_order_and_unknown_ones_kept() -> None:
    found = parse("16" + "7003010203" + "240101" + "05040b8423f0" + "250103" + "0003070201" + "41")
    assert found.concat == Concat(7, 2, 1)
    assert found.ports == (0x0B84, 0x23F0)
    assert (found.locking, found.single) == (3, 1)
    assert found.elements[0] == Element(0x70, b"\x01\x02\x03")
    assert len(found.elements) == 5
    assert found.body == b"A"
    assert found.fault is None


def test_8_bit_ports() -> None:
    assert parse("04" + "0402f0f1" + "41").ports == (0xF0, 0xF1)


def test_a_header_without_a_body() -> None:
    found = parse("050003010201")
    assert found.concat == Concat(1, 2, 1)
    assert found.body == b""


def test_of_repeated_elements_the_last_counts() -> None:
    assert parse("0a" + "0003010201" + "0003020202").concat == Concat(2, 2, 2)
    assert parse("0b" + "0003010201" + "0804000903" + "03").concat == Concat(9, 3, 3)


@pytest.mark.parametrize("place", ["0001", "0100", "0203", "0000"])
def test_an_impossible_place_is_ignored_and_told(place: str) -> None:
    found = parse("050003cc" + place + "4869")
    assert found.concat is None
    assert found.body == b"Hi"
    assert found.fault is not None


def test_an_element_of_a_wrong_length_is_ignored_and_told() -> None:
    found = parse("04" + "0002cc02" + "4869")
    assert found.concat is None
    assert found.body == b"Hi"
    assert found.fault == "element 0x00 has 2 octets, not 3"
    assert found.elements == (Element(0x00, b"\xcc\x02"),)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00",
        b"\x05",
        b"Hello",  # 72 octets of header in 5
        b"\x05\x00\x03\x01\x02",  # cut short
        b"\x0aHi there, this begins with LF",  # a length that would do, elements that do not
        b"\x06\x00\x03\x01\x02\x01Hello",  # one octet too many
        b"\x04\x00\x03\x01\x02\x01Hello",  # one too few
        "STOP".encode("utf-16-be"),
        "СТОП".encode("utf-16-be"),
    ],
)
def test_a_flag_without_a_header_takes_nothing_from_the_text(payload: bytes) -> None:
    found = udh.parse(payload)
    assert found.body == payload
    assert found.octets == 0
    assert found.elements == ()
    assert found.concat is None
    assert found.fault is not None


@given(st.binary())
def test_parsing_never_fails_and_loses_no_octet(payload: bytes) -> None:
    found = udh.parse(payload)
    assert payload[found.octets :] == found.body
    assert sum(2 + len(element.value) for element in found.elements) == max(0, found.octets - 1)
    assert found.concat is None or 1 <= found.concat.sequence <= found.concat.total


@given(st.sampled_from([8, 16]), st.data())
def test_what_is_written_is_read(bits: int, data: st.DataObject) -> None:
    reference = data.draw(st.integers(0, (1 << bits) - 1))
    total = data.draw(st.integers(1, 255))
    sequence = data.draw(st.integers(1, total))
    locking, single = data.draw(st.tuples(st.integers(0, 13), st.integers(0, 13)))
    elements = udh.concat_element(bits, reference, total, sequence) + udh.shift_elements(locking, single)
    found = udh.parse(udh.header(elements) + b"body")
    assert found.concat == Concat(reference, total, sequence)
    assert (found.locking, found.single) == (locking, single)
    assert found.body == b"body"
    assert found.fault is None


def test_no_elements_make_no_header() -> None:
    assert udh.header(udh.shift_elements(0, 0)) == b""
