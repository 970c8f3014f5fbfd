"""When a text may go, judged against the wall clocks of all its zones."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import Code
from gateway.model.clock import DAY, HOUR, MINUTE, read_instant, spell_instant
from gateway.model.decision import Finding, Verdict
from gateway.rules.holidays import US_FEDERAL, Calendar, holidays_in
from gateway.rules.quiet_hours import HORIZON_DAYS, Hours, closes_at, judge_quiet_hours, narrow, next_open
from gateway.rules.windows import ALWAYS, Week, read_week
from gateway.rules.zones import COASTS, clock_of, zones_of
from tests.rules.test_windows import DAYS, WEEKS, ZONES

REG_F = Hours(read_week({"mon-sun": "08:00-21:00"}))
STRICT = Hours(read_week({"mon-sat": "09:00-20:00", "sun": "12:00-20:00"}), US_FEDERAL, 10, "us-strict@1")

NEW_YORK = zones_of("+12125550100")
CHICAGO = zones_of("+13125550100")


def judge(at: str, zones: frozenset[str], hours: Hours = REG_F) -> Finding:
    return judge_quiet_hours(read_instant(at), zones, hours)


def opens(at: str, zones: frozenset[str], hours: Hours = REG_F) -> str:
    found = next_open(read_instant(at), zones, hours)
    return "never" if found is None else spell_instant(found)


@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        ("2026-06-10T07:59:59.999-04:00", Verdict.HOLD),
        ("2026-06-10T08:00:00-04:00", Verdict.ALLOW),
        ("2026-06-10T20:59:59.999-04:00", Verdict.ALLOW),
        ("2026-06-10T21:00:00-04:00", Verdict.HOLD),
    ],
)
def test_the_first_moment_is_inside_and_the_last_is_not(at: str, verdict: Verdict) -> None:
    assert judge(at, NEW_YORK).verdict is verdict


def test_the_guard_closes_early_and_the_window_ends_late() -> None:
    last, first_refused = read_instant("2026-06-10T19:49:59.999-04:00"), read_instant("2026-06-10T19:50:00-04:00")
    assert judge_quiet_hours(last, NEW_YORK, STRICT).verdict is Verdict.ALLOW
    assert closes_at(last, NEW_YORK, STRICT) == read_instant("2026-06-10T20:00:00-04:00")
    held = judge_quiet_hours(first_refused, NEW_YORK, STRICT)
    assert (held.verdict, held.code) == (Verdict.HOLD, Code.QUIET_HOURS)
    assert held.until == read_instant("2026-06-11T09:00:00-04:00")
    assert closes_at(first_refused, NEW_YORK, STRICT) is None


@pytest.mark.parametrize(
    ("at", "number", "expected"),
    [
        # The clocks go forward on 2026-03-08 and back on 2026-11-01, at two o'clock.
        ("2026-03-07T22:00:00-05:00", "+12125550100", "2026-03-08T12:00:00.000Z"),
        ("2026-10-31T22:00:00-04:00", "+12125550100", "2026-11-01T13:00:00.000Z"),
        # Two zones in one area code: the western one opens last, the eastern one closes first.
        ("2026-03-07T22:00:00-05:00", "+18505550100", "2026-03-08T13:00:00.000Z"),
        ("2026-10-31T22:00:00-04:00", "+18125550100", "2026-11-01T14:00:00.000Z"),
        ("2026-07-08T20:30:00-05:00", "+18505550100", "2026-07-09T13:00:00.000Z"),
        # Arizona does not change its clocks, the Navajo Nation in it does.
        ("2026-03-08T00:00:00-07:00", "+16025550100", "2026-03-08T15:00:00.000Z"),
        ("2026-03-08T00:00:00-07:00", "+19285550100", "2026-03-08T15:00:00.000Z"),
        ("2026-11-01T00:00:00-07:00", "+19285550100", "2026-11-01T15:00:00.000Z"),
        # Indiana, Puerto Rico, Hawaii, Alaska with its Aleutians.
        ("2026-07-08T00:00:00-04:00", "+13175550100", "2026-07-08T12:00:00.000Z"),
        ("2026-07-08T00:00:00-04:00", "+12195550100", "2026-07-08T13:00:00.000Z"),
        ("2026-03-08T00:00:00-04:00", "+17875550100", "2026-03-08T12:00:00.000Z"),
        ("2026-03-08T00:00:00-10:00", "+18085550100", "2026-03-08T18:00:00.000Z"),
        ("2026-07-08T00:00:00-08:00", "+19075550100", "2026-07-08T17:00:00.000Z"),
    ],
)
def test_the_next_opening_by_area_code(at: str, number: str, expected: str) -> None:
    assert opens(at, zones_of(number)) == expected
    assert judge(at, zones_of(number)).until == read_instant(expected)


def test_an_unknown_number_asks_both_coasts() -> None:
    assert opens("2026-06-10T00:00:00-04:00", COASTS) == "2026-06-10T15:00:00.000Z"
    at = read_instant("2026-06-10T15:00:00Z")
    assert closes_at(at, COASTS, REG_F) == read_instant("2026-06-10T21:00:00-04:00")


def test_no_zone_and_no_hours_are_refused() -> None:
    at = read_instant("2026-06-10T15:00:00Z")
    unknown, silent = judge_quiet_hours(at, frozenset(), REG_F), judge_quiet_hours(at, NEW_YORK, None)
    assert (unknown.verdict, unknown.code) == (Verdict.REFUSE, Code.ZONE_UNKNOWN)
    assert (silent.verdict, silent.code) == (Verdict.REFUSE, Code.POLICY_SILENT)
    assert next_open(at, frozenset(), REG_F) is None
    assert closes_at(at, frozenset(), REG_F) is None


def test_zones_that_are_never_open_together_are_ambiguous() -> None:
    finding = judge("2026-06-10T15:00:00Z", frozenset({"America/Los_Angeles", "Asia/Kolkata"}), STRICT)
    assert (finding.verdict, finding.code, finding.until) == (Verdict.REFUSE, Code.ZONE_AMBIGUOUS, None)
    assert finding.detail is not None
    assert "America/Los_Angeles, Asia/Kolkata" in finding.detail


@pytest.mark.parametrize("week", [read_week({}), read_week({"sun": "02:00-02:10"})])
def test_hours_that_leave_nothing_are_no_ambiguity(week: Week) -> None:
    finding = judge("2026-06-10T15:00:00Z", NEW_YORK, Hours(week, guard=10))
    assert (finding.verdict, finding.code) == (Verdict.REFUSE, Code.QUIET_HOURS_NEVER)


def test_a_zone_that_nobody_knows_is_never_open() -> None:
    for zones in (frozenset({"Mars/Olympus"}), NEW_YORK | {"Mars/Olympus"}):
        finding = judge("2026-06-10T15:00:00Z", zones, STRICT)
        assert (finding.verdict, finding.code) == (Verdict.REFUSE, Code.QUIET_HOURS_NEVER)


def test_hours_without_end_never_close() -> None:
    at = read_instant("2026-06-10T15:00:00Z")
    always = Hours(ALWAYS, guard=10)
    assert judge_quiet_hours(at, NEW_YORK, always).verdict is Verdict.ALLOW
    assert closes_at(at, NEW_YORK, always) is None


def test_a_window_that_goes_past_midnight_closes_at_its_end() -> None:
    late = Hours(read_week({"mon": "12:00-24:00", "tue": "00:00-02:00"}), guard=30)
    at = read_instant("2026-06-08T23:45:00-04:00")
    assert judge_quiet_hours(at, NEW_YORK, late).verdict is Verdict.ALLOW
    assert closes_at(at, NEW_YORK, late) == read_instant("2026-06-09T02:00:00-04:00")


@pytest.mark.parametrize(
    ("at", "code", "until", "names"),
    [
        ("2026-07-03T12:00:00-04:00", Code.HOLIDAY, "2026-07-05T12:00:00-04:00", "Independence Day (observed)"),
        ("2026-07-04T12:00:00-04:00", Code.HOLIDAY, "2026-07-05T12:00:00-04:00", "Independence Day"),
        ("2026-07-03T06:00:00-04:00", Code.QUIET_HOURS, "2026-07-05T12:00:00-04:00", "outside"),
        ("2026-07-02T22:00:00-04:00", Code.QUIET_HOURS, "2026-07-05T12:00:00-04:00", "outside"),
        ("2026-12-25T12:00:00-05:00", Code.HOLIDAY, "2026-12-26T09:00:00-05:00", "Christmas Day"),
    ],
)
def test_a_holiday_is_named_and_waited_out(at: str, code: Code, until: str, names: str) -> None:
    finding = judge(at, NEW_YORK, STRICT)
    assert (finding.verdict, finding.code, finding.until) == (Verdict.HOLD, code, read_instant(until))
    assert finding.detail is not None
    assert finding.detail.startswith(names)
    assert finding.detail.endswith("(us-strict@1)")


def test_a_holiday_is_one_where_the_reader_is() -> None:
    # In Hawaii it is still the 24th when it is Christmas in London.
    at = read_instant("2026-12-25T05:30:00Z")
    assert judge_quiet_hours(at, zones_of("+18085550100"), STRICT).verdict is Verdict.ALLOW


def test_the_consumers_own_times_leave_less() -> None:
    evenings = narrow(STRICT, read_week({"mon-fri": "18:00-22:00"}))
    assert opens("2026-06-10T12:00:00-04:00", NEW_YORK, evenings) == "2026-06-10T22:00:00.000Z"
    assert closes_at(read_instant("2026-06-10T18:30:00-04:00"), NEW_YORK, evenings) == read_instant(
        "2026-06-10T20:00:00-04:00"
    )
    assert narrow(STRICT, read_week({"mon-fri": "18:00-22:00"})) is evenings
    assert evenings.calendar == STRICT.calendar


def test_an_allowance_says_where_and_until_when() -> None:
    finding = judge("2026-06-10T12:00:00-04:00", zones_of("+18505550100"), STRICT)
    assert finding.detail == "open until 2026-06-11T00:00:00.000Z in America/Chicago, America/New_York (us-strict@1)"


STEP = 5 * MINUTE


def may_go(at: int, zones: frozenset[str], hours: Hours) -> bool:
    """The definition, by the wall clocks: open in all zones, now and until the guard is over."""
    return all(_is_open(at + late, zone, hours) for zone in zones for late in range(0, hours.guard * MINUTE + 1, STEP))


def _is_open(at: int, zone: str, hours: Hours) -> bool:
    wall = datetime.fromtimestamp(at / 1000, clock_of(zone))
    minutes = wall.hour * 60 + wall.minute
    inside = any(opens <= minutes < closes for opens, closes in hours.week[wall.weekday()])
    return inside and not (hours.calendar and wall.date() in holidays_in(hours.calendar, wall.year))


_CALENDARS: st.SearchStrategy[Calendar] = st.sampled_from([(), US_FEDERAL])


@settings(max_examples=150, deadline=None)
@given(
    zones=st.frozensets(ZONES, min_size=1, max_size=3),
    week=WEEKS,
    calendar=_CALENDARS,
    guard=st.sampled_from([0, 5, 30]),
    day=DAYS,
    step=st.integers(0, 287),
)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    zones: frozenset[str], week: Week, calendar: Calendar, guard: int, day: int, step: int
) -> None:
    at, hours = day * DAY + step * STEP, Hours(week, calendar, guard)
    expected = next((t for t in range(at, at + 4 * DAY, STEP) if may_go(t, zones, hours)), None)
    found = next_open(at, zones, hours)
    if expected is None:
        assert found is None or found >= at + 4 * DAY
    else:
        assert found == expected

    finding = judge_quiet_hours(at, zones, hours)
    assert (finding.verdict is Verdict.ALLOW) == (found == at)
    if finding.verdict is Verdict.HOLD:
        assert finding.until == found
    closing = closes_at(at, zones, hours)
    if closing is not None:
        assert finding.verdict is Verdict.ALLOW
        assert all(_is_open(t, zone, hours) for zone in zones for t in range(at, closing, STEP))
        assert not all(_is_open(closing, zone, hours) for zone in zones)


@settings(max_examples=40, deadline=None)
@given(zones=st.frozensets(ZONES, min_size=1, max_size=2), week=WEEKS, other=WEEKS, day=DAYS, step=st.integers(0, 287))
def test_narrowing_and_more_zones_never_open_anything(
    zones: frozenset[str], week: Week, other: Week, day: int, step: int
) -> None:
    at, hours = day * DAY + step * STEP, Hours(week)
    strictest = judge_quiet_hours(at, zones | {"America/Denver"}, narrow(hours, other))
    if strictest.verdict is Verdict.ALLOW:
        assert judge_quiet_hours(at, zones, hours).verdict is Verdict.ALLOW


def test_each_minute_around_a_change_of_clocks_is_judged_by_the_wall() -> None:
    hours = Hours(read_week({"mon-sun": "01:30-03:10, 08:00-21:00"}))
    for change in (date(2026, 3, 8), date(2026, 11, 1)):
        start = read_instant(f"{change - timedelta(days=1)}T20:00:00Z")
        for number in ("+12125550100", "+18505550100", "+19285550100", "+18085550100", "+17875550100", "+13175550100"):
            zones = zones_of(number)
            for at in range(start, start + 30 * HOUR, STEP):
                assert (judge_quiet_hours(at, zones, hours).verdict is Verdict.ALLOW) == may_go(at, zones, hours)


def test_the_horizon_outlasts_a_week_with_a_holiday_in_it() -> None:
    mondays = Hours(read_week({"mon": "09:00-10:00"}), US_FEDERAL)
    assert opens("2026-09-01T12:00:00-04:00", NEW_YORK, mondays) == "2026-09-14T13:00:00.000Z"
    assert HORIZON_DAYS >= 14
