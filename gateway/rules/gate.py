"""All rules for one text, in order: the only way from a wish to a send.

Owns: the order, and the ruling that follows. Does not own: any rule, or the facts, which are looked up in the transaction
that acts on them.

A text is judged when it is submitted and again when it is about to be sent. All rules are evaluated each time, so that a
refusal names everything that is wrong, not the first thing alone.
"""

import msgspec

from gateway.errors import Code
from gateway.model.clock import spell_instant
from gateway.model.decision import Decision, Finding, Verdict, conclude
from gateway.model.message import Claimed, Facts, Origin, Ruling, State, Submission
from gateway.rules.consent import judge_consent
from gateway.rules.holds import judge_hold
from gateway.rules.routing import Choice, judge_route

_encode = msgspec.json.Encoder().encode

_STATES = {Verdict.ALLOW: State.QUEUED, Verdict.HOLD: State.HELD, Verdict.REFUSE: State.BLOCKED}


class Terms(msgspec.Struct, frozen=True):
    """What policy and configuration say about one submission, looked up by its maker."""

    region: str | None
    """Of the number: an ISO 3166 code."""
    regions: frozenset[str]
    """Where texts may go."""
    category_allowed: bool
    """The program may send this category."""
    max_segments: int
    route: Choice | None = None
    """None for the answer to a consumer."""
    replaced: str | None = None
    """The characters that were replaced by GSM 03.38 ones, for the record."""


def decide(submission: Submission, facts: Facts, terms: Terms) -> Decision:
    """What the rules say about a submission, by these facts."""
    return conclude(
        submission.at,
        (
            _judge_category(terms),
            judge_consent(facts, submission.origin, submission.expires_at),
            *_judge_hold(facts, submission.origin, submission.expires_at),
            _judge_country(terms),
            judge_route(terms.route),
            _judge_length(submission, terms),
            _judge_schedule(submission),
            *_tell_replaced(terms),
        ),
    )


def _tell_replaced(terms: Terms) -> tuple[Finding, ...]:
    return () if terms.replaced is None else (Finding("transliteration", Verdict.ALLOW, detail=terms.replaced),)


def rule(submission: Submission, facts: Facts, terms: Terms) -> Ruling:
    """What becomes of a submission: the decision, and the state it puts the message in."""
    decision = decide(submission, facts, terms)
    due_at = decision.until or submission.at
    return Ruling(_STATES[decision.outcome], due_at, _encode(decision), decision.code)


def look_again(segment: Claimed, facts: Facts, now: int) -> Ruling | None:
    """The last look, in the transaction that marks a segment in flight: None lets it go."""
    finding = judge_consent(facts, segment.origin, segment.expires_at)
    if finding.verdict is Verdict.ALLOW and not facts.holds:
        return None
    decision = conclude(now, (finding, *_judge_hold(facts, segment.origin, segment.expires_at)))
    if decision.outcome is Verdict.ALLOW:
        return None
    return Ruling(_STATES[decision.outcome], decision.until or now, _encode(decision), decision.code)


def _judge_hold(facts: Facts, origin: Origin, expires_at: int) -> tuple[Finding, ...]:
    # The answer to a consumer's own word is no more than that: a hold is for what we begin.
    return () if origin is Origin.REPLY else (judge_hold(facts, expires_at),)


_CATEGORY_FITS = Finding("category", Verdict.ALLOW)
_COUNTRY_FITS = Finding("country", Verdict.ALLOW)
_LENGTH_FITS = Finding("length", Verdict.ALLOW)
_NOW = Finding("schedule", Verdict.ALLOW)


def _judge_category(terms: Terms) -> Finding:
    if terms.category_allowed:
        return _CATEGORY_FITS
    return Finding("category", Verdict.REFUSE, Code.CATEGORY_NOT_ALLOWED, "the program does not send this category")


def _judge_country(terms: Terms) -> Finding:
    if terms.region in terms.regions:
        return _COUNTRY_FITS
    return Finding(
        "country", Verdict.REFUSE, Code.COUNTRY_NOT_ALLOWED, f"texts to {terms.region} are not on the allow list"
    )


def _judge_length(submission: Submission, terms: Terms) -> Finding:
    if submission.segments <= terms.max_segments:
        return _LENGTH_FITS
    return Finding(
        "length",
        Verdict.REFUSE,
        Code.CONTENT_TOO_LONG,
        f"{submission.segments} segments in {submission.encoding}, and {terms.max_segments} are allowed",
    )


def _judge_schedule(submission: Submission) -> Finding:
    send_at = submission.send_at
    if send_at is None or send_at <= submission.at:
        if submission.expires_at <= submission.at:
            return Finding("schedule", Verdict.REFUSE, Code.SCHEDULE_PAST_EXPIRY, "it has expired already")
        return _NOW
    if submission.expires_at <= send_at:
        return Finding("schedule", Verdict.REFUSE, Code.SCHEDULE_PAST_EXPIRY, "it would expire before it is sent")
    return Finding("schedule", Verdict.HOLD, Code.SCHEDULED, f"scheduled for {spell_instant(send_at)}", send_at)
