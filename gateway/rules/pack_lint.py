"""What is odd about policy packs that can be read.

Owns: rules that contradict, repeat or outlive each other, in one pack and among packs that are named together. Does not own:
the form of a pack (packs) or what becomes of the findings (config, the admin tool).

An error means that texts would go wrong or not at all; a warning, that somebody may have meant something else; a note, what
an auditor would ask.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from itertools import combinations

import msgspec

from gateway.config.decode import did_you_mean
from gateway.rules.packs import CapRule, HoursRule, LimitRule, Mark, Pack, Purpose, Rule
from gateway.rules.policy import Policy, Regime, compose, regime_of
from gateway.rules.windows import spell_week
from gateway.rules.zones import COUNTRIES, STATES


class Level(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class PackFinding(msgspec.Struct, frozen=True):
    """One oddity."""

    level: Level
    code: str
    subject: str
    """The pack, or the pack and the rule: ``us-ma/weekly@1``."""
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.level}: {self.subject}: {self.problem}: {self.fix}"


def lint_pack(pack: Pack, at: int) -> tuple[PackFinding, ...]:
    """What is odd about one pack, seen from an instant."""
    rules = [(f"{pack.name}/{rule.id}@{rule.version}", rule) for rule in pack.rules]
    return (*_lint_rules(pack, rules, at), *_lint_pairs(rules))


def lint_selection(
    names: tuple[str, ...], available: Mapping[str, Pack], at: int, regions: Iterable[str]
) -> tuple[PackFinding, ...]:
    """What is odd about naming these packs together for texts to these regions."""
    unknown = [name for name in names if name not in available]
    if unknown or not names or len(set(names)) < len(names):
        return tuple(_lint_names(names, unknown, available))
    policy = compose(tuple(available[name] for name in names), at)
    return (*_lint_places(policy, regions), *_lint_pairs(list(policy.rules), among_packs=True))


def _lint_rules(pack: Pack, rules: list[tuple[str, Rule]], at: int) -> Iterator[PackFinding]:
    if not rules:
        yield PackFinding(Level.ERROR, "pack.empty", pack.name, "has no rules", "give it some, or remove the file")
    elif not any(rule.in_force(at) for _, rule in rules):
        yield PackFinding(Level.WARNING, "pack.asleep", pack.name, "no rule is in force", "check the dates")
    for name, rule in rules:
        for place in rule.where:
            if not _exists(place):
                fix = "write GB" if place == "UK" else "give the ISO 3166 code of a country, state or province"
                yield PackFinding(Level.ERROR, "where.unknown", name, f"there is no place {place}", fix)
        if rule.mark is Mark.MEMORY:
            yield PackFinding(Level.NOTE, "rule.unchecked", name, "its parameter is unchecked", "read the source")
        if rule.effective_until is not None and not rule.in_force(at) and _is_over(rule, at):
            yield PackFinding(Level.NOTE, "rule.over", name, f"ended on {rule.effective_until}", "remove it in time")
        elif not rule.in_force(at):
            begins = f"begins on {rule.effective_from}"
            yield PackFinding(Level.NOTE, "rule.to_come", name, begins, "nothing to do; it will begin by itself")


def _exists(place: str) -> bool:
    country, _, state = place.partition("-")
    return country in COUNTRIES and (not state or country not in ("US", "CA") or place in STATES)


def _is_over(rule: Rule, at: int) -> bool:
    return msgspec.structs.replace(rule, effective_until=None).in_force(at)


def _lint_names(names: tuple[str, ...], unknown: list[str], available: Mapping[str, Pack]) -> Iterator[PackFinding]:
    if not names:
        yield PackFinding(Level.ERROR, "pack.none", "packs", "none is named, so nothing may be sent", "name us-strict")
    for name in unknown:
        yield PackFinding(Level.ERROR, "pack.unknown", name, "is no pack", did_you_mean(name, list(available)))
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield PackFinding(Level.WARNING, "pack.twice", name, "is named twice", "name it once")


def _lint_places(policy: Policy, regions: Iterable[str]) -> Iterator[PackFinding]:
    """Places with no hours, or with hours that leave nothing open."""
    named = {place for _, rule in policy.rules for place in rule.where}
    for region in sorted(regions):
        inside = sorted(place for place in named if place.startswith(f"{region}-"))
        regimes = {place: _regimes(policy, place) for place in (region, *inside)}
        closed = [purpose for purpose, regime in regimes[region].items() if regime.hours is None]
        if closed:
            problem = f"no rule says when {' and '.join(closed)} texts may go to all of {region}, so none will"
            fix = f"name a pack with hours for {region} as well"
            yield PackFinding(Level.ERROR, "hours.missing", policy.label, problem, fix)
        # The rules of all states match the country as a whole; those need not agree with each other.
        for place in inside or [region]:
            for purpose, regime in regimes[place].items():
                if regime.hours is not None and not _ever_opens(regime):
                    week = f"{spell_week(regime.hours.week)}, less {regime.hours.guard} minutes"
                    problem = (
                        f"{purpose} texts never go to {place}: {_hours_rules(policy, purpose, place)} leave {week}"
                    )
                    fix = "name packs that share some hours"
                    yield PackFinding(Level.ERROR, "hours.contradict", policy.label, problem, fix)


def _regimes(policy: Policy, place: str) -> dict[Purpose, Regime]:
    return {purpose: regime_of(policy, purpose, frozenset({place})) for purpose in Purpose}


def _hours_rules(policy: Policy, purpose: Purpose, place: str) -> str:
    return ", ".join(
        name for name, rule in policy.rules if isinstance(rule, HoursRule) and rule.is_for(purpose, frozenset({place}))
    )


def _ever_opens(regime: Regime) -> bool:
    hours = regime.hours
    return hours is not None and any(closes - opens > hours.guard for day in hours.week for opens, closes in day)


def _lint_pairs(rules: list[tuple[str, Rule]], *, among_packs: bool = False) -> Iterator[PackFinding]:
    """Rules that are in each other's way, within their pack or across packs."""
    moot: dict[str, str] = {}
    for (name, rule), (other_name, other) in combinations(rules, 2):
        if (name.partition("/")[0] != other_name.partition("/")[0]) != among_packs or not _share_days(rule, other):
            continue
        if not among_packs and type(rule) is type(other) and rule.id == other.id:
            problem = f"has the same id as {other_name}, and both are in force on some day"
            yield PackFinding(Level.ERROR, "rule.twice", name, problem, "end one before the other begins, or rename it")
        elif not among_packs and _disagree(rule, other):
            problem = f"sets the limit of {other_name} to another value"
            yield PackFinding(Level.WARNING, "limit.twice", name, problem, "keep one; the stricter one counts")
        elif isinstance(rule, CapRule) and isinstance(other, CapRule):
            if _is_moot(rule, other):
                moot.setdefault(name, other_name)
            elif _is_moot(other, rule):
                moot.setdefault(other_name, name)
    level = Level.NOTE if among_packs else Level.WARNING
    for name, by in moot.items():
        problem = f"stops nothing that {by} does not stop"
        yield PackFinding(level, "cap.moot", name, problem, "nothing to do if the stricter one is meant")


