"""The rule of hours: whether it is a decent time for a text wherever its reader may be, and if not, when it will be.

Owns: the judgement, the next instant that is open in all zones, and the end of the window that is open now. Does not own:
the zones of a number (zones), what the hours are (packs), or the clockwork of weeks (windows).

The hours of a text are local, and all candidate zones must be inside them at once. ``guard`` minutes before a window
closes nothing more is handed to a carrier, because what waits in a queue arrives late: 12 CFR 1006.6(b)(1) counts the
attempt at the consumer's place. The answer is a function of (zones, hours, UTC day), cut into slots and remembered, so a
campaign costs one computation for each set of zones and a look-up for each number.
"""

from datetime import date, datetime
from functools import lru_cache, partial
from itertools import pairwise

import msgspec

from gateway.errors import Code
from gateway.model.clock import DAY, MINUTE, SECOND, spell_instant
from gateway.model.decision import Finding, Verdict
from gateway.rules.holidays import Calendar, holidays_in
from gateway.rules.windows import Span, Week, intersect, intersect_weeks, open_spans, read_week, spell_week
from gateway.rules.zones import Zones, clock_of, zone_names

HORIZON_DAYS = 14
"""How far ahead an open instant is looked for. Hours that have none so far ahead have none at all."""

_RULE = "quiet_hours"


class Hours(msgspec.Struct, frozen=True, eq=False):
    """When texts may go, in local time. Compared by identity: a policy makes each only once, and caches go by it."""

    week: Week
    calendar: Calendar = ()
    guard: int = 0
    """Minutes before the end of a window in which nothing more is handed to a carrier."""
    label: str = ""
    """The policy that says so."""


class Slot(msgspec.Struct, frozen=True, gc=False):
    """A part of a UTC day in which the answer is the same."""

    end: int
    finding: Finding
    closes_at: int | None = None


_UNKNOWN = Finding(
    _RULE,
    Verdict.REFUSE,
    Code.ZONE_UNKNOWN,
    "the number does not tell a time zone (toll-free, or not geographic): give the consumer's address or zone",
)
_SILENT = Finding(
    _RULE,
    Verdict.REFUSE,
    Code.POLICY_SILENT,
    "no policy pack says when this kind of text may go to this place: name one that does",
)


def judge_quiet_hours(at: int, zones: Zones, hours: Hours | None) -> Finding:
    """Whether a text may be handed to a carrier at an instant.

    A hold names the first instant that is open in all zones. Without zones, without hours, or where the zones are never
    open together, the text is refused.
    """
    if hours is None:
        return _SILENT
    if not zones:
        return _UNKNOWN
    return _slot_at(at, zones, hours).finding


def closes_at(at: int, zones: Zones, hours: Hours) -> int | None:
    """The end of the window that is open at an instant: nothing may be delivered after it.

    None where it is closed, or where it does not close within the horizon.
    """
    return _slot_at(at, zones, hours).closes_at if zones else None


