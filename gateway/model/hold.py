"""Holds: while one stands, no automated text goes to a number for a client.

Owns: why a number can be held, and the review that a hold waits for. Does not own: which reply causes one (rules), what a
person makes of it (model/review), or the rows (store).
"""

from enum import StrEnum

import msgspec

from gateway.errors import Code
from gateway.model.ids import ReviewId


class HoldReason(StrEnum):
    """Why no automated text goes to a number."""

    REVIEW = "review"
    """A text of the consumer may have meant an opt-out."""
    WRONG_PARTY = "wrong_party"
    ATTORNEY = "attorney"
    BANKRUPTCY = "bankruptcy"
    DECEASED = "deceased"
    CEASE = "cease"

    @property
    def code(self) -> Code:
        """What a text that is held for it is told."""
        return Code(f"hold.{self}")


class Opening(msgspec.Struct, frozen=True):
    """A review that an inbound text opens, with the holds that wait for it; one for each client concerned."""

    id: ReviewId
    client: str
    reasons: tuple[HoldReason, ...]
    """Empty for a text that ends nothing, and that a person should see all the same."""
    due_at: int
    """Until when a person is to have decided."""
