"""All rules for one text, in order: the only way from a wish to a send.

Owns: the order, and the ruling that follows. Does not own: any rule, or the facts, which are looked up in the transaction
that acts on them.

A text is judged when it is submitted, for the instant at which it is to go, and again when it is about to be sent. All
rules are evaluated each time, so that a refusal names everything that is wrong, not the first thing alone.
"""

from functools import lru_cache

import msgspec
from msgspec.structs import replace

from gateway.model.decision import Decision, Finding, Verdict, conclude
from gateway.model.message import ANSWERS, FINAL, Claimed, Facts, Origin, Ruling, State, Submission
from gateway.model.profile import Profile
from gateway.rules.category import judge_category
from gateway.rules.charters import Charter
from gateway.rules.consent import judge_consent
from gateway.rules.content.judge import Wording, is_line_due, judge_content, judge_debts, judge_line
from gateway.rules.country import judge_country
from gateway.rules.daily import judge_day
from gateway.rules.frequency import judge_frequency
from gateway.rules.freshness import judge_freshness
from gateway.rules.holds import judge_hold
from gateway.rules.length import judge_length
from gateway.rules.packs import Limit, Purpose, Refusal
from gateway.rules.party import judge_party, may_hear_of_debts
from gateway.rules.policy import Regime
from gateway.rules.quiet_hours import Hours, closes_at, judge_quiet_hours, next_open, within
from gateway.rules.repetition import judge_repetition
from gateway.rules.routing import Choice, judge_barred, judge_route
from gateway.rules.timing import LONGEST_WAIT, judge_schedule, too_far, too_late
from gateway.rules.workplace import judge_workplace
from gateway.rules.zones import Confirmed, Zones, candidate_zones, jurisdictions_of, stand_in, zones_at

_encode = msgspec.json.Encoder().encode

_STATES = {Verdict.ALLOW: State.QUEUED, Verdict.HOLD: State.HELD, Verdict.REFUSE: State.BLOCKED}
_ZONE_FRESH_DAYS = 90
"""Where no pack says how long a zone that the consumer confirmed counts alone."""
_NO_PROFILE = Profile()
_BACK = ANSWERS | FINAL
"""What goes back the way that the consumer's word came, whatever its carrier is for."""
_CLIENTS = frozenset({Origin.CLIENT, Origin.PLUGIN})
_WORDED = _CLIENTS | {Origin.ANSWER}
"""Whose words may speak of debts; the gateway's own do not."""
_OWN_ANSWERS = ANSWERS - {Origin.ANSWER}
_FRESH = Limit.CONSENT_FRESH_DAYS
_MOST_TURNS = 8
"""How often hours and caps are asked in turn when a text may go. What is planned beyond that is met when it is sent."""


class Terms(msgspec.Struct, frozen=True):
    """What policy and configuration say about one submission, looked up by its maker."""

    region: str | None
    """Of the number: an ISO 3166 code."""
    regions: frozenset[str]
    """Where texts may go."""
    max_segments: int
    charter: Charter
    route: Choice | None = None
    """None for the answer to a consumer."""
    replaced: str | None = None
    """The characters that were replaced or left out for the carrier, for the record."""
    validity: int | None = None
    """How long the text is good for from when it may go, in milliseconds; None where its maker named the instant."""
    wording: Wording | None = None
    """None for the gateway's own words."""


class Setting(msgspec.Struct, frozen=True):
    """Where and under which rules a text is judged."""

    regime: Regime
    regions: tuple[str, ...]
    zones: Zones
    hours: Hours | None
    """The regime's, within those that the consumer named. None where it has none, and for an answer."""


def decide(submission: Submission, facts: Facts, terms: Terms) -> Decision:
    """What the rules say about a submission, by these facts."""
    at = max(submission.at, submission.send_at or 0)
    setting = _setting(terms.charter, facts, submission.number, submission.origin, at)
    findings = (
        judge_category(submission.category, allowed=terms.charter.sends),
        *_judge_standing(setting, facts, submission.origin, submission.account, at),
        *_judge_form(submission, terms),
        *_judge_words(terms.wording, terms.charter.purpose, setting, facts, at, lined=submission.tells_opt_out),
        *_judge_volume(terms.charter, submission.origin, facts),
    )
    decision = conclude(findings)
    until = _opening(decision.until, setting)
    if until is not None and setting is not None and submission.origin not in ANSWERS:
        findings, until, setting = _meet(findings, until, submission, facts, terms.charter)
        decision = conclude(findings)
    if until is not None and terms.validity is None and submission.expires_at <= until:
        decision = conclude((*findings, too_late(until)))
        until = None
    elif until is not None and until - at > LONGEST_WAIT:
        decision = conclude((*findings, too_far(until, decision.code)))
        until = None
    return _with(decision, setting, until)


