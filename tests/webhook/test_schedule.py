"""The retry schedule and what a status means for it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.webhook.schedule import DELAYS, LONGEST_PAUSE, Verdict, next_attempt, parse_retry_after, pause, verdict

NOW = 1_700_000_000.0


def test_the_schedule_of_the_specification() -> None:
    moment, moments = 0.0, []
    for attempt in range(10):
        due = next_attempt(attempt, moment, 0.5)
        assert due is not None
        moment = due
        moments.append(moment)
    # "Time since start": 00:00:00 00:00:05 00:05:05 00:35:05 02:35:05 07:35:05 17:35:05 31:35:05 51:35:05 75:35:05
    assert moments == [0, 5, 305, 2105, 9305, 27305, 63305, 113705, 185705, 272105]
    assert next_attempt(10, moment, 0.5) is None
    assert next_attempt(11, moment, 0.5, 60.0) is None


@settings(deadline=None)
@given(st.integers(0, 9), st.floats(0, 1))
def test_jitter_stays_within_a_fifth(attempt: int, fraction: float) -> None:
    due = next_attempt(attempt, 0.0, fraction)
    assert due is not None
    assert 0.8 * DELAYS[attempt] - 1e-6 <= due <= 1.2 * DELAYS[attempt] + 1e-6


def test_jitter_uses_the_whole_band() -> None:
    assert next_attempt(2, NOW, 0.0) == NOW + 240
    assert next_attempt(2, NOW, 1.0) == NOW + 360


@settings(deadline=None)
@given(st.integers(0, 9), st.floats(0, 1), st.floats(0, 1e12))
def test_a_pause_only_lengthens_and_is_bounded(attempt: int, fraction: float, asked: float) -> None:
    plain = next_attempt(attempt, 0.0, fraction)
    due = next_attempt(attempt, 0.0, fraction, asked)
    assert plain is not None
    assert due is not None
    assert max(plain, min(asked, LONGEST_PAUSE)) - 1e-6 <= due <= max(plain, 1.2 * LONGEST_PAUSE)


def test_a_pause_is_spread_upwards() -> None:
    assert next_attempt(1, NOW, 0.0, 60.0) == NOW + 60
    assert next_attempt(1, NOW, 1.0, 60.0) == NOW + 72


@pytest.mark.parametrize(("attempt", "fraction"), [(-1, 0.5), (0, -0.1), (0, 1.1), (0, float("nan"))])
def test_misuse(attempt: int, fraction: float) -> None:
    with pytest.raises(ValueError, match="out of range"):
        next_attempt(attempt, NOW, fraction)


def test_verdict_of_every_status() -> None:
    special = {410: Verdict.DISABLE, 429: Verdict.SLOW_DOWN, 502: Verdict.SLOW_DOWN, 504: Verdict.SLOW_DOWN}
    for status in range(100, 1000):
        expected = Verdict.OK if status // 100 == 2 else special.get(status, Verdict.RETRY)
        assert verdict(status) is expected


DATE = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("0120", 120.0),
        ("86400", 86400.0),
        ("86401", 86400.0),
        ("9" * 64, 86400.0),
        ("9" * 65, None),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60.0),
        ("Sunday, 01-Mar-26 12:01:00 GMT", 60.0),
        ("Sun Mar  1 12:01:00 2026", 60.0),
        ("Sun, 01 Mar 2026 11:59:00 GMT", 0.0),
        ("Sun, 01 Mar 2099 12:00:00 GMT", 86400.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("١٢", None),
        ("Sun, 99 Mar 2026 12:00:00 GMT", None),
        ("Wed, 21 Oct 21666666666666666666665 07:28:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, DATE) == seconds


_PIECES = st.sampled_from([*"0123456789:,-+ ()", "Sun", "Mar", "GMT", "2026", "é", "\x00", "٣", "9" * 20])


@settings(deadline=None)
@given(st.one_of(st.text(max_size=70), st.lists(_PIECES, max_size=16).map("".join)))
def test_any_header_gives_a_bounded_pause_or_none(value: str) -> None:
    seconds = parse_retry_after(value, DATE)
    assert seconds is None or 0 <= seconds <= LONGEST_PAUSE


@pytest.mark.parametrize(
    ("failures", "retry_after", "seconds"),
    [
        (1, None, 5.0),
        (2, None, 10.0),
        (6, None, 160.0),
        (7, None, 300.0),
        (10_000, None, 300.0),
        (1, 1.0, 5.0),
        (1, 3600.0, 3600.0),
        (9, 60.0, 300.0),
        (1, 1e9, LONGEST_PAUSE),
    ],
)
def test_the_pause_of_an_endpoint(failures: int, retry_after: float | None, seconds: float) -> None:
    assert pause(failures, retry_after) == seconds
