"""When a refused segment is tried again."""

import pytest

from gateway.rules.retry import next_delay

DELAYS = (5.0, 30.0, 120.0)


@pytest.mark.parametrize(
    ("attempt", "attempts", "delay"),
    [
        (1, 6, 5.0),
        (2, 6, 30.0),
        (3, 6, 120.0),
        (4, 6, 120.0),  # the last delay goes on
        (5, 6, 120.0),
        (6, 6, None),
        (7, 6, None),
        (1, 1, None),
        (1, 0, None),
        (1, 2, 5.0),
    ],
)
def test_the_delay_after_an_attempt(attempt: int, attempts: int, delay: float | None) -> None:
    assert next_delay(attempt, attempts, DELAYS) == delay


def test_there_are_as_many_attempts_as_said() -> None:
    for attempts in range(1, 10):
        made = 1
        while next_delay(made, attempts, DELAYS) is not None:
            made += 1
        assert made == attempts
