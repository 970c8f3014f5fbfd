"""The throttle on a clock of its own: never faster than it may, never slower than it must, and it learns."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.rules.throttle import Throttle

_rates = st.sampled_from([0.5, 1.0, 3.0, 7.5, 10.0, 100.0, 333.0, 1000.0])
_bursts = st.integers(1, 20)
_EPSILON = 1e-6


def _busiest(sent: list[tuple[float, int]], window: float) -> int:
    """The most PDUs in any window that is open at its end."""
    return max(
        (sum(count for at, count in sent if start <= at < start + window - _EPSILON) for start, _ in sent), default=0
    )


@settings(deadline=None)
@given(
    _rates,
    _bursts,
    st.lists(st.tuples(st.floats(0, 0.5), st.integers(1, 50), st.integers(0, 3)), min_size=1, max_size=80),
)
def test_no_window_sees_more_than_rate_and_burst(rate: float, burst: int, asked: list[tuple[float, int, int]]) -> None:
    throttle = Throttle(rate, burst)
    now = 1000.0
    sent: list[tuple[float, int]] = []
    for pause, wanted, unused in asked:
        now += pause
        granted, wait = throttle.reserve(wanted, now)
        assert granted <= wanted
        assert (granted > 0) == (wait == 0.0)
        if granted:
            unused = min(unused, granted)
            throttle.give_back(unused, now)
            sent.append((now, granted - unused))
    for window in (0.1, 1.0, 5.0):
        assert _busiest(sent, window) <= burst + rate * window + _EPSILON


@settings(deadline=None)
@given(
    st.sampled_from([3.0, 10.0, 20.0, 100.0]),
    st.integers(1, 4),
    st.lists(st.sampled_from([0.001, 0.005, 0.01, 0.02, 0.06, 0.15, 0.4]), min_size=1, max_size=200),
)
@example(20.0, 4, [0.4, *[0.001] * 60])
@example(100.0, 3, [0.001, 0.06, *[0.001] * 200, 0.15, *[0.001] * 200])
def test_a_disk_that_stands_still_lets_no_more_through(rate: float, binds: int, delays: list[float]) -> None:
    throttle = Throttle(rate)
    now = 1000.0
    sent: list[tuple[float, int]] = []
    under_way: list[float] = []  # when each is written; all by one disk, one behind the other
    for delay in delays:
        while len(under_way) == binds or not throttle.reserve(1, now)[0]:
            if under_way and (len(under_way) == binds or under_way[0] <= now):
                now = max(now, under_way.pop(0))
                throttle.wrote(1, now)
                sent.append((now, 1))
            else:
                now += min(0.001, 0.1 / rate)
        under_way.append(max([now, *under_way]) + delay)
    late = 0.01 * rate  # those that a delay of ten milliseconds may bring
    assert _busiest(sent, 1.0) <= rate + 1 + late + _EPSILON


def test_what_is_written_at_once_costs_no_pace() -> None:
    throttle = Throttle(100.0)
    now, sent = 5.0, 0
    while now < 15.0:
        granted, wait = throttle.reserve(1, now)
        now += wait
        if granted:
            now += 0.004
            throttle.wrote(1, now)
            sent += 1
    assert sent >= 990


@settings(deadline=None)
@given(_rates, _bursts, st.integers(1, 200))
def test_it_is_as_fast_as_it_may_be(rate: float, burst: int, wanted: int) -> None:
    throttle = Throttle(rate, burst)
    now = start = 50.0
    sent = 0
    while sent < wanted:
        granted, wait = throttle.reserve(wanted - sent, now)
        sent += granted
        now += wait
        assert now - start <= (max(0, sent - burst) + 1) / rate + _EPSILON
    assert now - start >= (wanted - burst) / rate - 1 / rate - _EPSILON


@given(_rates, _bursts)
def test_a_wait_is_enough(rate: float, burst: int) -> None:
    throttle = Throttle(rate, burst)
    now = 7.0
    for _ in range(30):
        granted, wait = throttle.reserve(1, now)
        if not granted:
            now += wait + _EPSILON
            granted, _ = throttle.reserve(1, now)
        assert granted == 1


def test_without_a_rate_everything_goes() -> None:
    throttle = Throttle(None)
    assert throttle.rate(0.0) is None
    assert throttle.reserve(100_000, 0.0) == (100_000, 0.0)


def test_a_burst_goes_at_once_and_comes_back_with_time() -> None:
    throttle = Throttle(8.0, 5)
    assert throttle.reserve(9, 0.0) == (5, 0.0)
    assert throttle.reserve(4, 0.0) == (0, 0.125)
    assert throttle.reserve(4, 0.375) == (3, 0.0)
    assert throttle.reserve(8, 100.0) == (5, 0.0)  # no more than the burst, however long it was quiet


def test_what_is_given_back_may_be_taken_again() -> None:
    throttle = Throttle(8.0, 4)
    assert throttle.reserve(4, 0.0)[0] == 4
    throttle.give_back(3, 0.0)
    assert throttle.reserve(4, 0.0) == (3, 0.0)


def test_giving_back_buys_no_larger_burst() -> None:
    throttle = Throttle(8.0, 4)
    for _ in range(10):
        throttle.give_back(throttle.reserve(4, 5.0)[0], 5.0)
    assert throttle.reserve(100, 5.0)[0] == 4


def test_a_pause_lets_nothing_go_and_the_longest_counts() -> None:
    throttle = Throttle(None)
    assert throttle.paused_until(10.0) is None
    throttle.pause(5.0, 10.0)
    throttle.pause(1.0, 11.0)
    assert throttle.reserve(9, 12.0) == (0, 3.0)
    assert throttle.paused_until(12.0) == 15.0
    assert throttle.reserve(9, 15.0) == (9, 0.0)
    assert throttle.paused_until(15.0) is None


# The carrier's word.


def _run(throttle: Throttle, start: float, seconds: float) -> float:
    """Take what is to be had; how many PDUs went a second."""
    now, sent = start, 0
    while now < start + seconds:
        granted, wait = throttle.reserve(1000, now)
        sent += granted
        now += max(wait, 0.001)
    return sent / seconds


def test_after_a_word_the_pace_is_four_fifths_of_what_passed() -> None:
    throttle = Throttle(None)
    for tick in range(100):  # 100 a second
        throttle.reserve(1, 10.0 + tick / 100)
    throttle.slow_down(11.0)
    assert throttle.reserve(1, 11.5)[0] == 0
    assert throttle.rate(11.0) == pytest.approx(80.0)
    assert _run(throttle, 12.0, 1.0) == pytest.approx(85.0, abs=4)


def test_a_configured_rate_is_reached_again_and_never_passed() -> None:
    throttle = Throttle(100.0)
    _run(throttle, 10.0, 3.0)
    throttle.slow_down(13.0)
    rates = [throttle.rate(13.0 + second) or 0.0 for second in range(30)]
    assert rates == sorted(rates)
    assert rates[0] == pytest.approx(80.0, rel=0.05)
    assert rates[-1] == 100.0


def test_the_words_of_one_moment_are_one_word() -> None:
    throttle = Throttle(100.0)
    _run(throttle, 10.0, 3.0)
    for tick in range(50):
        throttle.slow_down(13.0 + tick / 100)
    assert throttle.rate(13.0) == pytest.approx(80.0, rel=0.05)


def test_words_again_and_again_make_it_slow_but_not_stop() -> None:
    throttle = Throttle(100.0)
    now = 10.0
    for _ in range(100):
        _run(throttle, now, 2.0)
        now += 2.0
        throttle.slow_down(now)
        now += 1.1
    assert throttle.rate(now) == pytest.approx(1.0, abs=0.2)
    assert throttle.reserve(1, now + 2.0)[0] == 1


def test_without_a_rate_the_pace_ends_when_it_has_doubled() -> None:
    throttle = Throttle(None)
    for tick in range(100):
        throttle.reserve(1, 10.0 + tick / 100)
    throttle.slow_down(11.0)
    assert throttle.rate(30.0) is not None
    assert throttle.rate(36.0) is None
    assert throttle.reserve(5000, 36.0) == (5000, 0.0)
