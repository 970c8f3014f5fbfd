"""The arithmetic of back-off, and its memory."""

from gateway.web.backoff import CALLERS, FORGOTTEN_SECONDS, FREE, LONGEST_SECONDS, BackOff


def test_the_wait_doubles_from_the_tenth_on() -> None:
    backoff = BackOff()
    assert [backoff.note_wrong("a", 0.0) for _ in range(FREE)] == [0.0] * FREE
    assert [backoff.note_wrong("a", 0.0) for _ in range(5)] == [2.0, 4.0, 8.0, 16.0, 32.0]


def test_whoever_waits_is_told_that_the_key_is_wrong_and_waits_longer_next_time() -> None:
    backoff = BackOff()
    for _ in range(FREE):
        backoff.note_wrong("a", 0.0)
    assert backoff.note_wrong("a", 1.0) == 0.0
    assert backoff.note_wrong("a", 2.0) == 4.0


def test_the_wait_has_an_end_however_many_there_were() -> None:
    backoff = BackOff()
    for _ in range(5000):
        wait = backoff.note_wrong("a", 0.0)
    assert wait == LONGEST_SECONDS


def test_a_quiet_caller_is_forgotten() -> None:
    backoff = BackOff()
    for _ in range(50):
        backoff.note_wrong("a", 0.0)
    assert backoff.note_wrong("a", FORGOTTEN_SECONDS + 1) == 0.0
    assert backoff.note_wrong("a", FORGOTTEN_SECONDS + 1) == 0.0


def test_memory_is_bounded_and_the_quietest_goes_first() -> None:
    backoff = BackOff()
    for _ in range(FREE + 1):
        backoff.note_wrong("first", 0.0)
        backoff.note_wrong("steady", 0.0)
    for number in range(CALLERS - 1):
        backoff.note_wrong(f"caller {number}", 0.0)
        if number == CALLERS // 2:
            assert backoff.note_wrong("steady", 0.0) > 0
    assert len(backoff) == CALLERS
    assert backoff.note_wrong("steady", 0.0) > 0
    assert backoff.note_wrong("first", 0.0) == 0.0
