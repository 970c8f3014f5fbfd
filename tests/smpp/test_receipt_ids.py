"""One text, many spellings of its id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp.receipt_ids import IdForm, form_of, index_key, match_keys

SPELLINGS = [
    ("abc-DEF", "abc-DEF", IdForm.RAW),
    ("00E99ABC", "e99abc", IdForm.RAW),
    ("e99abc", "0E99ABC", IdForm.RAW),
    ("38601fa", "0059113978", IdForm.DECIMAL),
    ("038601FA", "59113978", IdForm.DECIMAL),
    ("0059113978", "38601FA", IdForm.HEX),
    ("59113978", "038601fa", IdForm.HEX),
    ("0", "0000", IdForm.BOTH),
    ("1F", "31", IdForm.BOTH),
    ("31", "1F", IdForm.BOTH),
    ("123456  ", "0123456", IdForm.RAW),
    ("0123 4567", "01234567", IdForm.RAW),
    ("74E02EE1-4E2F-4A6E-A78B-4B247D756A22", "74e02ee1-4e2f-4a6e-a78b-4b247d756a22", IdForm.BOTH),
]


@pytest.mark.parametrize(("response", "receipt", "form"), SPELLINGS)
def test_an_id_is_known_again(response: str, receipt: str, form: IdForm) -> None:
    keys = match_keys(receipt, form)
    assert index_key(receipt) in keys
    # Where the form is known, the response's spelling is the first.
    assert index_key(response) == keys[0] or form is IdForm.BOTH
    assert index_key(response) in keys
    assert form is IdForm.BOTH or form_of(receipt, index_key(response)) in (form, None)
    assert set(keys) <= set(match_keys(receipt, IdForm.BOTH))


def test_a_form_does_not_allow_more_than_it_says() -> None:
    assert match_keys("031", IdForm.RAW) == ("31",)
    assert match_keys("31", IdForm.HEX) == ("49", "31")
    assert match_keys("31", IdForm.DECIMAL) == ("1f", "31")
    assert match_keys("31") == ("31", "1f", "49")


@given(st.integers(0, 1 << 128), st.booleans(), st.integers(0, 12), st.integers(0, 12))
def test_any_number_is_known_again_in_either_base(number: int, upper: bool, zeros: int, more: int) -> None:
    hexadecimal = "0" * zeros + (f"{number:X}" if upper else f"{number:x}")
    decimal = "0" * more + str(number)
    assert index_key(hexadecimal) in match_keys(decimal)
    assert index_key(decimal) in match_keys(hexadecimal)


@given(st.text(min_size=1).filter(lambda raw: bool(raw.strip())))
def test_any_id_has_its_keys(raw: str) -> None:
    for form in IdForm:
        keys = match_keys(raw, form)
        assert index_key(raw) in keys
        assert len(set(keys)) == len(keys)


def test_an_endless_id_is_no_number() -> None:
    assert match_keys("9" * 60_000) == ("9" * 60_000,)


@pytest.mark.parametrize(
    ("receipt", "key", "form"),
    [
        ("0059113978", "38601fa", IdForm.DECIMAL),
        ("38601FA", "59113978", IdForm.HEX),
        ("0E99ABC", "e99abc", IdForm.RAW),
        ("31", "31", IdForm.RAW),
        ("7", "7", None),
        ("abc-def", "abc-def", None),
        ("31", "77", None),
        ("", "0", None),
    ],
)
def test_a_pair_tells_its_form(receipt: str, key: str, form: IdForm | None) -> None:
    assert form_of(receipt, key) is form


@pytest.mark.parametrize("raw", ["", " ", "\t  "])
def test_no_id_has_no_key(raw: str) -> None:
    assert match_keys(raw) == ()
