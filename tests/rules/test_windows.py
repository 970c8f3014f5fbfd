"""Weeks of windows, and the spans they open on days when the clocks change."""

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.clock import DAY, HOUR, MINUTE, read_instant
from gateway.rules.windows import (
    ALWAYS,
    BadWeek,
    Span,
    Week,
    intersect,
    intersect_weeks,
    open_spans,
    read_week,
    spell_week,
)
from gateway.rules.zones import clock_of

STRICT = read_week({"mon-sat": "09:00-20:00", "sun": "12:00-20:00"})


def no_holiday(_: date) -> bool:
    return False


def day_of(text: str) -> int:
    return read_instant(f"{text}T00:00:00Z") // DAY


def is_open(clock: ZoneInfo, week: Week, at: int) -> bool:
    """The definition, by the wall clock."""
    wall = datetime.fromtimestamp(at / 1000, clock)
    minutes = wall.hour * 60 + wall.minute
    return any(opens <= minutes < closes for opens, closes in week[wall.weekday()])


def covers(spans: tuple[Span, ...], at: int) -> bool:
    return any(start <= at < end for start, end in spans)


def test_a_week_is_read_and_spelt() -> None:
    week = read_week({"mon-thu": "09:00-20:00", "sat": "10:00-12:00, 14:00-24:00"})
    assert week[0] == week[3] == ((540, 1200),)
    assert week[4] == week[6] == ()
    assert week[5] == ((600, 720), (840, 1440))
    assert spell_week(week) == "mon-thu 09:00-20:00, fri closed, sat 10:00-12:00 and 14:00-24:00, sun closed"
    assert spell_week(STRICT) == "mon-sat 09:00-20:00, sun 12:00-20:00"


@pytest.mark.parametrize(
    ("spelt", "complaint"),
    [
        ({"mon-fri": "09:00-20:00", "fri": "09:00-12:00"}, "fri is named twice"),
        ({"monday": "09:00-20:00"}, "is no day"),
        ({"sat-mon": "09:00-20:00"}, "runs backwards"),
        ({"mon-": "09:00-20:00", "mon": "1"}, "is no window"),
        ({"-mon": "09:00-20:00"}, "is no day"),
        ({"": "09:00-20:00"}, "is no day"),
        ({"mon": ""}, "is no window"),
        ({"mon": "9:00-20:00"}, "is no window"),
        ({"mon": "09:00-25:00"}, "is no window"),
        ({"mon": "09:00-24:01"}, "does not end"),
        ({"mon": "20:00-09:00"}, "does not end"),
        ({"mon": "09:00-09:00"}, "does not end"),
        ({"mon": "24:00-24:00"}, "does not end"),
        ({"mon": "09:00-12:00, 11:00-13:00"}, "overlaps itself"),
        ({"mon": "14:00-16:00, 09:00-10:00"}, "overlaps itself"),
        ({"mon": "09:00-12:00, 12:00-13:00"}, "overlaps itself"),
        ({"mon": "０９:00-20:00"}, "is no window"),
    ],
)
def test_a_bad_week_is_told(spelt: dict[str, str], complaint: str) -> None:
    with pytest.raises(BadWeek, match=complaint):
        read_week(spelt)


def test_weeks_intersect_day_by_day() -> None:
    sundays_off = read_week({"mon-sat": "08:00-19:30"})
    assert spell_week(intersect_weeks(STRICT, sundays_off)) == "mon-sat 09:00-19:30, sun closed"
    assert intersect_weeks(STRICT, ALWAYS) == STRICT


_spans = st.lists(st.integers(0, 60), unique=True, max_size=10).map(
    lambda edges: tuple(zip(*[iter(sorted(edges))] * 2, strict=False))
)


@given(_spans, _spans)
def test_an_intersection_holds_what_both_hold(one: tuple[Span, ...], other: tuple[Span, ...]) -> None:
    shared = intersect(one, other)
    assert [at for at in range(61) if covers(shared, at)] == [
        at for at in range(61) if covers(one, at) and covers(other, at)
    ]
    assert all(start < end for start, end in shared)
    assert list(shared) == sorted(shared)


