"""Segments: sizes, octets, the choice of encoding, and that nothing is cut which must stay whole."""

import random

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from gateway.text import gsm7
from gateway.text.alphabet import Alphabet
from gateway.text.reassembly import join, receive
from gateway.text.segment import Encoding, LongMode, Part, ReferenceBits, TooLong, Unencodable, plan, segment

FAMILY = "👨\u200d👩\u200d👧\u200d👦"  # 11 units
gsm_chars = st.sampled_from(sorted(gsm7.DEFAULT.characters))
any_char = st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff\ufffe")
mixed = st.text(st.one_of(any_char, gsm_chars), max_size=300)
clusters = st.lists(
    st.sampled_from([FAMILY, "e\u0301", "\r\n", "🇩🇪", "क्षि", "각", "☝🏽", "я", "x", "😀", "€"]), max_size=150
).map("".join)
long_gsm = st.text(gsm_chars, max_size=700)
texts = st.one_of(mixed, clusters, long_gsm)


def air_octets(encoding: Encoding, part: Part) -> int:
    """What a part with its header takes of a user part, however its septets went over the link."""
    header = part.payload[0] + 1 if part.udhi else 0
    body = len(part.payload) - header
    if encoding is Encoding.UCS2:
        return header + body
    return ((header * 8 + 6) // 7 * 7 + body * 7 + 7) // 8


@pytest.mark.parametrize(
    ("text", "units", "payload"),
    [
        ("", 0, ""),
        ("Hi @home", 8, "48692000686f6d65"),
        ("€[]", 6, "1b651b3c1b3e"),
        ("_$§`"[:3], 3, "11025f"),
    ],
)
def test_a_short_gsm_text(text: str, units: int, payload: str) -> None:
    found = segment(text, reference=77)
    assert (found.encoding, found.units, found.segments, found.forced_by) == (Encoding.GSM7, units, 1, None)
    assert found.parts == (Part(text, bytes.fromhex(payload)),)


def test_a_short_unicode_text_has_no_byte_order_mark() -> None:
    found = segment("Да 😀")
    assert (found.encoding, found.units, found.segments, found.forced_by) == (Encoding.UCS2, 5, 1, "Д")
    assert found.parts == (Part("Да 😀", bytes.fromhex("041404300020d83dde00")),)


@pytest.mark.parametrize(
    ("text", "forced_by"),
    [("it’s", "’"), ("a`b", "`"), ("tab\there", "\t"), ("esc\x1b(", "\x1b"), ("100 zł", "ł"), ("ok 😀 ’", "😀")],
)
def test_the_first_forcing_character_is_named(text: str, forced_by: str) -> None:
    assert segment(text).forced_by == forced_by


def test_data_codings() -> None:
    assert segment("a").encoding.data_coding == 0
    assert segment("я").encoding.data_coding == 8


@pytest.mark.parametrize(
    ("bits", "char", "single", "multi"),
    [(8, "a", 160, 153), (16, "a", 160, 152), (8, "я", 70, 67), (16, "я", 70, 66)],
)
def test_sizes(bits: ReferenceBits, char: str, single: int, multi: int) -> None:
    def lengths(count: int) -> list[int]:
        return [len(part.text) for part in segment(char * count, reference_bits=bits).parts]

    assert lengths(single) == [single]
    assert lengths(single + 1) == [multi, single + 1 - multi]
    assert lengths(multi * 2) == [multi, multi]
    assert lengths(multi * 2 + 1) == [multi, multi, 1]


def test_headers() -> None:
    eight = segment("a" * 161, reference=0xCC).parts
    assert [part.payload[:7].hex() for part in eight] == ["050003cc020161", "050003cc020261"]
    sixteen = segment("a" * 161, reference=0xBEEF, reference_bits=16).parts
    assert [part.payload[:8].hex() for part in sixteen] == ["060804beef020161", "060804beef020261"]
    assert all(part.udhi and part.sar is None for part in (*eight, *sixteen))


def test_sar_has_no_header_and_the_same_sizes() -> None:
    for text in ("a" * 400, "я" * 200, "{" * 200):
        with_header = segment(text, reference=5).parts
        bare = segment(text, reference=5, mode=LongMode.SAR).parts
        total = len(with_header)
        assert [part.sar for part in bare] == [(5, total, n) for n in range(1, total + 1)]
        assert [part.payload for part in bare] == [part.payload[6:] for part in with_header]
        assert not any(part.udhi or part.in_message_payload for part in bare)


def test_message_payload_is_one_part_that_costs_as_many_segments() -> None:
    for text in ("a" * 400, "я" * 200):
        found = segment(text, mode=LongMode.PAYLOAD)
        assert found.segments == len(segment(text).parts) == 3
        (part,) = found.parts
        assert part.in_message_payload
        assert part.text == text
        assert not part.udhi
        assert part.sar is None
        assert part.payload == text.encode("ascii" if text[0] == "a" else "utf-16-be")


@pytest.mark.parametrize("mode", LongMode)
def test_one_segment_is_the_same_in_each_mode(mode: LongMode) -> None:
    assert segment("short", mode=mode) == segment("short")
    assert segment("я" * 70, mode=mode) == segment("я" * 70)


def test_a_latin1_carrier_gets_latin1_in_segments_counted_in_septets() -> None:
    found = segment("Grüße {1}", alphabet=Alphabet.LATIN1)
    assert found.encoding is Encoding.GSM7
    assert found.units == 11
    assert found.parts[0].payload == "Grüße {1}".encode("latin-1")
    braces = segment("{" * 81, alphabet=Alphabet.LATIN1)
    assert [len(part.text) for part in braces.parts] == [76, 5]
    assert segment("10 €", alphabet=Alphabet.LATIN1).forced_by == "€"
    assert segment("Ωç", alphabet=Alphabet.LATIN1).forced_by == "Ω"
    assert segment("façade", alphabet=Alphabet.LATIN1).forced_by == "ç"  # Latin-1 has it, the handset's 7 bits have not
    assert segment("é", alphabet=Alphabet.ASCII).forced_by == "é"
    assert segment("$_@", alphabet=Alphabet.ASCII).parts[0].payload == b"$_@"


def test_a_packed_carrier_gets_at_most_140_octets() -> None:
    found = segment("a" * 160, alphabet=Alphabet.GSM7_PACKED)
    assert len(found.parts[0].payload) == 140
    found = segment("a" * 161, alphabet=Alphabet.GSM7_PACKED)
    assert [len(part.payload) for part in found.parts] == [140, 6 + 8]
    assert found.parts[0].payload[6] == 0x61 << 1 & 0xFF


def test_an_escape_pair_stays_whole() -> None:
    found = segment("a" * 152 + "€" + "b" * 10)
    assert [part.text for part in found.parts] == ["a" * 152, "€" + "b" * 10]


def test_a_surrogate_pair_stays_whole() -> None:
    found = segment("я" * 66 + "😀" + "я" * 10)
    assert [part.text for part in found.parts] == ["я" * 66, "😀" + "я" * 10]


@pytest.mark.parametrize("cluster", [FAMILY, "e\u0301", "🇩🇪", "क्षि", "☝🏽", "1\ufe0f\u20e3", "\r\n"])
def test_a_grapheme_cluster_stays_whole(cluster: str) -> None:
    for room in range(1, 12):
        before = "я" * (67 - room)
        parts = segment(before + cluster + "я" * 40).parts
        assert sum(cluster in part.text for part in parts) == 1


def test_crlf_stays_whole_in_gsm_too() -> None:
    assert [part.text for part in segment("a" * 152 + "\r\n" + "b" * 9).parts] == ["a" * 152, "\r\n" + "b" * 9]


def test_a_cluster_larger_than_a_segment_is_cut_between_characters() -> None:
    zalgo = "я" + "\u0301" * 200
    found = segment("ab" + zalgo)
    assert "".join(part.text for part in found.parts) == "ab" + zalgo
    assert [len(part.text) for part in found.parts] == [2, 67, 67, 67]


def test_too_long_is_refused_and_never_cut() -> None:
    assert segment("a" * 153 * 255).segments == 255
    assert segment("я" * 67 * 255).segments == 255
    for text, limit, needs in (
        ("a" * 161, 1, 2),
        ("a" * 153 * 3 + "b", 3, 4),
        ("я" * 71, 1, 2),
        ("a" * (153 * 255 + 1), 255, 256),
        ("я" * (67 * 255 + 1), 255, 256),
        ("a" * (153 * 255 + 1), 1000, 256),
    ):
        with pytest.raises(TooLong) as caught:
            segment(text, max_segments=limit)
        assert (caught.value.segments, caught.value.limit) == (needs, min(limit, 255))
    with pytest.raises(TooLong) as caught:
        segment("a" * 1_000_000, max_segments=6)
    assert (caught.value.segments > 6, caught.value.encoding) == (True, Encoding.GSM7)
    for cyrillic in ("я" * 1000, "я" * 100_000):
        with pytest.raises(TooLong) as caught:
            segment(cyrillic, max_segments=6)
        assert caught.value.encoding is Encoding.UCS2
    with pytest.raises(TooLong):
        plan("a" * 400, max_segments=2, mode=LongMode.PAYLOAD)


@pytest.mark.parametrize(
    ("text", "position"), [("a\0b", 1), ("яя\0", 2), ("a\ud83d", 1), ("\udc00я", 0), ("ab\ud83d\ude00", 2)]
)
def test_what_cannot_be_written_is_named_with_its_place(text: str, position: int) -> None:
    with pytest.raises(Unencodable) as caught:
        segment(text)
    assert caught.value.position == position
    assert caught.value.char == text[position]
    assert str(caught.value).isascii()


@pytest.mark.parametrize(("reference", "bits"), [(256, 8), (-1, 8), (65536, 16)])
def test_a_reference_that_does_not_fit_is_a_mistake(reference: int, bits: ReferenceBits) -> None:
    with pytest.raises(ValueError, match="reference"):
        segment("a" * 200, reference=reference, reference_bits=bits)


def test_a_plan_is_counted_first_and_written_later() -> None:
    planned = plan("я" * 200)
    assert planned.segments == 3
    assert planned.parts(9) == segment("я" * 200, reference=9).parts
    assert planned.part(2, 9) == planned.parts(9)[1]
    assert {part.payload[3] for part in planned.parts(200)} == {200}


@given(
    texts,
    st.sampled_from([(8, 255), (16, 65535)]),
    st.sampled_from(LongMode),
    st.sampled_from(Alphabet),
    st.integers(0),
)
def test_what_is_cut_can_be_joined_in_any_order(
    text: str, bits: tuple[ReferenceBits, int], mode: LongMode, alphabet: Alphabet, seed: int
) -> None:
    found = segment(text, reference=bits[1], reference_bits=bits[0], mode=mode, alphabet=alphabet)
    assert "".join(part.text for part in found.parts) == text
    coding = found.encoding.data_coding
    parts = [receive(p.payload, udhi=p.udhi, data_coding=coding, at=0, sar=p.sar) for p in found.parts]
    random.Random(seed).shuffle(parts)
    joined = join(parts, alphabet, now=0, timeout=1)
    assert joined is not None
    assert not joined.lossy
    if alphabet is Alphabet.GSM7_PACKED and found.encoding is Encoding.GSM7:
        # A final @ or CR in the place of padding is not told from it.
        assert joined.text.replace("@", "").replace("\r", "") == text.replace("@", "").replace("\r", "")
    else:
        assert joined.text == text


@given(texts, st.sampled_from([8, 16]))
def test_no_part_is_larger_than_a_user_part(text: str, bits: ReferenceBits) -> None:
    found = segment(text, reference_bits=bits)
    assert found.segments == len(found.parts)
    assert found.units == (
        sum(1 + (c in gsm7.EXTENSION.values()) for c in text)
        if found.encoding is Encoding.GSM7
        else len(text.encode("utf-16-be")) // 2
    )
    for part in found.parts:
        assert part.udhi == (found.segments > 1)
        assert air_octets(found.encoding, part) <= 140
        assert len(part.payload) <= 160
    if found.segments > 1:
        assert found.units > (160 if found.encoding is Encoding.GSM7 else 70)


@given(clusters, st.sampled_from([8, 16]))
def test_no_cluster_that_fits_is_cut(text: str, bits: ReferenceBits) -> None:
    found = segment(text, reference_bits=bits)
    boundaries = {match.end() for match in regex.finditer(r"\X", text)}
    at = 0
    for part in found.parts[:-1]:
        at += len(part.text)
        assert at in boundaries


@given(texts)
def test_the_encoding_is_gsm_whenever_it_can_be(text: str) -> None:
    found = segment(text)
    strange = [char for char in text if char not in gsm7.DEFAULT.characters]
    assert found.encoding is (Encoding.UCS2 if strange else Encoding.GSM7)
    assert found.forced_by == (strange[0] if strange else None)
