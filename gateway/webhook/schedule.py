"""Owns when a webhook is tried again and what a status means for it. Does not wait, draw random numbers or send.

A delivery is given up after ten attempts over some three days. `SLOW_DOWN` and `DISABLE` concern the whole endpoint,
not one event: leave it alone for a while (`pause`), or stop sending to it.
Source of the rules: Standard Webhooks, "Deliverability and reliability", "Delivery success and failure".
"""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

_MINUTE, _HOUR = 60.0, 3600.0
# DELAYS[n] seconds lie between attempt n-1 and attempt n; the first is made at once.
DELAYS: Final = (
    0.0,
    5.0,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
JITTER: Final = 0.2
# A receiver may ask for no longer a pause than the longest of our own.
LONGEST_PAUSE: Final = DELAYS[-1]
_SECONDS: Final = re.compile(r"[0-9]+", re.ASCII)
_LONGEST_HEADER: Final = 64  # the longest HTTP date has 33 characters


class Verdict(StrEnum):
    """What an attempt means: for the event, and for its endpoint."""

    OK = "ok"
    RETRY = "retry"
    SLOW_DOWN = "slow_down"  # a retry, and the endpoint is overloaded: hold its other events too
    DISABLE = "disable"  # the receiver is gone for good: send it nothing more


_BY_STATUS: Final = {
    410: Verdict.DISABLE,
    429: Verdict.SLOW_DOWN,
    502: Verdict.SLOW_DOWN,
    504: Verdict.SLOW_DOWN,
}


def verdict(status: int) -> Verdict:
    """The verdict on an HTTP status. A redirect is a failure like any other: the URL has to be put right."""
    if 200 <= status <= 299:
        return Verdict.OK
    return _BY_STATUS.get(status, Verdict.RETRY)


def next_attempt(attempt: int, now: float, fraction: float, retry_after: float | None = None) -> float | None:
    """The time of the next attempt, when `attempt` of them have been made; None when the event is dead.

    `now` and the result are seconds on one clock. `fraction` (0 to 1, random) spreads the attempts by ±20 %.
    `retry_after`, the pause in seconds that the receiver asked for, only ever lengthens the delay, by at most a day.
    """
    if attempt < 0 or not 0.0 <= fraction <= 1.0:
        raise ValueError(f"attempt {attempt} or fraction {fraction} is out of range")
    if attempt >= len(DELAYS):
        return None
    delay = DELAYS[attempt] * (1.0 + JITTER * (2.0 * fraction - 1.0))
    if retry_after is not None:
        # Spread upwards only: all events of an endpoint get the same answer, and none may come too early.
        delay = max(delay, min(retry_after, LONGEST_PAUSE) * (1.0 + JITTER * fraction))
    return now + delay


def pause(failures: int, retry_after: float | None = None) -> float:
    """The seconds for which an endpoint that asked for less gets nothing, after so many such answers with none that was
    better in between: from 5 to 300. `retry_after`, what the receiver asked for, only ever lengthens it, by at most a day.

    It is not the wait of the event that got the answer: that event may be the only one which fares so.
    """
    usual = min(DELAYS[1] * 2.0 ** min(failures - 1, 10), DELAYS[2])
    return usual if retry_after is None else max(usual, min(retry_after, LONGEST_PAUSE))


def parse_retry_after(value: str, now: float) -> float | None:
    """Seconds to wait by a Retry-After header, 0 to a day; None where it says nothing usable.

    RFC 9110 §10.2.3: a count of seconds or an HTTP date. `now` is in seconds since 1970 and serves for the date.
    """
    if len(value) > _LONGEST_HEADER:
        return None
    if _SECONDS.fullmatch(value):
        return min(float(value), LONGEST_PAUSE)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # asctime form, which is in UTC by definition (RFC 9110 §5.6.7)
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment.timestamp() - now, 0.0), LONGEST_PAUSE)
