"""Windows of carriers' limits: when they turn, what is left in one, what is missing in the next."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.clock import DAY, HOUR, MINUTE, SECOND, read_instant, spell_instant
from gateway.rules.quota import Limit, Per, Scope, Window, scope_of

UTC_ZONE = ZoneInfo("UTC")
PACIFIC = ZoneInfo("America/Los_Angeles")
ODD_ZONES = (
    "America/Los_Angeles", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Africa/Cairo", "Asia/Kathmandu",
    "Pacific/Apia", "Australia/Lord_Howe", "America/Asuncion", "Europe/London", "UTC",
)  # fmt: skip


def limit(per: Per = Per.MINUTE, segments: int = 10, zone: ZoneInfo = UTC_ZONE, scope: Scope = Scope.PROGRAM) -> Limit:
    return Limit(scope, per, segments, zone)


def span(per: Per, now: str, zone: ZoneInfo = UTC_ZONE) -> tuple[str, str]:
    window = limit(per, zone=zone).window(read_instant(now))
    return spell_instant(window.begins), spell_instant(window.ends)


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        (Scope.ACCOUNT, "account/day/"),
        (Scope.CLIENT, "client/day/acme"),
        (Scope.PROGRAM, "program/day/acme/loans"),
        (Scope.SENDER, "sender/day/+12025550100"),
    ],
)
def test_a_key_says_whose_texts_are_counted_together(scope: Scope, key: str) -> None:
    made = limit(Per.DAY, scope=scope).key("acme", "loans", "+12025550100")
    assert made == key
    assert scope_of(made) == (scope, Per.DAY)


def test_seconds_and_minutes_are_the_clocks() -> None:
    assert span(Per.SECOND, "2026-03-02T10:00:00.999Z") == ("2026-03-02T10:00:00.000Z", "2026-03-02T10:00:01.000Z")
    assert span(Per.MINUTE, "2026-03-02T10:00:00.000Z") == ("2026-03-02T10:00:00.000Z", "2026-03-02T10:01:00.000Z")
    assert span(Per.MINUTE, "2026-03-02T10:00:59.999Z") == ("2026-03-02T10:00:00.000Z", "2026-03-02T10:01:00.000Z")


@pytest.mark.parametrize(
    ("now", "begins", "hours"),
    [
        ("2026-03-02T08:00:00Z", "2026-03-02T08:00:00.000Z", 24),
        ("2026-03-02T07:59:59Z", "2026-03-01T08:00:00.000Z", 24),
        ("2026-03-08T12:00:00Z", "2026-03-08T08:00:00.000Z", 23),  # the clock goes forward
        ("2026-07-01T06:59:59Z", "2026-06-30T07:00:00.000Z", 24),
        ("2026-11-01T09:30:00Z", "2026-11-01T07:00:00.000Z", 25),  # and back
    ],
)
def test_a_brands_day_is_the_pacific_one(now: str, begins: str, hours: int) -> None:
    window = limit(Per.DAY, zone=PACIFIC).window(read_instant(now))
    assert (spell_instant(window.begins), (window.ends - window.begins) // HOUR) == (begins, hours)


def test_a_midnight_that_the_zone_skips_is_the_skip() -> None:
    # Lebanon, 29 March 2026: at 24:00 of the 28th (22:00 UTC) the clock goes to 01:00.
    beirut = ZoneInfo("Asia/Beirut")
    assert span(Per.DAY, "2026-03-28T21:59:59Z", beirut)[1] == "2026-03-28T22:00:00.000Z"
    assert span(Per.DAY, "2026-03-28T22:00:00Z", beirut) == ("2026-03-28T22:00:00.000Z", "2026-03-29T21:00:00.000Z")


@given(
    st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from(ODD_ZONES),
    st.sampled_from(list(Per)),
)
def test_windows_lie_side_by_side(moment: datetime, zone: str, per: Per) -> None:
    now = int((moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    one = limit(per, zone=ZoneInfo(zone))
    window = one.window(now)
    assert window.begins <= now < window.ends
    assert one.window(window.ends).begins == window.ends
    assert one.window(window.begins - 1).ends == window.begins
    assert one.window(window.begins) == one.window(window.ends - 1) == window


def test_what_was_used_counts_until_the_turn() -> None:
    one = limit(segments=10)
    noon = read_instant("2026-03-02T12:00:00Z")
    window = one.window(noon + 30 * SECOND, noon, 7)
    assert window == Window(noon, noon + MINUTE, 7)
    assert one.fits(window, 3)
    assert not one.fits(window, 4)
    assert one.window(noon + MINUTE, noon, 7).used == 0


def test_a_text_larger_than_the_limit_goes_and_is_made_up_for() -> None:
    one = limit(Per.SECOND, 2)
    noon = read_instant("2026-03-02T12:00:00Z")
    assert one.fits(one.window(noon), 5)
    assert one.window(noon + SECOND, noon, 5).used == 3
    assert one.window(noon + 2 * SECOND, noon, 5).used == 1
    assert one.window(noon + 3 * SECOND, noon, 5).used == 0
    # A day of 23 or 25 hours is one turn.
    daily = limit(Per.DAY, 10, PACIFIC)
    begun = daily.window(read_instant("2026-03-08T12:00:00Z")).begins
    assert daily.window(begun + 23 * HOUR, begun, 25).used == 15
    assert daily.window(begun + 23 * HOUR + DAY, begun, 25).used == 5


def test_a_clock_that_is_set_back_opens_nothing_anew() -> None:
    one = limit(segments=10)
    noon = read_instant("2026-03-02T12:00:00Z")
    assert one.window(noon - 1, noon, 9) == Window(noon, noon + MINUTE, 9)
    # One that had been wrong by more is not believed for ever.
    assert one.window(noon - 2 * MINUTE, noon, 9) == Window(noon - 2 * MINUTE, noon - MINUTE)


@given(
    st.integers(1, 20),
    st.lists(st.tuples(st.integers(0, 90 * SECOND), st.integers(1, 6)), max_size=60),
)
def test_no_minute_takes_more_than_the_limit_unless_a_single_text_does(
    segments: int, texts: list[tuple[int, int]]
) -> None:
    one = limit(segments=segments)
    begun: int | None = None
    now = used = total = 0
    gone: dict[int, list[int]] = {}
    for pause, size in texts:
        now += pause
        window = one.window(now, begun, used)
        if one.fits(window, size):
            used, begun = window.used + size, window.begins
            gone.setdefault(window.begins, []).append(size)
            total += size
    assert all(sum(sizes) <= segments or len(sizes) == 1 for sizes in gone.values())
    # However large the texts: over the whole run no more than the windows allow, and one text.
    assert total <= segments * (now // MINUTE + 1) + 6
