"""Owns the shape of the bench's traffic: who is texted, what each text says, and how a text is known again.

Does not open a socket. Every text begins with a token, a dense integer of fixed width, so that the load and the sink,
two processes with one monotonic clock, each keep a plain array of times that is joined by index afterwards.
"""

from array import array

TOKEN_WIDTH = 8
NUMBER = "+1212%07d"
"""E.164 template: every number of area code 212 whose exchange begins with 2 to 9 is a valid one."""
SUBSCRIBERS = 8_000_000
TEXT = "%08d Your statement is ready. Reply HELP for help or STOP to end these texts."
"""One GSM 03.38 segment, free of characters that JSON or a query string would have to escape (blanks apart)."""


def subscriber(index: int) -> int:
    """The seven digits that follow the area code, distinct for each index below SUBSCRIBERS."""
    return 2_000_000 + index % SUBSCRIBERS


def no_times(count: int) -> "array[float]":
    """A journal of `count` moments (seconds of CLOCK_MONOTONIC); zero stands for "has not happened"."""
    return array("d", bytes(8 * count))


def gaps(starts: "array[float]", ends: "array[float]") -> list[float]:
    """Seconds from start to end, ascending, for each token that has both."""
    return sorted(end - start for start, end in zip(starts, ends, strict=True) if start and end)


def percentile(ascending: list[float], share: float) -> float | None:
    """The smallest value that `share` (0 to 1) of the values do not exceed; None when there are none."""
    if not ascending:
        return None
    return ascending[max(0, min(len(ascending) - 1, -int(-share * len(ascending) // 1) - 1))]
