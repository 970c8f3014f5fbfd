"""Numbers: what is taken for one, where it belongs, and how little of it is shown."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.address import InvalidNumber, SenderKind, mask, parse_number, region_of, sender_kind

_KINDS = (
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.TOLL_FREE,
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
    phonenumbers.PhoneNumberType.VOIP,
    phonenumbers.PhoneNumberType.PAGER,
    phonenumbers.PhoneNumberType.UAN,
    phonenumbers.PhoneNumberType.VOICEMAIL,
)


def _examples() -> list[str]:
    """A valid number of every kind that every region has."""
    found = [
        example
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in _KINDS
        if (example := phonenumbers.example_number_for_type(region, kind)) is not None
    ]
    found += [
        example
        for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS
        if (example := phonenumbers.example_number_for_non_geo_entity(code)) is not None
    ]
    numbers = {phonenumbers.format_number(one, phonenumbers.PhoneNumberFormat.E164) for one in found}
    return sorted(number for number in numbers if len(number) > 7)  # one is a service number of six digits


EXAMPLES = _examples()


@pytest.mark.parametrize("text", ["+12025550123", "+442079460958", "+525512345678", "+18005550123", "+80012345678"])
def test_numbers_are_taken_as_they_are(text: str) -> None:
    assert parse_number(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "+", "12025550123", "2025550123", "+1 202 555 0123", "+1-202-555-0123", "tel:+12025550123", "+12025550123 ",
        " +12025550123", "+12025550123\n", "+1202555012a", "++12025550123", "+02025550123", "+1" * 8, "+123456",
        "+1234567890123456", "+１２０２５５５０１２３", "+12025550123\x00", "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_e164_number_is_told_so(text: str) -> None:
    with pytest.raises(InvalidNumber, match=r"not an E\.164 number: write a plus sign"):
        parse_number(text)


@pytest.mark.parametrize("text", ["+11234567890", "+1202555012", "+9991234567", "+210123456789", "+12025550123456"])
def test_what_no_country_s_plan_knows_is_told_so(text: str) -> None:
    with pytest.raises(InvalidNumber, match="numbering plan knows") as refusal:
        parse_number(text)
    assert text[1:] not in str(refusal.value)


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("+12025550123", "US"), ("+14165550123", "CA"), ("+17872345678", "PR"), ("+18765230123", "JM"),
        ("+442079460958", "GB"), ("+441481960194", "GG"), ("+79123456789", "RU"), ("+77710009998", "KZ"),
        ("+390236618300", "IT"), ("+80012345678", "001"),
    ],
)  # fmt: skip
def test_where_a_number_belongs(number: str, region: str) -> None:
    assert region_of(number) == region


def test_every_region_s_examples_are_valid_and_at_home() -> None:
    assert len(EXAMPLES) > 900
    for number in EXAMPLES:
        parsed = phonenumbers.parse(number)
        assert parse_number(number) == number
        assert region_of(number) == phonenumbers.region_code_for_number(parsed), number


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(EXAMPLES), st.integers(2, 15), st.integers(0, 9), st.integers(-2, 2))
def test_the_library_agrees_on_near_misses_too(example: str, place: int, digit: int, length: int) -> None:
    number = example[:place] + str(digit) + example[place + 1 :]
    number = number[:length] if length < 0 else number + "5" * length
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        expected = None
    else:
        # The library strips an international prefix that was doubled, and reads a national prefix; we take no such liberties.
        same = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
        valid = phonenumbers.is_valid_number(parsed)
        expected = phonenumbers.region_code_for_number(parsed) if same and valid else None
    assert region_of(number) == expected


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("+12025550100", SenderKind.E164), ("40404", SenderKind.SHORT_CODE), ("ACME", SenderKind.ALPHANUMERIC),
        ("4U", SenderKind.ALPHANUMERIC), ("٤٠٤", SenderKind.ALPHANUMERIC), ("", SenderKind.ALPHANUMERIC),
    ],
)  # fmt: skip
def test_kinds_of_senders(sender: str, kind: SenderKind) -> None:
    assert sender_kind(sender) is kind


@pytest.mark.parametrize(("number", "shown"), [("+12025550123", "+1********23"), ("40404", "40*04"), ("", "")])
def test_a_masked_number_shows_its_ends(number: str, shown: str) -> None:
    assert mask(number) == shown


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_masked_number_hides_the_subscriber(number: str) -> None:
    assert len(mask(number)) == len(number)
    assert mask(number).strip("+0123456789") == "*" * (len(number) - 4)
