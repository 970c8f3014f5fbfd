"""Typographic characters become plain ones, every one of them reported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text import gsm7
from gateway.text.segment import Encoding, segment
from gateway.text.transliterate import TABLE, Replacement, Transliterated, transliterate


def test_each_replacement_is_reported_with_its_place() -> None:
    found = transliterate("It’s “due” – now…")
    assert found.text == 'It\'s "due" - now...'
    assert found.replacements == (
        Replacement("’", 2, "'"),
        Replacement("“", 5, '"'),
        Replacement("”", 9, '"'),
        Replacement("–", 11, "-"),
        Replacement("…", 16, "..."),
    )
    assert segment(found.text).encoding is Encoding.GSM7


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("10\u00a0€", "10 €"),
        ("a\tb", "a b"),
        ("soft\u00adhy\u200bphen", "softhyphen"),
        ("`code´", "'code'"),
        ("cafe\u0301", "café"),
        ("1\u2009000 – 2\u202f000", "1 000 - 2 000"),
    ],
)
def test_what_is_replaced(text: str, plain: str) -> None:
    assert transliterate(text).text == plain


@pytest.mark.parametrize("text", ["", "plain text @ 5 €", "día’s", "50 zł – now", "“日本”", "2½", "\u0301a", "a\u0302"])
def test_what_stays_as_it_is(text: str) -> None:
    assert transliterate(text) == Transliterated(text)


def test_every_replacement_is_gsm_and_none_is_needless() -> None:
    for char, by in TABLE.items():
        assert gsm7.encode(char) is None, hex(ord(char))
        assert gsm7.encode(by) is not None
        assert not char.isalnum() or char in "ﬀﬁﬂʹʻʼˈ", char


@given(st.lists(st.sampled_from([*TABLE, "a", "é", "e\u0301", "€", "\n", " "]), max_size=40).map("".join))
def test_the_report_tells_the_whole_difference(text: str) -> None:
    found = transliterate(text)
    rebuilt, at = "", 0
    for replacement in found.replacements:
        rebuilt += text[at : replacement.position] + replacement.replaced_by
        at = replacement.position + len(replacement.char)
        assert text[replacement.position : at] == replacement.char
    assert rebuilt + text[at:] == found.text
    assert transliterate(found.text) == Transliterated(found.text)
