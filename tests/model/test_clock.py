"""Instants: whole milliseconds in, RFC 3339 out."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.clock import DAY, HOUR, MINUTE, SECOND, day_at, instant_at, read_instant, spell_instant

_LATEST = read_instant("2199-12-31T23:59:59.999Z")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.001Z", 1),
        ("2026-03-08T10:00:00.000Z", 1772964000000),
        ("2026-03-08T10:00:00+00:00", 1772964000000),
        ("2026-03-08T05:00:00-05:00", 1772964000000),
        ("2026-03-08T15:30:00.5+05:30", 1772964000500),
        ("2026-03-08T10:00:00.0009Z", 1772964000000),  # towards the past, never early for a "not before"
        ("2026-03-08T10:00:00.123456789Z", 1772964000123),
        ("2026-03-08t10:00:00z", 1772964000000),
        ("2024-02-29T23:59:59Z", 1709251199000),
    ],
)
def test_texts_are_read(text: str, instant: int) -> None:
    assert read_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "1772964000", "2026-03-08", "2026-03-08T10:00:00", "2026-02-30T10:00:00Z", "2026-03-08T25:00:00Z",
        "2026-03-08T10:00:00 Z", "20260308T100000Z", "2026-W10-7T10:00:00Z", "2026-03-08T10:00Z",
        "2026-03-08T10:00:00,5Z", "2026-03-08T10:00:00+0530", "2026-03-08T10:00:00Z ", "1969-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1970-01-01T00:00:00+00:01",
        "2026-03-08T10:00:00Z\x00", "２０２６-03-08T10:00:00Z",
    ],
)  # fmt: skip
def test_other_texts_are_refused_with_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 3339|no zone|between 1970|must be in|out of range"):
        read_instant(text)


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(ValueError, match="no zone: end it with Z"):
        read_instant("2026-03-08T10:00:00")
    with pytest.raises(ValueError, match="between 1970 and 2200"):
        read_instant("1066-10-14T09:00:00Z")


@given(st.integers(0, _LATEST))
def test_what_is_spelt_is_read_again(instant: int) -> None:
    assert read_instant(spell_instant(instant)) == instant


@given(st.integers(0, _LATEST), st.integers(0, _LATEST))
def test_spellings_sort_as_instants_do(one: int, other: int) -> None:
    assert (spell_instant(one) < spell_instant(other)) == (one < other)


def test_units() -> None:
    assert (SECOND, MINUTE, HOUR, DAY) == (1000, 60_000, 3_600_000, 86_400_000)


def test_a_time_of_day_on_a_day_in_a_zone() -> None:
    chicago = "America/Chicago"
    assert spell_instant(instant_at(date(2026, 7, 1), time(10), chicago)) == "2026-07-01T15:00:00.000Z"
    # 02:30 does not come on 8 March 2026, and 01:30 comes twice on 1 November.
    assert spell_instant(instant_at(date(2026, 3, 8), time(2, 30), chicago)) == "2026-03-08T08:30:00.000Z"
    assert spell_instant(instant_at(date(2026, 11, 1), time(1, 30), chicago)) == "2026-11-01T06:30:00.000Z"


def test_the_day_in_a_zone() -> None:
    assert day_at(read_instant("2026-03-01T03:00:00Z"), "America/Chicago") == date(2026, 2, 28)
    assert day_at(read_instant("2026-03-01T03:00:00Z"), "Asia/Tokyo") == date(2026, 3, 1)
