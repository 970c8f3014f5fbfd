"""What the rules said about one text, and why: the record that is kept for every message, sent or not.

Owns: the shape of a decision. Does not own: the rules (rules) or where decisions are kept (store).
"""

from enum import StrEnum
from math import inf

import msgspec

from gateway.errors import Code


class Verdict(StrEnum):
    """What a rule says: yes, not yet, or no."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"


_ALLOW = Verdict.ALLOW


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What one rule said."""

    rule: str
    verdict: Verdict
    code: Code | None = None
    detail: str | None = None
    until: int | None = None
    """For a hold: the first instant at which the rule would allow the text; None: when somebody ends it."""


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """What all the rules said, in their order; the outcome is the strictest of them.

    When they were asked is kept beside it: many texts share one decision.
    """

    outcome: Verdict
    code: Code | None
    """The code of the first refusal, or else of the hold that lasts longest."""
    findings: tuple[Finding, ...]
    until: int | None = None
    """The instant at which it may go; None for a hold that somebody has to end."""
    policy: str | None = None
    """The packs that were asked, with their versions: ``us-strict@1+us-ma@1``."""
    regions: tuple[str, ...] = ()
    """The jurisdictions that were considered."""
    zones: tuple[str, ...] = ()
    """The time zones that were considered: all had to be open."""


def conclude(findings: tuple[Finding, ...]) -> Decision:
    """The decision that follows from the findings: refuse beats hold, hold beats allow, the longest hold counts."""
    held: Finding | None = None
    for finding in findings:
        verdict = finding.verdict
        if verdict is _ALLOW:
            continue
        if verdict is Verdict.REFUSE:
            return Decision(Verdict.REFUSE, finding.code, findings)
        if held is None or _lasts(finding) > _lasts(held):
            held = finding
    if held is not None:
        return Decision(Verdict.HOLD, held.code, findings, held.until)
    return Decision(Verdict.ALLOW, None, findings)


def _lasts(hold: Finding) -> float:
    return inf if hold.until is None else hold.until