@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes"),
    [
        ("America/New_York", "2026-03-07", "14:00", "24:00"),  # Saturday, UTC-5; goes on into the next day
        ("America/New_York", "2026-03-08", "16:00", "24:00"),  # Sunday from noon, the clocks went forward
        ("America/New_York", "2026-11-01", "17:00", "24:00"),  # Sunday from noon, the clocks went back
        ("Europe/London", "2026-03-29", "11:00", "19:00"),
        ("Asia/Kolkata", "2026-03-09", "03:30", "14:30"),
    ],
)
def test_a_window_follows_the_clock_of_its_zone(zone: str, day: str, opens: str, closes: str) -> None:
    spans = open_spans(clock_of(zone), STRICT, no_holiday, day_of(day))
    start = day_of(day) * DAY
    hours = [int(text[:2]) * HOUR + int(text[3:]) * MINUTE for text in (opens, closes)]
    assert (start + hours[0], start + hours[1]) in spans


def test_arizona_and_the_navajo_nation_part_in_summer() -> None:
    phoenix, denver = (
        open_spans(clock_of(zone), STRICT, no_holiday, day_of("2026-07-08"))
        for zone in ("America/Phoenix", "America/Denver")
    )
    assert phoenix[-1][0] - denver[-1][0] == HOUR


def test_an_hour_that_spring_skips_opens_nothing() -> None:
    week = read_week({"sun": "02:00-03:00"})
    clock = clock_of("America/Chicago")
    assert open_spans(clock, week, no_holiday, day_of("2026-03-08")) == ()
    assert sum(end - start for start, end in open_spans(clock, week, no_holiday, day_of("2026-03-15"))) == HOUR


def test_an_hour_that_autumn_repeats_is_open_twice() -> None:
    week = read_week({"sun": "01:15-01:45"})
    spans = open_spans(clock_of("America/Chicago"), week, no_holiday, day_of("2026-11-01"))
    six = read_instant("2026-11-01T06:00:00Z")
    assert spans == ((six + 15 * MINUTE, six + 45 * MINUTE), (six + 75 * MINUTE, six + 105 * MINUTE))


def test_a_closed_date_is_a_local_date() -> None:
    christmas = date(2026, 12, 25)
    spans = open_spans(clock_of("Pacific/Honolulu"), ALWAYS, christmas.__eq__, day_of("2026-12-25"))
    start = day_of("2026-12-25") * DAY
    assert spans == ((start, start + 10 * HOUR),), "until ten o'clock UTC it is still the 24th"


def test_a_day_that_a_place_skipped_is_nobodys() -> None:
    # Samoa went from the 29th to the 31st of December 2011.
    only_friday = read_week({"fri": "00:00-24:00"})
    days = range(day_of("2011-12-29"), day_of("2011-12-31") + 1)
    assert [open_spans(clock_of("Pacific/Apia"), only_friday, no_holiday, day) for day in days] == [(), (), ()]


_EDGES = st.lists(st.integers(0, 96), unique=True, max_size=6).map(
    lambda edges: tuple((a * 15, b * 15) for a, b in zip(*[iter(sorted(edges))] * 2, strict=False))
)
ZONES = st.sampled_from(
    ("America/New_York", "America/Chicago", "America/Phoenix", "America/Denver", "America/St_Johns", "America/Adak",
     "Pacific/Honolulu", "America/Puerto_Rico", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/London", "Pacific/Apia")
)  # fmt: skip
WEEKS: st.SearchStrategy[Week] = st.tuples(*[_EDGES] * 7)
DAYS_OF_CHANGE = (
    "2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2026-04-04", "2026-04-05", "2026-10-03", "2026-10-04",
)  # fmt: skip
DAYS = st.one_of(st.sampled_from(DAYS_OF_CHANGE).map(day_of), st.integers(day_of("2020-01-01"), day_of("2036-12-31")))


@given(ZONES, WEEKS, DAYS)
def test_spans_are_what_the_wall_clock_says(zone: str, week: Week, day: int) -> None:
    clock = clock_of(zone)
    spans = open_spans(clock, week, no_holiday, day)
    for at in range(day * DAY, (day + 1) * DAY, 5 * MINUTE):
        assert covers(spans, at) == is_open(clock, week, at)
    assert list(spans) == sorted(spans)
    assert all(one[1] < other[0] for one, other in pairwise(spans)), "spans that touch are one"
