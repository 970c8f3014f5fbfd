"""The GSM 7-bit alphabet against the tables of 3GPP TS 23.038, and packing against worked octets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text import gsm7

# 3GPP TS 23.038 §6.2.1 as printed: a row is the low half of the code, a column the high half.
PRINTED = """
    @  Δ  SP 0  ¡  P  ¿  p
    £  _  !  1  A  Q  a  q
    $  Φ  "  2  B  R  b  r
    ¥  Γ  #  3  C  S  c  s
    è  Λ  ¤  4  D  T  d  t
    é  Ω  %  5  E  U  e  u
    ù  Π  &  6  F  V  f  v
    ì  Ψ  '  7  G  W  g  w
    ò  Σ  (  8  H  X  h  x
    Ç  Θ  )  9  I  Y  i  y
    LF Ξ  *  :  J  Z  j  z
    Ø  ES +  ;  K  Ä  k  ä
    ø  Æ  ,  <  L  Ö  l  ö
    CR æ  -  =  M  Ñ  m  ñ
    Å  ß  .  >  N  Ü  n  ü
    å  É  /  ?  O  §  o  à
"""
NAMES = {"SP": " ", "LF": "\n", "CR": "\r"}
BASIC = {
    column << 4 | row: NAMES.get(cell, cell)
    for row, line in enumerate(PRINTED.strip().splitlines())
    for column, cell in enumerate(line.split())
    if cell != "ES"
}
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
gsm_text = st.text(st.sampled_from(sorted(gsm7.DEFAULT.characters)))
septets = st.binary().map(lambda octets: bytes(octet & 0x7F for octet in octets))


@pytest.mark.parametrize(("code", "char"), BASIC.items())
def test_each_basic_character_is_its_code(code: int, char: str) -> None:
    assert gsm7.encode(char) == bytes((code,))
    assert gsm7.decode(bytes((code,))) == char


@pytest.mark.parametrize(("code", "char"), EXTENSION.items())
def test_each_extension_character_is_a_pair(code: int, char: str) -> None:
    assert gsm7.encode(char) == bytes((0x1B, code))
    assert gsm7.decode(bytes((0x1B, code))) == char


def test_there_are_no_other_characters() -> None:
    known = set(BASIC.values()) | set(EXTENSION.values())
    assert len(known) == 127 + 10
    assert known == gsm7.DEFAULT.characters
    for code in range(0x11000):
        if chr(code) not in known:
            assert gsm7.encode(chr(code)) is None, hex(code)
            assert gsm7.DEFAULT.first_unencodable(chr(code)) == 0


@pytest.mark.parametrize("text", ["`", "\x1b", "\x1b(", "\0", "\t", "ç", "“", "\x9b", "\ufffe", "😀", "\ud83d"])
def test_what_is_in_neither_table_makes_the_text_unencodable(text: str) -> None:
    assert gsm7.encode(text) is None
    assert gsm7.encode("a€" + text + "b") is None
    assert gsm7.DEFAULT.first_unencodable("a€" + text + "b") == 2


def test_the_first_unencodable_character_is_named_even_if_it_is_a_nul() -> None:
    assert gsm7.DEFAULT.first_unencodable("ab\0ç") == 2
    assert gsm7.DEFAULT.first_unencodable("abç\0") == 2
    assert gsm7.DEFAULT.first_unencodable("a@[") is None


@given(gsm_text)
def test_text_survives_the_round_trip(text: str) -> None:
    encoded = gsm7.encode(text)
    assert encoded is not None
    assert encoded.isascii()
    assert len(encoded) == sum(2 if char in EXTENSION.values() else 1 for char in text)
    assert gsm7.decode(encoded) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"a\x1bAb", "aAb"),  # an undefined pair shows the basic character
        (b"a\x1b", "a "),  # nothing follows
        (b"a\x1b\x1bb", "a b"),  # a table beyond the extension table, which no one has defined
        (b"\x1b\x1b\x1b", "  "),
        (b"\x1b\x1b\x65", " e"),
        (b"\x1b\x00", "@"),
        (b"a\x80b\xffc", "a\ufffdb\ufffdc"),
        (b"\x1b\xe5", " \ufffd"),
    ],
)
def test_odd_octets_are_shown_as_a_handset_would(octets: bytes, text: str) -> None:
    assert gsm7.decode(octets) == text


@given(st.binary())
def test_decoding_never_fails(octets: bytes) -> None:
    assert len(gsm7.decode(octets)) <= len(octets)


@pytest.mark.parametrize(
    ("text", "packed"),
    [
        ("", ""),
        ("hellohello", "e8329bfd4697d9ec37"),
        ("Hello world", "c8329bfd06dddf723619"),
        ("1234567", "31d98c56b3dd1a"),  # 7 spare bits: CR, not a further @
        ("12345678", "31d98c56b3dd70"),
        ("€", "9b32"),
    ],
)
def test_packing(text: str, packed: str) -> None:
    encoded = gsm7.encode(text)
    assert encoded is not None
    assert gsm7.pack(encoded).hex() == packed
    assert gsm7.decode(gsm7.unpack(bytes.fromhex(packed))) == text


def test_packing_behind_a_header_starts_at_a_septet_boundary() -> None:
    assert [gsm7.fill_bits(octets) for octets in (0, 4, 6, 7, 9, 12)] == [0, 3, 1, 0, 5, 2]
    assert gsm7.pack(b"a", 1) == bytes((0x61 << 1,))
    assert gsm7.unpack(bytes((0x61 << 1,)), 1) == b"a"


@given(septets, st.integers(0, 6))
def test_packed_septets_survive_unless_the_last_may_be_padding(plain: bytes, fill: int) -> None:
    packed = gsm7.pack(plain, fill)
    spare = 8 * len(packed) - 7 * len(plain) - fill
    assert 0 <= spare <= 7
    ambiguous = spare == 0 and plain and plain[-1] in (0x00, 0x0D)
    assert gsm7.unpack(packed, fill) == (plain[:-1] if ambiguous else plain)


@given(st.binary(), st.integers(0, 6))
def test_unpacking_never_fails(octets: bytes, fill: int) -> None:
    assert gsm7.unpack(octets, fill).isascii()
