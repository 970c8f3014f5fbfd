"""Days on which nothing is sent.

Owns: how a holiday is spelt and on which dates it falls, observed days included, and the federal holidays of the United
States. Does not own: which calendar counts for a text (packs), or the clock of the place (windows).

A holiday that falls on a weekend is kept on a weekday as well. ``nearest`` does so as the United States do: Saturday's on
Friday, Sunday's on Monday (5 USC 6103(b)). ``following`` does so as the United Kingdom and Australia do: on the next
weekday that no other holiday has. Both the day itself and the day it is kept on are closed.
"""

import re
from calendar import isleap
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta

from gateway.config.fields import Section, Title, Wrong
from gateway.rules.windows import WEEKDAYS

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ORDINALS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": -1}
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_WEEKDAY = f"(?P<weekday>{'|'.join(WEEKDAYS)})"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"{_MONTH} (?P<day>[1-9]|[12][0-9]|3[01])",
        rf"(?P<ordinal>{'|'.join(_ORDINALS)}) {_WEEKDAY} {_MONTH}",
        rf"{_WEEKDAY} before {_MONTH} (?P<day>[1-9]|[12][0-9]|3[01])",
        r"easter(?P<offset> ?[+-] ?[0-9]{1,2})?",
        r"(?P<date>[12][0-9]{3}-[01][0-9]-[0-3][0-9])",
    )
)
_HOW = '"jul 4", "3rd mon jan", "last mon may", "mon before may 25", "easter -2" or one date such as "2027-05-03"'

On = Annotated[str, Meta(min_length=1, max_length=40, description=_HOW)]


class Holiday(Section, frozen=True, kw_only=True):
    """One holiday of a calendar."""

    name: Title
    on: On
    observed: Literal["same", "nearest", "following"] = "same"
    """Where it is kept as well when it falls on a weekend."""
    since: Annotated[int, Meta(ge=1, le=9999, description="a year")] = 1
    """The first year in which it was kept."""

    def check(self) -> Iterator[Wrong]:
        """The day is spelt in one of the known ways and exists."""
        try:
            _day_in(self.on, 2028)
        except ValueError:
            yield "on", "is no day that can be found in a calendar", f"write it as {_HOW}"


Calendar = tuple[Holiday, ...]


def _federal(name: str, on: str, since: int = 1) -> Holiday:
    return Holiday(name=name, on=on, observed="nearest", since=since)


US_FEDERAL: Calendar = (
    # 5 USC 6103(a). Inauguration Day is kept around Washington only.
    _federal("New Year's Day", "jan 1"),
    _federal("Birthday of Martin Luther King, Jr.", "3rd mon jan", 1986),
    _federal("Washington's Birthday", "3rd mon feb"),
    _federal("Memorial Day", "last mon may"),
    _federal("Juneteenth National Independence Day", "jun 19", 2021),
    _federal("Independence Day", "jul 4"),
    _federal("Labor Day", "1st mon sep"),
    _federal("Columbus Day", "2nd mon oct"),
    _federal("Veterans Day", "nov 11"),
    _federal("Thanksgiving Day", "4th thu nov"),
    _federal("Christmas Day", "dec 25"),
)

CALENDARS: Mapping[str, Calendar] = MappingProxyType({"us-federal": US_FEDERAL})
"""Calendars that a pack may name instead of spelling them."""


@lru_cache(maxsize=512)
def holidays_in(calendar: Calendar, year: int) -> Mapping[date, str]:
    """The dates of a year on which a calendar is closed, with the name of the holiday."""
    found: dict[date, str] = {}
    # New Year's Day on a Saturday is kept in the old year, a Boxing Day late in December may be kept in the new one.
    for around in (year - 1, year, year + 1):
        taken = dict(_days(calendar, around))
        kept = dict(taken)
        for day, holiday in sorted(taken.items()):
            observed = _observed(day, holiday.observed, kept)
            kept.setdefault(observed, holiday)
        found |= {
            day: holiday.name if day in taken else f"{holiday.name} (observed)"
            for day, holiday in kept.items()
            if day.year == year
        }
    return MappingProxyType(found)


def _days(calendar: Calendar, year: int) -> Iterator[tuple[date, Holiday]]:
    for holiday in calendar:
        if year >= holiday.since:
            day = _day_in(holiday.on, year)
            if day is not None:
                yield day, holiday


def _observed(day: date, how: str, kept: Mapping[date, Holiday]) -> date:
    if how == "nearest":
        return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))
    if how == "following" and day.weekday() >= 5:
        while day.weekday() >= 5 or day in kept:
            day += timedelta(days=1)
    return day


def _day_in(on: str, year: int) -> date | None:
    """The date of a spelt day; None in a year that does not have it. Raises ValueError."""
    found = next((match for form in _FORMS if (match := form.fullmatch(on.lower()))), None)
    if found is None:
        raise ValueError(_HOW)
    parts = found.groupdict()
    if parts.get("date"):
        single = date.fromisoformat(parts["date"])
        return single if single.year == year else None
    if on.lower().startswith("easter"):
        return easter(year) + timedelta(days=int((parts["offset"] or "0").replace(" ", "")))
    month = _MONTHS.index(parts["month"]) + 1
    if parts.get("ordinal"):
        return _nth(_ORDINALS[parts["ordinal"]], WEEKDAYS.index(parts["weekday"]), month, year)
    if (month, parts["day"]) == (2, "29") and not isleap(year):
        return None
    day = date(year, month, int(parts["day"]))
    if parts.get("weekday"):
        return day - timedelta(days=(day.weekday() - WEEKDAYS.index(parts["weekday"]) - 1) % 7 + 1)
    return day


def _nth(ordinal: int, weekday: int, month: int, year: int) -> date:
    """The nth such weekday of a month; -1 is the last."""
    if ordinal > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (ordinal - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)
