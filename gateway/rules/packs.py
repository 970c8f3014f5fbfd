"""Policy packs: the rules of a place or a practice as data.

Owns: how a pack is written, and whether one of its rules is in force at an instant and meant for a text. Does not own: the
files (config), what several packs say together (policy), or whether they make sense (pack_lint).

Every rule carries its source, a mark that tells how well its parameter is known, a version, and the days on which it is in
force. It may be for some places (``where``) and some purposes only. A text that might be meant is meant: what is not
known of its place or its purpose matches every rule.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta

from gateway.config.decode import Faults, decode_table, did_you_mean
from gateway.config.faults import ConfigError
from gateway.config.fields import Name, Section, Title, Wrong
from gateway.model.clock import DAY, HOUR
from gateway.model.contact import Channel
from gateway.rules.frequency import Per
from gateway.rules.holidays import CALENDARS, Holiday
from gateway.rules.windows import BadWeek, read_week
from gateway.rules.zones import Regions


class Mark(StrEnum):
    """How well a rule's parameter is known."""

    PRIMARY = "primary"
    """Read in the law, or with the authority or company whose rule it is."""
    SECONDARY = "secondary"
    """Read in somebody's account of it."""
    MEMORY = "memory"
    """Unchecked."""
    OWN = "own"
    """No law's: a choice of this project."""


class Purpose(StrEnum):
    """What a text is for, as laws tell texts apart."""

    SERVICING = "servicing"
    COLLECTIONS = "collections"
    MARKETING = "marketing"


class Limit(StrEnum):
    """A number that a pack may set."""

    OPT_OUT_YEARS = "opt_out_years"
    """How long an opt-out is kept and honoured."""
    RECORD_YEARS = "record_years"
    """How long records are kept after the last activity."""
    GUARD_MINUTES = "guard_minutes"
    """How long before a window closes nothing more is handed over."""
    CONSENT_FRESH_DAYS = "consent_fresh_days"
    """How long a consent counts without renewal, a text from the consumer, or a reassigned-number check."""
    ZONE_FRESH_DAYS = "zone_fresh_days"
    """How long a zone that the consumer confirmed counts alone."""
    INVITATIONS = "invitations"
    """How many requests to opt in a number may get from a program."""
    CONFIRMATION_MINUTES = "confirmation_minutes"
    """How long after an opt-out its one confirmation may go."""
    REVIEW_HOURS = "review_hours"
    """How long an unclear reply may wait for a person."""
    OPT_OUT_LINE_DAYS = "opt_out_line_days"
    """How long a text may go without opt-out instructions after one that had them; 0 puts them into every text."""


STRICTER: Mapping[Limit, Callable[[int, int], int]] = {
    Limit.OPT_OUT_YEARS: max,
    Limit.RECORD_YEARS: max,
    Limit.GUARD_MINUTES: max,
    Limit.CONSENT_FRESH_DAYS: min,
    Limit.ZONE_FRESH_DAYS: min,
    Limit.INVITATIONS: min,
    Limit.CONFIRMATION_MINUTES: min,
    Limit.REVIEW_HOURS: min,
    Limit.OPT_OUT_LINE_DAYS: min,
}
"""Which of two values of a limit is the stricter."""


class Refusal(StrEnum):
    """Something that a pack may refuse outright."""

    ZONE_UNKNOWN = "zone_unknown"
    """A text to a number without a zone, rather than asking both coasts."""
    THIRD_PARTY = "third_party"
    """A text to anyone but the consumer and those who stand in the consumer's place."""
    PARTY_UNKNOWN = "party_unknown"
    """A text to a number of which nobody knows yet whose it is."""
    WORKPLACE = "workplace"
    """A text to a number at work where the employer forbids it."""


class Requirement(StrEnum):
    """A part that a pack may require of every text."""

    IDENTITY = "identity"
    """A name that the consumer knows the sender by."""
    DISCLOSURE = "disclosure"
    """The program's disclosure, word for word (such as that of 12 CFR 1006.18(e))."""


class Reach(StrEnum):
    """What an opt-out ends when it does not say; each reaches further than the one before."""

    ACCOUNT = "account"
    CATEGORY = "category"
    PROGRAM = "program"
    ALL = "all"


def _choice(kind: type[StrEnum]) -> Meta:
    return Meta(description=f"one of {', '.join(repr(str(choice)) for choice in kind)}")


Where = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?\Z",
        description='an ISO 3166 code of a country or a state, such as "US" or "US-MA"',
    ),
]
Text = Annotated[str, Meta(pattern=r"\A[^\x00-\x1f\x7f]{1,500}\Z", description="one line, 1 to 500 characters")]
Day = Annotated[date, Meta(description="a date such as 2026-09-01, without quotes")]
Positive = Annotated[int, Meta(ge=1, le=10_000, description="a whole number, 1 to 10000")]


