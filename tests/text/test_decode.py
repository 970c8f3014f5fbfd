"""What each data_coding means, and that no octets make decoding fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text import gsm7
from gateway.text.alphabet import Alphabet
from gateway.text.decode import Charset, Decoded, charset, decode
from tests.rules.replies import cases


@pytest.mark.parametrize(
    ("octets", "coding", "alphabet", "text"),
    [
        (b"\x00\x1b\x65\x11", 0, Alphabet.GSM7, "@€_"),
        (b"@\xe9_", 0, Alphabet.LATIN1, "@é_"),
        (b"@_`", 0, Alphabet.ASCII, "@_`"),
        (bytes.fromhex("e8329bfd4697d9ec37"), 0, Alphabet.GSM7_PACKED, "hellohello"),
        (b"@_`", 1, Alphabet.GSM7, "@_`"),
        (b"caf\xe9 @", 3, Alphabet.GSM7, "café @"),
        (b"don\x92t \xe9", 3, Alphabet.GSM7, "don\u2019t é"),
        (b"\x93STOP\x94", 0, Alphabet.LATIN1, "\u201cSTOP\u201d"),
        ("協議".encode("utf-16-be"), 8, Alphabet.GSM7, "協議"),
        ("Дом".encode("iso8859-5"), 6, Alphabet.GSM7, "Дом"),
        ("שלום".encode("iso8859-8"), 7, Alphabet.GSM7, "שלום"),
        ("Да 😀".encode("utf-16-be"), 8, Alphabet.LATIN1, "Да 😀"),
        ("\ufeffДа".encode("utf-16-be"), 8, Alphabet.GSM7, "Да"),
        ("\ufeffДа".encode("utf-16-le"), 8, Alphabet.GSM7, "Да"),
        ("日本".encode("iso2022_jp"), 10, Alphabet.GSM7, "日本"),
        ("한국".encode("euc_kr"), 14, Alphabet.GSM7, "한국"),
        (b"\x00", 0x10, Alphabet.GSM7, "@"),
        ("Да".encode("utf-16-be"), 0x18, Alphabet.GSM7, "Да"),
        (b"\x00", 0xF0, Alphabet.GSM7, "@"),
        (b"\xe9", 0xF1, Alphabet.LATIN1, "é"),
        (b"\x00", 0xC8, Alphabet.GSM7, "@"),
        ("Да".encode("utf-16-be"), 0xE0, Alphabet.GSM7, "Да"),
        (b"", 0, Alphabet.GSM7, ""),
        (b"", 8, Alphabet.GSM7, ""),
    ],
)
def test_what_can_be_read(octets: bytes, coding: int, alphabet: Alphabet, text: str) -> None:
    assert decode(octets, coding, alphabet) == Decoded(text)


@pytest.mark.parametrize(
    "words",
    [
        "STOP",
        "stop.\r\n",
        "no more texts",
        "Please do not text me again",
        "STOP 1",
        "(stop)",
        "2STOP",
        "Stop: 24/7 is\ntoo much",
    ],
)
def test_plain_words_are_read_where_the_profile_says_packed(words: str) -> None:
    assert decode(words.encode("ascii"), 0, Alphabet.GSM7_PACKED) == Decoded(words, lossy=True)


@pytest.mark.parametrize("letter", "aAzZ pP")
def test_packed_words_are_no_plain_ones(letter: str) -> None:
    for length in range(1, 40):
        words = "Stop" * (length // 4) + letter * (length % 4)
        septets = gsm7.encode(words)
        assert septets is not None
        assert decode(gsm7.pack(septets), 0, Alphabet.GSM7_PACKED) == Decoded(words)


def test_packed_replies_are_no_plain_ones() -> None:
    replies = {case.text for name in ("keyword_cases.tsv", "replies_hard.tsv") for case in cases(name)}
    for words in replies | {word for reply in replies for word in reply.split()}:
        septets = gsm7.encode(words)
        if septets is not None:
            found = decode(gsm7.pack(septets), 0, Alphabet.GSM7_PACKED)
            # What is padding cannot be told from a character at the very end.
            assert found.text.rstrip("@\r") == words.rstrip("@\r")
            assert not found.lossy or len(words) <= 4


@pytest.mark.parametrize("words", ["STOP", "stop", "no more texts", "Please do not text me again"])
@pytest.mark.parametrize("said", [Alphabet.GSM7, Alphabet.LATIN1, Alphabet.ASCII])
def test_packed_septets_are_read_whatever_the_profile_says(words: str, said: Alphabet) -> None:
    septets = gsm7.encode(words)
    assert septets is not None
    assert decode(gsm7.pack(septets), 0, said) == Decoded(words, lossy=True)


@pytest.mark.parametrize(
    ("octets", "coding", "text"),
    [
        (b"a\x80b", 0, "a€b"),  # no septet, so no GSM 03.38: Windows-1252, or UTF-8
        (b"Arr\xeat", 0, "Arrêt"),
        (b"Arr\xc3\xaat", 0, "Arrêt"),
        (b"\x81", 0, "\ufffd"),
        (b"\x53\xea\x13\x0a", 0, "STOP"),  # packed, by a profile that says it is not
        (b"caf\xe9", 1, "café"),
        (b"Gr\x7e\x1ee, \x1be5", 1, "Grüße, €5"),  # septets that are said to be ASCII
        (b"\x0210 \x11x", 1, "$10 _x"),
        (b"\x06 10", 3, "ù 10"),
        (b"ARR\xc3\x8aT", 3, "ARRÊT"),  # UTF-8 that says it is Latin-1
        (b"ya no m\xc3\xa1s \xf0\x9f\x99\x8f", 3, "ya no más 🙏"),
        (b"\x04\x14\x04", 8, "Д\ufffd"),  # an octet short
        (b"\xd8\x3d\x00A", 8, "\ufffdA"),  # half a pair
        (b"\xde\x00", 8, "\ufffd"),
        (b"STOP", 8, "STOP"),  # octets that say they are UCS-2
        (b"Please stop.", 8, "Please stop."),
        (b"Stop", 0x18, "Stop"),
        (b"STOP\r\n", 8, "STOP\r\n"),
        (b"STOP\0", 8, "STOP"),
        (b"S\0T\0O\0P\0", 8, "STOP"),  # the other way round, and nothing says so
        ("STOP\r\n".encode("utf-16-le"), 8, "STOP\r\n"),
        ("¡Alto! No más (24 h): 5551".encode("utf-16-le"), 8, "¡Alto! No más (24 h): 5551"),
        (b"\0S\0T\0O\0P", 0, "STOP"),  # UCS-2 that says it is something else
        (b"\0O\0K", 1, "OK"),
        (b"\0S\0t\0o\0p\0 \0i\0t", 3, "Stop it"),
        (b"\0S\0T\0O\0P", 0xF0, "STOP"),
        ("Stop: no. 1\n".encode("utf-16-be"), 0, "Stop: no. 1\n"),
        ("No más".encode("utf-16-be"), 3, "No más"),
        (b"STOP", 9, "STOP"),  # a pictogram encoding
        (b"ST\xffOP", 15, "STÿOP"),
        (b"STOP", 0x1C, "STOP"),
    ],
)
def test_what_can_be_read_in_part(octets: bytes, coding: int, text: str) -> None:
    assert decode(octets, coding) == Decoded(text, lossy=True)


@pytest.mark.parametrize(
    "octets", [b"caf\xe9", b"\xabCAF\xc9\xbb", b"\xc3", b"S\xc3O \xc2", b"\xbfqu\xe9?", b"A\xd1\xa1"]
)
def test_latin1_is_not_taken_for_utf8(octets: bytes) -> None:
    assert decode(octets, 3) == Decoded(octets.decode("latin-1"))


@pytest.mark.parametrize("text", ["協佐\n", "一　", "　　", "ഀ一", "刀1"])
def test_ideographs_are_no_words_in_octets_or_the_other_way_round(text: str) -> None:
    assert decode(text.encode("utf-16-be"), 8) == Decoded(text)


@pytest.mark.parametrize("coding", [2, 4, 0x14, 0xF4, 0xF7, 0x20, 0x30])
def test_binary_is_told_and_its_plain_words_are_read(coding: int) -> None:
    assert decode(b"STOP", coding) == Decoded("STOP", lossy=False, binary=True)
    assert decode(b"\0S\0T\0O\0P", coding) == Decoded("STOP", lossy=False, binary=True)
    assert decode(b"\x01\x02\xff", coding) == Decoded("", lossy=True, binary=True)


@pytest.mark.parametrize("coding", [2, 4, 0x14, 0xF5])
@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"STOP\r\n", "STOP\r\n"),
        (b"STOP\0", "STOP"),
        (b"STOP\n\tplease", "STOP\n\tplease"),
        (b"\0S\0T\0O\0P\0\r\0\n", "STOP\r\n"),
    ],
)
def test_words_under_a_binary_coding_may_end_a_line(octets: bytes, text: str, coding: int) -> None:
    assert decode(octets, coding) == Decoded(text, lossy=False, binary=True)


@pytest.mark.parametrize("coding", [2, 4, 0x14, 0xF5])
@pytest.mark.parametrize("octets", [b"ALTO, no m\xe1s", b"ALTO, no m\xc3\xa1s", "ALTO, no más".encode("utf-16-be")])
def test_words_under_a_binary_coding_may_have_accents(octets: bytes, coding: int) -> None:
    assert decode(octets, coding) == Decoded("ALTO, no más", lossy=True, binary=True)


@pytest.mark.parametrize(
    "octets", [b"", b"\0", b"\x1cSTOP", b"\x06\x05\x04STOP", b"\xb3\xe1\xf8", b"S\xb3\xe1\xf8", b"STOP\x81", b"ST\0OP"]
)
def test_octets_that_nobody_types_are_no_words(octets: bytes) -> None:
    assert decode(octets, 4) == Decoded("", lossy=True, binary=True)


def test_an_unknown_national_table_is_lossy() -> None:
    assert decode(b"abc", 0, locking=9) == Decoded("abc", lossy=True)
    assert decode(b"\x1c", 0, locking=1) == Decoded("Ş")


@pytest.mark.parametrize(
    ("codings", "expected"),
    [
        (range(0x10, 0x14), Charset.DEFAULT),
        (range(0x14, 0x18), Charset.BINARY),
        (range(0x18, 0x1C), Charset.UCS2),
        (range(0x20, 0x40), Charset.BINARY),  # compressed
        (range(0x40, 0x44), Charset.DEFAULT),
        (range(0x48, 0x4C), Charset.UCS2),
        (range(0x60, 0x80), Charset.BINARY),
        (range(0x80, 0xE0), Charset.DEFAULT),
        (range(0xE0, 0xF0), Charset.UCS2),
        (range(0xF0, 0xF4), Charset.DEFAULT),
        (range(0xF4, 0xF8), Charset.BINARY),
    ],
)
def test_the_groups_of_data_coding(codings: range, expected: Charset) -> None:
    assert {charset(coding) for coding in codings} == {expected}


@given(st.binary(), st.integers(0, 255), st.sampled_from(Alphabet), st.integers(0, 255), st.integers(0, 255))
def test_decoding_never_fails_and_never_hides_a_loss(
    octets: bytes, coding: int, alphabet: Alphabet, locking: int, single: int
) -> None:
    found = decode(octets, coding, alphabet, locking=locking, single=single)
    found.text.encode()  # no half pair gets out
    if "\ufffd" in found.text and charset(coding) is not Charset.UCS2:
        assert found.lossy
