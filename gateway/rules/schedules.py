"""What becomes of a job whose time went by while the gateway was down.

Owns: when a job counts as late, and the three ways to catch up. Does not own: running jobs (flow), or keeping them (store).
"""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from gateway.model.clock import MINUTE, instant_at

CatchUp = Literal["send_late", "skip", "next_window"]
"""Run it late, drop it, or run it at the same time of day on the next day."""

CATCH_UPS: Final = frozenset(get_args(CatchUp))
LATE_AFTER: Final = 15 * MINUTE
"""A job that is told so long after it was due, or later, is late."""


def catch_up(policy: CatchUp, due: int, now: int, zone: str) -> int | None:
    """When a job that is due runs: ``due`` itself for now, a later instant to wait for, or None to drop it."""
    if now - due < LATE_AFTER or policy == "send_late":
        return due
    if policy == "skip":
        return None
    local = ZoneInfo(zone)
    wall = datetime.fromtimestamp(due / 1000, UTC).astimezone(local).time()
    day = datetime.fromtimestamp(now / 1000, UTC).astimezone(local).date()
    today = instant_at(day, wall, zone)
    return today if today > now else instant_at(day + timedelta(days=1), wall, zone)
