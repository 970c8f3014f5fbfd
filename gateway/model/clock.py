"""Instants as the gateway keeps them: whole milliseconds since the Unix epoch, UTC.

Owns: the type, its RFC 3339 spelling, and what the clock and calendar of a zone make of it. Does not own: what time it is;
that is always passed in.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NewType
from zoneinfo import ZoneInfo

Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01T00:00:00Z."""

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Stricter than datetime.fromisoformat, which also takes weeks, bare dates and what follows a NUL.
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def spell_instant(instant: int) -> str:
    """RFC 3339 in UTC with milliseconds: ``2026-03-08T10:00:00.000Z``."""
    moment = _EPOCH + timedelta(milliseconds=instant)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{instant % 1000:03d}Z"


@lru_cache(maxsize=4096)  # whoever checks a text of a body reads it, and whoever uses it does again
def read_instant(text: str) -> Instant:
    """The instant that an RFC 3339 text names. Raises ValueError where it has no zone or is no date before 2200."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError("is not a time as RFC 3339 spells it, such as 2026-03-08T10:00:00Z")
    if found[1] is None:
        raise ValueError("the time has no zone: end it with Z or an offset such as -05:00")
    moment = datetime.fromisoformat(text.upper())
    if not _EPOCH <= moment < _LATEST:
        raise ValueError("the time is not between 1970 and 2200")
    return Instant((moment - _EPOCH) // timedelta(milliseconds=1))


def instant_at(day: date, wall: time, zone: str) -> int:
    """The instant at which a clock in ``zone`` (an IANA name) shows a time on a day.

    Of a time that comes twice, the first; a time that a clock put forward leaves out is counted on from the gap: 02:30 is
    then 03:30.
    """
    moment = datetime.combine(day, wall.replace(tzinfo=None), ZoneInfo(zone))
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)


def day_at(instant: int, zone: str) -> date:
    """The day that a calendar in ``zone`` shows at an instant."""
    return (_EPOCH + timedelta(milliseconds=instant)).astimezone(ZoneInfo(zone)).date()


def is_zone(name: str) -> bool:
    """Whether ``name`` is a time zone that the IANA database knows."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        # No such zone, a folder, or a name that leads out of the table.
        return False
    return True
