"""What several policy packs say together.

Owns: composing packs, and what they come to for texts of one purpose to one place. Does not own: how a pack is written
(packs) or judging a text by the outcome (quiet_hours, frequency).

Packs compose by strictness, so that adding one never allows what was not allowed before: hours intersect, holidays add up,
every cap holds, refusals add up, and of two limits the stricter counts. Silence is strict too: a place for which no pack
names any hours gets no texts at all, and an opt-out of which none says how far it reaches ends everything.
"""

from collections.abc import Mapping
from functools import lru_cache, reduce
from itertools import chain
from types import MappingProxyType

import msgspec

from gateway.model.clock import DAY, HOUR
from gateway.rules.frequency import Cap
from gateway.rules.holidays import CALENDARS
from gateway.rules.packs import (
    STRICTER,
    CapRule,
    HolidaysRule,
    HoursRule,
    Limit,
    LimitRule,
    Pack,
    Purpose,
    Reach,
    Refusal,
    RefusalRule,
    Requirement,
    RequirementRule,
    RevocationRule,
    Rule,
)
from gateway.rules.quiet_hours import Hours
from gateway.rules.windows import intersect_weeks, read_week
from gateway.rules.zones import Regions

_REACHES = tuple(Reach)


class Policy(msgspec.Struct, frozen=True, eq=False):
    """What some packs say together while the same rules are in force. Compared by identity."""

    label: str
    """The packs and their versions: ``us-strict@1+us-ma@1``."""
    rules: tuple[tuple[str, Rule], ...]
    """Each rule in force, after its name: ``us-ma/weekly@1``."""


class Regime(msgspec.Struct, frozen=True, eq=False):
    """What a policy says of texts of one purpose to certain places. Compared by identity."""

    label: str
    rules: tuple[str, ...]
    """The names of the rules that are for such texts."""
    hours: Hours | None
    """None where some place has none: nothing may go there."""
    caps: tuple[Cap, ...]
    limits: Mapping[Limit, int]
    refusals: frozenset[Refusal]
    requirements: frozenset[Requirement]
    revocation: Reach


def compose(packs: tuple[Pack, ...], at: int) -> Policy:
    """What the packs say together at an instant; the same object for as long as the same rules are in force."""
    return _composed(packs, at // HOUR)


@lru_cache(maxsize=256)
def _composed(packs: tuple[Pack, ...], hour: int) -> Policy:
    # Rules begin and end on the hour.
    return _policy(packs, tuple(rule.in_force(hour * HOUR) for pack in packs for rule in pack.rules))


@lru_cache(maxsize=256)
def _policy(packs: tuple[Pack, ...], holds: tuple[bool, ...]) -> Policy:
    named = [(f"{pack.name}/{rule.id}@{rule.version}", rule) for pack in packs for rule in pack.rules]
    label = "+".join(f"{pack.name}@{pack.version}" for pack in packs)
    return Policy(label, tuple(entry for entry, held in zip(named, holds, strict=True) if held))


@lru_cache(maxsize=4096)
def regime_of(policy: Policy, purpose: Purpose | None, regions: Regions) -> Regime:
    """What a policy says of a text; the same object for the same question. None and empty mean: not known."""
    named = [(name, rule) for name, rule in policy.rules if rule.is_for(purpose, regions)]
    rules = [rule for _, rule in named]
    limits: dict[Limit, int] = {}
    for rule in rules:
        if isinstance(rule, LimitRule):
            limits[rule.limit] = STRICTER[rule.limit](rule.value, limits.get(rule.limit, rule.value))
    reaches = [_REACHES.index(rule.reach) for rule in rules if isinstance(rule, RevocationRule)]
    return Regime(
        label=policy.label,
        rules=tuple(name for name, _ in named),
        hours=_hours(policy.label, regions, rules, limits.get(Limit.GUARD_MINUTES, 0)),
        caps=tuple(cap_of(name, rule) for name, rule in named if isinstance(rule, CapRule)),
        limits=MappingProxyType(limits),
        requirements=frozenset(rule.require for rule in rules if isinstance(rule, RequirementRule)),
        refusals=frozenset(rule.refuse for rule in rules if isinstance(rule, RefusalRule)),
        revocation=_REACHES[max(reaches, default=len(_REACHES) - 1)],
    )


def _hours(label: str, regions: Regions, rules: list[Rule], guard: int) -> Hours | None:
    found = [rule for rule in rules if isinstance(rule, HoursRule)]
    if not found or not all(any(rule.covers(region) for rule in found) for region in regions or {None}):
        return None
    week = reduce(intersect_weeks, (read_week(rule.open) for rule in found))
    calendars = [
        CALENDARS[rule.calendar] if rule.calendar is not None else rule.days
        for rule in rules
        if isinstance(rule, HolidaysRule)
    ]
    return Hours(week, tuple(dict.fromkeys(chain.from_iterable(calendars))), guard, label)


def cap_of(name: str, rule: CapRule) -> Cap:
    """The cap that a rule sets."""
    window = rule.days * DAY if rule.days is not None else (rule.hours or 0) * HOUR
    return Cap(name, rule.most, window, rule.per, rule.channels, rule.breach == "refuse")
