"""One-time codes: their form, and what is kept of them."""

import pytest

from gateway.rules.codes import digest_code, is_code, make_code


@pytest.mark.parametrize("digits", [4, 5, 6])
def test_a_code_has_its_digits_whatever_is_drawn(digits: int) -> None:
    asked: list[int] = []

    def least(below: int) -> int:
        asked.append(below)
        return 7

    assert make_code(digits, least) == "7".rjust(digits, "0")
    assert make_code(digits, lambda below: below - 1) == "9" * digits
    assert asked == [10**digits]


@pytest.mark.parametrize("text", ["1234", "12345", "000000"])
def test_what_is_a_code(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize("text", ["", "123", "1234567", "12 34", "12a4", "1234\n", "١٢٣٤", "-1234", "1234.0"])
def test_what_is_none(text: str) -> None:
    assert not is_code(text)


def test_what_is_kept_fits_one_number_one_program_and_one_salt() -> None:
    kept = digest_code(b"salt", "+12025550123", "loans", "1234")
    assert kept == digest_code(b"salt", "+12025550123", "loans", "1234")
    others = {
        digest_code(b"tlas", "+12025550123", "loans", "1234"),
        digest_code(b"salt", "+12025550124", "loans", "1234"),
        digest_code(b"salt", "+12025550123", "cards", "1234"),
        digest_code(b"salt", "+12025550123", "loans", "1235"),
    }
    assert len(others) == 4
    assert kept not in others
    assert b"1234" not in kept
