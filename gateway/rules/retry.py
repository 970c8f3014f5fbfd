"""When a segment that a carrier refused for now is tried again.

Owns: the delays. Does not own: which statuses are temporary (smpp/status).
"""

from collections.abc import Sequence


def next_delay(attempt: int, attempts: int, delays: Sequence[float]) -> float | None:
    """Seconds from the failed attempt number ``attempt`` (from 1) to the next; None when that was the last one."""
    if attempt >= attempts:
        return None
    return delays[min(attempt, len(delays)) - 1]
