"""Holidays on the dates that calendars of the years show."""

from datetime import date, timedelta

import pytest

from gateway.rules.holidays import US_FEDERAL, Holiday, easter, holidays_in


def dates(*holidays: Holiday, year: int) -> set[str]:
    return {str(day) for day in holidays_in(holidays, year)}


def one(on: str, observed: str = "same", since: int = 1) -> Holiday:
    assert observed in ("same", "nearest", "following")
    return Holiday(name="A day", on=on, observed=observed, since=since)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("year", "kept"),
    [
        # Office of Personnel Management, federal holidays of the year (the days that are kept on weekdays).
        (2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
        (2024, "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25"),
        (2025, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"),
        (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
        (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
    ],
)
def test_federal_holidays_are_kept_on_their_weekdays(year: int, kept: str) -> None:
    weekdays = {day for day in holidays_in(US_FEDERAL, year) if day.weekday() < 5}
    assert weekdays == {date.fromisoformat(f"{year}-{day}") for day in kept.split()}


def test_the_day_itself_is_closed_beside_the_day_it_is_kept_on() -> None:
    days = holidays_in(US_FEDERAL, 2026)
    assert days[date(2026, 7, 4)] == "Independence Day"
    assert days[date(2026, 7, 3)] == "Independence Day (observed)"


def test_juneteenth_begins_in_2021() -> None:
    assert date(2020, 6, 19) not in holidays_in(US_FEDERAL, 2020)
    assert date(2021, 6, 19) in holidays_in(US_FEDERAL, 2021)


@pytest.mark.parametrize(
    ("on", "year", "day"),
    [
        ("jul 4", 2026, "2026-07-04"),
        ("3rd mon jan", 2026, "2026-01-19"),
        ("1st fri may", 2026, "2026-05-01"),
        ("last mon may", 2027, "2027-05-31"),
        ("last thu dec", 2026, "2026-12-31"),
        ("mon before may 25", 2026, "2026-05-18"),
        ("mon before may 25", 2027, "2027-05-24"),
        ("Easter -2", 2026, "2026-04-03"),
        ("easter", 2026, "2026-04-05"),
        ("easter +1", 2027, "2027-03-29"),
        ("2026-05-08", 2026, "2026-05-08"),
        ("feb 29", 2028, "2028-02-29"),
    ],
)
def test_a_day_is_found(on: str, year: int, day: str) -> None:
    assert list(one(on).check()) == []
    assert dates(one(on), year=year) == {day}


@pytest.mark.parametrize(("on", "year"), [("feb 29", 2027), ("2026-05-08", 2027)])
def test_a_day_that_the_year_does_not_have(on: str, year: int) -> None:
    assert dates(one(on), year=year) == set()


@pytest.mark.parametrize(
    "on",
    ["", "july 4", "jul 0", "jul 32", "feb 30", "5th mon jan", "mon", "easter 2", "2026-02-30", "2026-13-01", "x" * 41],
)
def test_a_day_that_does_not_exist_is_told(on: str) -> None:
    (fault,) = one(on).check()
    assert fault[0] == "on"
    assert "3rd mon jan" in fault[2]


def test_substitute_days_go_to_the_next_free_weekday() -> None:
    # 2021: Christmas Day on a Saturday, Boxing Day on a Sunday (gov.uk: substitute days on the 27th and the 28th).
    christmas = Holiday(name="Christmas Day", on="dec 25", observed="following")
    boxing = Holiday(name="Boxing Day", on="dec 26", observed="following")
    assert dates(christmas, boxing, year=2021) == {"2021-12-25", "2021-12-26", "2021-12-27", "2021-12-28"}
    # 2022: Christmas Day on a Sunday; Monday is Boxing Day itself.
    assert dates(christmas, boxing, year=2022) == {"2022-12-25", "2022-12-26", "2022-12-27"}
    # 2023 began on a Sunday.
    assert dates(one("jan 1", "following"), year=2023) == {"2023-01-01", "2023-01-02"}


def test_a_day_kept_in_another_year_belongs_to_that_year() -> None:
    assert dates(one("jan 1", "nearest"), year=2027) == {"2027-01-01", "2027-12-31"}
    assert dates(one("dec 31", "following"), year=2023) == {"2023-01-02", "2023-12-31"}
    assert dates(one("dec 31", "following"), year=2025) == {"2025-12-31"}


def test_easter_is_a_sunday_between_its_bounds() -> None:
    known = {
        1818: "1818-03-22",
        1943: "1943-04-25",
        2000: "2000-04-23",
        2008: "2008-03-23",
        2024: "2024-03-31",
        2038: "2038-04-25",
    }
    assert {year: str(easter(year)) for year in known} == known
    for year in range(1900, 2200):
        assert easter(year).weekday() == 6
        assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)
        assert easter(year) + timedelta(days=-2) in holidays_in((one("easter -2"),), year)