class Rule(Section, frozen=True, kw_only=True):
    """What every rule says of itself."""

    id: Name
    version: Annotated[int, Meta(ge=1, le=9999, description="a whole number, 1 to 9999")] = 1
    source: Text
    """Where the parameter is from."""
    mark: Annotated[Mark, _choice(Mark)]
    effective_from: Day | None = None
    """The first day on which it holds; without one, it always has."""
    effective_until: Day | None = None
    """The first day on which it no longer holds."""
    where: tuple[Where, ...] = ()
    """The places it is for; empty: all."""
    purposes: tuple[Annotated[Purpose, _choice(Purpose)], ...] = ()
    """The texts it is for; empty: all."""
    note: Text | None = None

    def check(self) -> Iterator[Wrong]:
        """The rule holds on some day."""
        if self.effective_from and self.effective_until and self.effective_until <= self.effective_from:
            yield "effective_until", "is not after effective_from", "the rule would never hold: mend the dates"

    def in_force(self, at: int) -> bool:
        """Whether it is in force: from when its first day begins anywhere on Earth until its last is over everywhere."""
        begins, ends = self.effective_from, self.effective_until
        return (begins is None or _midnight(begins) - 14 * HOUR <= at) and (
            ends is None or at < _midnight(ends) + 12 * HOUR
        )

    def is_for(self, purpose: Purpose | None, regions: Regions) -> bool:
        """Whether it reaches a text of this purpose to these places, of which nothing may be known."""
        return (not self.purposes or purpose is None or purpose in self.purposes) and (
            not self.where or not regions or any(_overlap(here, there) for here in self.where for there in regions)
        )

    def covers(self, region: str | None) -> bool:
        """Whether it is for the whole of a place; None is a place of which nothing is known."""
        return not self.where or (region is not None and any(_is_in(region, place) for place in self.where))


class HoursRule(Rule, frozen=True, kw_only=True):
    """[[hours]]: when texts may go, in the local time of the reader."""

    open: dict[str, str]
    """Days and their windows; a day that is not named is closed."""

    def check(self) -> Iterator[Wrong]:
        """The windows can be read, and there is at least one."""
        yield from super().check()
        try:
            if not any(read_week(self.open)):
                yield "open", "opens on no day", 'write it as { mon-sat = "09:00-20:00" }'
        except BadWeek as error:
            problem, _, fix = str(error).partition(": ")
            yield "open", problem, fix or 'write it as { mon-sat = "09:00-20:00" }'


class HolidaysRule(Rule, frozen=True, kw_only=True):
    """[[holidays]]: days on which nothing goes."""

    calendar: str | None = None
    """A calendar that the gateway can compute; or else:"""
    days: tuple[Holiday, ...] = ()

    def check(self) -> Iterator[Wrong]:
        """One of the two is there, and the calendar exists."""
        yield from super().check()
        if (self.calendar is None) == (not self.days):
            yield "calendar", "or days: one of the two is wanted", "name a calendar, or list the days"
        elif self.calendar is not None and self.calendar not in CALENDARS:
            yield "calendar", "is not known", did_you_mean(self.calendar, list(CALENDARS))


class CapRule(Rule, frozen=True, kw_only=True):
    """[[caps]]: how often a person may be contacted."""

    most: Positive
    days: Positive | None = None
    """The window; or else:"""
    hours: Positive | None = None
    per: Annotated[Per, _choice(Per)]
    channels: tuple[Annotated[Channel, _choice(Channel)], ...] = tuple(Channel)
    """Which contacts count."""
    breach: Literal["hold", "refuse"] = "hold"
    """Whether a text above the cap waits until the window frees."""

    def check(self) -> Iterator[Wrong]:
        """It has one window and counts something."""
        yield from super().check()
        if (self.days is None) == (self.hours is None):
            yield "days", "or hours: one of the two is wanted", "give the length of the rolling window"
        if not self.channels:
            yield "channels", "is empty", "leave it out to count every channel"


class LimitRule(Rule, frozen=True, kw_only=True):
    """[[limits]]: one number."""

    limit: Annotated[Limit, _choice(Limit)]
    value: Annotated[int, Meta(ge=0, le=10_000, description="a whole number, 0 to 10000")]


class RefusalRule(Rule, frozen=True, kw_only=True):
    """[[refusals]]: something refused outright."""

    refuse: Annotated[Refusal, _choice(Refusal)]


class RequirementRule(Rule, frozen=True, kw_only=True):
    """[[requirements]]: a part that a text has to have."""

    require: Annotated[Requirement, _choice(Requirement)]


class RevocationRule(Rule, frozen=True, kw_only=True):
    """[[revocations]]: what an opt-out ends when it does not say."""

    reach: Annotated[Reach, _choice(Reach)]


class Pack(Section, frozen=True, kw_only=True, eq=False):
    """One file of rules. Compared by identity."""

    name: Name
    version: Annotated[int, Meta(ge=1, le=9999, description="a whole number, 1 to 9999")]
    title: Title
    hours: tuple[HoursRule, ...] = ()
    holidays: tuple[HolidaysRule, ...] = ()
    caps: tuple[CapRule, ...] = ()
    limits: tuple[LimitRule, ...] = ()
    refusals: tuple[RefusalRule, ...] = ()
    requirements: tuple[RequirementRule, ...] = ()
    revocations: tuple[RevocationRule, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All of them, in the order of the file's kinds."""
        return (
            *self.hours,
            *self.holidays,
            *self.caps,
            *self.limits,
            *self.refusals,
            *self.requirements,
            *self.revocations,
        )


@lru_cache(maxsize=256)
def read_pack(text: str, file: str) -> Pack:
    """The pack that a TOML text spells, the same object for the same text: packs are compared by identity, and many ask for
    them. Raises ConfigError with every fault; ``file`` is what they call it."""
    faults = Faults(file)
    raw: dict[str, object] = {}
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        faults.add_unusable("", "is not TOML (nested too deep)", "remove the nesting")
    except ValueError as error:
        faults.add_unusable("", f"is not TOML ({str(error).splitlines()[0]})", "mend the line")
    pack = decode_table(Pack, raw, "", faults) if not faults.unread else None
    if pack is None or any(True for _ in faults):
        raise ConfigError(faults)
    return pack


def _overlap(one: str, other: str) -> bool:
    """Whether two places share ground: the same, or one inside the other."""
    return _is_in(one, other) or _is_in(other, one)


def _is_in(place: str, other: str) -> bool:
    return place == other or place.startswith(f"{other}-")


def _midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY
