"""How a refusal by the rules is told: the decision as JSON shows it, and what a client can do about each code.

Owns: the words of advice. Does not own: the rules and their codes (rules, errors).
"""

from typing import Final

import msgspec

from gateway.errors import Code
from gateway.model.clock import spell_instant
from gateway.model.decision import Decision, Finding, Verdict
from gateway.model.ids import spell_message
from gateway.model.message import Accepted
from gateway.web.problem import FieldError, Problem
from gateway.web.wire import spell_time

_decode = msgspec.json.Decoder(Decision | None).decode

_ADVICE: Final = {
    Code.CONSENT_MISSING: ("to", "Record the person's consent first: PUT /v1/consents/{number}."),
    Code.CONSENT_CATEGORY: ("category", "Record a consent for this category: PUT /v1/consents/{number}."),
    Code.CONSENT_OPTED_OUT: (
        "to",
        "Do not text this number, unless the person texts START or gives a new consent after the opt-out.",
    ),
    Code.CONSENT_WITHDRAWN: ("to", "Do not send this, unless the person gives a new consent after the withdrawal."),
    Code.CATEGORY_NOT_ALLOWED: ("category", "Use another program, or add the category to this one (clients.toml)."),
    Code.COUNTRY_NOT_ALLOWED: ("to", "Have the country added to [countries] allow (policy.toml)."),
    Code.SENDER_NOT_ALLOWED: (
        "program",
        "Use a program whose sender is a telephone number or a short code, or give this one such a sender (clients.toml).",
    ),
    Code.CONTENT_TOO_LONG: ("text", "Shorten the text, or send it as several."),
    Code.ZONE_UNKNOWN: ("to", "Tell where the consumer is: PUT /v1/numbers/{number}."),
    Code.ZONE_AMBIGUOUS: ("to", "Tell where the consumer is: PUT /v1/numbers/{number}."),
    Code.QUIET_HOURS_NEVER: ("to", "Name policy packs whose hours open for this number."),
    Code.POLICY_SILENT: ("to", "Name a policy pack with hours for this place (policy.toml)."),
    Code.FREQUENCY_ACCOUNT: ("account", "Wait until the window of the cap has room."),
    Code.FREQUENCY_CONSUMER: ("to", "Wait until the window of the cap has room."),
    Code.PARTY_UNKNOWN: ("to", "Tell whose number it is: PUT /v1/numbers/{number}."),
    Code.PARTY_THIRD: ("to", "Do not write of debts to this number."),
    Code.CLIENT_DAY_SPENT: ("", "Wait for the next day (UTC), or have daily_texts raised (clients.toml)."),
    Code.CONTENT_REPEATED: ("text", "Send an idempotency key with each request, or other words."),
    Code.CONSENT_STALE: ("to", "Renew the consent, or have the number checked for reassignment."),
    Code.LEDGER_BROKEN: ("to", "Have the operator look at the ledger."),
    Code.SCHEDULE_PAST_EXPIRY: ("expires_at", "Give a later expires_at, or leave it out."),
}


class FindingView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one rule said."""

    rule: str
    verdict: Verdict
    code: Code | None = None
    detail: str | None = None
    until: str | None = None


class DecisionView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What all rules said, in their order; the outcome is the strictest of them."""

    at: str
    outcome: Verdict
    findings: tuple[FindingView, ...]
    code: Code | None = None
    until: str | None = None
    policy: str | None = None
    """The packs that were asked, with their versions."""
    regions: tuple[str, ...] = ()
    """The jurisdictions that were considered."""
    zones: tuple[str, ...] = ()
    """The time zones that were considered."""


def view_decision(raw: bytes | msgspec.Raw, at: int) -> DecisionView | None:
    """A decision as kept, and its instant, as JSON shows them."""
    decision = _decode(raw)
    return None if decision is None else show_decision(decision, at)


def show_decision(decision: Decision, at: int) -> DecisionView:
    """A decision and its instant as JSON shows them."""
    findings = tuple(
        FindingView(finding.rule, finding.verdict, finding.code, finding.detail, spell_time(finding.until))
        for finding in decision.findings
    )
    return DecisionView(
        spell_instant(at),
        decision.outcome,
        findings,
        decision.code,
        spell_time(decision.until),
        decision.policy,
        decision.regions,
        decision.zones,
    )


def refusal(answer: Accepted, at: str = "") -> Problem:
    """The 422 of a text that the rules refused: it is stored, and its id is told. ``at`` points to it in the body."""
    view = view_decision(answer.decision, answer.decided_at)
    findings = () if view is None else view.findings
    errors = [_fault(finding, at) for finding in findings if finding.verdict is Verdict.REFUSE]
    detail = "; ".join(error.detail for error in errors)
    extra = {
        "id": spell_message(answer.id),
        "state": answer.state,
        "encoding": answer.encoding,
        "segments": answer.segments,
        "decision": view,
    }
    return Problem(422, answer.code or Code.REQUEST_INVALID, f"{detail}.", errors=errors, extra=extra)


def _fault(finding: FindingView | Finding, at: str) -> FieldError:
    field, fix = _ADVICE.get(finding.code or Code.REQUEST_INVALID, ("", ""))
    if finding.rule in ("content", "opt_out_line"):
        field = "text"
    return FieldError(f"{at}/{field}" if field else at, finding.detail or f"refused by the rule {finding.rule}", fix)
