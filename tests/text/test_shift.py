"""The national tables of 3GPP TS 23.038 Annex A, and what using them costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text import gsm7, shift
from gateway.text.alphabet import Alphabet
from gateway.text.reassembly import join, receive
from gateway.text.segment import Encoding, LongMode, segment
from gateway.text.shift import Language

TABLES = [
    (0, Language.TURKISH),
    (Language.TURKISH, 0),
    (Language.TURKISH, Language.TURKISH),
    (0, Language.SPANISH),
    (0, Language.PORTUGUESE),
    (Language.PORTUGUESE, 0),
    (Language.PORTUGUESE, Language.PORTUGUESE),
]
WORDS = {
    Language.TURKISH: "Sayın müşterimiz, İstanbul şubesindeki ödemeniz gecikmiştir. Çok teşekkürler, ğ ı Ğ Ş. ",
    Language.SPANISH: "Información: su último pago venció el día 5. ¿Necesita ayuda? Él, Óscar, Íñigo, Ángel, Úrsula. ",
    Language.PORTUGUESE: "Informação: a prestação está em atraso. Não é possível, você, três, avó, LIGAÇÃO, À, Õ, õ. ",
}


@pytest.mark.parametrize(
    ("locking", "single", "text", "hex_septets"),
    [
        (0, 1, "ŞşçĞğİı€", "1b531b731b631b471b671b491b691b65"),
        (1, 0, "ŞşçĞğİı€[", "1c1d600b0c400704" + "1b3c"),
        (1, 1, "ŞşçĞğİı€[", "1c1d600b0c400704" + "1b3c"),
        (0, 2, "çÁÍÓÚáíóú€", "1b091b411b491b4f1b551b611b691b6f1b751b65"),
        (
            0,
            3,
            "êçÔôÁáÊÀÍÓÚÃÕÂíóúãõâ",
            "1b051b091b0b1b0c1b0e1b0f1b1f1b411b491b4f1b551b5b1b5c1b611b691b6f1b751b7b1b7c1b7f",
        ),
        (0, 3, "ΦΓΩΠΨΣΘ^€", "121315161718191b141b65"),
        (3, 0, "êúíóçÔôÁáªÇÀ∞^\\€Ó|ÂâÊÉºÍÃÕÚ~ãõ`", "04060708090b0c0e0f12131415161718191a1c1d1e1f24405b5c5d607b7c7d"),
        (3, 3, "ΦΓΩΠΨΣΘ{", "1b121b131b151b161b171b181b191b28"),
    ],
)
def test_the_printed_codes(locking: int, single: int, text: str, hex_septets: str) -> None:
    tables = shift.tables(locking, single)
    assert tables.encode(text) == bytes.fromhex(hex_septets)
    assert tables.decode(bytes.fromhex(hex_septets)) == text


@pytest.mark.parametrize(("locking", "single"), TABLES)
def test_every_character_survives_the_round_trip(locking: int, single: int) -> None:
    tables = shift.tables(locking, single)
    for char in tables.characters:
        septets = tables.encode(char)
        assert septets is not None
        assert tables.decode(septets) == char


def test_an_unknown_language_reads_as_the_default() -> None:
    assert shift.tables(9, 13).decode(b"a\x1b\x65") == "a€"
    assert not shift.is_known(9, 0)
    assert not shift.is_known(0, 13)
    assert not shift.is_known(Language.SPANISH, 0)  # §A.3.2 is void
    assert shift.is_known(0, Language.SPANISH)


@pytest.mark.parametrize("language", Language)
def test_a_language_saves_segments_and_says_so_in_each_header(language: Language) -> None:
    text = WORDS[language] * 3
    without = segment(text)
    found = segment(text, language=language, reference=9)
    assert without.encoding is Encoding.UCS2
    assert without.forced_by is not None
    assert found.encoding is Encoding.GSM7
    assert found.forced_by is None
    assert found.segments == len(found.parts) < without.segments
    for part in found.parts:
        assert part.udhi
        length = part.payload[0] + 1
        assert (length * 8 + 6) // 7 + len(part.payload) - length <= 160
    parts = [receive(part.payload, udhi=True, data_coding=0, at=0) for part in found.parts]
    joined = join(parts[::-1], now=0, timeout=1)
    assert joined is not None
    assert joined.text == text
    assert not joined.lossy


def test_sizes_behind_the_national_elements() -> None:
    single, both = Language.SPANISH, Language.PORTUGUESE
    assert [len(p.payload) for p in segment("ç" + "a" * 153, language=single).parts] == [4 + 155]
    assert len(segment("ç" + "a" * 154, language=single).parts) == 2
    assert len(segment("ç" + "a" * 154, language=single).parts[0].payload) == 9 + 149
    assert len(segment("ç" + "a" * 154, language=single, reference_bits=16).parts[0].payload) == 10 + 148
    needs_both = "ª" * 76 + "Ω" * 38  # ª is only in the locking table, Ω only in the single shift table
    assert [len(p.payload) for p in segment(needs_both, language=both).parts] == [7 + 152]
    assert [len(p.payload) for p in segment("ª" * 74 + needs_both, language=both).parts] == [12 + 146, 12 + 80]


def test_a_tie_goes_to_ucs2_and_to_the_fewest_tables() -> None:
    assert segment("İ", language=Language.TURKISH).encoding is Encoding.UCS2
    found = segment("ş" * 71, language=Language.TURKISH).parts
    assert [part.payload[:4].hex() for part in found] == ["03240101"]
    found = segment("ş" * 150, language=Language.TURKISH).parts
    assert [part.payload[:4].hex() for part in found] == ["03250101"]


def test_a_plain_text_has_no_use_for_a_language() -> None:
    assert segment("plain", language=Language.TURKISH) == segment("plain")


def test_what_no_table_has_goes_as_ucs2() -> None:
    assert segment("şЖ" * 40, language=Language.TURKISH).forced_by == "ş"


@pytest.mark.parametrize(
    ("mode", "alphabet"),
    [(LongMode.SAR, Alphabet.GSM7), (LongMode.PAYLOAD, Alphabet.GSM7), (LongMode.UDH, Alphabet.LATIN1)],
)
def test_a_language_without_a_header_to_announce_it_is_refused(mode: LongMode, alphabet: Alphabet) -> None:
    with pytest.raises(ValueError, match="national tables"):
        segment("plain", language=Language.TURKISH, mode=mode, alphabet=alphabet)


@given(st.text(st.sampled_from(sorted(shift.tables(3, 3).characters)), min_size=1, max_size=400), st.booleans())
def test_packed_portuguese_survives(text: str, packed: bool) -> None:
    alphabet = Alphabet.GSM7_PACKED if packed else Alphabet.GSM7
    found = segment(text, language=Language.PORTUGUESE, alphabet=alphabet)
    coding = found.encoding.data_coding
    parts = [receive(part.payload, udhi=part.udhi, data_coding=coding, at=0) for part in found.parts]
    joined = join(parts, alphabet, now=0, timeout=1)
    assert joined is not None
    padding = packed and found.encoding is Encoding.GSM7
    assert strip(joined.text, padding) == strip(text, padding)


def strip(text: str, padding: bool) -> str:
    """Without what a packed segment's end cannot be told from padding."""
    return text.replace("@", "").replace("\r", "") if padding else text


def test_the_default_tables_are_the_same_either_way() -> None:
    assert shift.tables(0, 0).characters == gsm7.DEFAULT.characters
