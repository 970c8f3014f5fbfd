"""Timers as pure functions of the times they are told."""

import pytest

from gateway.smpp.events import CloseReason
from gateway.smpp.timers import AT_ONCE, GRACE, NEVER, Countdown, Limits, Timers

LIMITS = Limits(
    session_init_timeout=30,
    enquire_idle=25,
    control_timeout=10,
    inactivity_timeout=100,
    partial_pdu_timeout=10,
    unbind_timeout=5,
)


def test_a_countdown_begins_with_the_first_tick() -> None:
    countdown = Countdown(5)
    assert countdown.deadline == NEVER
    assert not countdown.ran_out(1e9)
    countdown.start()
    assert countdown.deadline == AT_ONCE
    assert not countdown.ran_out(100)
    assert countdown.deadline == 105


def test_a_countdown_gives_a_second_chance_to_a_process_that_slept() -> None:
    countdown = Countdown(5)
    countdown.start(100)
    assert not countdown.ran_out(160)
    assert countdown.deadline == 160 + GRACE
    assert not countdown.ran_out(160.5)
    assert countdown.ran_out(161)
    assert not countdown.running
    assert not countdown.ran_out(500)


def test_a_countdown_started_again_has_all_its_time() -> None:
    countdown = Countdown(5)
    countdown.start(100)
    assert not countdown.ran_out(105)
    countdown.start(105)
    assert not countdown.ran_out(106)
    assert countdown.deadline == 110


@pytest.mark.parametrize("start", [0.0, -1e6, 1e9])
def test_no_bind_in_time(start: float) -> None:
    timers = Timers(LIMITS)
    assert timers.next_deadline(None) == AT_ONCE
    assert timers.ended(start, None) is None
    assert timers.next_deadline(None) == start + 30
    assert timers.ended(start + 30, None) is None
    assert timers.ended(start + 30 + GRACE, None) is CloseReason.SESSION_INIT


def bound_at(now: float) -> Timers:
    """Timers of a session bound at `now`."""
    timers = Timers(LIMITS)
    timers.ended(now, None)
    timers.bound(now)
    return timers


@pytest.mark.parametrize("bound", [0.1, 1e6 / 3])
def test_it_is_time_to_ask_at_the_very_instant_that_was_named(bound: float) -> None:
    limits = Limits(enquire_idle=25.1)
    timers = Timers(limits)
    timers.bound(bound)
    assert timers.ended(bound, None) is None
    assert timers.silent(timers.next_deadline(None))


def test_silence_is_asked_about_and_then_is_death() -> None:
    timers = bound_at(100)
    assert not timers.silent(124.9)
    assert timers.silent(125)
    timers.enquired(125)
    assert not timers.silent(130)
    assert timers.asking
    assert timers.ended(134.9, None) is None
    assert timers.ended(135, None) is None
    assert timers.ended(136, None) is CloseReason.NO_LIFE


def test_a_dead_peer_is_found_within_45_seconds_by_default() -> None:
    limits = Limits()
    assert limits.enquire_idle + limits.control_timeout + GRACE <= 45


def test_any_pdu_is_life() -> None:
    timers = bound_at(100)
    timers.enquired(125)
    timers.heard(134)
    assert not timers.asking
    assert timers.ended(140, None) is None
    assert not timers.silent(158)
    assert timers.silent(159)


def test_a_second_question_does_not_put_off_the_end() -> None:
    timers = bound_at(100)
    timers.enquired(125)
    timers.enquired(134)
    timers.ended(135, None)
    assert timers.ended(136, None) is CloseReason.NO_LIFE


def test_before_the_bind_nobody_is_asked() -> None:
    timers = Timers(Limits(session_init_timeout=1000))
    timers.ended(0, None)
    assert not timers.silent(500)


def test_half_a_pdu_has_its_time_from_its_first_octets() -> None:
    timers = bound_at(100)
    assert timers.next_deadline(1) == AT_ONCE
    assert timers.ended(100, 1) is None
    assert timers.next_deadline(1) == 110
    # The same PDU still, octet by octet.
    assert timers.ended(109, 1) is None
    assert timers.ended(110, 1) is None
    assert timers.ended(111, 1) is CloseReason.PARTIAL_PDU


def test_the_next_half_pdu_has_its_own_time() -> None:
    timers = bound_at(100)
    assert timers.ended(100, 1) is None
    assert timers.ended(109, 2) is None
    assert timers.ended(118, 2) is None
    assert timers.ended(118.5, None) is None
    timers.heard(118.5)
    for now in (120, 130, 140):
        assert timers.ended(now, None) is None


def test_inactivity_counts_what_is_not_enquire_link() -> None:
    timers = bound_at(0)
    timers.ended(0, None)
    for now in range(10, 100, 10):
        timers.heard(now)
        assert timers.ended(now, None) is None
    timers.acted()
    assert timers.ended(100, None) is None
    assert timers.ended(200, None) is None
    assert timers.ended(201, None) is CloseReason.INACTIVE


def test_inactivity_counts_in_a_bound_session_only() -> None:
    timers = Timers(Limits(session_init_timeout=1000, inactivity_timeout=10))
    timers.acted()
    for now in (0, 20, 40):
        assert timers.ended(now, None) is None
    timers.bound(40)
    assert timers.ended(40, None) is None
    timers.unbinding()
    timers.acted()
    for now in (49, 50, 53):
        assert timers.ended(now, None) is None
    assert timers.ended(54, None) is None
    assert timers.ended(55, None) is CloseReason.UNBOUND


def test_unbind_has_an_end() -> None:
    timers = bound_at(0)
    timers.enquired(25)
    timers.unbinding()
    assert timers.ended(30, None) is None
    assert timers.ended(35, None) is None
    assert timers.ended(36, None) is CloseReason.UNBOUND
    assert not timers.silent(1000)
