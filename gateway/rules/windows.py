"""Hours of the week in local time, and the spans of real time that they open.

Owns: reading "mon-sat 09:00-20:00", intersecting weeks, and turning a week in one zone into spans of UTC. Does not own: which
hours apply (packs), holidays (holidays), or what to say of a text (quiet_hours).

An instant is open in a zone when the clock on its wall shows a time inside a window of that day. So an hour that the spring
skips is nobody's, one that the autumn repeats is judged twice, and no offset is ever kept: the zone is asked at the instant.
A window opens on its first moment and is over on its last: 09:00-20:00 holds 09:00:00.000 and not 20:00:00.000.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from gateway.model.clock import DAY, MINUTE, SECOND

Span = tuple[int, int]
"""From the first instant to before the second, milliseconds since the epoch."""
Day = tuple[tuple[int, int], ...]
"""The windows of one weekday: minutes since local midnight, in order, apart from each other."""
Week = tuple[Day, Day, Day, Day, Day, Day, Day]
"""Monday to Sunday."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
ALWAYS: Week = (((0, MIDNIGHT),),) * 7

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY = date(1970, 1, 1).weekday()
_HOURS = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)


class BadWeek(ValueError):
    """The text is no week of windows; the message says what is wrong and what to write."""


def read_week(spelt: Mapping[str, str]) -> Week:
    """The week that a table spells: ``{"mon-fri": "09:00-20:00", "sat": "10:00-12:00, 14:00-18:00"}``.

    A day that is not named is closed. Raises BadWeek.
    """
    days: list[Day | None] = [None] * 7
    for names, hours in spelt.items():
        windows = _read_hours(hours)
        for weekday in _read_days(names):
            if days[weekday] is not None:
                raise BadWeek(f"{WEEKDAYS[weekday]} is named twice: give each day once")
            days[weekday] = windows
    mon, tue, wed, thu, fri, sat, sun = (day or () for day in days)
    return mon, tue, wed, thu, fri, sat, sun


def _read_days(names: str) -> Iterable[int]:
    first, _, last = names.partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        raise BadWeek(f"{names[:20]!r} is no day: write one of {', '.join(WEEKDAYS)}, or a range such as mon-sat")
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    if start > end:
        raise BadWeek(f"{names[:20]!r} runs backwards: the week goes from mon to sun")
    return range(start, end + 1)


def _read_hours(hours: str) -> Day:
    windows = []
    for window in hours.split(","):
        found = _HOURS.fullmatch(window.strip())
        if found is None:
            raise BadWeek(f"{window.strip()[:20]!r} is no window: write it as 09:00-20:00, several with commas between")
        opens = int(found[1]) * 60 + int(found[2])
        closes = int(found[3]) * 60 + int(found[4])
        if not opens < closes <= MIDNIGHT:
            raise BadWeek(f"{window.strip()} does not end after it begins, by 24:00 on the same day")
        windows.append((opens, closes))
    for (_, closes), (opens, _) in pairwise(windows):
        if opens <= closes:
            raise BadWeek(f"{hours[:40]!r} overlaps itself: give the windows of a day in order and apart")
    return tuple(windows)


def spell_week(week: Week) -> str:
    """The week in few words: ``mon-sat 09:00-20:00, sun 12:00-20:00``."""
    runs: list[tuple[int, int, Day]] = []
    for weekday, day in enumerate(week):
        if runs and runs[-1][2] == day:
            runs[-1] = (runs[-1][0], weekday, day)
        else:
            runs.append((weekday, weekday, day))
    return ", ".join(
        f"{WEEKDAYS[first]}{f'-{WEEKDAYS[last]}' if last > first else ''} {_spell_day(day)}"
        for first, last, day in runs
    )


def _spell_day(day: Day) -> str:
    return " and ".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in day) or "closed"


def intersect_weeks(one: Week, other: Week) -> Week:
    """What is open in both."""
    mon, tue, wed, thu, fri, sat, sun = (intersect(a, b) for a, b in zip(one, other, strict=True))
    return mon, tue, wed, thu, fri, sat, sun


def intersect(one: tuple[Span, ...], other: tuple[Span, ...]) -> tuple[Span, ...]:
    """What two lists of spans share; both are in order and do not overlap themselves."""
    shared: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            shared.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(shared)


def open_spans(clock: ZoneInfo, week: Week, is_closed: Callable[[date], bool], day: int) -> tuple[Span, ...]:
    """The spans of one UTC day (counted from the epoch) in which the wall clock of a zone is inside the week's windows.

    ``is_closed`` tells the local dates on which nothing is open. Spans that touch are one.
    """
    spans: list[Span] = []
    for start, end, offset in _pieces(clock, day * DAY, (day + 1) * DAY):
        for local_day in range((start + offset) // DAY, (end + offset - 1) // DAY + 1):
            windows = week[(local_day + _EPOCH_WEEKDAY) % 7]
            if not windows or is_closed(date.fromordinal(_EPOCH_ORDINAL + local_day)):
                continue
            midnight = local_day * DAY - offset
            for opens, closes in windows:
                first, last = max(start, midnight + opens * MINUTE), min(end, midnight + closes * MINUTE)
                if first >= last:
                    continue
                if spans and spans[-1][1] == first:
                    spans[-1] = (spans[-1][0], last)
                else:
                    spans.append((first, last))
    return tuple(spans)


def _pieces(clock: ZoneInfo, start: int, end: int) -> tuple[tuple[int, int, int], ...]:
    """A UTC day, cut where the zone changes its offset (milliseconds). No zone does so twice in a day."""
    before, after = _offset(clock, start), _offset(clock, end)
    if before == after:
        return ((start, end, before),)
    low, high = start, end
    while high - low > SECOND:
        middle = (low + high) // 2 // SECOND * SECOND
        low, high = (middle, high) if _offset(clock, middle) == before else (low, middle)
    return (start, high, before), (high, end, after)


def _offset(clock: ZoneInfo, instant: int) -> int:
    offset = datetime.fromtimestamp(instant // SECOND, clock).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) * SECOND