def _disagree(one: Rule, other: Rule) -> bool:
    """Whether two rules of a pack set one limit to two values for the same texts. Among packs that is their purpose."""
    return (
        isinstance(one, LimitRule)
        and isinstance(other, LimitRule)
        and one.limit is other.limit
        and one.value != other.value
        and set(one.where) == set(other.where)
        and set(one.purposes) == set(other.purposes)
    )


def _is_moot(one: CapRule, by: CapRule) -> bool:
    """Whether every text that one cap stops is stopped by the other, in the same way."""
    return (
        by.most <= one.most
        and _window(by) >= _window(one)
        and by.per == one.per
        and by.breach in (one.breach, "refuse")
        and set(by.channels) >= set(one.channels)
        and (not by.purposes or (bool(one.purposes) and set(one.purposes) <= set(by.purposes)))
        and (not by.where or (bool(one.where) and all(by.covers(place) for place in one.where)))
        and _day(by.effective_from, date.min) <= _day(one.effective_from, date.min)
        and _day(by.effective_until, date.max) >= _day(one.effective_until, date.max)
    )


def _window(cap: CapRule) -> int:
    return cap.days * 24 if cap.days is not None else cap.hours or 0


def _share_days(one: Rule, other: Rule) -> bool:
    return _day(one.effective_from, date.min) < _day(other.effective_until, date.max) and _day(
        other.effective_from, date.min
    ) < _day(one.effective_until, date.max)


def _day(day: date | None, otherwise: date) -> date:
    return otherwise if day is None else day