def rule(submission: Submission, facts: Facts, terms: Terms) -> Ruling:
    """What becomes of a submission: the decision, the state it puts the message in, and what the rules changed of it."""
    instead = _with_line(submission, facts, terms, max(submission.at, submission.send_at or 0))
    decision = decide(instead or submission, facts, terms)
    if decision.until is not None and instead is None:
        # It may be due by the time that the text goes.
        instead = _with_line(submission, facts, terms, decision.until)
        if instead is not None:
            decision = decide(instead, facts, terms)
    encoded = _encode(decision)
    state = _STATES[decision.outcome]
    if state is not State.HELD:
        return Ruling(state, submission.at, encoded, decision.code, instead)
    if decision.until is None:  # until somebody ends it: for as long as the text is good
        return Ruling(state, submission.expires_at, encoded, decision.code, instead)
    if terms.validity is not None:
        instead = replace(instead or submission, expires_at=decision.until + terms.validity)
    return Ruling(state, decision.until, encoded, decision.code, instead)


def _with_line(submission: Submission, facts: Facts, terms: Terms, at: int) -> Submission | None:
    """The submission with its opt-out line, where that is due at an instant and the text does not say it; else None."""
    wording = terms.wording
    if wording is None or wording.lined is None:
        return None
    setting = _setting(terms.charter, facts, submission.number, submission.origin, at)
    if setting is None or not is_line_due(
        at, facts.opt_out_told_at, setting.regime.limits.get(Limit.OPT_OUT_LINE_DAYS)
    ):
        return None
    lined = wording.lined
    return replace(
        submission,
        text=lined.text,
        encoding=lined.encoding,
        units=lined.units,
        segments=lined.segments,
        charged=lined.charged,
        tells_opt_out=True,
    )


def look_again(segment: Claimed, facts: Facts, now: int, charter: Charter) -> Ruling | int | None:
    """The last look, in the transaction that marks a segment in flight: a ruling stops it.

    Else it goes, and the answer is the end of the hours in which it may be delivered; None where those do not end.
    """
    setting = _setting(charter, facts, segment.number, segment.origin, now)
    findings = _judge_standing(setting, facts, segment.origin, segment.account, now)
    # What was configured away while it waited.
    if segment.carrier in charter.barred and segment.origin not in _BACK:
        findings = (judge_barred(segment.carrier), *findings)
    if not charter.sends and segment.origin not in FINAL:
        findings = (judge_category(segment.category, allowed=False), *findings)
    # Whose number it is may have changed; what else is asked of the wording has not.
    party = facts.profile.party if facts.profile is not None else None
    if segment.origin in _WORDED and charter.context is not None and not may_hear_of_debts(party, charter.purpose):
        findings = (*findings, *judge_debts(segment.text, charter.context))
    decision = conclude(findings)
    if decision.outcome is Verdict.ALLOW:
        hours = setting.hours if setting is not None else None
        return None if setting is None or hours is None else closes_at(now, setting.zones, hours)
    until = _opening(decision.until, setting)
    # What is held beyond its validity is met again when that ends, and then expires.
    due_at = segment.expires_at if until is None else min(until, segment.expires_at)
    return Ruling(_STATES[decision.outcome], due_at, _encode(_with(decision, setting, until)), decision.code)


def _setting(charter: Charter, facts: Facts, number: str, origin: Origin, at: int) -> Setting | None:
    """None for the gateway's own words to a consumer who waits for them. What a plugin says to one has no hours and is no
    contact of ours (12 CFR 1006.6(b)(1), comment 6(b)(1)-2), but whose number it is and what it says count all the same."""
    if origin in _OWN_ANSWERS:
        return None
    profile = facts.profile or _NO_PROFILE
    regions = jurisdictions_of(number, profile.region)
    regime = charter.regime(regions, at)
    confirmed = (
        None
        if profile.zone is None or profile.zone_confirmed_at is None
        else Confirmed(profile.zone, profile.zone_confirmed_at)
    )
    zones = candidate_zones(
        number,
        at,
        confirmed=confirmed,
        address=zones_at(number, profile.region),
        fresh_days=regime.limits.get(Limit.ZONE_FRESH_DAYS, _ZONE_FRESH_DAYS),
    )
    if not zones and Refusal.ZONE_UNKNOWN not in regime.refusals:
        zones = stand_in(number)
    hours = regime.hours if origin is not Origin.ANSWER else None
    if hours is not None and profile.hours is not None:
        hours = within(hours, profile.hours)
    return Setting(regime, _sorted(regions), zones, hours)


