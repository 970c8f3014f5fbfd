"""Reviews: texts of consumers that a person is to look at, and what the person made of them.

Owns: what can be decided, and a review as kept. Does not own: what a decision changes (store).
"""

from enum import StrEnum

import msgspec

from gateway.model.hold import HoldReason
from gateway.model.ids import InboundId, ReviewId
from gateway.model.inbound import Reading, ReplyKind


class ReviewDecision(StrEnum):
    """What a person can make of a review."""

    OPT_OUT = "opt_out"
    """It was an opt-out: recorded as one."""
    RELEASE = "release"
    """It was nothing that stops texts: they go on."""
    KEEP = "keep"
    """The hold is right and stays."""


class Verdict(msgspec.Struct, frozen=True):
    """What a person decided on a review."""

    id: ReviewId
    client: str | None
    """Whose review it must be; None: anybody's."""
    decision: ReviewDecision
    by: str
    note: str
    at: int


class Review(msgspec.Struct, frozen=True):
    """One review as kept, with the text that it is about."""

    id: ReviewId
    client: str
    number: str
    reasons: tuple[HoldReason, ...]
    opened_at: int
    due_at: int
    inbound: InboundId
    program: str | None
    text: str
    kind: ReplyKind
    reading: Reading
    decision: ReviewDecision | None = None
    decided_at: int | None = None
    by: str | None = None
    note: str | None = None
    holding: tuple[HoldReason, ...] = ()
    """For which of its reasons the number is held now."""