def next_open(at: int, zones: Zones, hours: Hours) -> int | None:
    """The first instant, this one included, at which a text may go in all zones; None if there is none."""
    if not zones:
        return None
    for day in range(at // DAY, at // DAY + HORIZON_DAYS + 1):
        for start, end, _ in _openings(zones, hours, day):
            if at < end:
                return max(at, start)
    return None


@lru_cache(maxsize=4096)
def narrow(hours: Hours, week: Week) -> Hours:
    """The hours less what the consumer's own designated times leave out. They never open anything."""
    return Hours(
        intersect_weeks(hours.week, week), hours.calendar, hours.guard, f"{hours.label} and the consumer's times"
    )


@lru_cache(maxsize=4096)
def within(hours: Hours, spelt: str) -> Hours:
    """The hours, narrowed to those that a consumer named: JSON of a week, as ``read_week`` takes it. Each is made once."""
    return narrow(hours, read_week(msgspec.json.decode(spelt, type=dict[str, str])))


def _slot_at(at: int, zones: Zones, hours: Hours) -> Slot:
    slots = _slots(zones, hours, at // DAY)
    for slot in slots:
        if at < slot.end:
            return slot
    return slots[-1]


@lru_cache(maxsize=8192)
def _slots(zones: Zones, hours: Hours, day: int) -> tuple[Slot, ...]:
    """The answers for one UTC day, in order."""
    openings = _openings(zones, hours, day)
    spans = _spans(zones, hours, day)
    ordinary = _spans(zones, _without_holidays(hours), day) if hours.calendar else spans
    cuts = {day * DAY, (day + 1) * DAY}
    cuts.update(edge for opening in openings for edge in opening[:2])
    cuts.update(edge for span in ordinary for edge in span)
    slots = []
    for start, end in pairwise(sorted(cuts)):
        opening = next((opening for opening in openings if opening[0] <= start < opening[1]), None)
        if opening is not None:
            slots.append(Slot(end, _allow(opening[2], zones, hours), opening[2]))
        else:
            is_holiday = _covers(ordinary, start) and not _covers(spans, start)
            slots.append(Slot(end, _refuse_or_hold(start, end, zones, hours, is_holiday=is_holiday)))
    return tuple(slots)


def _openings(zones: Zones, hours: Hours, day: int) -> tuple[tuple[int, int, int | None], ...]:
    """The parts of a UTC day in which a text may go, each with the end of its window."""
    found = []
    for start, end in _spans(zones, hours, day):
        closes = _closing(zones, hours, end)
        last = end if closes is None else min(end, closes - hours.guard * MINUTE)
        if start < last:
            found.append((start, last, closes))
    return tuple(found)


def _closing(zones: Zones, hours: Hours, end: int) -> int | None:
    """Where a span that ends at ``end`` really ends: it may go on after midnight UTC."""
    for _ in range(HORIZON_DAYS):
        if end % DAY:
            return end
        following = _spans(zones, hours, end // DAY)
        if not following or following[0][0] != end:
            return end
        end = following[0][1]
    return None


@lru_cache(maxsize=8192)
def _spans(zones: Zones, hours: Hours, day: int) -> tuple[Span, ...]:
    """When, on one UTC day, all zones are inside the hours. A zone that the database lacks is never inside."""
    if not zones <= zone_names():
        return ()
    is_closed = partial(_is_holiday, hours.calendar)
    shared: tuple[Span, ...] = ((day * DAY, (day + 1) * DAY),)
    for zone in zones:
        shared = intersect(shared, open_spans(clock_of(zone), hours.week, is_closed, day))
    return shared


def _is_holiday(calendar: Calendar, day: date) -> bool:
    return bool(calendar) and day in holidays_in(calendar, day.year)


@lru_cache(maxsize=1024)
def _without_holidays(hours: Hours) -> Hours:
    return Hours(hours.week, (), hours.guard, hours.label)


def _covers(spans: tuple[Span, ...], at: int) -> bool:
    return any(start <= at < end for start, end in spans)


def _allow(closes: int | None, zones: Zones, hours: Hours) -> Finding:
    until = "always open" if closes is None else f"open until {spell_instant(closes)}"
    return Finding(_RULE, Verdict.ALLOW, detail=f"{until} in {_listed(zones)}{_by(hours)}")


def _refuse_or_hold(at: int, end: int, zones: Zones, hours: Hours, *, is_holiday: bool) -> Finding:
    where = _listed(zones)
    opens = next_open(end, zones, hours)
    if opens is None:
        alone = all(next_open(end, frozenset({zone}), hours) is not None for zone in zones)
        if alone and len(zones) > 1:
            detail = f"{where} are never open at the same time{_by(hours)}: give the consumer's address or zone"
            return Finding(_RULE, Verdict.REFUSE, Code.ZONE_AMBIGUOUS, detail)
        detail = f"{where}: nothing is open within {HORIZON_DAYS} days{_by(hours)}"
        return Finding(_RULE, Verdict.REFUSE, Code.QUIET_HOURS_NEVER, detail)
    if is_holiday:
        detail = f"{_holidays_at(at, zones, hours)} in {where}{_by(hours)}"
        return Finding(_RULE, Verdict.HOLD, Code.HOLIDAY, detail, opens)
    detail = f"outside {spell_week(hours.week)} in {where}{_by(hours)}"
    return Finding(_RULE, Verdict.HOLD, Code.QUIET_HOURS, detail, opens)


def _holidays_at(at: int, zones: Zones, hours: Hours) -> str:
    days = {datetime.fromtimestamp(at // SECOND, clock_of(zone)).date() for zone in zones}
    return " and ".join(sorted({holidays_in(hours.calendar, day.year).get(day, "") for day in days} - {""}))


def _listed(zones: Zones) -> str:
    return ", ".join(sorted(zones))


def _by(hours: Hours) -> str:
    return f" ({hours.label})" if hours.label else ""