@lru_cache(maxsize=4096)
def _sorted(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _judge_standing(
    setting: Setting | None, facts: Facts, origin: Origin, account: str | None, at: int
) -> tuple[Finding, ...]:
    """What holds of a text at any time: rules that are asked when it is submitted and when it is sent."""
    consent = judge_consent(facts, origin)
    if origin is Origin.REPLY:
        # The answer to a consumer's own word is no more than that: a hold is for what we begin.
        return (consent,)
    if setting is None:
        return (consent, judge_hold(facts))
    regime = setting.regime
    profile = facts.profile or _NO_PROFILE
    # Who has not agreed to anything yet is not known either: the request says nothing of a debt.
    asked = regime.refusals - {Refusal.PARTY_UNKNOWN} if origin is Origin.INVITATION else regime.refusals
    whose = judge_party(profile.party, asked)
    if origin is Origin.ANSWER:
        return (consent, judge_hold(facts), whose)
    place = judge_workplace(forbids=profile.employer_forbids, refusals=regime.refusals)
    if origin is Origin.FAREWELL:
        # No caps: it is the last text, and what the person asked for brought it (47 CFR 64.1200(a)(12)).
        return (
            consent,
            judge_hold(facts),
            whose,
            place,
            judge_quiet_hours(at, setting.zones, setting.hours),
        )
    return (
        consent,
        judge_freshness(at, facts.fresh_at if origin is not Origin.INVITATION else None, regime.limits.get(_FRESH)),
        judge_hold(facts),
        whose,
        place,
        judge_quiet_hours(at, setting.zones, setting.hours),
        judge_frequency(at, facts.contacts, regime.caps, account),
    )


def _judge_words(
    wording: Wording | None, purpose: Purpose | None, setting: Setting | None, facts: Facts, at: int, *, lined: bool
) -> tuple[Finding, ...]:
    """What is asked of a text's wording when it is submitted: but for debts, that does not change while it waits. ``lined``:
    with its opt-out line."""
    if wording is None or setting is None:
        return ()
    regime = setting.regime
    told_at = facts.opt_out_told_at
    due = lined or is_line_due(at, told_at, regime.limits.get(Limit.OPT_OUT_LINE_DAYS))
    party = facts.profile.party if facts.profile is not None else None
    return (
        judge_line(wording, due=due, told_at=told_at),
        *judge_content(wording, regime.requirements, party_known=may_hear_of_debts(party, purpose)),
    )


def _judge_volume(charter: Charter, origin: Origin, facts: Facts) -> tuple[Finding, ...]:
    if origin not in _CLIENTS:
        return ()
    findings: tuple[Finding, ...] = ()
    if charter.daily_texts is not None:
        findings = (judge_day(facts.client_day, charter.daily_texts),)
    if charter.repetition is not None:
        findings = (*findings, judge_repetition(repeated=facts.repeated, refuses=charter.repetition == "refuse"))
    return findings


def _opening(until: int | None, setting: Setting | None) -> int | None:
    """The first instant from ``until`` on at which the hours are open: a cap may free in the night."""
    hours = setting.hours if setting is not None else None
    if until is None or setting is None or hours is None:
        return until
    opening = next_open(until, setting.zones, hours)
    return until if opening is None else opening


def _meet(
    findings: tuple[Finding, ...], until: int, submission: Submission, facts: Facts, charter: Charter
) -> tuple[tuple[Finding, ...], int | None, Setting | None]:
    """The first instant from ``until`` on at which hours and caps both allow a text, the findings with what keeps it until
    then, and where it is judged by then; no instant where it is refused.

    By the time that the hours open, what is planned may have taken the room, and a zone that was confirmed count no more.
    """
    for _ in range(_MOST_TURNS):
        setting = _setting(charter, facts, submission.number, submission.origin, until)
        if setting is None:
            break
        then = [judge_quiet_hours(until, setting.zones, setting.hours)]
        if submission.origin is not Origin.FAREWELL:
            then.append(judge_frequency(until, facts.contacts, setting.regime.caps, submission.account))
        decision = conclude(tuple(then))
        if decision.outcome is Verdict.ALLOW:
            break
        met = {finding.rule: finding for finding in then if finding.verdict is not Verdict.ALLOW}
        findings = tuple([met.get(finding.rule, finding) for finding in findings])
        opening = _opening(decision.until, setting)
        if opening is None:
            return findings, None, setting
        until = opening
    return findings, until, setting


def _with(decision: Decision, setting: Setting | None, until: int | None) -> Decision:
    if setting is None:
        return decision
    return Decision(
        decision.outcome,
        decision.code,
        decision.findings,
        until,
        setting.regime.label,
        setting.regions,
        _sorted(setting.zones),
    )


def _judge_form(submission: Submission, terms: Terms) -> tuple[Finding, ...]:
    """What is asked of a text once, when it is submitted."""
    findings = (
        judge_country(terms.region, terms.regions, submission.sender),
        judge_route(terms.route),
        judge_length(submission.length, submission.encoding, terms.max_segments),
        judge_schedule(submission.at, submission.send_at, submission.expires_at),
    )
    if terms.replaced is None:
        return findings
    return (*findings, Finding("transliteration", Verdict.ALLOW, detail=terms.replaced))
