"""A look into a database of reassigned numbers: what was asked, and what it said.

Owns: the answers, in the words of the Reassigned Numbers Database (47 CFR 64.1200(m)). Does not own: what follows (store,
rules/freshness), or asking (the client's business).
"""

from enum import StrEnum

import msgspec

from gateway.model.address import Number


class Reassigned(StrEnum):
    """Whether a number was disconnected for good since a day."""

    NO = "no"
    YES = "yes"
    NO_DATA = "no_data"


class NumberCheck(msgspec.Struct, frozen=True):
    """One look."""

    number: Number
    client: str
    answer: Reassigned
    at: int
    """When the database was asked."""
    since: int
    """The day that it was asked about: NO says that nothing happened from then on."""
    source: str
    """Which database, or who says so."""
    told_at: int
    """When the gateway heard of it."""
