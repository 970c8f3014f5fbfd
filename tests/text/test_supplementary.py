"""Characters beyond the Basic Multilingual Plane: pictograms go and are reported, letters stay what they are or stop the
text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text.segment import Unencodable, plan
from gateway.text.supplementary import is_basic, without_supplementary
from gateway.text.transliterate import Replacement, Transliterated


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Thank you 👍", "Thank you"),
        ("👍 Thank you", "Thank you"),
        ("Paid 🎉 in full", "Paid in full"),
        ("Paid🎉in full", "Paidin full"),
        ("Paid 🎉🎉 🎉 in full", "Paid in full"),
        ("Paid. 🎉\nBye", "Paid. \nBye"),
        ("One\n🎉 two", "One\ntwo"),
        ("Two  blanks 🎉stay", "Two  blanks stay"),
        ("Skin 👍🏽 tones", "Skin tones"),
        ("Family 👨‍👩‍👧 of three", "Family of three"),
        ("Flag 🇺🇸 and 🏴󠁧󠁢󠁳󠁣󠁴󠁿 too", "Flag and too"),
        ("Burning ❤️‍🔥 heart", "Burning heart"),
        ("Basic ☎ ❤️ ✓ stay 🎉", "Basic ☎ ❤️ ✓ stay"),
        ("𝐃𝐮𝐞 𝟐𝟎 €", "Due 20 €"),
        ("Option 🄰", "Option A"),
    ],
)
def test_what_is_left(text: str, left: str) -> None:
    assert without_supplementary(text).text == left


@pytest.mark.parametrize("text", ["", "plain", "It’s due – 20 €", "日本 ❤️", "\uffff"])
def test_what_stays_as_it_is(text: str) -> None:
    assert without_supplementary(text) == Transliterated(text)


def test_each_is_reported_with_its_place() -> None:
    assert without_supplementary("ok 👍🏽, 𝟐 left 🎉").replacements == (
        Replacement("👍", 3, ""),
        Replacement("𝟐", 7, "2"),
        Replacement("🎉", 14, ""),
    )


@pytest.mark.parametrize(
    ("text", "char", "position"),
    [
        ("Dear 𠮷野", "𠮷", 5),  # a family name
        ("𞤀𞤁", "𞤀", 0),  # Adlam
        ("👍 👍", "👍", 0),  # nothing would be left
        (" 🎉", "🎉", 1),
    ],
)
def test_what_cannot_be_left_out_is_not_sent(text: str, char: str, position: int) -> None:
    with pytest.raises(Unencodable) as raised:
        without_supplementary(text)
    assert (raised.value.char, raised.value.position) == (char, position)


PIECES = ["a", " ", "\n", "é", "❤️", "👍", "👍🏽", "👨‍👩‍👧", "🇺🇸", "𝟐", "\u200d", "\ufe0f"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_what_comes_out_is_basic_and_comes_out_again(text: str) -> None:
    try:
        found = without_supplementary(text)
    except Unencodable:
        return
    assert is_basic(found.text)
    assert without_supplementary(found.text) == Transliterated(found.text)
    for one in found.replacements:
        assert text[one.position] == one.char


@pytest.mark.parametrize("text", ["due 🎉", "due 🎉 " * 40])
def test_a_plan_that_is_held_to_the_basic_plane_refuses_a_pair(text: str) -> None:
    assert plan(text).encoding == "ucs2"
    with pytest.raises(Unencodable) as raised:
        plan(text, supplementary=False)
    assert (raised.value.char, raised.value.position) == ("🎉", 4)
    assert plan("día’s 日本", supplementary=False) == plan("día’s 日本")
