"""What the rules said about one text, and why: the record that is kept for every message, sent or not.

Owns: the shape of a decision. Does not own: the rules (rules) or where decisions are kept (store).
"""

from enum import StrEnum

import msgspec

from gateway.errors import Code


class Verdict(StrEnum):
    """What a rule says: yes, not yet, or no."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What one rule said."""

    rule: str
    verdict: Verdict
    code: Code | None = None
    detail: str | None = None
    until: int | None = None
    """For a hold: the first instant at which the rule would allow the text."""


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """What all the rules said, in their order; the outcome is the strictest of them."""

    at: int
    outcome: Verdict
    code: Code | None
    """The code of the first finding that is as strict as the outcome."""
    findings: tuple[Finding, ...]
    until: int | None = None


def conclude(at: int, findings: tuple[Finding, ...]) -> Decision:
    """The decision that follows from the findings: refuse beats hold, hold beats allow, the latest hold counts."""
    held: Finding | None = None
    until = 0
    for finding in findings:
        if finding.verdict is Verdict.REFUSE:
            return Decision(at, Verdict.REFUSE, finding.code, findings)
        if finding.verdict is Verdict.HOLD:
            held = held or finding
            until = max(until, finding.until or 0)
    if held is not None:
        return Decision(at, Verdict.HOLD, held.code, findings, until or None)
    return Decision(at, Verdict.ALLOW, None, findings)
